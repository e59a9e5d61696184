"""The marks of landmarks, drawn once and kept as pixmaps: constant in screen size, told apart by form before colour.

Proposed is a thin ring, tracked one round a dot, which is broken and amber where tracking is unsure; corrected is a thick white
ring, confirmed a green diamond: all but the dot are open, so that the pixel itself is seen. An occluded landmark is struck
through, one out of the frame stands in a square. Selection adds a ring in the accent colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

from annotator.domain.annotation import Flag, LandmarkState
from annotator.ui.common.theme import colour

REACH = 13  # logical pixels from a landmark to the edge of its mark
_RING, _SET, _SET_WIDTH, _SELECTED = 4.0, 4.4, 2.4, 8.5
_CROWDED = 0.62  # size of marks that would else cover each other
_SHADOW = QColor(8, 9, 10, 170)
_BROKEN = (_RING * 1.0, _RING * 0.57)  # of a ring of 2 pi times its radius: four strokes


@dataclass(frozen=True)
class Mark:
    """How one landmark looks; ``tint`` is ``#rrggbb`` and colours the ring of a proposed one; a crowded one is small; unsure is a
    tracked one."""

    state: int
    flags: int = 0
    tint: str = "#9adfd0"
    doubtful: bool = False
    selected: bool = False
    hovered: bool = False
    dragged: bool = False
    crowded: bool = False
    unsure: bool = False


@lru_cache(maxsize=1024)
def mark_pixmap(mark: Mark, ratio: float) -> QPixmap:
    """The pixmap of a mark, 2 * REACH logical pixels wide, for a device pixel ratio."""
    side = round(2 * REACH * ratio)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(ratio)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(REACH, REACH)
    if mark.crowded:
        painter.scale(_CROWDED, _CROWDED)
    if mark.dragged:
        _draw_sight(painter)
    else:
        _draw_state(painter, mark)
        _draw_flags(painter, mark.flags)
        _draw_attention(painter, mark)
    painter.end()
    return pixmap


@lru_cache(maxsize=8)
def warning_pixmap(is_edge: bool, ratio: float) -> QPixmap:
    """A small sign beside a mark, of the mark's size: a triangle near a crop's edge, two rings where networks disagree."""
    side = round(2 * REACH * ratio)
    pixmap = QPixmap(side, side)
    pixmap.fill(Qt.GlobalColor.transparent)
    pixmap.setDevicePixelRatio(ratio)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(REACH + 7, REACH - 7)
    if is_edge:
        painter.setPen(QPen(_SHADOW, 1.4))
        painter.setBrush(colour("warning"))
        painter.drawPolygon(QPolygonF([QPointF(0, -4), QPointF(4, 3.2), QPointF(-4, 3.2)]))
    else:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(_SHADOW, 3.2), QPen(colour("warning"), 1.3)):
            painter.setPen(pen)
            painter.drawEllipse(QPointF(-1.7, 0), 2.4, 2.4)
            painter.drawEllipse(QPointF(1.7, 0), 2.4, 2.4)
    painter.end()
    return pixmap


def _circle(painter: QPainter, radius: float) -> None:
    painter.drawEllipse(QPointF(0, 0), radius, radius)


def _draw_state(painter: QPainter, mark: Mark) -> None:
    if mark.state in (LandmarkState.PROPOSED, LandmarkState.TRACKED):
        tint = colour("warning") if mark.doubtful or mark.unsure else QColor(mark.tint)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(_SHADOW, 3.8), QPen(tint, 1.3 if mark.unsure else 1.8)):
            if mark.unsure:
                pen.setDashPattern([share / pen.widthF() for share in _BROKEN])
                pen.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(pen)
            _circle(painter, _RING)
        if mark.state == LandmarkState.TRACKED:  # a ring round a dot
            painter.setPen(QPen(tint, 1))
            painter.setBrush(tint)
            _circle(painter, _RING / 4)
        return
    if mark.state == LandmarkState.MISSING:  # only in lists: a place that is still to be filled
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(colour("warning"), 1.2, Qt.PenStyle.DotLine))
        _circle(painter, _RING)
        return
    confirmed = mark.state == LandmarkState.CONFIRMED
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ink = colour("good") if confirmed else colour("bright")
    corner = 1.35 * _SET
    diamond = QPolygonF([QPointF(0, -corner), QPointF(corner, 0), QPointF(0, corner), QPointF(-corner, 0)])
    for pen in (QPen(_SHADOW, _SET_WIDTH + 1.8), QPen(ink, _SET_WIDTH)):
        pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
        painter.setPen(pen)
        if confirmed:
            painter.drawPolygon(diamond)
        else:
            _circle(painter, _SET)


def _draw_flags(painter: QPainter, flags: int) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for pen in (QPen(_SHADOW, 3.2), QPen(colour("bright"), 1.3)):
        painter.setPen(pen)
        if flags & Flag.OCCLUDED:
            painter.drawLine(QPointF(-6.5, 6.5), QPointF(6.5, -6.5))
        if flags & Flag.OUT_OF_FRAME:
            painter.drawRect(QRectF(-6.5, -6.5, 13, 13))


def _draw_attention(painter: QPainter, mark: Mark) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mark.selected:
        for pen in (QPen(_SHADOW, 3.6), QPen(colour("accent"), 1.8)):
            painter.setPen(pen)
            _circle(painter, _SELECTED)
    elif mark.hovered:
        for pen in (QPen(_SHADOW, 3.0), QPen(colour("bright", 170), 1.2)):
            painter.setPen(pen)
            _circle(painter, _SELECTED - 1)


def _draw_sight(painter: QPainter) -> None:
    """While dragged: four hairs round an open centre, so that the pixel under the point is seen."""
    for pen in (QPen(_SHADOW, 3.0), QPen(colour("bright"), 1.2)):
        painter.setPen(pen)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(QPointF(3 * dx, 3 * dy), QPointF(11 * dx, 11 * dy))
