"""A take in time: its frame rate, which frames of it are wanted, and the sequence of one camera with its gaps."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import Frame
from annotator.domain.errors import AnnotatorError
from annotator.domain.words import counted

FILM = Fraction(24)
"""Frames a second of a take whose rate nobody told."""
_FASTEST = 100_000
_LARGEST_NUMBER = 10**15
_MOST_DIGITS = 12
_DIGITS = re.compile(r"\d+")


class TakeError(AnnotatorError):
    """A take that there is not, or values that no take has."""


def frame_rate(text: str) -> Fraction:
    """Frames a second as people write them: `24`, `23.976`, `24000/1001`; rates of television are taken exactly.

    Raises:
        TakeError: it is no rate.
    """
    try:
        rate = Fraction(text.strip())
    except (ValueError, ZeroDivisionError) as error:
        raise TakeError(f"{text!r} is no frame rate; write 24, 23.976 or 24000/1001.") from error
    if not 0 < rate <= _FASTEST:
        raise TakeError(f"A take has more than 0 and at most {_FASTEST:,} frames a second, not {text}.")
    whole = round(rate * 1001 / 1000)
    television = Fraction(whole * 1000, 1001)
    return television if rate != whole and abs(rate - television) < Fraction(1, 200) else rate


@dataclass(frozen=True)
class TakeSettings:
    """What people say of a take.

    Attributes:
        rate: frames a second. first, last: numbers of the first and the last frame that is wanted, None for those that there are.
        handles: so many frames before the first and after the last are worked on as well, for whoever cuts the take.
    """

    rate: Fraction = FILM
    first: int | None = None
    last: int | None = None
    handles: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.rate <= _FASTEST:
            raise TakeError(f"A take has more than 0 and at most {_FASTEST:,} frames a second.")
        if self.handles < 0:
            raise TakeError("A take cannot have fewer than 0 frames as handles.")
        if self.first is not None and self.last is not None and self.first > self.last:
            raise TakeError(f"The take's first frame ({self.first}) lies behind its last one ({self.last}).")

    def wants(self, number: int) -> bool:
        """Whether a frame lies between the first and the last."""
        return not (
            (self.first is not None and number < self.first) or (self.last is not None and number > self.last)
        )

    def works_on(self, number: int) -> bool:
        """Whether a frame is wanted or lies in a handle."""
        return not (
            (self.first is not None and number < self.first - self.handles)
            or (self.last is not None and number > self.last + self.handles)
        )


@dataclass(frozen=True, eq=False)
class FrameSequence:
    """The frames of one camera in one take, in the order of their numbers.

    Attributes:
        subject, take, camera: as the frames have them. settings: of the take.
        frame_ids: int64 [N]. numbers: int64 [N], rising; where no frame of the camera has a number they are counted from 1.
        left_out: frame id -> why a frame is not in it, such as for a number that another one has.
    """

    subject: str
    take: str
    camera: str
    frame_ids: NDArray[np.int64]
    numbers: NDArray[np.int64]
    settings: TakeSettings = TakeSettings()
    left_out: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.frame_ids.shape != self.numbers.shape or (np.diff(self.numbers) <= 0).any():
            raise ValueError("a sequence has one frame a number, in rising order")

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def name(self) -> str:
        """For people: subject, take and camera."""
        return " / ".join(part for part in (self.subject, self.take, self.camera) if part)

    @property
    def seconds(self) -> NDArray[np.float64]:
        """float64 [N]: when each frame was taken, from the first one on; gaps take their time."""
        first = self.numbers[0] if len(self) else 0
        return (self.numbers - first) / float(self.settings.rate)

    @property
    def gaps(self) -> tuple[tuple[int, int], ...]:
        """(first, last) number of each run of frames that are missing between two that are there."""
        behind = np.flatnonzero(np.diff(self.numbers) > 1)
        return tuple((int(self.numbers[i]) + 1, int(self.numbers[i + 1]) - 1) for i in behind)

    @property
    def is_wanted(self) -> NDArray[np.bool_]:
        """bool [N]: frames between the take's first and last one, without the handles."""
        return np.array([self.settings.wants(int(number)) for number in self.numbers], np.bool_)

    def place(self, number: int) -> int:
        """Where the frame of a number stands; raises `TakeError` where there is none."""
        at = int(np.searchsorted(self.numbers, number))
        if at == len(self) or self.numbers[at] != number:
            raise TakeError(f"{self.name} has no frame {number}.")
        return at

    def between(self, first: int | None, last: int | None) -> "FrameSequence":
        """Its frames from one number to another, both included; None for its ends."""
        low = -_LARGEST_NUMBER if first is None else first
        high = _LARGEST_NUMBER if last is None else last
        keep = (self.numbers >= low) & (self.numbers <= high)
        return replace(self, frame_ids=self.frame_ids[keep], numbers=self.numbers[keep])

    @property
    def text(self) -> str:
        """One line for people: range, rate, gaps, and what is left out."""
        if not len(self):
            return f"{self.name}: no frames"
        parts = [f"frames {self.numbers[0]} to {self.numbers[-1]}", f"{float(self.settings.rate):g} a second"]
        if self.gaps:
            first, last = self.gaps[0]
            one = f"{first}" if first == last else f"{first} to {last}"
            rest = f" and {counted(len(self.gaps) - 1, 'more gap')}" if len(self.gaps) > 1 else ""
            parts.append(f"missing {one}{rest}")
        if self.left_out:
            parts.append(f"{counted(len(self.left_out), 'frame')} left out")
        return f"{self.name}: {', '.join(parts)}"


