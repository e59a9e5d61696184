"""Shows how far soft selection reaches: a veil round the selected landmarks, and on each neighbour how much it comes along."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from annotator.domain.shaping.transform import soft_weights
from annotator.ui.canvas.overlay.item import OverlayItem

_NEAR, _FAR = QColor("#ffd54a"), QColor("#b4472b")  # the heat of a soft selection, as Maya has it
_RING = 7.0  # logical pixels
_SHADOW = QColor(8, 9, 10, 150)


class SoftItem(QGraphicsItem):
    """Follows the landmarks of an overlay; lets the mouse through."""

    def __init__(self, overlay: OverlayItem) -> None:
        super().__init__()
        self.setZValue(9)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self._overlay = overlay
        self._bounds = QRectF()
        self._radius = 0.0
        self.kept_radius = 0.0  # the one that comes back when it is switched on
        self.centre: QPointF | None = None  # where the radius is drawn while nothing is selected

    @property
    def radius(self) -> float:
        """Frame pixels from the selection to where nothing comes along any more; 0: soft selection is off."""
        return self._radius

    def take(self, on: bool, radius: float) -> None:
        """Whether it is on, and the reach to keep; a hand that changes the reach just now goes on with its own."""
        self.kept_radius = radius
        if self.centre is None:
            self.set_radius(radius if on else 0.0)

    def set_radius(self, radius: float) -> None:
        """Another reach; 0 switches it off."""
        if radius != self._radius:
            self._radius = radius
            self.update()

    def set_bounds(self, bounds: QRectF) -> None:
        """Where landmarks may lie: the frame and a margin round it."""
        self.prepareGeometryChange()
        self._bounds = bounds

    def follow(self) -> None:
        """The landmarks changed, or the selection."""
        if self._radius:
            self.update()

    def boundingRect(self) -> QRectF:
        """The frame with its margin."""
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws in device pixels."""
        data = self._overlay.data_shown
        held = np.array(sorted(data.selected), np.int64)
        middles = data.xy[held] if len(held) else np.empty((0, 2))
        if not len(middles) and self.centre is not None:
            middles = np.array([[self.centre.x(), self.centre.y()]])
        middles = middles[np.isfinite(middles).all(-1)]
        if not self._radius or not len(middles):
            return
        view = painter.worldTransform()
        reach = self._radius * view.m11()
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QPainterPath()
        area.setFillRule(Qt.FillRule.WindingFill)
        for x, y in middles.tolist():
            area.addEllipse(view.map(QPointF(x, y)), reach, reach)
        veil = QColor(_NEAR)
        veil.setAlpha(22)
        painter.fillPath(area, veil)
        if len(middles) == 1:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            for pen in (QPen(_SHADOW, 3.0), QPen(_NEAR, 1.2)):
                painter.setPen(pen)
                painter.drawPath(area)
        if len(held):
            self._paint_followers(
                painter, view, soft_weights(data.xy, held, self._radius), set(held.tolist())
            )
        painter.restore()

    def _paint_followers(
        self, painter: QPainter, view: QTransform, weights: np.ndarray, held: set[int]
    ) -> None:
        painter.setPen(QPen(_SHADOW, 1.0))
        for index in np.flatnonzero(weights > 0).tolist():
            if index not in held:
                painter.setBrush(_heat(float(weights[index])))
                painter.drawEllipse(
                    view.map(QPointF(*self._overlay.data_shown.xy[index].tolist())), _RING, _RING
                )


def _heat(weight: float) -> QColor:
    """From red, which hardly comes along, to yellow, which comes all the way."""
    keep = 1.0 - weight
    red = round(weight * _NEAR.red() + keep * _FAR.red())
    green = round(weight * _NEAR.green() + keep * _FAR.green())
    blue = round(weight * _NEAR.blue() + keep * _FAR.blue())
    return QColor(red, green, blue, 90 + round(130 * weight))
