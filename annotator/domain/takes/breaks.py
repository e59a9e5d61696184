"""Where a landmark's way through a take breaks: its speed changes far more from frame to frame than it does nearby in time."""

import numpy as np
from numpy.typing import NDArray

BEYOND = 6.0
"""Sigmas from which a change of speed is a break."""
REACH = 6
"""Frames on either side that the answer for a frame, and for the two on either side of it, depends on."""
_NOISE = 4  # frames on either side that tell how much is usual
_AROUND = tuple(shift for shift in range(-_NOISE, _NOISE + 1) if abs(shift) > 1)
_NEAR = 8  # landmarks that move together
_SHARED = 0.4  # what a change counts that a landmark's neighbours share: eyelids and lips are quick
_MEDIAN_OF_RAYLEIGH = 1.1774
_CAP = 50.0

Floats = NDArray[np.float64]


def breaks(numbers: NDArray[np.int64], xy: NDArray[np.floating], own: float) -> Floats:
    """float64 [T, L]: how many sigmas the change of speed of each landmark is beyond what is usual; NaN where that is not known.

    The change is x[t] - (x[t - 1] + x[t + 1]) / 2 without what the whole face shares. Usual is the median over the frames
    around, of the landmark and of all, or a person's own error where that is larger. Of a change that three frames show, the
    one in the middle counts.

    Args:
        numbers: int64 [T], rising; a frame beside a gap has no answer. xy: [T, L, 2] px, NaN where a landmark is not placed.
        own: a person's own error, px: less is never a break by much.
    """
    count, landmarks = xy.shape[:2]
    known = np.isfinite(xy).all(-1)
    if count < 3 or not (known[:-2] & known[1:-1] & known[2:]).any():
        return np.full((count, landmarks), np.nan)
    places = xy.astype(np.float64)
    change = np.full_like(places, np.nan)
    whole = (np.diff(numbers[:-1]) == 1) & (np.diff(numbers[1:]) == 1)
    change[1:-1][whole] = (places[1:-1] - (places[:-2] + places[2:]) / 2)[whole]
    away = _length(change - _median(change, 1)[:, None])
    alone = _length(change - _median(change[:, _nearest(places)], 2))
    value = np.fmax(alone, _SHARED * away)
    usual = np.full((count + 2 * _NOISE, landmarks), np.nan)
    usual[_NOISE : _NOISE + count] = away
    around = np.stack([usual[_NOISE + shift : _NOISE + shift + count] for shift in _AROUND], 1)
    noise = np.fmax(_median(around, 1), _median(around.reshape(count, -1), 1)[:, None]) / _MEDIAN_OF_RAYLEIGH
    found = value / np.hypot(np.nan_to_num(noise), max(own, 1e-9))
    beside = np.full_like(found, -np.inf)
    filled = np.nan_to_num(found, nan=-np.inf)
    beside[1:] = filled[:-1]
    beside[:-1] = np.maximum(beside[:-1], filled[1:])
    return np.minimum(np.where(found >= beside, found, np.where(np.isnan(found), np.nan, 0.0)), _CAP)


def _length(offset: Floats) -> Floats:
    return np.asarray(np.hypot(offset[..., 0], offset[..., 1]))


def _nearest(places: Floats) -> NDArray[np.int64]:
    """int64 [L, K]: the landmarks nearest to each, itself among them; those never placed are near to none."""
    middle = np.nan_to_num(_median(places, 0), nan=1e12)
    apart = _length(middle[:, None] - middle[None])
    return np.argsort(apart, axis=1, kind="stable")[:, :_NEAR]


def _median(values: Floats, axis: int) -> Floats:
    """The median of what is known; NaN where nothing is. Several times as fast as `nanmedian` for few values."""
    count = np.expand_dims(np.isfinite(values).sum(axis), axis)
    if not values.shape[axis]:
        return np.full(count.squeeze(axis).shape, np.nan)
    rising = np.sort(values, axis=axis)  # what is not known comes last
    low, high = (
        np.take_along_axis(rising, np.maximum(at, 0), axis)
        for at in ((count - 1) // 2, np.minimum(count // 2, values.shape[axis] - 1))
    )
    return np.asarray(((low + np.where(count > 0, high, np.nan)) / 2).squeeze(axis))
