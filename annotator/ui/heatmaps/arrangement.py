"""Where the panes stand: the arrangement whose pictures, which are squares, get the most of the room."""

from __future__ import annotations

import math
from collections.abc import Iterator

from PySide6.QtCore import QRect

GAP = 4
_SHARES = tuple(share / 20 for share in range(5, 17))  # of the first pane, of the room's longer way
_OTHERS_COUNT = 2.5  # each of the others shows what the first one cannot: detail


def arrange(width: int, height: int, count: int) -> list[QRect]:
    """Places for `count` panes in a room of logical pixels, the first of them the largest where that costs the others little.

    A column has the first pane above the others, a strip has it beside them, and where neither serves all are alike.
    """
    if count < 1 or width < 1 or height < 1:
        return [QRect()] * count
    if count == 1:
        return [QRect(0, 0, width, height)]
    return max(_arrangements(width, height, count), key=_worth)


def halves(width: int, height: int) -> tuple[QRect, QRect]:
    """Places for two panes that are compared: alike, side by side or one above the other, whichever shows more."""
    first, second = _cells(QRect(0, 0, width, height), 2, 2 if width >= height else 1)
    return first, second


def _arrangements(width: int, height: int, count: int) -> Iterator[list[QRect]]:
    others = count - 1
    for columns in range(1, count + 1):
        yield _cells(QRect(0, 0, width, height), count, columns)
        if columns > others:
            continue
        for share in _SHARES:
            top, left = round(height * share), round(width * share)
            below = QRect(0, top + GAP, width, height - top - GAP)
            beside = QRect(left + GAP, 0, width - left - GAP, height)
            yield [QRect(0, 0, width, top), *_cells(below, others, columns)]
            yield [QRect(0, 0, left, height), *_cells(beside, others, columns)]


def _cells(room: QRect, count: int, columns: int) -> list[QRect]:
    """Equal cells in so many columns, row by row."""
    rows = math.ceil(count / columns)
    wide, high = (room.width() + GAP) / columns, (room.height() + GAP) / rows
    cells = []
    for number in range(count):
        row, column = divmod(number, columns)
        left, top = round(column * wide), round(row * high)
        right, bottom = round((column + 1) * wide) - GAP, round((row + 1) * high) - GAP
        cells.append(QRect(room.x() + left, room.y() + top, right - left, bottom - top))
    return cells


def _worth(cells: list[QRect]) -> float:
    """How large the pictures are that these panes can show: the first against the mean of the others, by their ratio."""
    sides = [math.log(max(min(cell.width(), cell.height()), 1)) for cell in cells]
    return sides[0] + _OTHERS_COUNT * sum(sides[1:]) / (len(cells) - 1)
