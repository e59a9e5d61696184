"""The picture of curves: keys solid, what was tracked as a thin line in a band of its uncertainty, proposals as dots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from annotator.domain.annotation import LandmarkState
from annotator.session.time.curves import CurveData
from annotator.ui.common.theme import COLOURS, colour, ui_font
from annotator.ui.timeline.axis import Axis
from annotator.ui.timeline.curve_scale import Lane

TINTS = (COLOURS.accent, COLOURS.suggested, COLOURS.good, COLOURS.bad, COLOURS.proposed, COLOURS.dim)
SIGMAS = 2.0
"""Standard deviations on either side that the band shows."""
KEY = 4.0
"""Half a key's diamond, px."""
_DOT = 1.3
_FEW = 20  # proposals of which none is a stray


@dataclass(frozen=True, eq=False)
class Curve:
    """One coordinate of one landmark over N frames: all arrays [N], values in frame px from `offset` on.

    Attributes:
        numbers: of the frames. linked: whether a frame follows the one before it without a gap. values: as displayed.
    """

    landmark: int
    tint: str
    numbers: NDArray[np.int64]
    linked: NDArray[np.bool_]
    values: NDArray[np.float64]
    is_key: NDArray[np.bool_]
    is_tracked: NDArray[np.bool_]
    unsure: NDArray[np.bool_]
    sigma: NDArray[np.float64]
    proposed: NDArray[np.float64]
    offset: float

    def span(self, seen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Values that are to be seen of some frames (bool [N]): all that is set or tracked, and proposals but for strays."""
        held = self.values[seen & (self.is_key | self.is_tracked)]
        proposed = self.proposed[seen & np.isfinite(self.proposed)]
        if len(proposed) > _FEW:
            proposed = np.quantile(proposed, (0.02, 0.98))
        return np.concatenate([held, proposed])


def curves_of(
    data: CurveData, numbers: NDArray[np.int64], landmarks: Sequence[int], axis: int
) -> list[Curve]:
    """The curves of some landmarks in x (axis 0) or y (1). Several are each shown from their median on, so that they share a
    scale. `numbers`: int64 [all], of the whole take."""
    own = numbers[data.places]
    linked = np.zeros(len(own), np.bool_)
    linked[1:] = np.diff(own) == np.diff(data.places)
    found = []
    for count, landmark in enumerate(landmarks):
        values = data.xy[:, landmark, axis].astype(np.float64)
        proposed = data.proposed[:, landmark, axis].astype(np.float64)
        known = values[np.isfinite(values)]
        offset = float(np.median(known)) if len(landmarks) > 1 and known.size else 0.0
        state = data.state[:, landmark]
        found.append(
            Curve(
                landmark,
                TINTS[count % len(TINTS)],
                own,
                linked,
                values - offset,
                (state == LandmarkState.CORRECTED) | (state == LandmarkState.CONFIRMED),
                state == LandmarkState.TRACKED,
                data.unsure[:, landmark],
                data.sigma[:, landmark, axis].astype(np.float64),
                proposed - offset,
                offset,
            )
        )
    return found


def paint_lane(painter: QPainter, lane: Lane, axis: Axis, curves: Sequence[Curve], relative: bool) -> None:
    """One coordinate with its scale; `relative`: values are told from each curve's median on."""
    place = QRectF(0, lane.top, axis.width, lane.height)
    painter.fillRect(place, colour("canvas"))
    painter.save()
    painter.setClipRect(place)
    _grid(painter, lane, axis, relative)
    for curve in curves:
        xs = np.asarray((curve.numbers + 0.5 - axis.low) * axis.scale, np.float64)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _band(painter, lane, curve, xs)
        _proposals(painter, lane, curve, xs)
        _line(painter, lane, curve, xs)
        _keys(painter, lane, curve, xs)
    painter.restore()


def diamond(at: QPointF, half: float = KEY) -> QPolygonF:
    """The sign of a key."""
    return QPolygonF([at + QPointF(dx, dy) for dx, dy in ((0, -half), (half, 0), (0, half), (-half, 0))])


def _grid(painter: QPainter, lane: Lane, axis: Axis, relative: bool) -> None:
    step = 10.0 ** np.floor(np.log10(lane.span))
    step = next(s for s in (step / 5, step / 2, step, 2 * step, 5 * step) if lane.span / s <= 6)
    low, high = lane.centre - lane.span / 2, lane.centre + lane.span / 2
    painter.setFont(ui_font(10))
    places = max(0, -int(np.floor(np.log10(step))))
    for count in range(int(np.ceil(low / step)), int(np.floor(high / step)) + 1):
        y = lane.y(count * step)
        painter.setPen(colour("line"))
        painter.drawLine(QPointF(0, y), QPointF(axis.width, y))
        if y - 2 - painter.fontMetrics().ascent() < lane.top:
            continue  # it would be cut
        painter.setPen(colour("faint"))
        text = f"{count * step:{'+' if relative and count else ''}.{places}f}"
        painter.drawText(QPointF(20, y - 2), text)
    painter.setPen(colour("dim"))
    painter.setFont(ui_font(11, 600))
    painter.drawText(QPointF(5, lane.top + 14), lane.name)


def _band(painter: QPainter, lane: Lane, curve: Curve, xs: NDArray[np.float64]) -> None:
    """Of each stretch without a gap; a key has no width."""
    wide = np.where(curve.is_key, 0.0, SIGMAS * curve.sigma)
    known = np.isfinite(wide) & np.isfinite(curve.values)
    painter.setPen(Qt.PenStyle.NoPen)
    for stretch in _stretches(known, curve.linked):
        if len(stretch) < 2 or not curve.is_tracked[stretch].any():
            continue
        upper, lower = (lane.ys(curve.values[stretch] + sign * wide[stretch]) for sign in (1, -1))
        around = [*zip(xs[stretch], upper, strict=True), *reversed([*zip(xs[stretch], lower, strict=True)])]
        painter.setBrush(_tint(curve.tint, 45))
        painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in around]))


