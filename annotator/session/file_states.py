"""Whether the pictures of frames are where the project expects them, and of the size that it knows; looked at in a thread."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.domain.takes.movie_path import file_of
from annotator.services.project.captures.picture_sizes import changed_sizes
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore

_PAUSE_MS = 200
_AT_ONCE = 200


class FileState(Enum):
    """What is known of a frame's picture."""

    FINE = "fine"
    MISSING = "missing"
    CHANGED = "changed"
    """It has another size than when it was imported."""


class FileStates(QObject):
    """The states of frames that somebody asked about since the list was read; a list asks for the rows that it draws."""

    changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._known: dict[int, FileState] = {}
        self._asked: dict[int, None] = {}
        self._turn = 0  # answers of an earlier one are of files as they were
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        for anew in (session.project_opened, session.project_closed, session.frames.list_changed):
            anew.connect(self._forget)
        session.keys.replaced.connect(self._replaced)
        session.frames.image_failed.connect(lambda frame_id, _text: self._replaced(frame_id))

    def of(self, frame_id: int) -> FileState | None:
        """The state that is known, None where it is looked for; `changed` follows then."""
        if frame_id not in self._known and frame_id not in self._asked:
            self._asked[frame_id] = None
            self._pause.start()
        return self._known.get(frame_id)

    def count(self, state: FileState) -> int:
        """How many of the frames that were asked about are in a state."""
        return sum(each is state for each in self._known.values())

    def _forget(self) -> None:
        self._turn += 1
        self._known.clear()
        self._asked.clear()
        self.changed.emit()

    def _replaced(self, frame_id: int) -> None:
        self._turn += 1
        self._known.pop(frame_id, None)
        self._asked.pop(frame_id, None)
        self.of(frame_id)

    def _look(self) -> None:
        if self._session.is_open and self._asked:
            frames = list(self._asked)[-_AT_ONCE:]
            turn = self._turn
            self._session.read_beside(
                "file states", lambda store: _states(store, frames), lambda found: self._take(found, turn)
            )

    def _take(self, found: dict[int, FileState], turn: int) -> None:
        if turn == self._turn:
            for frame_id in found:
                self._asked.pop(frame_id, None)
            self._known |= found
        if self._asked:
            self._pause.start()
        self.changed.emit()


def _states(store: ProjectStore, frame_ids: Sequence[int]) -> dict[int, FileState]:
    report = changed_sizes(store, frame_ids)
    changed = {change.frame.id for change in report.changes}
    return {
        frame_id: FileState.CHANGED
        if frame_id in changed
        else FileState.FINE
        if _is_there(store.frames.path(frame_id))
        else FileState.MISSING
        for frame_id in frame_ids
    }


def _is_there(path: Path) -> bool:
    try:
        return file_of(path).exists()
    except OSError:
        return False
