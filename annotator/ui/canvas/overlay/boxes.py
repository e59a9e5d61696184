"""Where the boxes of regions have their titles and grips: drawn and taken hold of by the same rule."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetrics

from annotator.domain.scheme import LandmarkScheme
from annotator.ui.common.theme import scaled, ui_font

CORNER = 9.0  # logical pixels: the length of a corner's mark, and how far from it the corner is taken hold of
_EDGE = 4.0  # from a side
_ROOM = 7.0  # between a title and the nearest landmark
_TITLE = 100  # landmarks that a title would rather cover than another title


def title_places(boxes: Sequence[tuple[QRectF, str]], places: NDArray[np.float64]) -> list[QRectF]:
    """Where boxes have their titles, none on another; all in view pixels, landmarks at `places` [L, 2]."""
    metrics, found = QFontMetrics(ui_font(11, 500)), list[QRectF]()
    for box, title in boxes:
        width = metrics.horizontalAdvance(title) + 10
        found.append(free_corner(box, width, scaled(16), places, found))
    return found


def free_corner(
    box: QRectF, width: float, height: float, places: NDArray[np.float64], taken: Sequence[QRectF] = ()
) -> QRectF:
    """At a corner of a box, outside its upper left one first; the next where a landmark [L, 2] or what is `taken` lies there.
    Where something lies at all of them, the one with the least."""
    outside = box.top() - 1 - height, box.bottom() + 1
    inside = box.top() + 1, box.bottom() - 1 - height
    corners = [
        QRectF(x, y, width, height)
        for y in (*outside, *inside)
        for x in (box.left(), (box.left() + box.right() - width) / 2, box.right() - width)
    ]
    least, best = math.inf, corners[0]
    for found in corners:
        room = found.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
        x, y = places.reshape(-1, 2).T
        landmarks = (x > room.left()) & (x < room.right()) & (y > room.top()) & (y < room.bottom())
        covered = int(landmarks.sum()) + _TITLE * sum(found.intersects(other) for other in taken)
        if covered < least:
            least, best = covered, found
        if not covered:
            break
    return best


def grip_at(
    scheme: LandmarkScheme, boxes: NDArray[np.float64], places: NDArray[np.float64], at: QPointF
) -> tuple[int, tuple[int, ...]] | None:
    """The box whose title, corner or side is at a place, and which of x0 y0 x1 y1 a drag there moves; all in view pixels.

    Titles lie over all lines, and corners before sides.
    """
    known = [(number, box) for number, box in enumerate(boxes.tolist()) if np.isfinite(box).all()]
    known = [each for each in known if each[0] < len(scheme.regions)]
    titled = [
        (QRectF(QPointF(*box[:2]), QPointF(*box[2:])), scheme.regions[number].title) for number, box in known
    ]
    for (number, _), title in zip(known, title_places(titled, places), strict=True):
        if title.contains(at):
            return number, (0, 1, 2, 3)
    for grasp, corners in ((CORNER, True), (_EDGE, False)):
        for number, (x0, y0, x1, y1) in known:
            across = 0 if abs(at.x() - x0) <= grasp else 2 if abs(at.x() - x1) <= grasp else None
            down = 1 if abs(at.y() - y0) <= grasp else 3 if abs(at.y() - y1) <= grasp else None
            if corners and across is not None and down is not None:
                return number, (across, down)
            if not corners and across is not None and y0 <= at.y() <= y1:
                return number, (across,)
            if not corners and down is not None and x0 <= at.x() <= x1:
                return number, (down,)
    return None