def _proposals(painter: QPainter, lane: Lane, curve: Curve, xs: NDArray[np.float64]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour("proposed", 130))
    ys = lane.ys(curve.proposed)
    for x, y in zip(xs[np.isfinite(ys)].tolist(), ys[np.isfinite(ys)].tolist(), strict=True):
        painter.drawEllipse(QPointF(x, y), _DOT, _DOT)


def _line(painter: QPainter, lane: Lane, curve: Curve, xs: NDArray[np.float64]) -> None:
    """From frame to frame of what is set or tracked; where it is unsure broken and amber."""
    held = (curve.is_key | curve.is_tracked) & np.isfinite(curve.values)
    ys = lane.ys(curve.values)
    drawn = np.flatnonzero(held[1:] & held[:-1] & curve.linked[1:])
    unsure = curve.unsure[drawn] | curve.unsure[drawn + 1]
    broken = QPen(colour("warning"), 1.4, Qt.PenStyle.DashLine)
    for some, pen in ((drawn[~unsure], QPen(_tint(curve.tint, 255), 1.2)), (drawn[unsure], broken)):
        painter.setPen(pen)
        painter.drawLines([QLineF(xs[i], ys[i], xs[i + 1], ys[i + 1]) for i in some.tolist()])


def _keys(painter: QPainter, lane: Lane, curve: Curve, xs: NDArray[np.float64]) -> None:
    painter.setPen(QPen(colour("canvas"), 1))
    painter.setBrush(_tint(curve.tint, 255))
    ys = lane.ys(curve.values)
    for i in np.flatnonzero(curve.is_key & np.isfinite(ys)).tolist():
        painter.drawPolygon(diamond(QPointF(xs[i], ys[i])))


def _stretches(known: NDArray[np.bool_], linked: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    """Rows that follow each other without a gap, and are known."""
    rows = np.flatnonzero(known)
    if not len(rows):
        return []
    ends = np.flatnonzero((np.diff(rows) > 1) | ~linked[rows[1:]]) + 1
    return list(np.split(rows, ends))


def _tint(name: str, alpha: int) -> QColor:
    tint = QColor(name)
    tint.setAlpha(alpha)
    return tint
