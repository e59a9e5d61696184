"""Where the boxes of regions have their titles and grips: drawn and taken hold of by the same rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QTransform

from annotator.domain.scheme import LandmarkScheme
from annotator.ui.canvas.overlay.data import OverlayData
from annotator.ui.common.theme import scaled, ui_font

CORNER = 9.0  # logical pixels: the length of a corner's mark, and how far from it the corner is taken hold of
_EDGE = 4.0  # from a side
_ROOM = 7.0  # between a title and the nearest landmark
_TITLE = 100  # landmarks that a title would rather cover than another title


@dataclass(frozen=True)
class Title:
    """The title of a region's box: the region's number, and its place in view pixels."""

    region: int
    place: QRectF


def title_places(
    scheme: LandmarkScheme,
    boxes: NDArray[np.float64],
    places: NDArray[np.float64],
    room: QRectF,
    taken: Sequence[QRectF] = (),
) -> list[Title]:
    """Where the boxes [R, 4] of regions have their titles: whole in the view (`room`), none on another or on what is `taken`.

    All in view pixels, landmarks at `places` [L, 2]. A box of which no side is seen has none, nor has one whose title would
    lie on what is taken wherever it stood.
    """
    metrics, found = QFontMetrics(ui_font(11, 500)), list[Title]()
    for number, corners in enumerate(boxes[: len(scheme.regions)].tolist()):
        box = QRectF(QPointF(*corners[:2]), QPointF(*corners[2:]))
        if not np.isfinite(corners).all() or not box.intersects(room) or box.contains(room):
            continue
        width = metrics.horizontalAdvance(scheme.regions[number].title) + 10
        others = [*taken, *(title.place for title in found)]
        place = free_corner(box, width, scaled(16), places, others, room)
        if not any(place.intersects(other) for other in taken):
            found.append(Title(number, place))
    return found


def free_corner(
    box: QRectF,
    width: float,
    height: float,
    places: NDArray[np.float64],
    taken: Sequence[QRectF] = (),
    room: QRectF | None = None,
) -> QRectF:
    """At a corner of a box, outside its upper left one first; the next where a landmark [L, 2] or what is `taken` lies there.
    Where something lies at all of them, the one with the least. Whole within `room`, at what of the box is seen there."""
    seen = box if room is None else box.intersected(room)
    outside = seen.top() - 1 - height, seen.bottom() + 1
    inside = seen.top() + 1, seen.bottom() - 1 - height
    along = seen.left(), (seen.left() + seen.right() - width) / 2, seen.right() - width
    beside = seen.left() - 1 - width, seen.right() + 1
    starts = [(x, y) for y in (*outside, *inside) for x in along]
    starts += [(x, y) for y in (seen.top(), seen.bottom() - height) for x in beside]
    x, y = places.reshape(-1, 2).T
    least, best = math.inf, QRectF()
    for left, top in starts:
        if room is not None:
            left = max(min(left, room.right() - width), room.left())
            top = max(min(top, room.bottom() - height), room.top())
        near = (
            (x > left - _ROOM) & (x < left + width + _ROOM) & (y > top - _ROOM) & (y < top + height + _ROOM)
        )
        place = QRectF(left, top, width, height)
        covered = int(np.count_nonzero(near)) + _TITLE * sum(place.intersects(other) for other in taken)
        if covered < least:
            least, best = covered, place
        if not covered:
            break
    return best


class Titles:
    """Where titles are in the view that is seen now, so that they are drawn where they are taken hold of."""

    def __init__(self) -> None:
        self.taken: tuple[QRectF, ...] = ()  # what lies over the view: texts in its corners
        self._key: tuple[object, bytes] | None = None
        self._found: list[Title] = []

    def find(self, data: OverlayData, view_from_frame: QTransform, room: QRectF) -> list[Title]:
        """The titles of an overlay's boxes; they stay where they are while landmarks follow the pointer."""
        if data.scheme is None or not len(data.rois):
            return []
        scale, shift = view_from_frame.m11(), np.array([view_from_frame.dx(), view_from_frame.dy()])
        view = (data.scheme, scale, *shift.tolist(), room.getRect(), data.rois.tobytes(), self.taken)
        held = b"" if data.dragged else data.xy.tobytes()
        if self._key is None or self._key[0] != view or (held and self._key[1] != held):
            boxes = data.rois * scale + np.tile(shift, 2)
            self._found = title_places(data.scheme, boxes, data.xy * scale + shift, room, self.taken)
            self._key = view, held
        return self._found


def paint_titles(painter: QPainter, scheme: LandmarkScheme, titles: Sequence[Title]) -> None:
    """Draws the titles; `painter` is in view pixels."""
    painter.setFont(ui_font(11, 500))
    for title in titles:
        region = scheme.regions[title.region]
        painter.fillRect(title.place, QColor(12, 13, 14, 205))
        painter.setPen(QColor(region.colour))
        painter.drawText(title.place, Qt.AlignmentFlag.AlignCenter, region.title)


def grip_at(
    boxes: NDArray[np.float64], titles: Sequence[Title], at: QPointF
) -> tuple[int, tuple[int, ...]] | None:
    """The box [R, 4] whose title, corner or side is at a place, and which of x0 y0 x1 y1 a drag there moves; all in view pixels.

    Titles lie over all lines, and corners before sides.
    """
    for title in titles:
        if title.place.contains(at):
            return title.region, (0, 1, 2, 3)
    known = [(number, box) for number, box in enumerate(boxes.tolist()) if np.isfinite(box).all()]
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
