"""Where frames stand on the timeline: frame numbers to pixels and back, whatever part of the take is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Axis:
    """The frame numbers from `low` up to, not including, `high` over `width` pixels; a frame covers a span of its own."""

    low: float
    high: float
    width: int

    @property
    def scale(self) -> float:
        """Pixels a frame."""
        return self.width / max(self.high - self.low, 1e-9)

    def x(self, number: float) -> float:
        """Where a frame's span begins."""
        return (number - self.low) * self.scale

    def middle(self, number: float) -> float:
        """The middle of a frame's span."""
        return self.x(number + 0.5)

    def number(self, x: float) -> int:
        """The frame number whose span a pixel lies in."""
        return int(np.floor(self.low + x / self.scale))

    def columns(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """int64 [N]: the pixel columns in which frames begin; those outside the width are not seen."""
        return np.asarray(np.floor((numbers - self.low) * self.scale), np.int64)

    def zoomed(self, factor: float, x: float, first: int, last: int) -> Axis:
        """Closer (factor > 1) or wider about a pixel, at most the frames from first to last and at least eight."""
        about = self.low + x / self.scale
        whole = last + 1 - first
        length = min(max((self.high - self.low) / factor, min(8, whole)), whole)
        low = about - (x / max(self.width, 1)) * length
        low = min(max(low, first), last + 1 - length)
        return Axis(low, low + length, self.width)

    def ticks(self, least: float) -> tuple[int, int, int]:
        """(first, last, step) of the numbers to write, `least` pixels apart."""
        wanted = least / self.scale
        power = 10 ** max(int(np.floor(np.log10(max(wanted, 1)))), 0)
        step = next((power * each for each in _STEPS if power * each >= wanted), power * 10)
        return int(np.ceil(self.low / step)) * step, int(self.high), int(step)


def spread(
    columns: NDArray[np.int64], values: NDArray[np.float64], each: int, width: int
) -> NDArray[np.float64]:
    """float64 [width]: the greatest of the values in each pixel column, NaN where no frame is; a frame covers `each` columns."""
    found = np.full(width, -np.inf)
    for shift in range(max(each, 1)):
        at = columns + shift
        seen = (at >= 0) & (at < width) & np.isfinite(values)
        np.maximum.at(found, at[seen], values[seen])
    return np.where(np.isfinite(found), found, np.nan)
