"""The affines of a transform box, and how much of a move landmarks near the selection take part in."""

import math

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, FloatArray, apply_affine

LEAST_SCALE = 0.02
"""A box is never made smaller than this share of itself in one go, nor turned inside out."""


def shift(by: FloatArray) -> Affine:
    """The affine that adds `by` [2]."""
    return np.array([[1.0, 0.0, by[0]], [0.0, 1.0, by[1]]])


def turn(pivot: FloatArray, radians: float) -> Affine:
    """The affine that turns about `pivot` [2], clockwise as seen (y points down)."""
    cosine, sine = math.cos(radians), math.sin(radians)
    return _about(pivot, np.array([[cosine, -sine], [sine, cosine]]))


def stretch(fixed: FloatArray, axes: FloatArray, factors: FloatArray) -> Affine:
    """The affine that scales along two axes and leaves a point where it is.

    Args:
        fixed: [2]. axes: unit vectors [2, 2], one a row, upright to each other. factors: [2], not below `LEAST_SCALE`.
    """
    kept = np.maximum(np.asarray(factors, np.float64), LEAST_SCALE)
    rows = np.asarray(axes, np.float64)
    return _about(fixed, rows.T @ np.diag(kept) @ rows)


def angle_between(pivot: FloatArray, start: FloatArray, end: FloatArray) -> float:
    """Radians from the direction of `start` to that of `end`, both seen from `pivot`; 0 where one of them is the pivot."""
    a, b = np.asarray(start, np.float64) - pivot, np.asarray(end, np.float64) - pivot
    if not a.any() or not b.any():
        return 0.0
    return math.atan2(float(a[0] * b[1] - a[1] * b[0]), float(a @ b))


def soft_weights(xy: FloatArray, held: NDArray[np.int64], radius: float) -> NDArray[np.float64]:
    """How much of a move each landmark takes part in: float64 [L], 1 for those that are held.

    From 1 at the nearest held landmark it falls to 0 at `radius` (pixels of xy), flat at both ends. 0 for landmarks [L, 2] that
    are missing (NaN).
    """
    points = np.asarray(xy, np.float64)
    weights = np.zeros(len(points))
    anchors = points[held]
    anchors = anchors[np.isfinite(anchors).all(-1)]
    if radius > 0 and len(anchors):
        distance = np.hypot(*(points[:, None] - anchors).transpose(2, 0, 1)).min(1)
        weights = falloff(np.nan_to_num(distance, nan=np.inf) / radius)
    weights[held] = np.isfinite(points[held]).all(-1)
    return weights


def falloff(share: FloatArray) -> NDArray[np.float64]:
    """From 1 at 0 to 0 at 1 and beyond, flat at both ends."""
    t = np.clip(np.asarray(share, np.float64), 0.0, 1.0)
    return np.asarray(1.0 - t * t * (3.0 - 2.0 * t))


def carried(xy: FloatArray, weights: FloatArray, affine: Affine) -> NDArray[np.float64]:
    """Points [K, 2] that follow an affine by their weights [K], 0 (they stay) to 1 (they go all the way)."""
    points = np.asarray(xy, np.float64)
    return points + np.asarray(weights)[:, None] * (apply_affine(affine, points) - points)


def _about(fixed: FloatArray, linear: NDArray[np.float64]) -> Affine:
    point = np.asarray(fixed, np.float64)
    return np.concatenate([linear, (point - linear @ point)[:, None]], axis=1)
