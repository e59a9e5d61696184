"""Which cameras probably cannot see a landmark, as the head itself is in the way."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
GRAZING = 95.0
"""Degrees between a landmark's outward direction and the way to a camera, beyond which the camera looks at it from behind."""
_LEAST_POINTS = 4
_SEEN_BY_MOST = 0.5


def predicted_occlusion(cameras: Sequence[CameraModel], points: Floats, votes: Bools) -> Bools:
    """bool [V, L]: the landmarks that a camera looks at from behind. Hair, hands and a nose in the way are not foreseen.

    The face is taken for a cap of a ball: its plane is the one that fits the points best, facing the cameras that have most of
    them, and its middle lies behind their mean by as much as they are spread. A landmark looks away from there.

    Args:
        points: [L, 3] of the world, NaN where not known; those are predicted nowhere. votes: bool [V, L], who has a point.
    """
    hidden = np.zeros((len(cameras), len(points)), np.bool_)
    known = np.isfinite(points).all(-1)
    if known.sum() < _LEAST_POINTS or not votes.any():
        return hidden
    mean = points[known].mean(0)
    *_, depth = np.linalg.svd(points[known] - mean, full_matrices=False)[2]
    places = np.array([camera.position for camera in cameras])
    seen = votes.sum(1)
    ways = places[seen >= _SEEN_BY_MOST * seen.max()] - mean
    towards = (ways / np.linalg.norm(ways, axis=1, keepdims=True)).sum(0)
    depth = depth if depth @ towards >= 0 else -depth
    flat = points[known] - mean
    flat = flat - np.outer(flat @ depth, depth)
    middle = mean - depth * np.sqrt((flat**2).sum(1).mean())
    outward = points - middle
    view = places[:, None] - points
    with np.errstate(invalid="ignore", divide="ignore"):
        along = (view * outward).sum(-1) / (np.linalg.norm(view, axis=-1) * np.linalg.norm(outward, axis=-1))
    hidden[:, known] = (along < np.cos(np.radians(GRAZING)))[:, known]
    return hidden
