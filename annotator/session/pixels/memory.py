"""One budget for everything that the window keeps in memory so as not to make it again."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from annotator.session.pixels.frame_loader import default_budget


@dataclass(frozen=True)
class Cache:
    """Something that keeps what it could make again.

    Attributes:
        title: for people. used: bytes that it takes now. limit: called with the bytes that it may take.
        share: of the whole budget, at most. None: it may take what the others leave.
    """

    title: str
    used: Callable[[], int]
    limit: Callable[[int], None]
    share: float | None


class MemoryBudget(QObject):
    """Hands the budget out; decoded frames get what the caches with a share do not use just now."""

    changed = Signal()  # the budget, not what is used

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._caches: list[Cache] = []
        self._total = default_budget()

    @property
    def total(self) -> int:
        """Bytes that all caches together may take."""
        return self._total

    def set_total(self, nbytes: int) -> None:
        """Another budget, from now on; caches drop what no longer fits."""
        self._total = nbytes
        for cache in self._caches:
            self._limit(cache)
        self.changed.emit()

    def add(self, cache: Cache) -> None:
        """One more cache to keep within the budget."""
        self._caches.append(cache)
        self._limit(cache)

    def used(self) -> dict[str, int]:
        """Bytes by title."""
        found: dict[str, int] = {}
        for cache in self._caches:
            found[cache.title] = found.get(cache.title, 0) + cache.used()
        return found

    def reserved(self) -> int:
        """Bytes that the caches with a share take now."""
        return sum(cache.used() for cache in self._caches if cache.share is not None)

    def _limit(self, cache: Cache) -> None:
        cache.limit(self._total if cache.share is None else int(self._total * cache.share))
