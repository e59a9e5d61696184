"""When to offer to learn how people place points: seconds of work that make the proposals on all other frames better."""

from contextlib import suppress

from PySide6.QtCore import QObject, Signal

from annotator.domain.model_card import SHAPES_FILE
from annotator.services.models.registry import project_models_folder
from annotator.session.session import Session
from annotator.store.file.errors import StoreWriteError
from annotator.store.models import ProjectModel
from annotator.store.project_store import ProjectStore

ENOUGH = 5
"""Frames with a person's landmarks from which it pays."""
_DECLINED = "placement.declined"  # the offer's former name, under which projects keep it


class ConventionOffer(QObject):
    """Watches the frames that are done, and offers once while the active model has learnt nothing from this project.

    Asked when a frame that was edited is left, so that an offer never comes in the middle of one; frames are counted in a thread.
    """

    changed = Signal(bool)  # whether there is something to offer

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._open = False
        self._edited = False  # since the frames were counted
        session.project_opened.connect(self._opened)
        session.project_closed.connect(self._withdraw)
        session.annotations.changed.connect(self._take_edit)
        session.frames.current_changed.connect(self._left_frame)
        session.models.changed.connect(self._look)
        session.jobs.training_event.connect(lambda _event: self._withdraw())

    def accept(self) -> None:
        """Learn, beside the window; the training panel shows what came of it."""
        self._withdraw()
        self._session.jobs.start_learning_convention()

    def decline(self) -> None:
        """Not now: not again for this model in this project, also after a restart."""
        active = self._session.models.active
        if active is not None:
            with suppress(StoreWriteError):  # else it is asked again next time
                self._session.store.settings.set(_DECLINED, sorted({*self._declined(), active.id}))
        self._withdraw()

    def _take_edit(self, _frame_id: int) -> None:
        self._edited = True

    def _left_frame(self, _frame_id: int) -> None:
        if self._edited:
            self._look()

    def _opened(self) -> None:
        self._withdraw()
        self._look()

    def _look(self) -> None:
        self._edited = False
        active = self._session.models.active if self._session.is_open else None
        if active is None or not self._worth_it(active):
            self._withdraw()
        elif not self._open:
            self._session.read_beside("convention offer", _annotated_enough, self._found)

    def _worth_it(self, active: ProjectModel) -> bool:
        session = self._session
        learnt_here = project_models_folder(session.path) in active.folder.parents
        busy = any(job.kind == "train" and job.is_active for job in session.jobs.all)
        able = not session.store.read_only and (active.folder / SHAPES_FILE).is_file()
        return able and not busy and not learnt_here and active.id not in self._declined()

    def _declined(self) -> set[str]:
        kept = self._session.store.settings.get(_DECLINED, [])
        return {str(model_id) for model_id in kept} if isinstance(kept, list) else set()

    def _found(self, enough: bool) -> None:
        active = self._session.models.active if self._session.is_open else None
        if enough and active is not None and self._worth_it(active):
            self._show(True)

    def _withdraw(self) -> None:
        self._show(False)

    def _show(self, on: bool) -> None:
        if on != self._open:
            self._open = on
            self.changed.emit(on)


def _annotated_enough(store: ProjectStore) -> bool:
    found = 0
    for _, annotation in store.annotations.items():
        found += bool(annotation.is_human.any())
        if found >= ENOUGH:
            return True
    return False
