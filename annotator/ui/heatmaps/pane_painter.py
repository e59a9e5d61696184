"""Draws a heatmap pane from a plain description of its content."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyqtgraph.functions as pg_functions
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPen, QTransform

from annotator.domain.annotation import LandmarkState
from annotator.ui.common.theme import colour, scaled, ui_font
from annotator.ui.common.view_options import Options

_CONTOURS = (0.1, 0.3, 0.5, 0.7, 0.9)  # of the peak
_SMALL, _LARGE = (
    (3.0, 2.5),
    (3.0, 7.0),
)  # gap and length of ticks; of what is selected they cover the small ones
_SMOOTH_BELOW = 8.0  # a 256 crop is mostly seen enlarged: pixels show from 800 % on


@dataclass
class PaneContent:
    """All that a pane shows; coordinates in crop pixels."""

    title: str
    tint: str
    empty_text: str = ""
    base: QImage | None = None
    heat: QImage | None = None
    heat_values: NDArray[np.float32] | None = None
    crop_from_heat: QTransform = field(default_factory=QTransform)
    options: Options = field(default_factory=Options)
    indices: list[int] = field(default_factory=list)
    points: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    states: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, np.uint8))
    boxes: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 4)))
    box_tints: list[str] = field(default_factory=list)
    selected: frozenset[int] = frozenset()
    hover: int = -1
    cursor: QPointF | None = None
    active: bool = False
    note: str = ""


def paint_picture(
    painter: QPainter, area: QRectF, content: PaneContent, widget_from_crop: QTransform
) -> None:
    """Draws what lies below the heat into ``area`` (widget pixels): the crop, or a line that says why there is none."""
    painter.fillRect(area, colour("canvas"))
    if content.base is None:
        painter.setFont(ui_font(11))
        painter.setPen(colour("faint"))
        text_area = area.adjusted(12, 26, -12, -8)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(text_area, int(flags), content.empty_text)
        return
    painter.setRenderHint(
        QPainter.RenderHint.SmoothPixmapTransform,
        not content.options.nearest and widget_from_crop.m11() < _SMOOTH_BELOW,
    )
    painter.setTransform(widget_from_crop)
    painter.drawImage(QPointF(0, 0), content.base)


def paint_heat(painter: QPainter, content: PaneContent, widget_from_crop: QTransform) -> None:
    """Draws the heat and its contours."""
    painter.setTransform(content.crop_from_heat * widget_from_crop)
    painter.setRenderHint(
        QPainter.RenderHint.SmoothPixmapTransform, content.options.heat.smooth and not content.options.nearest
    )
    if content.heat is not None:
        painter.drawImage(QPointF(0, 0), content.heat)
    if content.heat_values is not None:
        _paint_contours(painter, content.heat_values)
    painter.resetTransform()


def paint_marks(painter: QPainter, content: PaneContent, widget_from_crop: QTransform) -> None:
    """Draws boxes of regions, and thin ticks round the annotation's places, open in the middle, so that they cover no heat."""
    if content.base is None:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_boxes(painter, content, widget_from_crop)
    inks = {LandmarkState.CONFIRMED: colour("good"), LandmarkState.CORRECTED: colour("bright")}
    other = colour("bright", 150)
    ticks: dict[int, list[QLineF]] = {}
    for row, place in _places(content, widget_from_crop):
        ticks.setdefault(int(content.states[row]), []).extend(_ticks(place, *_SMALL))
    for state, lines in ticks.items():
        _paint_ticks(painter, lines, inks.get(LandmarkState(state), other))


