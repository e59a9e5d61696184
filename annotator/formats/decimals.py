"""Coordinates as a file's numbers, with as few decimals as still give them back."""

import numpy as np
from numpy.typing import NDArray

_DIGITS = (3, 4, 6, 9)


def short_decimals(xy: NDArray[np.float32], shift: float) -> NDArray[np.float64]:
    """xy + shift, each rounded to as few decimals as still give back the float32 after `restore`; NaN stays NaN.

    A float32 of 1000 or more has steps of 6e-5 px or larger, so four decimals nearly always do; exact doubles
    are the last resort.
    """
    exact = xy.astype(np.float64) + shift
    result = exact.copy()
    for digits in reversed(_DIGITS):
        rounded = np.round(exact, digits)
        same = (rounded - shift).astype(np.float32) == xy
        result = np.where(same, rounded, result)
    return result


def restore(values: NDArray[np.float64], shift: float) -> NDArray[np.float32]:
    """The float32 coordinates in our convention from a file's numbers: the inverse of `short_decimals`."""
    return (values - shift).astype(np.float32)
