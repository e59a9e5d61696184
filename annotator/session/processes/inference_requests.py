"""Which frame the inference process does next."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

_WAITING = 6


@dataclass(frozen=True, eq=False)
class Request:
    """A frame to propose, or one region of it again in `box` (x0 y0 x1 y1, frame pixels)."""

    ticket: int
    frame_id: int
    path: Path
    model: str
    region: str = ""
    box: NDArray[Any] | None = None


class RequestQueue:
    """One request is being worked on; of those that wait the newest is next, and the oldest are dropped beyond six."""

    def __init__(self) -> None:
        self._tickets = 0
        self._waiting: list[Request] = []
        self.current: Request | None = None

    def __bool__(self) -> bool:
        return bool(self._waiting) or self.current is not None

    def put(self, frame_id: int, path: Path, model: str, region: str, box: NDArray[Any] | None) -> None:
        """Ask for a frame, in place of an older request for it that waits; not again while the same is worked on."""
        current = self.current
        if box is None and current is not None and (current.frame_id, current.model) == (frame_id, model):
            return
        self._tickets += 1
        self._waiting = [item for item in self._waiting if item.frame_id != frame_id][1 - _WAITING :]
        self._waiting.append(Request(self._tickets, frame_id, path, model, region, box))

    def take(self) -> Request | None:
        """The next request, which is then the current one; None while one is, or where none waits."""
        if self.current is not None or not self._waiting:
            return None
        self.current = self._waiting.pop()
        return self.current

    def done(self, ticket: int) -> None:
        """The request of that ticket was answered."""
        if self.current is not None and self.current.ticket == ticket:
            self.current = None

    def holds(self, frame_id: int) -> bool:
        """Whether a frame is worked on or waits."""
        current = () if self.current is None else (self.current,)
        return any(item.frame_id == frame_id for item in (*self._waiting, *current))

    def drop_waiting(self) -> list[Request]:
        """Forget those that wait; returns them."""
        waiting, self._waiting = self._waiting, []
        return waiting
