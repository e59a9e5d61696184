"""Figures of paths against the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BEYOND = 0.5
"""% of the eye distance beyond which a point has to be corrected."""
Measured = tuple[int, NDArray[np.float64], float, float]
"""Of one sequence: keys, errors in % [K, L], jitter and usual jitter as multiples of the truth's."""


@dataclass(frozen=True)
class TakeScore:
    """Of one method over all frames that are no keys; lengths in % of the largest outer-eye distance of each sequence.

    Attributes:
        method, keys: how it was made, and how its keys were chosen. share: of frames that are keys. number: of keys in all.
        nme: mean error. beyond: % of points farther off than 0.5 %; inner: the same without the outline.
        jitter, usual_jitter: root mean square and median of second differences over all frames, as a multiple of the truth's;
        means over the sequences.
    """

    method: str
    keys: str
    share: float
    number: int
    nme: float
    beyond: float
    inner: float
    jitter: float
    usual_jitter: float


def jitter(path: NDArray[np.float64], truth: NDArray[np.float64]) -> tuple[float, float]:
    """Root mean square and median of second differences of a path [N, L, 2], each over the truth's."""
    bends = [np.linalg.norm(np.diff(points, 2, axis=0), axis=-1) for points in (path, truth)]
    whole = [float(np.sqrt(np.nanmean(bend**2))) for bend in bends]
    usual = [float(np.nanmedian(bend)) for bend in bends]
    return whole[0] / max(whole[1], 1e-9), usual[0] / max(usual[1], 1e-9)


def score(
    method: str, choice: str, share: float, own: Sequence[Measured], outline: NDArray[np.bool_]
) -> TakeScore:
    """The row of a method over all sequences; outline: bool [L], landmarks whose place depends on the view."""
    away = np.concatenate([each[1] for each in own])
    return TakeScore(
        method,
        choice,
        share,
        sum(each[0] for each in own),
        float(np.nanmean(away)),
        _beyond(away),
        _beyond(away[:, ~outline]),
        float(np.mean([each[2] for each in own])),
        float(np.mean([each[3] for each in own])),
    )


def _beyond(away: NDArray[np.float64]) -> float:
    known = away[np.isfinite(away)]
    return float((known > BEYOND).mean() * 100)
