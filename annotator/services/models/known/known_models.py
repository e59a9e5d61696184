"""What people read of the models that a project knows: where each comes from, what became of it, what is noted of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from annotator.domain.errors import ModelError
from annotator.domain.model_card import CARD
from annotator.services.models.known.measured import Measured, measured_models
from annotator.services.models.registry import project_models_folder
from annotator.store.models import ProjectModel
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True)
class KnownModel:
    """One model of a project.

    Attributes:
        version: how many trainings lie between it and the model that its line began with; 0 of one that began a line.
        line: ids from the first model of its line to itself, as far as the project knows them. children: ids of those that were
        taught from it. active: whether its proposals are shown. activations: how often it was chosen; active_since: when last.
        there: whether its folder is. own: whether that lies among the project's own models, and goes with it.
        measured: on the project's frozen frames, None where nobody measured it there.
    """

    id: str
    title: str
    scheme: str
    version: int
    line: tuple[str, ...]
    parent: str | None
    children: tuple[str, ...]
    active: bool
    activations: int
    active_since: datetime | None
    added: datetime
    created: str
    licence: str
    sha256: str
    folder: Path
    there: bool
    own: bool
    note: str
    data: Mapping[str, Any]
    measured: Measured | None


def known_models(store: ProjectStore) -> list[KnownModel]:
    """Every model that the project knows, newest first."""
    models = store.models.all()
    parents = {model.id: model.card.parent for model in models}
    active = store.models.active_id()
    history = store.models.history()
    chosen = Counter(entry.model_id for entry in history)
    since = {entry.model_id: entry.at for entry in history}
    measured = measured_models(store)
    folder = project_models_folder(store.path)
    return [
        _known(model, _line(model.id, parents), parents, active, chosen, since, measured, folder)
        for model in reversed(models)
    ]


def known_model(store: ProjectStore, model_id: str) -> KnownModel:
    """One of them; raises `ModelError` with the ids that there are."""
    found = known_models(store)
    for each in found:
        if each.id == model_id:
            return each
    there = ", ".join(each.id for each in found) or "none"
    raise ModelError(f"The project knows no model '{model_id}'; it knows: {there}.")


def _known(
    model: ProjectModel,
    line: tuple[str, ...],
    parents: Mapping[str, str | None],
    active: str | None,
    chosen: Mapping[str, int],
    since: Mapping[str, datetime],
    measured: Mapping[str, Measured],
    own_folder: Path,
) -> KnownModel:
    card = model.card
    return KnownModel(
        card.id,
        card.title or card.id,
        card.scheme,
        len(line) - 1,
        line,
        card.parent,
        tuple(sorted(own for own, parent in parents.items() if parent == card.id)),
        card.id == active,
        chosen.get(card.id, 0),
        since.get(card.id),
        model.added,
        card.created,
        card.licence,
        card.sha256,
        model.folder,
        (model.folder / CARD).is_file(),
        model.folder.parent == own_folder,
        model.note,
        card.data,
        measured.get(card.id),
    )


def _line(model_id: str, parents: Mapping[str, str | None]) -> tuple[str, ...]:
    """From the first known ancestor to the model; a damaged line that goes round ends where it would repeat."""
    line = [model_id]
    while (parent := parents.get(line[0])) and parent not in line:
        line.insert(0, parent)
    return tuple(line)
