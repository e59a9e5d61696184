"""A picture of the parts of an overlay that rarely change, so that a pan or a drag copies them in place of drawing them."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QPainter, QPixmap

_MARGIN = 192  # logical pixels beyond the view that are drawn ahead of a pan


class CachedLayer:
    """Draws what a callback draws, from a pixmap for as long as ``key`` and the scale stay the same.

    The pixmap covers what meets the view and a margin round it; its place is kept relative to the frame's origin, as a
    pan moves that by whole pixels.
    """

    def __init__(self) -> None:
        self._key: Hashable = None
        self._place: Hashable = None
        self._area = QRectF()  # relative to the frame's origin
        self._pixmap = QPixmap()

    @property
    def nbytes(self) -> int:
        """Bytes of the pixmap."""
        return self._pixmap.width() * self._pixmap.height() * 4

    def paint(
        self,
        painter: QPainter,
        key: Hashable,
        scale: float,
        content: QRectF,
        visible: QRectF,
        origin: QPointF,
        draw: Callable[[QPainter], None],
        part: QRectF | None = None,
    ) -> None:
        """Draws the layer.

        Args:
            key: changes whenever ``draw`` would draw anything else. scale: of the view.
            part: where alone a new key draws anything else, in view pixels; None: anywhere.
            content, visible: what ``draw`` may touch and what the view shows, in view pixels.
            origin: where the frame's origin is, in view pixels.
            draw: gets a painter in view pixels.
        """
        seen = content.intersected(visible)
        if seen.isEmpty():
            return
        ratio = painter.device().devicePixelRatio()
        # At odd ratios a whole logical pixel is no whole device pixel: such a shift needs drawing anew.
        rest = tuple(round(value * ratio % 1.0, 3) % 1.0 for value in (origin.x(), origin.y()))
        place = (scale, ratio, rest)
        if place != self._place or not self._area.contains(seen.translated(-origin)):
            self._render(content, visible, origin, ratio, draw)
        elif key != self._key:
            if part is None:
                self._render(content, visible, origin, ratio, draw)
            else:
                self._render_part(part, origin, draw)
        self._key, self._place = key, place
        painter.drawPixmap(self._area.topLeft() + origin, self._pixmap)

    def _render(
        self,
        content: QRectF,
        visible: QRectF,
        origin: QPointF,
        ratio: float,
        draw: Callable[[QPainter], None],
    ) -> None:
        room = visible.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)
        area = QRectF(content.intersected(room).toAlignedRect())
        size = QSizeF(area.width() * ratio, area.height() * ratio).toSize()
        if self._pixmap.size() != size:
            self._pixmap = QPixmap(size)
        self._pixmap.setDevicePixelRatio(ratio)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        brush = QPainter(self._pixmap)
        brush.translate(-area.topLeft())
        draw(brush)
        brush.end()
        self._area = area.translated(-origin)

    def _render_part(self, part: QRectF, origin: QPointF, draw: Callable[[QPainter], None]) -> None:
        """Draws only what lies in a rectangle anew."""
        brush = QPainter(self._pixmap)
        brush.translate(-(self._area.topLeft() + origin))
        brush.setClipRect(part)
        brush.setCompositionMode(QPainter.CompositionMode.CompositionMode_Clear)
        brush.fillRect(part, Qt.GlobalColor.transparent)
        brush.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceOver)
        draw(brush)
        brush.end()
