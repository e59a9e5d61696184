"""Deletes a model of a project, after saying what hangs on it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from annotator.domain.errors import ModelError
from annotator.domain.model_card import CARD
from annotator.domain.words import listed
from annotator.services.models.known.known_models import KnownModel, known_model
from annotator.store.paths import portable
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True)
class DeletedModel:
    """What was deleted: the folder (None where it is not the project's own and stays), and the model that is active now."""

    id: str
    folder: Path | None
    active: str | None

    @property
    def text(self) -> str:
        """One line for people."""
        what = (
            "with its folder"
            if self.folder is not None
            else "its folder stays, as it is not the project's own"
        )
        return f"{self.id} is deleted, {what}. Active now: {self.active or 'none'}."


def hangs_on(model: KnownModel) -> list[str]:
    """What speaks against deleting a model, each in a few words; nothing where it can just go."""
    found = []
    if model.active:
        found.append("it is the active model")
    if model.children:
        found.append(f"it is the parent of {listed(model.children)}")
    return found


def delete_model(store: ProjectStore, model_id: str, force: bool = False) -> DeletedModel:
    """Deletes a model: its proposals, and its folder where that lies among the project's own models.

    The ledger and the history of active models still name it. Where it was active, the one that was active before it is.

    Raises:
        ModelError: there is none of that id, it ships with Annotator, or something hangs on it and not `force`; nothing was
        changed. StoreWriteError.
    """
    model = known_model(store, model_id)
    if portable(model.folder, store.path.parent).startswith("asset:"):
        raise ModelError(f"{model.id} ships with Annotator and stays.")
    against = hangs_on(model)
    if against and not force:
        raise ModelError(
            f"{model.id} was not deleted: {listed(against)}. Say so to delete it all the same (--force)."
        )
    store.models.remove(model.id)
    if model.own and model.there and not model.folder.is_symlink():
        (model.folder / CARD).unlink()  # without it no reader takes the folder for a model
        shutil.rmtree(model.folder, ignore_errors=True)
        return DeletedModel(model.id, model.folder, store.models.active_id())
    return DeletedModel(model.id, None, store.models.active_id())
