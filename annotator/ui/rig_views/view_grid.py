"""Cells of one size, in as many columns as makes them largest."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QRect
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

_GAP = 4


def best_cells(width: int, height: int, count: int) -> list[QRect]:
    """Equal places for `count` widgets whose shorter side is as long as the room allows."""

    def side(columns: int) -> float:
        rows = math.ceil(count / columns)
        return min((width + _GAP) / columns, (height + _GAP) / rows) - _GAP

    if count < 1:
        return []
    columns = max(range(1, count + 1), key=side)
    wide, high = (width + _GAP) / columns, (height + _GAP) / math.ceil(count / columns)
    cells = []
    for number in range(count):
        row, column = divmod(number, columns)
        left, top = round(column * wide), round(row * high)
        right, bottom = round((column + 1) * wide) - _GAP, round((row + 1) * high) - _GAP
        cells.append(QRect(left, top, max(right - left, 1), max(bottom - top, 1)))
    return cells


class ViewGrid(QWidget):
    """Holds widgets, and arranges those that are not hidden."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells: list[QWidget] = []
        self._wide: QWidget | None = None
        self.setMinimumSize(120, 120)

    def set_cells(self, cells: Sequence[QWidget], wide: QWidget | None = None) -> None:
        """These widgets, in order; `wide`, the last of them, takes what its row has left."""
        self._cells, self._wide = list(cells), wide
        for cell in cells:
            cell.setParent(self)
            cell.show()
        self.arrange()

    def arrange(self) -> None:
        """Anew, as one was shown or hidden."""
        seen = [cell for cell in self._cells if not cell.isHidden()]
        for cell, place in zip(seen, best_cells(self.width(), self.height(), len(seen)), strict=True):
            if cell is self._wide:
                place.setRight(self.width() - 1)
            cell.setGeometry(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The cells follow."""
        super().resizeEvent(event)
        self.arrange()
