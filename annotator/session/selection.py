"""Which landmarks are selected, and which one of them is the primary."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal


class Selection(QObject):
    """The selected landmarks, in ascending order, and the primary one (whose heatmaps the panes show).

    Every method that changes it emits `changed` once, and not at all where nothing changed.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._indices: tuple[int, ...] = ()
        self._primary = -1

    @property
    def indices(self) -> tuple[int, ...]:
        """The selected landmarks, ascending."""
        return self._indices

    @property
    def array(self) -> NDArray[np.int64]:
        """The same as int64 [K], as edits take them."""
        return np.array(self._indices, np.int64)

    @property
    def primary(self) -> int:
        """The landmark that was selected last, -1 where none is."""
        return self._primary

    def __contains__(self, landmark: object) -> bool:
        return landmark in self._indices

    def __len__(self) -> int:
        return len(self._indices)

    def set(self, indices: Iterable[int], primary: int | None = None) -> None:
        """Select exactly these; the primary is the one given, else the old one if it stays, else the first."""
        chosen = tuple(sorted({int(i) for i in indices}))
        if primary is None or primary not in chosen:
            primary = self._primary if self._primary in chosen else (chosen[0] if chosen else -1)
        if (chosen, primary) != (self._indices, self._primary):
            self._indices, self._primary = chosen, primary
            self.changed.emit()

    def select(self, landmark: int) -> None:
        """Select one landmark alone."""
        self.set((landmark,), landmark)

    def add(self, indices: Iterable[int]) -> None:
        """Select these too; the first of them becomes the primary."""
        more = [int(i) for i in indices]
        self.set((*self._indices, *more), more[0] if more else None)

    def toggle(self, landmark: int) -> None:
        """Add a landmark (as the primary) or take it out."""
        if landmark in self._indices:
            self.set(i for i in self._indices if i != landmark)
        else:
            self.add((landmark,))

    def step(self, count: int, size: int) -> None:
        """Select the landmark `count` after the primary alone, going round among `size` landmarks."""
        if size:
            start = self._primary if self._primary >= 0 else (-1 if count > 0 else 0)
            self.select((start + count) % size)

    def clear(self) -> None:
        """Select nothing."""
        self.set(())
