"""Notes of the open project as the window writes them: each change of them is an undo step."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtGui import QUndoStack

from annotator.domain.note import Note
from annotator.session.editing.safe_command import SafeCommand, Tell
from annotator.session.project.project_file import ProjectFile
from annotator.store.file.errors import StoreWriteError
from annotator.store.project_store import ProjectStore


class Notes(QObject):
    """Writes, settles and reads notes."""

    changed = Signal()

    def __init__(
        self,
        stack: QUndoStack,
        file: Callable[[], ProjectFile | None],
        message: SignalInstance,
        parent: QObject | None = None,
    ) -> None:
        """`file`: the open project's. `message`: takes a level and a text for the artist."""
        super().__init__(parent)
        self._stack, self._file, self._message = stack, file, message

    @property
    def _store(self) -> ProjectStore | None:
        file = self._file()
        return file.store if file is not None else None

    def of_frame(self, frame_id: int) -> list[Note]:
        """A frame's notes, settled ones too, oldest first; none without a project."""
        store = self._store
        return store.notes.of_frame(frame_id) if store is not None and frame_id else []

    def words(self) -> tuple[list[str], list[str]]:
        """Names that notes were assigned to, and reasons that were given for rejecting; the newest first."""
        store = self._store
        return store.notes.words() if store is not None else ([], [])

    def add(self, note: Note) -> None:
        """Write a note, unless it says nothing."""
        if (step := self.step_of(note)) is not None:
            self._stack.push(step)

    def step_of(self, note: Note) -> SafeCommand | None:
        """The step that writes a note, to be made with another one; None for a note that says nothing."""
        note = replace(note, text=note.text.strip(), assignee=note.assignee.strip())
        if not (note.text or note.assignee):
            return None
        ids: list[int] = []

        def write(store: ProjectStore) -> None:
            ids.append(store.notes.add(note))

        return self._step("Note", write, lambda store: store.notes.remove(ids.pop()))

    def settle(self, note_ids: Sequence[int], on: bool = True) -> None:
        """Say that notes are dealt with (or open again), as one step."""

        def settle(store: ProjectStore, on: bool) -> None:
            for note_id in note_ids:
                store.notes.settle(note_id, on)

        if note_ids:
            title = "Settle a note" if on else "Open a note again"
            self._stack.push(
                self._step(title, lambda store: settle(store, on), lambda store: settle(store, not on))
            )

    def settle_frame(self, frame_id: int) -> None:
        """Say that all notes of a frame are dealt with."""
        self.settle([note.id for note in self.of_frame(frame_id) if not note.settled])

    def _step(
        self, title: str, redo: Callable[[ProjectStore], None], undo: Callable[[ProjectStore], None]
    ) -> SafeCommand:
        return _NoteCommand(title, lambda: self._write(redo), lambda: self._write(undo), self._tell)

    def _tell(self, text: str) -> None:
        self._message.emit("error", text)

    def _write(self, work: Callable[[ProjectStore], None]) -> bool:
        store = self._store
        if store is None:
            return False
        try:
            work(store)
        except StoreWriteError as error:
            self._tell(str(error))
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
