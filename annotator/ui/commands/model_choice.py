"""Asks which model is shown beside the active one."""

from __future__ import annotations

from PySide6.QtWidgets import QInputDialog

from annotator.ui.commands.desk import Desk


def toggle_two_models(desk: Desk) -> None:
    """Shows the heat of another model of the project beside the active one's, or ends that."""
    two = desk.heatmaps.two
    if two.model is not None:
        two.compare_with(None)
        return
    models = two.choices()
    if not models:
        scheme = desk.session.scheme.id
        desk.say(f"The project knows no other model of {scheme}: a retraining makes one (Model ▸ Retrain…)")
        return
    active = desk.session.models.active
    titles = [f"{number}  {model.card.title or model.id}" for number, model in enumerate(models, 1)]
    if active is not None and models[0].id == active.card.parent:
        titles[0] += "  (before the retraining)"
    title, chosen = QInputDialog.getItem(
        desk.window, "A second model", "Beside the active model:", titles, 0, False
    )
    if chosen:
        show_beside(desk, models[titles.index(title)].id)


def show_beside(desk: Desk, model_id: str) -> None:
    """Shows the heat of a model beside the active one's; of one that the project does not know nothing is shown."""
    found = next((model for model in desk.session.models.all() if model.id == model_id), None)
    if found is not None:
        desk.arrangement.show_part("heatmaps", True)
        desk.heatmaps.two.compare_with(found)
