"""Tells the artist what of the project is damaged and was left out, a few at a time: there may be thousands of such rows."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from annotator.store.file.left_out import LeftOut

_NAMED = 3


class LeftOutMessages(QObject):
    """Follows the remarks of the open project; `told` comes from the event loop, never inside of what is being read."""

    told = Signal(str)
    _new = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._watched: LeftOut | None = None
        self._waiting: list[str] = []
        self._new.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self._due = False

    def watch(self, left_out: LeftOut) -> None:
        """Tell of this project from now on, and of what it left out so far."""
        self._watched = left_out
        self._waiting.clear()
        for text in left_out.texts:
            self._new.emit(left_out, text)
        left_out.tell = self._teller(left_out)

    def _teller(self, left_out: LeftOut) -> Callable[[str], None]:
        return lambda text: self._new.emit(left_out, text)

    def _take(self, left_out: LeftOut, text: str) -> None:
        if left_out is not self._watched:
            return
        self._waiting.append(text)
        if not self._due:
            self._due = True
            QTimer.singleShot(0, self, self._tell)  # what one look at the project finds is told at once

    def _tell(self) -> None:
        self._due = False
        named, more = self._waiting[:_NAMED], len(self._waiting) - _NAMED
        self._waiting.clear()
        if more > 0:
            named.append(f"… and {more:,} more; the log has them all.")
        if named:
            self.told.emit("\n".join(named))
