"""Notes of the open project as the window writes them: each change of them is an undo step."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from annotator.domain.note import Note
from annotator.session.editing.safe_command import SafeCommand, Tell
from annotator.store.errors import StoreWriteError
from annotator.store.project_store import ProjectStore


class Notes(QObject):
    """Writes, settles and reads notes."""

    changed = Signal()
    refused = Signal(str)  # the project could not be written

    def __init__(self, stack: QUndoStack, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._stack = stack
        self._store: ProjectStore | None = None

    def attach(self, store: ProjectStore | None) -> None:
        """Another project (None: none)."""
        self._store = store

    def of_frame(self, frame_id: int) -> list[Note]:
        """A frame's notes, settled ones too, oldest first; none without a project."""
        return self._store.notes.of_frame(frame_id) if self._store is not None and frame_id else []

    def words(self) -> tuple[list[str], list[str]]:
        """Names that notes were assigned to, and reasons that were given for rejecting; the newest first."""
        return self._store.notes.words() if self._store is not None else ([], [])

    def add(self, note: Note) -> None:
        """Write a note, unless it says nothing."""
        if not (note.text.strip() or note.assignee.strip()):
            return
        note = replace(note, text=note.text.strip(), assignee=note.assignee.strip())
        ids: list[int] = []

        def write(store: ProjectStore) -> None:
            ids.append(store.notes.add(note))

        self._push("Note", write, lambda store: store.notes.remove(ids.pop()))

    def settle(self, note_ids: Sequence[int], on: bool = True) -> None:
        """Say that notes are dealt with (or open again), as one step."""

        def settle(store: ProjectStore, on: bool) -> None:
            for note_id in note_ids:
                store.notes.settle(note_id, on)

        if note_ids:
            title = "Settle a note" if on else "Open a note again"
            self._push(title, lambda store: settle(store, on), lambda store: settle(store, not on))

    def settle_frame(self, frame_id: int) -> None:
        """Say that all notes of a frame are dealt with."""
        self.settle([note.id for note in self.of_frame(frame_id) if not note.settled])

    def _push(
        self, title: str, redo: Callable[[ProjectStore], None], undo: Callable[[ProjectStore], None]
    ) -> None:
        self._stack.push(
            _NoteCommand(title, lambda: self._write(redo), lambda: self._write(undo), self.refused.emit)
        )

    def _write(self, work: Callable[[ProjectStore], None]) -> bool:
        if self._store is None:
            return False
        try:
            work(self._store)
        except StoreWriteError as error:
            self.refused.emit(str(error))
            return False
        self.changed.emit()
        return True


class _NoteCommand(SafeCommand):
    """One undo step that touches no landmark."""

    def __init__(self, title: str, redo: Callable[[], bool], undo: Callable[[], bool], tell: Tell) -> None:
        super().__init__(title, tell)
        self._do, self._take_back = redo, undo

    def _redo(self) -> None:
        if not self._do():
            self.setObsolete(True)

    def _undo(self) -> None:
        if not self._take_back():
            self.setObsolete(True)
