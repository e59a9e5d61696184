"""The pixel convention and 2x3 affines between frame, crop, proxy and heatmap.

Pixel (row, col) covers [col, col + 1) x [row, row + 1), so pixel centres lie at +0.5. Points are (x, y), boxes x0 y0 x1 y1.
An affine `target_from_source` is a float64 2x3 array A with xy_target = A[:, :2] @ xy_source + A[:, 2].
"""

import numpy as np
from numpy.typing import NDArray

Affine = NDArray[np.float64]
FloatArray = NDArray[np.floating]


def apply_affine(target_from_source: Affine, xy: FloatArray) -> NDArray[np.float64]:
    """Maps points [..., 2] through an affine, in float64; NaN stays NaN."""
    points = np.asarray(xy, np.float64)
    return points @ target_from_source[:, :2].T + target_from_source[:, 2]


def apply_covariance(target_from_source: Affine, covariance: FloatArray) -> NDArray[np.float64]:
    """Maps covariances [..., 2, 2] through the linear part of an affine: A C A^T."""
    linear = target_from_source[:, :2]
    return linear @ np.asarray(covariance, np.float64) @ linear.T


def covariance_roots(covariance: FloatArray, least: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The symmetric square roots of covariances [..., 2, 2], and their inverses; a direction with less variance than `least`
    gets that."""
    values, vectors = np.linalg.eigh(np.asarray(covariance, np.float64))
    sigma = np.sqrt(values.clip(least))[..., None, :]
    transposed = vectors.swapaxes(-1, -2)
    return (vectors * sigma) @ transposed, (vectors / sigma) @ transposed


def invert_affine(target_from_source: Affine) -> Affine:
    """The affine that undoes another; raises `numpy.linalg.LinAlgError` where it has no inverse."""
    linear = np.linalg.inv(target_from_source[:, :2])
    return np.concatenate([linear, -linear @ target_from_source[:, 2:]], axis=1)


def similarity(source: FloatArray, target: FloatArray) -> Affine | None:
    """The shift, turn and scale that lays points [K, 2] on others best, by least squares and without mirroring.

    Points that either side lacks (NaN) do not count. None for fewer than two, or where the source has no extent.
    """
    both = np.isfinite(source).all(axis=-1) & np.isfinite(target).all(axis=-1)
    if both.sum() < 2:
        return None
    here, there = np.asarray(source[both], np.float64), np.asarray(target[both], np.float64)
    middle, goal = here.mean(axis=0), there.mean(axis=0)
    away, wanted = (here - middle) @ [1, 1j], (there - goal) @ [1, 1j]
    power = float(np.vdot(away, away).real)
    if power < 1e-12:
        return None
    factor = np.vdot(away, wanted) / power
    linear = np.array([[factor.real, -factor.imag], [factor.imag, factor.real]])
    return np.concatenate([linear, (goal - linear @ middle)[:, None]], axis=1)


def compose(target_from_middle: Affine, middle_from_source: Affine) -> Affine:
    """`target_from_source`: first the right one, then the left one."""
    linear = target_from_middle[:, :2] @ middle_from_source[:, :2]
    offset = target_from_middle[:, :2] @ middle_from_source[:, 2] + target_from_middle[:, 2]
    return np.concatenate([linear, offset[:, None]], axis=1)


def frame_from_box_grid(box: FloatArray, width: int, height: int) -> Affine:
    """The affine from a width x height grid (crop or heatmap, in its own pixels) that covers a box, to the box's own space.

    Args:
        box: x0 y0 x1 y1 [4] in the target space.
        width, height: grid size in pixels, at least 1.
    """
    x0, y0, x1, y1 = (float(v) for v in box)
    return np.array([[(x1 - x0) / width, 0.0, x0], [0.0, (y1 - y0) / height, y0]])


def bounding_box(xy: FloatArray) -> NDArray[np.float64]:
    """Smallest box x0 y0 x1 y1 round the points [K, 2] that are not NaN; NaN where there is none."""
    points = np.asarray(xy, np.float64)
    points = points[np.isfinite(points).all(-1)]
    if not len(points):
        return np.full(4, np.nan)
    return np.concatenate([points.min(0), points.max(0)])
