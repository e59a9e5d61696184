"""Work in threads that follows the order in which it was asked for."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition


class Turns:
    """Whoever asks is given a number in the window's thread, and waits for its turn in a thread of its own.

    A lock would let one that came later go first, so that an import which was undone, redone and undone is there again.
    """

    def __init__(self) -> None:
        self._moved = Condition()
        self._given = self._now = 0

    def ask(self) -> int:
        """A number; every number must be waited for, or those that follow wait for good."""
        with self._moved:
            self._given += 1
            return self._given - 1

    @contextmanager
    def wait(self, number: int) -> Iterator[None]:
        """The turn of a number: from when all before it are over, to the end of the block."""
        with self._moved:
            self._moved.wait_for(lambda: self._now == number)
        try:
            yield
        finally:
            with self._moved:
                self._now += 1
                self._moved.notify_all()
