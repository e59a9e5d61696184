"""The Model menu: proposals, training, models."""

from __future__ import annotations

from annotator.ui.commands.command import Command, on_frame
from annotator.ui.commands.desk import Desk
from annotator.ui.dialogs.models import ModelsDialog, roll_back
from annotator.ui.dialogs.train import TrainDialog


def _propose_again(desk: Desk) -> None:
    desk.session.proposals.request(desk.session.frames.current_id, force=True)


def _switch_agreement(desk: Desk) -> None:
    agreement = desk.session.agreement
    agreement.set_enabled(not agreement.enabled, desk.session.frames.current_id)


def _retrain(desk: Desk) -> None:
    """Asks for budget and start model and starts the training."""
    active = desk.session.models.active
    models = [model for model in desk.session.models.all() if not model.card.is_imported]
    dialog = TrainDialog(models, active.id if active else None, desk.window)
    if not dialog.exec():
        return
    if dialog.learns_convention:
        desk.session.jobs.start_learning_convention(dialog.options())
    else:
        desk.session.jobs.start_training(dialog.options())


def _roll_back(desk: Desk) -> None:
    """Makes the previously active model active again."""
    if not roll_back(desk.session):
        desk.say("There is no earlier model to go back to")


MODEL: tuple[Command, ...] = (
    *on_frame(
        Command(
            "propose_again",
            "Model",
            "Propose this frame again",
            ("Ctrl+R",),
            "arrow-clockwise",
            run=_propose_again,
        )
    ),
    Command(
        "propose_all",
        "Model",
        "Propose all",
        ("Ctrl+Shift+P",),
        "sparkle",
        run=lambda desk: desk.session.jobs.start_propose_all(),
        project=True,
        tip="Propose every frame that lacks it",
    ),
    Command(
        "cameras_agree",
        "Model",
        "Proposals of all cameras agree",
        run=_switch_agreement,
        project=True,
        checkable=True,
        checked=lambda desk: desk.session.agreement.enabled,
        tip="In this project, what all calibrated cameras of a moment say takes the place of the model's points",
    ),
    Command(
        "retrain",
        "Model",
        "Retrain…",
        ("Ctrl+T",),
        "graduation-cap",
        run=_retrain,
        project=True,
        before=True,
    ),
    Command(
        "models",
        "Model",
        "Models…",
        ("Ctrl+M",),
        "cube",
        run=lambda desk: ModelsDialog(desk.session, desk.window).exec(),
        project=True,
    ),
    Command(
        "roll_back",
        "Model",
        "Back to the model before",
        run=_roll_back,
        project=True,
        tip="Make the previously active model active again",
    ),
)
