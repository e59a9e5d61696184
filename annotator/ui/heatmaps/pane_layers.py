"""A pane as layers that are kept until they change, so that another selection draws little more than its heat."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPixmap, QTransform

from annotator.ui.heatmaps.pane_painter import (
    PaneContent,
    paint_front,
    paint_heat,
    paint_marks,
    paint_picture,
)


class Layer(IntEnum):
    """What a pane is painted of."""

    PICTURE = 0
    """The crop: new with another frame, zoom or place, and so is all above."""
    MARKS = 1
    """Boxes and points that are not selected."""
    HEAT = 2
    """The heat, what is selected, the title."""


class PaneLayers:
    """Keeps the picture, the marks, and all of them with the heat between, as pictures of the pane's size."""

    def __init__(self) -> None:
        self._kept: dict[Layer, QPixmap] = {}

    def forget(self, least: Layer) -> None:
        """A layer changed."""
        for layer in [layer for layer in self._kept if layer >= least]:
            del self._kept[layer]

    def joined(
        self, size: QSize, ratio: float, content: PaneContent, widget_from_crop: QTransform
    ) -> QPixmap:
        """All layers, one over the other, for a pane of `size` logical pixels with `ratio` device pixels each."""
        area = QRectF(QPointF(0, 0), size.toSizeF())
        painted = partial(_painted, size, ratio)
        if Layer.PICTURE not in self._kept:
            self._kept[Layer.PICTURE] = painted(
                partial(paint_picture, area=area, content=content, widget_from_crop=widget_from_crop)
            )
        if Layer.MARKS not in self._kept:
            self._kept[Layer.MARKS] = painted(
                partial(paint_marks, content=content, widget_from_crop=widget_from_crop)
            )
        if Layer.HEAT not in self._kept:
            joined = QPixmap(self._kept[Layer.PICTURE])
            painter = QPainter(joined)
            if content.base is not None:
                paint_heat(painter, content, widget_from_crop)
                painter.drawPixmap(0, 0, self._kept[Layer.MARKS])
            paint_front(painter, area, content, widget_from_crop)
            painter.end()
            self._kept[Layer.HEAT] = joined
        return self._kept[Layer.HEAT]


def _painted(size: QSize, ratio: float, paint: Callable[[QPainter], None]) -> QPixmap:
    layer = QPixmap(size * ratio)
    layer.setDevicePixelRatio(ratio)
    layer.fill(Qt.GlobalColor.transparent)
    painter = QPainter(layer)
    paint(painter)
    painter.end()
    return layer
