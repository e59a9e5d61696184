"""What our own COCO files carry beside the standard's keys, under `annotator` in each annotation."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Flag, LandmarkState, ReviewState
from annotator.domain.errors import FormatError

EXACT: Final = "exact"
"""Our key of the places that the standard's keypoints cannot hold (outside the picture): position in the list -> x, y."""


def number_of(value: Any) -> float:
    """A number, also one written as text; NaN for everything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return math.nan
    try:
        return float(value)
    except (ValueError, OverflowError):
        return math.nan


class Ours:
    """Our own key of an annotation, checked; None for what it lacks."""

    def __init__(self, where: str, values: Any, count: int) -> None:
        self.state: NDArray[np.uint8] | None = None
        self.flags: NDArray[np.uint8] | None = None
        self.review: ReviewState | None = None
        self.exact: dict[int, NDArray[np.float64]] = {}
        if not isinstance(values, dict):
            return
        self.state = self._codes(where, values, "state", count, max(LandmarkState))
        self.flags = self._codes(where, values, "flags", count, int(Flag.OCCLUDED | Flag.OUT_OF_FRAME))
        review = str(values.get("review") or "unreviewed").upper()
        if review not in ReviewState.__members__:
            raise FormatError(f"{where}: no such review state: {values.get('review')!r}")
        self.review = ReviewState[review]
        self._read_exact(where, values.get(EXACT), count)

    def _read_exact(self, where: str, values: Any, count: int) -> None:
        for key, place in values.items() if isinstance(values, dict) else ():
            index = number_of(key)
            numbers = (
                np.array([number_of(value) for value in place]) if isinstance(place, list) else np.empty(0)
            )
            good = index in range(count) and numbers.shape == (2,) and bool((np.abs(numbers) < 1e9).all())
            if not good:
                raise FormatError(
                    f"{where}: annotator.{EXACT} must have two numbers for each place in keypoints"
                )
            self.exact[int(index)] = numbers

    @staticmethod
    def _codes(
        where: str, values: dict[str, Any], key: str, count: int, most: int
    ) -> NDArray[np.uint8] | None:
        codes = values.get(key)
        if codes is None:
            return None
        good = isinstance(codes, list) and len(codes) == count
        if not good or not all(type(code) is int and 0 <= code <= most for code in codes):
            raise FormatError(f"{where}: annotator.{key} must be {count} numbers from 0 to {most}")
        return np.array(codes, np.uint8)
