"""Where the pointer is in any view, and which landmark is under it."""

from collections.abc import Callable
from math import nan

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

_HELD_MS = 50


class Pointer(QObject):
    """Shared by the frame view and the panes; each tells what it sees and shows what the others see."""

    hover_changed = Signal(int)  # landmark under the pointer, -1 = none
    held = Signal(
        tuple, object
    )  # landmarks that follow the pointer, and where: float64 [K, 2] frame px; none: they rest
    moved = Signal(float, float)  # frame px; NaN, NaN = it left

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._hover = -1

    @property
    def hover(self) -> int:
        """Landmark under the pointer, -1 = none."""
        return self._hover

    def set_hover(self, landmark: int) -> None:
        """A view tells what is under the pointer."""
        if landmark != self._hover:
            self._hover = landmark
            self.hover_changed.emit(landmark)

    def move_to(self, x: float, y: float) -> None:
        """A view tells where the pointer is, in frame px."""
        self.moved.emit(x, y)

    def leave(self) -> None:
        """The pointer left the views."""
        self.moved.emit(nan, nan)


def waits_for_hand(owner: QObject, again: Callable[[], None]) -> bool:
    """Whether a mouse button is down; `again` is called a little later then.

    What is under the hand does not move, and the edit that follows is made on what the person saw when the gesture began.
    """
    if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
        return False
    QTimer.singleShot(_HELD_MS, owner, again)
    return True
