"""Playing the take: frames pass by at its rate or a multiple of it, between in and out, round and round."""

from typing import Protocol

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from annotator.session.time.take import Take

_FASTEST = 8


class Clock(Protocol):
    """Tells milliseconds."""

    def restart(self) -> int: ...
    def elapsed(self) -> int: ...


class Playback(QObject):
    """Speeds are multiples of the take's rate, negative ones run backwards. Where pictures come late, frames are left out: time
    stays true."""

    changed = Signal(int)  # the speed, 0 = it stands

    def __init__(self, take: Take, parent: QObject | None = None, clock: Clock | None = None) -> None:
        super().__init__(parent)
        self._take, self._speed, self._start = take, 0, 0
        self._clock: Clock = clock or QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.tick)
        take.changed.connect(self._on_take)

    @property
    def speed(self) -> int:
        """Times the take's rate, negative backwards, 0 where it stands."""
        return self._speed

    def toggle(self) -> None:
        """Play, or stop."""
        if self._speed:
            self.stop()
        else:
            self.play(1)

    def faster(self, direction: int) -> None:
        """Play in a direction (1 or -1); where it plays that way already, twice as fast, up to eight times."""
        same = self._speed * direction > 0
        self.play(direction * min(2 * abs(self._speed) if same else 1, _FASTEST))

    def play(self, speed: int) -> None:
        """Play at a multiple of the rate, from the frame that is seen; from the other end where it stands at one."""
        state = self._take.state
        if state is None or len(state.sequence) < 2 or not speed:
            self.stop()
            return
        first, last = state.span
        here = min(max(self._take.place, first), last)
        if here == (last if speed > 0 else first):
            here = first if speed > 0 else last
        self._speed, self._start = speed, int(state.sequence.numbers[here])
        self._clock.restart()
        self._timer.start(max(round(1000 / float(state.settings.rate) / abs(speed)), 5))
        self._take.pass_by(here)
        self.changed.emit(speed)

    def stop(self) -> None:
        """Stand; the frame that is seen becomes the current one."""
        was, self._speed = self._speed, 0
        self._timer.stop()
        if was:
            self._take.rest()
            self.changed.emit(0)

    def tick(self) -> None:
        """See the frame whose time it is; a gap shows the frame before it."""
        state = self._take.state
        if state is None:
            self.stop()
            return
        numbers, (first, last) = state.sequence.numbers, state.span
        steps = int(self._clock.elapsed() / 1000 * float(state.settings.rate) * self._speed)
        low, long = int(numbers[first]), int(numbers[last] - numbers[first]) + 1
        number = low + (self._start - low + steps) % long
        self._take.pass_by(int(numbers.searchsorted(number, "right")) - 1)

    def _on_take(self) -> None:
        if self._speed and self._take.state is None:
            self.stop()
