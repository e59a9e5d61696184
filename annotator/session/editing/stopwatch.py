"""How long an edit took the artist."""

import time
from collections.abc import Callable

LONGEST = 600.0
"""Seconds after which the artist is taken to have been away."""


class Stopwatch:
    """Seconds from the first touch (a selection or a press) after an edit to the release of the next edit."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start: float | None = None

    def start(self) -> None:
        """The artist turned to something; a running watch runs on."""
        if self._start is None or self._clock() - self._start > LONGEST:
            self._start = self._clock()

    def take(self) -> float:
        """Seconds since the start (0 if it was not started, at most `LONGEST`); the watch stops."""
        if self._start is None:
            return 0.0
        seconds = min(self._clock() - self._start, LONGEST)
        self._start = None
        return seconds

    def reset(self) -> None:
        """Forget the start, as on leaving the frame."""
        self._start = None
