"""Values that can be made again, kept up to a number of bytes: the ones used longest ago go first."""

from collections.abc import Callable
from math import inf
from typing import TypeVar

from cachetools import Cache, LRUCache

K = TypeVar("K")
V = TypeVar("V")


class ByteCache(LRUCache[K, V]):
    """An `LRUCache` within `budget` bytes, by what `size` says of each value; the budget may change.

    The newest value stays whatever it takes: it is about to be shown.
    """

    def __init__(self, budget: int, size: Callable[[V], int]) -> None:
        super().__init__(inf, size)
        self._budget = budget

    def __setitem__(self, key: K, value: V) -> None:
        super().__setitem__(key, value)
        self._trim()

    @property
    def nbytes(self) -> int:
        """Bytes that the values take."""
        return int(self.currsize)

    def set_budget(self, nbytes: int) -> None:
        """Bytes that the values may take from now on."""
        self._budget = nbytes
        self._trim()

    def peek(self, key: K) -> V | None:
        """A value, if it is there, which does not count as used."""
        return Cache.__getitem__(self, key) if key in self else None

    def _trim(self) -> None:
        while self.currsize > self._budget and len(self) > 1:
            self.popitem()
