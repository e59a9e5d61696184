"""Where the boxes of regions have their titles and grips: drawn and taken hold of by the same rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetrics

from annotator.domain.scheme import LandmarkScheme
from annotator.ui.common.theme import scaled, ui_font

CORNER = 9.0  # logical pixels: the length of a corner's mark, and how far from it the corner is taken hold of
_EDGE = 4.0  # from a side
_ROOM = 7.0  # between a title and the nearest landmark


def title_place(box: QRectF, title: str, places: NDArray[np.float64]) -> QRectF:
    """Where a box has its title; all in view pixels, landmarks at `places` [L, 2]."""
    width = QFontMetrics(ui_font(11, 500)).horizontalAdvance(title) + 10
    return free_corner(box, width, scaled(16), places)


def free_corner(box: QRectF, width: float, height: float, places: NDArray[np.float64]) -> QRectF:
    """At a corner of a box, outside its upper left one first; the next where a landmark [L, 2] lies there."""
    outside = box.top() - 1 - height, box.bottom() + 1
    inside = box.top() + 1, box.bottom() - 1 - height
    corners = [
        QRectF(x, y, width, height)
        for y in (*outside, *inside)
        for x in (box.left(), (box.left() + box.right() - width) / 2, box.right() - width)
    ]
    for found in corners if len(places) else ():
        room = found.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)
        x, y = places.T
        if not ((x > room.left()) & (x < room.right()) & (y > room.top()) & (y < room.bottom())).any():
            return found
    return corners[0]


def grip_at(
    scheme: LandmarkScheme, boxes: NDArray[np.float64], places: NDArray[np.float64], at: QPointF
) -> tuple[int, tuple[int, ...]] | None:
    """The box whose title, corner or side is at a place, and which of x0 y0 x1 y1 a drag there moves; all in view pixels.

    Titles lie over all lines, and corners before sides.
    """
    known = [(number, box) for number, box in enumerate(boxes.tolist()) if np.isfinite(box).all()]
    known = [each for each in known if each[0] < len(scheme.regions)]
    for number, (x0, y0, x1, y1) in known:
        reach = scaled(17)
        if y0 - reach <= at.y() <= y1 + reach and x0 - scaled(200) <= at.x() <= x1 + scaled(200):
            rect = QRectF(QPointF(x0, y0), QPointF(x1, y1))
            if title_place(rect, scheme.regions[number].title, places).contains(at):
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
