"""Rows of the open project that the window writes beside landmarks: each change of them is an undo step."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance
from PySide6.QtGui import QUndoStack

from annotator.session.editing.safe_command import SafeCommand, Tell
from annotator.store.file.errors import BusyError, StoreWriteError
from annotator.store.project_store import ProjectStore

Write = Callable[[ProjectStore], object]
"""Writes to the project; False where there is nothing to write any more."""
_AGAIN_MS = 500


class ProjectSteps(QObject):
    """What notes, assignments and decisions have in common: written at once, told by `changed`, undone by the undo stack.

    What meets another program's write waits in order, as edits do, and is written as soon as it can be; so does what belongs to
    an edit, whatever keeps that from the disk.
    """

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
        self._waiting: list[Write] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_AGAIN_MS)
        self._timer.timeout.connect(self.write_waiting)

    @property
    def waiting(self) -> int:
        """How many writes wait for another program."""
        return len(self._waiting)

    def write_waiting(self) -> bool:
        """Try to write what waits; whether nothing does any more."""
        store = self._store
        while self._waiting and store is not None:
            try:
                self._waiting[0](store)
            except StoreWriteError:
                return False
            self._waiting.pop(0)
            self.changed.emit()
        if not self._waiting:
            self._timer.stop()
        return not self._waiting

    def discard_waiting(self) -> None:
        """Give up what waits, as the artist decided."""
        self._waiting.clear()
        self._timer.stop()

    @property
    def _store(self) -> ProjectStore | None:
        return self._open()

    def _push(self, title: str, redo: Write, undo: Write) -> None:
        self._stack.push(self._step(title, redo, undo))

    def _step(self, title: str, redo: Write, undo: Write, of_edit: bool = False) -> SafeCommand:
        """`of_edit`: it belongs to an edit, and waits with it."""
        return _ProjectCommand(
            title, lambda: self._write(redo, of_edit), lambda: self._write(undo, of_edit), self._tell
        )

    def _tell(self, text: str) -> None:
        self._message.emit("error", text)

    def _write(self, work: Write, of_edit: bool) -> bool:
        store = self._store
        if store is None:
            return False
        try:
            if not self.write_waiting():
                self._waiting.append(work)
                return True
            if work(store) is False:
                return False
        except BusyError as error:
            self._tell(f"{error}. What you did is kept, and written as soon as that ends")
            self._waiting.append(work)
            self._timer.start()
            return True
        except StoreWriteError as error:
            if of_edit:  # the edit tells why
                self._waiting.append(work)
                if not store.read_only:
                    self._timer.start()
                return True
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
