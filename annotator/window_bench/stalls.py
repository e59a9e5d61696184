"""How long the event loop is away: gaps between the ticks of a quick timer, while other things run."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QElapsedTimer, QEventLoop, QObject, Qt, QTimer

from annotator.domain.errors import AnnotatorError
from annotator.research.bench.measure import Timing, summarise

_TICK_MS = 2
_POLL_MS = 20


class LoopTicks(QObject):
    """Ticks every two milliseconds while it runs; a gap is the time from one tick to the next."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gaps: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin anew."""
        self.gaps.clear()
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> Timing:
        """End; the gaps in seconds, of which `most` is the longest stall."""
        self._timer.stop()
        return summarise(self.gaps or [0.0])

    def _tick(self) -> None:
        now = time.perf_counter()
        self.gaps.append(now - self._last)
        self._last = now


def run_loop(seconds: float, done: Callable[[], bool] = lambda: False) -> bool:
    """Let the event loop sleep and wake as it does for an artist, until ``done`` or for so long; True if done.

    What ``done`` raises ends the loop and is raised.
    """
    loop, poll, clock = QEventLoop(), QTimer(), QElapsedTimer()
    clock.start()

    raised: list[Exception] = []

    def ask() -> None:
        try:
            over = done() or clock.elapsed() > seconds * 1000
        except Exception as error:  # Qt would only print it, and ask for ever
            raised.append(error)
            over = True
        if over:
            loop.quit()

    poll.timeout.connect(ask)
    poll.start(_POLL_MS)
    loop.exec()
    poll.stop()
    if raised:
        raise raised[0]
    return done()


def wait_for(done: Callable[[], bool], seconds: float, what: str) -> None:
    """`run_loop` that must come to its end; AnnotatorError naming ``what`` if it does not."""
    if not run_loop(seconds, done):
        raise AnnotatorError(f"The window's benchmark waited {seconds:.0f} s for {what} in vain.")


def slope(values: list[tuple[int, int]]) -> float:
    """Growth of the second numbers for one more of the first: the straight line that fits best; 0 for fewer than two."""
    if len(values) < 2:
        return 0.0
    at, value = np.array(values, np.float64).T
    return float(np.polyfit(at, value, 1)[0])
