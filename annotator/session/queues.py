"""The queues of the open project as the window changes them: looked for anew, brought up to date once the hand rests, and
entries that a person found to be right."""

from collections.abc import Callable
from contextlib import suppress

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

from annotator.domain.errors import AnnotatorError
from annotator.domain.uncertainty import Question
from annotator.session.editing.annotations import Annotations
from annotator.session.editing.safe_command import SafeCommand, Tell
from annotator.session.job.job_board import Job
from annotator.session.job.jobs import Jobs
from annotator.session.models import Models
from annotator.store.file.errors import StoreWriteError
from annotator.store.project_store import ProjectStore

SetDismissed = Callable[[int, str, Question, bool], bool]
"""Frame, model, question, on or off -> whether the project took it."""
_REST_MS = 300


class Queues(QObject):
    """Findings that change by something else than an edit or a proposal."""

    changed = Signal()
    refused = Signal(str)  # the project could not be written

    def __init__(
        self, jobs: Jobs, models: Models, annotations: Annotations, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._models, self._stack = jobs, models, annotations.undo_stack
        self._store: ProjectStore | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._rested)
        jobs.queues_refreshed.connect(self.changed)
        annotations.changed.connect(lambda _frame: self._rest.start())

    def attach(self, store: ProjectStore | None) -> None:
        """Another project (None: none)."""
        self._rest.stop()
        self._catch_up()
        if store is not None:
            store.findings.puts_off = not store.read_only
        self._store = store

    def _rested(self) -> None:
        if QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._rest.start()  # not while something is held
        elif self._catch_up():
            self.changed.emit()

    def _catch_up(self) -> bool:
        """Ask what was put off while the hand worked; whether there was anything."""
        with suppress(AnnotatorError):  # the next edit that is written tells of it
            return self._store is not None and self._store.findings.catch_up()
        return False

    def start_refresh(self) -> Job | None:
        """Bring findings and shape statistics up to date in the background; None while that runs already, or cannot."""
        if self._store is None or self._store.read_only:
            return None
        if self._jobs.active("queues", self._store.identity) is not None:
            return None
        return self._jobs.start_refresh_queues()

    def dismiss(self, frame_id: int, question: Question) -> None:
        """A person found a frame to be right: it leaves that queue of the active model, as one undo step."""
        active = self._models.active
        if active is not None:
            self._stack.push(
                DismissCommand(self._set_dismissed, frame_id, active.id, question, self.refused.emit)
            )

    def _set_dismissed(self, frame_id: int, model_id: str, question: Question, on: bool) -> bool:
        if self._store is None:
            return False
        try:
            self._store.findings.set_dismissed(frame_id, model_id, question, on)
        except StoreWriteError as error:
            self.refused.emit(str(error))
            return False
        self.changed.emit()
        return True


class DismissCommand(SafeCommand):
    """One undo step that touches no landmark: the entry leaves its queue, and comes back when undone."""

    def __init__(
        self, set_dismissed: SetDismissed, frame_id: int, model_id: str, question: Question, tell: Tell
    ) -> None:
        super().__init__("Looks right", tell)
        self._set, self._entry = set_dismissed, (frame_id, model_id, question)

    def _redo(self) -> None:
        """Take the entry out of its queue; called by the stack when the command is pushed, too."""
        if not self._set(*self._entry, True):
            self.setObsolete(True)

    def _undo(self) -> None:
        """Bring the entry back."""
        if not self._set(*self._entry, False):
            self.setObsolete(True)
