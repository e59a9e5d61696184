"""Which frame the inference process does next."""

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from annotator.domain.frame_key import FrameKey

_WAITING = 6


@dataclass(frozen=True, eq=False)
class Request:
    """A frame to propose, or one region of it again in `box` (x0 y0 x1 y1, frame pixels); `other`: not by the active model."""

    ticket: int
    key: FrameKey
    model: str
    region: str = ""
    box: NDArray[Any] | None = None
    other: bool = False


class RequestQueue:
    """One request is being worked on; of those that wait the newest is next, and the oldest are dropped beyond six."""

    def __init__(self) -> None:
        self._tickets = 0
        self._waiting: list[Request] = []
        self.current: Request | None = None

    def __bool__(self) -> bool:
        return bool(self._waiting) or self.current is not None

    def put(
        self, key: FrameKey, model: str, region: str, box: NDArray[Any] | None, other: bool = False
    ) -> None:
        """Ask for a frame, in place of an older request for it that waits; not again while the same is worked on."""
        current = self.current
        if box is None and current is not None and (current.key, current.model) == (key, model):
            return
        self._tickets += 1
        kept = [item for item in self._waiting if item.other != other or not _same_frame(item.key, key)]
        self._waiting = kept[1 - _WAITING :]
        self._waiting.append(Request(self._tickets, key, model, region, box, other))

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

    def holds(self, key: FrameKey) -> bool:
        """Whether a frame is worked on or waits."""
        current = () if self.current is None else (self.current,)
        return any(_same_frame(item.key, key) for item in (*self._waiting, *current))

    def drop_waiting(self) -> list[Request]:
        """Forget those that wait; returns them."""
        waiting, self._waiting = self._waiting, []
        return waiting


def _same_frame(one: FrameKey, other: FrameKey) -> bool:
    """Whatever became of its file."""
    return (one.project, one.frame_id) == (other.project, other.frame_id)
