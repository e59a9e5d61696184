"""Rows of the open project that the window writes beside landmarks: each change of them is an undo step."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtGui import QUndoStack

from annotator.session.editing.safe_command import SafeCommand, Tell
from annotator.store.file.errors import StoreWriteError
from annotator.store.project_store import ProjectStore

Write = Callable[[ProjectStore], object]


class ProjectSteps(QObject):
    """What notes, assignments and decisions have in common: written at once, told by `changed`, undone by the undo stack."""

    changed = Signal()

    def __init__(
        self,
        stack: QUndoStack,
        store: Callable[[], ProjectStore | None],
        message: SignalInstance,
        parent: QObject | None = None,
    ) -> None:
        """`store`: the open project's. `message`: takes a level and a text for the artist."""
        super().__init__(parent)
        self._stack, self._open, self._message = stack, store, message

    @property
    def _store(self) -> ProjectStore | None:
        return self._open()

    def _push(self, title: str, redo: Write, undo: Write) -> None:
        self._stack.push(self._step(title, redo, undo))

    def _step(self, title: str, redo: Write, undo: Write) -> SafeCommand:
        return _ProjectCommand(title, lambda: self._write(redo), lambda: self._write(undo), self._tell)

    def _tell(self, text: str) -> None:
        self._message.emit("error", text)

    def _write(self, work: Write) -> bool:
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


class _ProjectCommand(SafeCommand):
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
