"""Icons that are drawn once: the font's outline takes milliseconds, each time that a button is repainted."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap

_Key = tuple[int, int, QIcon.Mode, QIcon.State]


class KeptIcon(QIconEngine):
    """Another icon's pictures, kept for each size, mode and state that was asked for."""

    def __init__(self, source: QIcon) -> None:
        super().__init__()
        self._source = source
        self._drawn: dict[_Key, QPixmap] = {}

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """The picture at `size` device pixels."""
        key = (size.width(), size.height(), mode, state)
        if key not in self._drawn:
            self._drawn[key] = self._source.pixmap(size, 1.0, mode, state)
        return self._drawn[key]

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Draws the picture in `rect`, sharp on a display of any density."""
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(rect, self.pixmap(rect.size() * ratio, mode, state))

    def clone(self) -> QIconEngine:
        """Another engine of the same icon."""
        return KeptIcon(self._source)
