"""Shapes between landmarks: smooth curves, uncertainty ellipses, and label boxes that keep out of each other's way."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QTransform

from annotator.domain.scheme import Curve
from annotator.domain.shaping.curve_edits import placed_runs
from annotator.domain.shaping.curve_line import bezier_pieces

_CLEAR = 4.0  # logical pixels between a label and the nearest landmark


def curve_path(xy: NDArray[np.float64], curve: Curve) -> QPainterPath:
    """A smooth (Catmull-Rom) path through a curve's landmarks; missing ones leave a gap.

    Args:
        xy: float64 [L, 2] in any space, NaN where missing.
    """
    path = QPainterPath()
    for run, closed in placed_runs(curve, xy):
        if len(run) < 2:
            continue
        pieces = bezier_pieces(xy[run], closed)
        path.moveTo(QPointF(*pieces[0, 0].tolist()))
        for _, a, b, end in pieces.tolist():
            path.cubicTo(a[0], a[1], b[0], b[1], end[0], end[1])
    return path


def neighbours(curves: Sequence[Curve], size: int, reach: int = 2) -> list[tuple[int, ...]]:
    """For each of ``size`` landmarks those up to ``reach`` steps along its curves: what a move of it redraws."""
    found: list[set[int]] = [{i} for i in range(size)]
    for curve in curves:
        count = len(curve.indices)
        for at, index in enumerate(curve.indices):
            for step in range(-reach, reach + 1):
                other = at + step
                if curve.closed or 0 <= other < count:
                    found[index].add(curve.indices[other % count])
    return [tuple(sorted(group)) for group in found]


def ellipses_path(
    centres: NDArray[np.float64], covariances: NDArray[np.float64], sigmas: float, grow: float = 0.0
) -> QPainterPath:
    """The contours of 2x2 covariances [K, 2, 2] (any unit squared) round centres [K, 2]; those not finite are left out.

    ``grow`` makes both radii longer.
    """
    path = QPainterPath()
    usable = np.isfinite(covariances).all((1, 2)) & np.isfinite(centres).all(1)
    values, vectors = np.linalg.eigh(covariances[usable])
    radii = sigmas * np.sqrt(values.clip(0)) + grow
    for (x, y), (major, minor), ((a, c), (b, d)) in zip(
        centres[usable].tolist(), radii.tolist(), vectors.tolist(), strict=True
    ):
        circle = QPainterPath()
        circle.addEllipse(QPointF(0, 0), major, minor)
        path.addPath(QTransform(a, b, c, d, x, y).map(circle))
    return path


def place_label(
    anchor: QPointF,
    width: float,
    height: float,
    taken: Sequence[QRectF],
    points: NDArray[np.float64],
    must: bool = False,
    room: QRectF | None = None,
) -> QRectF | None:
    """A box for a label near ``anchor`` that meets none of ``taken`` and covers no point [K, 2]; None where there is no room.

    With ``must`` it goes farther away to find room, and covers as little as it can where there is none. It is whole within
    ``room``, and there is none for an anchor outside of that.
    """
    if room is not None and not room.contains(anchor):
        return None
    gap = 11.0
    near = (
        (gap, -height - 4),
        (gap, 4.0),
        (-width - gap, -height - 4),
        (-width - gap, 4.0),
        (-width / 2, -height - gap - 2),
        (-width / 2, gap + 2),
        (gap + 6, -2 * height - 8),
        (gap + 6, height + 8),
        (-width - gap - 6, -2 * height - 8),
        (-width - gap - 6, height + 8),
    )
    far = tuple(
        (reach if side > 0 else -width - reach, reach * rise - height / 2)
        for reach in (30.0, 48.0, 70.0)
        for side in (1, -1)
        for rise in (-1.0, 1.0, 0.0)
    )
    best, least = None, math.inf
    for dx, dy in (*near, *far) if must else near:
        box = QRectF(anchor.x() + dx, anchor.y() + dy, width, height)
        if any(box.intersects(other) for other in taken) or not (room is None or room.contains(box)):
            continue
        low, high = (box.left() - _CLEAR, box.top() - _CLEAR), (box.right() + _CLEAR, box.bottom() + _CLEAR)
        covered = int(((points >= low).all(-1) & (points <= high).all(-1)).sum())
        if not covered:
            return box
        if covered < least:
            best, least = box, covered
    return best if must else None
