"""Which subjects a data set keeps for validation: whole subjects, always the same ones."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError

TRAIN: Final = "train"
VALIDATION: Final = "val"


def splits(frames: Iterable[Frame], held_out: float) -> dict[str, str]:
    """Path of a frame -> `train` or `val`. Subjects are drawn by their name's hash, so that more frames move nobody.

    held_out: share of the subjects, 0 to below 1; at least one where there are several, none of a single one. A frame without
    a subject is one of its own.
    """
    if not 0 <= held_out < 1:
        raise FormatError(f"the share held out must lie from 0 to below 1, not {held_out}")
    subjects = {frame.path: frame.subject or frame.path for frame in frames}
    drawn = sorted(set(subjects.values()), key=lambda subject: sha256(subject.encode()).hexdigest())
    count = (
        0 if held_out == 0 or len(drawn) < 2 else min(max(1, round(held_out * len(drawn))), len(drawn) - 1)
    )
    kept = set(drawn[:count])
    return {path: VALIDATION if subject in kept else TRAIN for path, subject in subjects.items()}
