"""Draws suggestions over the frame: where a correction would carry its neighbours, joined to where they are now."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from annotator.domain.faces.propagation import NO_SUGGESTIONS, Suggestions
from annotator.ui.common.theme import colour

_RADIUS = 6.5
_SHADOW = QColor(8, 9, 10, 150)


class SuggestionItem(QGraphicsItem):
    """Dashed violet diamonds, which nothing else is, constant in screen size; they let the mouse through."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(11)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.shown: Suggestions = NO_SUGGESTIONS
        self._from: NDArray[np.float64] = np.empty((0, 2))
        self._bounds = QRectF()

    def set_bounds(self, bounds: QRectF) -> None:
        """Where suggestions may lie: the frame and a margin round it."""
        self.prepareGeometryChange()
        self._bounds = bounds

    def show_suggestions(self, suggestions: Suggestions, places: NDArray[np.float64]) -> None:
        """Shows these; `places` are float64 [L, 2] frame pixels, where all landmarks are now."""
        if len(suggestions) or len(self.shown):
            self.shown = suggestions
            self._from = places[suggestions.indices] if len(suggestions) else places[:0]
            self.update()

    def boundingRect(self) -> QRectF:
        """The frame with its margin while there are suggestions."""
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws in device pixels."""
        if not len(self.shown):
            return
        view = painter.worldTransform()
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for (x, y), (gx, gy) in zip(self._from.tolist(), self.shown.xy.tolist(), strict=True):
            self._paint_one(painter, view.map(QPointF(x, y)), view.map(QPointF(gx, gy)))
        painter.restore()

    def _paint_one(self, painter: QPainter, start: QPointF, end: QPointF) -> None:
        step = end - start
        length = float(np.hypot(step.x(), step.y()))
        diamond = QPolygonF([end + QPointF(x, y) * _RADIUS for x, y in ((0, -1), (1, 0), (0, 1), (-1, 0))])
        dashed = QPen(colour("suggested"), 1.7)
        dashed.setDashPattern([2.4, 1.6])
        for pen, line in (
            (QPen(_SHADOW, 3.6), QPen(_SHADOW, 2.6)),
            (dashed, QPen(colour("suggested", 190), 1.0)),
        ):
            if length > _RADIUS + 2:
                painter.setPen(line)
                painter.drawLine(start, end - step * (_RADIUS / length))
            painter.setPen(pen)
            painter.drawPolygon(diamond)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour("suggested"))
        painter.drawEllipse(end, 1.3, 1.3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
