"""Where the cells of the contact sheet lie: in rows that fill the width, and as large as lets all of them be seen."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from annotator.ui.common.theme import scaled

CAPTION = 20
GAP = 8
SIDES = (280, 210, 140)
"""Logical pixels of a patch's side: the last for hundreds of patches, the others as long as all of them are in sight."""


@dataclass(frozen=True)
class SheetLayout:
    """`count` cells with patches of `side`, in a view `width` x `height`; logical pixels."""

    count: int
    width: int
    height: int
    side: int

    @property
    def columns(self) -> int:
        """Cells in a row."""
        return max(1, (self.width - GAP) // (self.side + GAP))

    @property
    def row_height(self) -> int:
        """From one row to the next."""
        return self.side + scaled(CAPTION) + GAP

    @property
    def full_height(self) -> int:
        """Of all rows."""
        return GAP - (-self.count // self.columns) * self.row_height

    def rect(self, number: int, scrolled: int) -> QRectF:
        """A cell's place in a view that is scrolled so far, caption included."""
        row, column = divmod(number, self.columns)
        gap = max(GAP, (self.width - self.columns * self.side) // (self.columns + 1))  # fills the width
        left = gap + column * (self.side + gap)
        top = GAP + row * self.row_height - scrolled
        return QRectF(left, top, self.side, self.side + scaled(CAPTION))

    def visible(self, scrolled: int) -> range:
        """Numbers of the cells in sight."""
        first = max(0, (scrolled - GAP) // self.row_height) * self.columns
        last = ((scrolled + self.height) // self.row_height + 1) * self.columns
        return range(first, min(last, self.count))


def fitting_side(count: int, width: int, height: int) -> int:
    """The largest of `SIDES` at which so many cells fit into a view without scrolling; else the smallest."""
    layouts = (SheetLayout(count, width, height, side) for side in SIDES)
    return next((own.side for own in layouts if own.full_height <= height), SIDES[-1])
