"""Shapes between landmarks: smooth curves, uncertainty ellipses, and label boxes that keep out of each other's way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QTransform

from annotator.domain.scheme import Curve


def curve_path(xy: NDArray[np.float64], curve: Curve) -> QPainterPath:
    """A smooth (Catmull-Rom) path through a curve's landmarks; missing ones leave a gap.

    Args:
        xy: float64 [L, 2] in any space, NaN where missing.
    """
    path = QPainterPath()
    for run, closed in _runs(xy, curve):
        if len(run) < 2:
            continue
        points = xy[run]
        before = points[-1] if closed else points[0]
        after = [points[0], points[1]] if closed else [points[-1]]
        knots = np.vstack([before[None], points, np.array(after)])
        # A Bezier piece between knots 1 and 2 has its handles at a sixth of the chord of the knots beside it.
        first, second = knots[1:-2], knots[2:-1]
        handles_a = first + (second - knots[:-3]) / 6
        handles_b = second - (knots[3:] - first) / 6
        path.moveTo(QPointF(*points[0].tolist()))
        for a, b, end in zip(handles_a.tolist(), handles_b.tolist(), second.tolist(), strict=True):
            path.cubicTo(a[0], a[1], b[0], b[1], end[0], end[1])
    return path


def _runs(xy: NDArray[np.float64], curve: Curve) -> Iterable[tuple[list[int], bool]]:
    """Stretches of a curve without a missing landmark, and whether the stretch closes."""
    placed = np.isfinite(xy[list(curve.indices)]).all(-1)
    if placed.all():
        yield list(curve.indices), curve.closed and len(curve.indices) > 2
        return
    order = list(curve.indices)
    if curve.closed:  # start behind a gap, so that no stretch is cut by the list's ends
        start = int(np.flatnonzero(~placed)[0]) + 1
        order = order[start:] + order[:start]
    run: list[int] = []
    for index in order:
        if np.isfinite(xy[index]).all():
            run.append(index)
        else:
            yield run, False
            run = []
    yield run, False


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
    centres: NDArray[np.float64], covariances: NDArray[np.float64], sigmas: float
) -> QPainterPath:
    """The contours of 2x2 covariances [K, 2, 2] (any unit squared) round centres [K, 2]; those not finite are left out."""
    path = QPainterPath()
    usable = np.isfinite(covariances).all((1, 2)) & np.isfinite(centres).all(1)
    values, vectors = np.linalg.eigh(covariances[usable])
    radii = sigmas * np.sqrt(values.clip(0))
    for (x, y), (major, minor), ((a, c), (b, d)) in zip(
        centres[usable].tolist(), radii.tolist(), vectors.tolist(), strict=True
    ):
        circle = QPainterPath()
        circle.addEllipse(QPointF(0, 0), major, minor)
        path.addPath(QTransform(a, b, c, d, x, y).map(circle))
    return path


def place_label(anchor: QPointF, width: float, height: float, taken: Sequence[QRectF]) -> QRectF | None:
    """A box for a label near ``anchor`` that meets none of ``taken``; None where there is no room."""
    gap = 11.0
    for dx, dy in (
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
    ):
        box = QRectF(anchor.x() + dx, anchor.y() + dy, width, height)
        if not any(box.intersects(other) for other in taken):
            return box
    return None
