"""Values that can be made again, kept up to a number of bytes: the ones used longest ago go first."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class ByteCache(Generic[K, V]):
    """Values by key within `budget` bytes, by what `size` tells of each; the newest one stays whatever it takes."""

    def __init__(self, budget: int, size: Callable[[V], int]) -> None:
        self._budget, self._size = budget, size
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._nbytes = 0

    @property
    def nbytes(self) -> int:
        """Bytes that the values take."""
        return self._nbytes

    def set_budget(self, nbytes: int) -> None:
        """Bytes that the values may take from now on."""
        self._budget = nbytes
        self._trim()

    def get(self, key: K) -> V | None:
        """A value, if it is there; it counts as used."""
        value = self._kept.get(key)
        if value is not None:
            self._kept.move_to_end(key)
        return value

    def peek(self, key: K) -> V | None:
        """A value, if it is there, which does not count as used."""
        return self._kept.get(key)

    def put(self, key: K, value: V) -> None:
        """Keep a value, in place of the one that the key had."""
        old = self._kept.pop(key, None)
        self._nbytes += self._size(value) - (0 if old is None else self._size(old))
        self._kept[key] = value
        self._trim()

    def clear(self) -> None:
        """Forget them all."""
        self._kept.clear()
        self._nbytes = 0

    def _trim(self) -> None:
        while self._nbytes > self._budget and len(self._kept) > 1:
            self._nbytes -= self._size(self._kept.popitem(last=False)[1])
