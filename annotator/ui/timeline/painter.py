"""The timeline's picture: ruler, keys, tracks, doubt, review, gaps, in and out; by columns of pixels, however many frames."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPolygonF

from annotator.domain.annotation import ReviewState
from annotator.session.time.take import TakeState
from annotator.ui.common.theme import COLOURS, REVIEW_COLOURS, colour, scaled, ui_font
from annotator.ui.timeline.axis import Axis, spread

LANES = ("keys", "tracked", "doubt", "review")
_HEIGHTS = {"ruler": 18, "keys": 14, "tracked": 12, "doubt": 14, "review": 6}
_SPACE = 3
_TICK = 64  # px between the numbers of the ruler
_DIAMOND = 4.5
_MOST_DIAMONDS = 4.0  # px a frame: closer together keys are bars


def lanes() -> dict[str, tuple[int, int]]:
    """(top, height) of each lane, in logical pixels."""
    found, top = {}, 0
    for name, height in _HEIGHTS.items():
        found[name] = (top, scaled(height))
        top += scaled(height) + _SPACE
    return found


def height() -> int:
    """Of all lanes."""
    top, last = lanes()["review"]
    return top + last + _SPACE


def paint(painter: QPainter, state: TakeState, axis: Axis) -> None:
    """All but the playhead."""
    found = lanes()
    for name in LANES:
        top, tall = found[name]
        painter.fillRect(0, top, axis.width, tall, colour("canvas"))
    _gaps(painter, state, axis)
    columns, each = axis.columns(state.sequence.numbers), max(math.ceil(axis.scale), 1)
    _tracked(painter, state, axis, columns, each)
    _doubt(painter, state, axis, columns, each)
    _review(painter, state, axis, columns, each)
    _keys(painter, state, axis)
    _ruler(painter, axis)
    _range(painter, state, axis)


def _ruler(painter: QPainter, axis: Axis) -> None:
    top, tall = lanes()["ruler"]
    painter.setFont(ui_font(10))
    first, last, step = axis.ticks(scaled(_TICK))
    for number in range(first, last + 1, step):
        x = axis.middle(number)
        painter.setPen(colour("border"))
        painter.drawLine(QPointF(x, top + tall - 4), QPointF(x, top + tall))
        painter.setPen(colour("dim"))
        place = QRectF(x - 40, top, 80, tall - 4)
        if 0 <= x <= axis.width:
            painter.drawText(
                place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter, str(number)
            )


def _gaps(painter: QPainter, state: TakeState, axis: Axis) -> None:
    top = lanes()["keys"][0]
    brush = QBrush(colour("border"), Qt.BrushStyle.BDiagPattern)
    for first, last in state.sequence.gaps:
        place = QRectF(axis.x(first), top, max(axis.x(last + 1) - axis.x(first), 1), height() - top - _SPACE)
        if place.right() >= 0 and place.left() <= axis.width:
            painter.fillRect(place, colour("panel"))
            painter.fillRect(place, brush)


def _keys(painter: QPainter, state: TakeState, axis: Axis) -> None:
    """Diamonds, filled where the whole face is set; where frames lie close together bars."""
    top, tall = lanes()["keys"]
    numbers, human = state.sequence.numbers[state.is_key], state.human[state.is_key]
    seen = (numbers + 1 > axis.low) & (numbers < axis.high)
    bright = colour("bright")
    if axis.scale < _MOST_DIAMONDS and seen.sum() > axis.width / (2 * _DIAMOND + 1):
        held = spread(axis.columns(numbers), np.ones(len(numbers)), 1, axis.width)
        for x in np.flatnonzero(np.isfinite(held)).tolist():
            painter.fillRect(x, top + 2, 1, tall - 4, bright)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number, count in zip(numbers[seen].tolist(), human[seen].tolist(), strict=True):
        centre = QPointF(axis.middle(number), top + tall / 2)
        corners = ((0, -_DIAMOND), (_DIAMOND, 0), (0, _DIAMOND), (-_DIAMOND, 0))
        shape = QPolygonF([centre + QPointF(dx, dy) for dx, dy in corners])
        painter.setPen(bright)
        painter.setBrush(bright if count >= state.landmarks else colour("border"))
        painter.drawPolygon(shape)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _bars(painter: QPainter, lane: str, shares: np.ndarray, tint: QColor) -> None:
    """A bar a column, as high as its share (0..1) of the lane."""
    top, tall = lanes()[lane]
    for x in np.flatnonzero(shares > 0).tolist():
        high = max(round(float(shares[x]) * tall), 1)
        painter.fillRect(x, top + tall - high, 1, high, tint)


def _tracked(painter: QPainter, state: TakeState, axis: Axis, columns: np.ndarray, each: int) -> None:
    """How much of the face is tracked, and how much of that surely not enough."""
    whole = max(state.landmarks, 1)
    for values, tint in ((state.tracked, colour("proposed", 190)), (state.unsure, colour("warning"))):
        _bars(painter, "tracked", spread(columns, values / whole, each, axis.width), tint)


def _doubt(painter: QPainter, state: TakeState, axis: Axis, columns: np.ndarray, each: int) -> None:
    """What the model is least sure of, where nobody looked at the frame yet."""
    doubt = np.where(state.review == ReviewState.APPROVED, np.nan, 1 - state.confidence)
    _bars(painter, "doubt", spread(columns, doubt, each, axis.width), colour("warning", 150))


def _review(painter: QPainter, state: TakeState, axis: Axis, columns: np.ndarray, each: int) -> None:
    top, tall = lanes()["review"]
    held = spread(columns, state.review.astype(np.float64), each, axis.width)
    for review in ReviewState:
        tint = QColor(COLOURS.border if review is ReviewState.UNREVIEWED else REVIEW_COLOURS[review])
        for x in np.flatnonzero(held == review).tolist():
            painter.fillRect(x, top, 1, tall, tint)


def _range(painter: QPainter, state: TakeState, axis: Axis) -> None:
    """In and out as brackets on the ruler; what lies outside is dimmed."""
    top, tall = lanes()["ruler"]
    first, last = state.settings.first, state.settings.last
    shade = colour("window", 150)
    for number, is_in in ((first, True), (last, False)):
        if number is None:
            continue
        x = axis.x(number if is_in else number + 1)
        if is_in and x > 0:
            painter.fillRect(QRectF(0, top, x, height()), shade)
        if not is_in and x < axis.width:
            painter.fillRect(QRectF(x, top, axis.width - x, height()), shade)
        painter.fillRect(QRectF(x - 1, top, 2, height()), colour("accent", 150))
        painter.fillRect(QRectF(x if is_in else x - 6, top, 6, 2), colour("accent"))
        painter.fillRect(QRectF(x if is_in else x - 6, top + tall - 2, 6, 2), colour("accent"))


def paint_playhead(painter: QPainter, axis: Axis, number: int) -> None:
    """Where the frame that is seen stands, with its number."""
    top, tall = lanes()["ruler"]
    x, text = axis.middle(number), str(number)
    painter.setFont(ui_font(10, 600))
    wide = painter.fontMetrics().horizontalAdvance(text) + 10
    left = min(max(x - wide / 2, 0), axis.width - wide)
    if axis.scale > 2:
        painter.fillRect(QRectF(axis.x(number), tall, axis.scale, height() - tall), colour("accent", 50))
    painter.fillRect(QRectF(x - 0.5, top + tall - 2, 1, height()), colour("accent"))
    painter.fillRect(QRectF(left, top, wide, tall - 2), colour("accent"))
    painter.setPen(colour("window"))
    painter.drawText(QRectF(left, top, wide, tall - 2), Qt.AlignmentFlag.AlignCenter, text)
