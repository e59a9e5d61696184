"""Corrections carried between keys: each frame's own proposal, moved by what people moved the neighbouring keys' proposals.

Simple and good where a model errs alike from frame to frame. The smoother starts from it, and must beat it.
"""

import numpy as np
from numpy.typing import NDArray

from annotator.takes.face_motion import face_turns
from annotator.takes.observations import Observations


def carried(seen: Observations) -> NDArray[np.float64]:
    """float64 [N, L, 2]: keys where they are; else the proposal plus the corrections of the keys before and after, turned and
    scaled with the face and mixed by their distance; where no model placed the landmark, straight lines between keys."""
    turns = face_turns(seen.proposed)
    away = np.where(seen.is_key[..., None], seen.keys - seen.proposed, np.nan)
    # as they would be if the face stood as in the middle frame
    upright = np.einsum("nij,nlj->nli", np.linalg.inv(turns), away)
    mixed = between(seen.numbers, upright)
    moved = seen.proposed + np.einsum("nij,nlj->nli", turns, np.nan_to_num(mixed))
    moved = np.where(np.isfinite(moved), moved, between(seen.numbers, seen.keys))
    return np.where(seen.is_key[..., None], seen.keys, moved)


def straight(seen: Observations) -> NDArray[np.float64]:
    """float64 [N, L, 2]: straight lines between keys, the nearest key beyond them; proposals of landmarks without any key."""
    lines, with_keys = between(seen.numbers, seen.keys), np.asarray(seen.is_key.any(0))
    return np.where(with_keys[None, :, None], lines, seen.proposed)


def between(numbers: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values [N, L, D] with NaN gaps, filled along straight lines over the frames' numbers; the nearest one beyond the ends, NaN
    throughout for a landmark that has none."""
    filled = np.full_like(values, np.nan)
    for landmark in range(values.shape[1]):
        known = np.asarray(np.isfinite(values[:, landmark]).all(-1))
        if known.any():
            for axis in range(values.shape[-1]):
                filled[:, landmark, axis] = np.interp(numbers, numbers[known], values[known, landmark, axis])
    return filled
