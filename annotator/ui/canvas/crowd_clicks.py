"""Which of several landmarks that lie on each other a click means, and what the pointer says of a box under it."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set

from PySide6.QtCore import QPointF, Qt

_SAME_PLACE = 3  # logical pixels between two clicks that mean the same place


class CrowdClicks:
    """Remembers the last click, as another one on the same place goes on to the next landmark there."""

    def __init__(self) -> None:
        self._last = QPointF(math.inf, math.inf)

    def choose(self, near: Sequence[int], position: QPointF, selected: Set[int]) -> tuple[int, int]:
        """The landmark that a press takes hold of, and the one that is selected if the press becomes no drag; -1: none.

        A second click on the same place, where landmarks crowd, goes on to the next of them; a drag there moves the present one.

        Args:
            near: landmarks within reach, the nearest first. position: of the press, view pixels. selected: now.
        """
        again = (position - self._last).manhattanLength() <= _SAME_PLACE
        self._last = position
        if not near:
            return -1, -1
        if not again or len(selected) != 1 or not selected <= set(near):
            return near[0], near[0]
        hit = next(iter(selected))
        ring = sorted(near)  # by distance, equal ones would change places with every selection
        return hit, ring[(ring.index(hit) + 1) % len(ring)]


def grip_shape(sides: tuple[int, ...]) -> Qt.CursorShape:
    """The pointer over a region's box: all four sides move it, one or a corner stretches it."""
    if len(sides) == 4:
        return Qt.CursorShape.SizeAllCursor
    if len(sides) == 1:
        return Qt.CursorShape.SizeVerCursor if sides[0] % 2 else Qt.CursorShape.SizeHorCursor
    return Qt.CursorShape.SizeFDiagCursor if sides in ((0, 1), (2, 3)) else Qt.CursorShape.SizeBDiagCursor
