"""The models of the open project, and which of them is active."""

from PySide6.QtCore import QObject, Signal

from annotator.domain.errors import ProjectError
from annotator.services.models.known.delete_model import delete_model
from annotator.services.models.known.known_models import KnownModel, known_models
from annotator.store.models import ModelActivation, ModelTable, ProjectModel
from annotator.store.project_store import ProjectStore


class Models(QObject):
    """Reads and chooses; proposals follow the active model by `activated`."""

    changed = Signal()  # the known models or the active one changed
    activated = Signal()  # another model is active, before `changed`

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store: ProjectStore | None = None

    def attach(self, store: ProjectStore | None) -> None:
        """Another project (None: none)."""
        self._store = store

    def all(self) -> list[ProjectModel]:
        """The models that the project knows, oldest first."""
        return self._table().all()

    @property
    def active(self) -> ProjectModel | None:
        """The model whose proposals are shown."""
        return self._table().active()

    def set_active(self, model_id: str) -> None:
        """Show another model's proposals (going back is the same). Raises `ModelError`, `StoreWriteError`."""
        self._table().activate(model_id)
        self.activated.emit()
        self.changed.emit()

    def known(self) -> list[KnownModel]:
        """What people read of the models, newest first."""
        return known_models(self._open())

    def set_note(self, model_id: str, note: str) -> None:
        """Note something of a model. Raises `ModelError`, `StoreWriteError`."""
        self._table().set_note(model_id, note)
        self.changed.emit()

    def delete(self, model_id: str, force: bool = False) -> str:
        """Delete a model; returns a line for the artist. Raises as `services.models.known.delete_model` does."""
        active = self._table().active_id()
        done = delete_model(self._open(), model_id, force)
        if done.active != active:
            self.activated.emit()
        self.changed.emit()
        return done.text

    def history(self) -> list[ModelActivation]:
        """Every change of the active model, oldest first."""
        return self._table().history()

    def _table(self) -> ModelTable:
        return self._open().models

    def _open(self) -> ProjectStore:
        if self._store is None:
            raise ProjectError("no project is open")
        return self._store