def paint_front(painter: QPainter, area: QRectF, content: PaneContent, widget_from_crop: QTransform) -> None:
    """Draws the ticks of what is selected, over its small ones, and the title."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if content.base is not None and content.selected:
        selected = [
            at for row, at in _places(content, widget_from_crop) if content.indices[row] in content.selected
        ]
        _paint_ticks(painter, [line for at in selected for line in _ticks(at, *_LARGE)], colour("accent"))
    _paint_title(painter, area, content)


def _paint_contours(painter: QPainter, heat: NDArray[np.float32]) -> None:
    """Iso-lines of the shown heat, through the centres of its pixels, to which pyqtgraph adds the half itself."""
    pen = QPen(QColor(255, 255, 255, 120), 1.0)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath()
    for level in _CONTOURS:
        for line in pg_functions.isocurve(heat.T, level, connected=True):
            points = [QPointF(float(x), float(y)) for x, y in line]
            if points:
                path.moveTo(points[0])
                for point in points[1:]:
                    path.lineTo(point)
    painter.drawPath(path)


def _paint_boxes(painter: QPainter, content: PaneContent, widget_from_crop: QTransform) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if not content.options.rois:
        return
    for box, name in zip(content.boxes, content.box_tints, strict=False):
        if np.isfinite(box).all():
            tint = QColor(name)
            tint.setAlpha(170)
            painter.setPen(QPen(tint, 1))
            painter.drawRect(widget_from_crop.mapRect(QRectF(QPointF(*box[:2]), QPointF(*box[2:]))))


def _places(content: PaneContent, widget_from_crop: QTransform) -> Iterator[tuple[int, QPointF]]:
    """(row, widget pixels) of the points that are shown."""
    if content.options.points:
        for row, (x, y) in enumerate(content.points[: len(content.indices)].tolist()):
            if math.isfinite(x):
                yield row, widget_from_crop.map(QPointF(x, y))


def _ticks(at: QPointF, gap: float, length: float) -> list[QLineF]:
    """Four ticks that point at a place."""
    x, y, far = at.x(), at.y(), gap + length
    return [
        QLineF(x + gap, y, x + far, y),
        QLineF(x - gap, y, x - far, y),
        QLineF(x, y + gap, x, y + far),
        QLineF(x, y - gap, x, y - far),
    ]


def _paint_ticks(painter: QPainter, lines: list[QLineF], ink: QColor) -> None:
    """On a dark edge."""
    for edge, width in ((QColor(0, 0, 0, 130), 2.4), (ink, 1.0)):
        painter.setPen(QPen(edge, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawLines(lines)


def paint_pointer(
    painter: QPainter, area: QRectF, content: PaneContent, widget_from_crop: QTransform
) -> None:
    """Draws the linked cross-hair, if it is to be seen, and a ring round the landmark under the pointer."""
    if content.hover in content.indices and len(content.points):
        x, y = content.points[content.indices.index(content.hover)].tolist()
        if np.isfinite(x):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour("bright", 190), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(widget_from_crop.map(QPointF(x, y)), 6.0, 6.0)
    if content.cursor is None or not content.options.crosshair:
        return
    at = widget_from_crop.map(content.cursor)
    picture = picture_area(area, content, widget_from_crop)
    if not picture.contains(at):
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(QColor(255, 255, 255, 110), 1))
    gap = 6
    painter.drawLine(QLineF(picture.left(), at.y(), at.x() - gap, at.y()))
    painter.drawLine(QLineF(at.x() + gap, at.y(), picture.right(), at.y()))
    painter.drawLine(QLineF(at.x(), picture.top(), at.x(), at.y() - gap))
    painter.drawLine(QLineF(at.x(), at.y() + gap, at.x(), picture.bottom()))


def picture_area(area: QRectF, content: PaneContent, widget_from_crop: QTransform) -> QRectF:
    """The part of a pane that its picture covers; empty without one."""
    if content.base is None:
        return QRectF()
    return widget_from_crop.mapRect(QRectF(QPointF(0, 0), content.base.size().toSizeF())).intersected(area)


def _paint_title(painter: QPainter, area: QRectF, content: PaneContent) -> None:
    line = QRectF(area.left() + 19, area.top() + 3, area.width() - 26, scaled(19))
    shade = QLinearGradient(0, 0, 0, scaled(26))
    shade.setColorAt(0, QColor(0, 0, 0, 215))
    shade.setColorAt(0.7, QColor(0, 0, 0, 150))  # texts are read over a light picture, too
    shade.setColorAt(1, QColor(0, 0, 0, 0))
    painter.fillRect(QRectF(area.left(), area.top(), area.width(), scaled(26)), shade)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(content.tint))
    painter.drawRoundedRect(QRectF(area.left() + 7, line.center().y() - 3.5, 7, 7), 2, 2)
    painter.setFont(ui_font(11, 600))
    painter.setPen(colour("bright" if content.active else "text"))
    title = painter.fontMetrics().elidedText(content.title, Qt.TextElideMode.ElideRight, int(line.width()))
    painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), title)
    taken = painter.fontMetrics().horizontalAdvance(f"{content.title}  ")
    painter.setFont(ui_font(10))
    if content.note and taken + painter.fontMetrics().horizontalAdvance(content.note) <= line.width():
        painter.setPen(colour("text"))
        flags = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(line, flags, content.note)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colour("accent") if content.active else colour("line"), 1))
    painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
