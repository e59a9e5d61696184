"""Where a landmark's way through a take breaks: its speed changes far more from frame to frame than it does nearby in time."""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.uncertainty import OWN_ERROR

BEYOND = 6.0
"""Sigmas from which a change of speed is a break."""
REACH = 6
"""Frames on either side that the answer for a frame, and for the two on either side of it, depends on."""
_NOISE = 4  # frames on either side that tell how much is usual
_NEAR = 8  # landmarks that move together
_SHARED = 0.4  # what a change counts that a landmark's neighbours share: eyelids and lips are quick
_MEDIAN_OF_RAYLEIGH = 1.1774
_CAP = 50.0

Floats = NDArray[np.float64]


def breaks(numbers: NDArray[np.int64], xy: NDArray[np.floating], size: float) -> Floats:
    """float64 [T, L]: how many sigmas the change of speed of each landmark is beyond what is usual; NaN where that is not known.

    The change is x[t] - (x[t - 1] + x[t + 1]) / 2 without what the whole face shares. Usual is the median over the frames
    around, of the landmark and of all, or a person's own error where that is larger. Of a change that three frames show, the
    one in the middle counts.

    Args:
        numbers: int64 [T], rising; a frame beside a gap has no answer. xy: [T, L, 2] px, NaN where a landmark is not placed.
        size: the face's size, px.
    """
    count, landmarks = xy.shape[:2]
    found = np.full((count, landmarks), np.nan)
    if count < 3 or not np.isfinite(xy).any():
        return found
    places = xy.astype(np.float64)
    change = np.full_like(places, np.nan)
    whole = (np.diff(numbers[:-1]) == 1) & (np.diff(numbers[1:]) == 1)
    change[1:-1][whole] = (places[1:-1] - (places[:-2] + places[2:]) / 2)[whole]
    away = _length(change - _median(change, 1)[:, None])
    alone = _length(change - _median(change[:, _nearest(places)], 2))
    value = np.fmax(alone, _SHARED * away)
    for at in np.flatnonzero(np.isfinite(value).any(1)):
        around = [t for t in range(at - _NOISE, at + _NOISE + 1) if 0 <= t < count and abs(t - at) > 1]
        usual = away[around] if around else np.empty((0, landmarks))
        noise = np.fmax(_median(usual, 0), _median(usual.reshape(-1), 0)) / _MEDIAN_OF_RAYLEIGH
        sigma = np.hypot(np.nan_to_num(noise), OWN_ERROR * size)
        found[at] = value[at] / np.maximum(sigma, 1e-9)
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
    """The median of what is known; NaN where nothing is."""
    known = np.isfinite(values).any(axis)
    safe = np.where(np.expand_dims(known, axis), values, 0.0)
    return (
        np.where(known, np.nanmedian(safe, axis=axis), np.nan)
        if values.size
        else np.full(known.shape, np.nan)
    )