def sequence_of(frames: Iterable[Frame], settings: TakeSettings | None = None) -> FrameSequence:
    """The sequence of one camera's frames in one take, of those that the take works on.

    Frames are told by the number in their index. Of two with the same number the first counts, and one without a number is
    left out where others have one; both are told.

    Args:
        frames: of one subject, take and camera, in capture order.

    Raises:
        TakeError: there are none.
    """
    given, settings = list(frames), settings or TakeSettings()
    if not given:
        raise TakeError("A sequence needs at least one frame.")
    numbers = [frame_number(frame.index) for frame in given]
    if all(number is None for number in numbers):
        numbers = list(range(1, len(given) + 1))
    found: dict[int, int] = {}
    left_out: dict[int, str] = {}
    for frame, number in zip(given, numbers, strict=True):
        if number is None:
            left_out[frame.id] = f"{frame.path} has no number"
        elif number in found:
            left_out[frame.id] = f"{frame.path} has the number {number} of another frame"
        elif settings.works_on(number):
            found[number] = frame.id
    order = sorted(found)
    one = given[0]
    return FrameSequence(
        one.subject,
        one.take,
        one.camera,
        np.array([found[number] for number in order], np.int64),
        np.array(order, np.int64),
        settings,
        left_out,
    )


def renumbered(sequence: FrameSequence, first: str) -> dict[int, str]:
    """Frame id -> index of a sequence whose first frame has the number `first`, such as `1001`; gaps stay, and so do its digits.

    Raises:
        TakeError: it is no number, or has too many digits.
    """
    if not (first.isascii() and first.isdigit()):
        raise TakeError(f"{first!r} is no frame number; write 1001, or 000001 for six digits.")
    digits = len(first)
    if digits > _MOST_DIGITS:
        raise TakeError(f"A frame's number has at most {_MOST_DIGITS} digits.")
    numbers = (sequence.numbers - sequence.numbers[:1] + int(first)).tolist()
    return {
        frame_id: f"{number:0{digits}d}"
        for frame_id, number in zip(sequence.frame_ids.tolist(), numbers, strict=True)
    }


def frame_number(index: str) -> int | None:
    """The number in a frame's index: its last digits, such as 101 of `f_0101`; None where it has none."""
    found = _DIGITS.findall(index)
    number = int(found[-1][-16:]) if found else None
    return number if number is None or number <= _LARGEST_NUMBER else None
