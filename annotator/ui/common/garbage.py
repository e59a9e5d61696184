"""Python's search for cyclic garbage, at moments that nobody notices.

Left alone it starts in the middle of anything, also in a thread, and looks through all of some 130,000 objects of the
window: a tenth of a second in which nothing moves.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, SignalInstance
from PySide6.QtGui import QCursor, QGuiApplication

_LOOK_MS = 250
_YOUNG = 2_000
"""New objects after which to look through them, a millisecond's work; Python's own number is 700."""
_MIDDLE = 10
"""Such looks after which to look through their survivors, too, and again for the whole."""
_QUIET_SECONDS = 3.0


class Tidying(QObject):
    """Takes the search over from Python for as long as it lives: the young often, the whole while the hand rests.

    What stands when `settle` is called is taken out of all later searches; the signal `settles` calls it, once what
    else follows from it has been done.
    """

    def __init__(
        self,
        parent: QObject | None = None,
        settles: SignalInstance | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        if settles is not None:
            settles.connect(self.settle, Qt.ConnectionType.QueuedConnection)
        self._now = now
        self._place = QCursor.pos()
        self._moved = now()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOK_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def settle(self) -> None:
        """Search everything now, and what is left never again: while a project opens the artist waits anyway."""
        gc.unfreeze()
        gc.collect()
        gc.freeze()

    def end(self) -> None:
        """Give the search back to Python."""
        self._timer.stop()
        gc.unfreeze()
        gc.enable()

    def look(self) -> None:
        """Search what it is time for."""
        young, middle, old = gc.get_count()
        if old > _MIDDLE and self._is_quiet():
            gc.collect(2)
        elif middle > _MIDDLE:
            gc.collect(1)
        elif young > _YOUNG:
            gc.collect(0)

    def _is_quiet(self) -> bool:
        """Whether no button is down and the pointer has rested for a while."""
        place = QCursor.pos()
        if place != self._place or QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            self._place, self._moved = place, self._now()
        return self._now() - self._moved >= _QUIET_SECONDS
