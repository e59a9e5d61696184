"""The other side of a comparison, laid over the frame: all of it, or what is right of a line that can be dragged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QGraphicsItem,
    QGraphicsLineItem,
    QGraphicsScene,
    QStyleOptionGraphicsItem,
    QWidget,
)

from annotator.ui.canvas.overlay.data import OverlayData
from annotator.ui.canvas.overlay.item import OverlayItem
from annotator.ui.canvas.tiled_item import TiledItem
from annotator.ui.common.theme import colour
from annotator.ui.common.view_options import Options

_GRIP = 7.0  # logical pixels from the line that take hold of it


class CompareItem(QGraphicsItem):
    """A picture and landmarks of its own above everything else; hidden until `show_side`."""

    def __init__(self, scene: QGraphicsScene) -> None:
        super().__init__()
        self.setZValue(20)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemClipsChildrenToShape, True)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.tiles, self.overlay = TiledItem(96 * 2**20), OverlayItem()
        self.tiles.setParentItem(self)
        self.overlay.setParentItem(self)
        self._bounds, self._width = QRectF(), 0.0
        self._line_x: float | None = None
        self._line = QGraphicsLineItem()
        self._line.setZValue(21)
        pen = QPen(QColor(255, 255, 255, 220), 1.5)
        pen.setCosmetic(True)
        self._line.setPen(pen)
        scene.addItem(self)
        scene.addItem(self._line)
        self.hide_side()

    def set_bounds(self, bounds: QRectF, width: float) -> None:
        """The frame and a margin round it, and the frame's width in pixels."""
        self.prepareGeometryChange()
        self._bounds, self._width = bounds, width
        self.overlay.set_bounds(bounds)

    def set_options(self, options: Options) -> None:
        """Draws as the frame view does."""
        self.overlay.set_options(options)
        self.tiles.set_display(options.display)
        self.tiles.set_nearest(options.nearest)

    def show_side(
        self,
        levels: Sequence[NDArray[Any]],
        width: int,
        height: int,
        data: OverlayData,
        scale: float,
    ) -> None:
        """Shows a frame of ``width`` x ``height`` with its landmarks, stretched by ``scale`` over the one below."""
        self.tiles.set_levels(levels, width, height)
        self.overlay.set_scheme(data.scheme)
        self.overlay.data_shown = data
        self.tiles.setScale(scale)
        self.overlay.setScale(scale)
        self.show()
        self._line.setVisible(self._line_x is not None)

    def hide_side(self) -> None:
        """Shows the frame alone again, and lets the other pixels go."""
        self.hide()
        self._line.hide()
        self.tiles.set_levels([], 0, 0)
        self.overlay.set_scheme(None)

    @property
    def line_x(self) -> float | None:
        """Where the wiping line is, in frame pixels; None: the other side covers all."""
        return self._line_x

    def is_on_line(self, x: float, zoom: float) -> bool:
        """Whether x in frame pixels takes hold of the wiping line, at a zoom."""
        return self._line_x is not None and self.isVisible() and abs(x - self._line_x) * zoom <= _GRIP

    def covers(self, x: float) -> bool:
        """Whether the other side is what is seen there, x in frame pixels."""
        return self.isVisible() and (self._line_x is None or x > self._line_x)

    def set_line(self, x: float | None) -> None:
        """Moves the line, within the frame, or takes it away."""
        self.prepareGeometryChange()
        if x is not None:
            x = min(max(x, 0.0), self._width)
            self._line.setLine(x, self._bounds.top(), x, self._bounds.bottom())
        self._line_x = x
        self._line.setVisible(x is not None and self.isVisible())
        self.update()

    def boundingRect(self) -> QRectF:
        """What the other side covers."""
        if self._line_x is None:
            return self._bounds
        return self._bounds.adjusted(self._line_x - self._bounds.left(), 0, 0, 0)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Covers the landmarks below, where they lie beside the picture."""
        painter.fillRect(option.exposedRect.intersected(self.boundingRect()), colour("canvas"))
