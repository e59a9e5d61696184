"""A stylus over a view: the barrel button pans; tip and hover come as the mouse does, to a part of a pixel."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import QTabletEvent
from PySide6.QtWidgets import QWidget

_BARREL = (Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton)


class PannedView(Protocol):
    """What the stylus needs of a view."""

    def viewport(self) -> QWidget:
        """The widget that the stylus is over."""

    def pan_by(self, dx: int, dy: int) -> None:
        """Scrolls by logical pixels."""

    def restore_cursor(self) -> None:
        """The pointer's usual shape."""


class StylusPan(QObject):
    """Takes the barrel button's events off a view; everything else goes on, and Qt makes mouse events of it."""

    def __init__(self, view: PannedView, parent: QObject) -> None:
        super().__init__(parent)
        self._view = view
        self._last: QPointF | None = None
        view.viewport().installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Starts, continues and ends a pan."""
        if not isinstance(event, QTabletEvent):
            return False
        kind = event.type()
        tip = bool(event.buttons() & Qt.MouseButton.LeftButton)  # down already: its release must be seen
        if kind == QEvent.Type.TabletPress and event.button() in _BARREL and not tip:
            self._last = event.position()
            self._view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        elif self._last is None:
            return False
        elif kind == QEvent.Type.TabletMove:
            step = (event.position() - self._last).toPoint()
            self._view.pan_by(-step.x(), -step.y())
            self._last += QPointF(step)
        elif kind == QEvent.Type.TabletRelease:
            self._last = None
            self._view.restore_cursor()
        event.accept()
        return True
