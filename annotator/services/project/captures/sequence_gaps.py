"""Which frames of a numbered sequence are missing, among those that are there or that a pattern asks for."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from annotator.domain.takes.take import frame_number
from annotator.domain.words import counted

_LEAST = 3  # frames that make a sequence
_MOST = 60  # letters of the numbers that are named


def gap_notes(
    frames: Iterable[tuple[str, str, str, str]], wanted: Collection[int] | None = None
) -> tuple[str, ...]:
    """A line for each sequence that lacks frames, such as `anna / talk / left: 3 frames are missing (1003-1005)`.

    Frames that are evenly apart, such as every tenth one, lack none.

    Args:
        frames: subject, take, camera and index of each. wanted: the numbers to have, None for those between the
            first and the last.
    """
    found: dict[tuple[str, str, str], set[int]] = defaultdict(set)
    for subject, take, camera, index in frames:
        number = frame_number(index)
        if number is not None:
            found[subject, take, camera].add(number)
    notes = []
    for key, numbers in found.items():
        missing = _missing(sorted(numbers), wanted)
        if missing:
            name = " / ".join(part for part in key if part) or "the frames"
            are = "is" if len(missing) == 1 else "are"
            notes.append(f"{name}: {counted(len(missing), 'frame')} {are} missing ({number_range(missing)})")
    return tuple(notes)


def number_range(numbers: Sequence[int]) -> str:
    """Numbers as people write them, such as `1003-1005,1010`; cut short where there are many."""
    from fileseq import FrameSet

    text = str(FrameSet(numbers).frameRange())
    return text if len(text) <= _MOST else f"{text[:_MOST].rpartition(',')[0] or text[:_MOST]}, ..."


def _missing(numbers: Sequence[int], wanted: Collection[int] | None) -> list[int]:
    if wanted is not None:
        return sorted(set(wanted) - set(numbers))
    steps = np.unique(np.diff(numbers))
    if len(numbers) < _LEAST or len(steps) == 1 or numbers[-1] - numbers[0] > 100 * len(numbers):
        return []
    return sorted(set(range(numbers[0], numbers[-1])) - set(numbers))
