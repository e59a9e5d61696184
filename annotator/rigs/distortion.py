"""OpenCV's model of distortion with up to 14 terms, for many cameras at once: there, back, and its derivatives.

A lens bends normalised coordinates (x, y) to others, which focal length and centre carry to pixels. Terms stand in OpenCV's
order: k1 k2 p1 p2 k3 k4 k5 k6 s1 s2 s3 s4 tx ty. Every function takes points [V, N, 2], terms [V, 14] and, where a sensor is
tilted, the matrices [V, 3, 3] of `tilt_matrix`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TERMS = 14
_STEPS = 25
_CLOSE = 1e-6  # normalised; what is left after such a step is its square


def tilt_matrix(x: float, y: float) -> Floats:
    """[3, 3]: what a sensor turned by x and y radians does to homogeneous image coordinates."""
    turn_x = np.array([[1, 0, 0], [0, math.cos(x), math.sin(x)], [0, -math.sin(x), math.cos(x)]])
    turn_y = np.array([[math.cos(y), 0, -math.sin(y)], [0, 1, 0], [math.sin(y), 0, math.cos(y)]])
    turn = turn_y @ turn_x
    onto = np.array([[turn[2, 2], 0, -turn[0, 2]], [0, turn[2, 2], -turn[1, 2]], [0, 0, 1]])
    return np.asarray(onto @ turn)


def bent(points: Floats, terms: Floats, tilt: Floats | None = None) -> Floats:
    """Where the lenses show the points; NaN where a lens folds: beyond that radius the model shows things twice."""
    return bent_with_jacobian(points, terms, tilt)[0]


def bent_with_jacobian(points: Floats, terms: Floats, tilt: Floats | None = None) -> tuple[Floats, Floats]:
    """As `bent`, and the derivatives [V, N, 2, 2] of the result (rows) by the points (columns)."""
    if not terms.any():
        return points.copy(), np.broadcast_to(np.eye(2), (*points.shape, 2)).copy()
    with np.errstate(all="ignore"):
        image, jacobian = _bent(points, terms)
        if tilt is not None:
            image, jacobian = _tilted(image, jacobian, tilt)
        determinant = jacobian[..., 0, 0] * jacobian[..., 1, 1] - jacobian[..., 0, 1] * jacobian[..., 1, 0]
    image[~(determinant > 0)] = np.nan
    return image, jacobian


def _bent(points: Floats, terms: Floats) -> tuple[Floats, Floats]:
    k1, k2, p1, p2, k3, k4, k5, k6, s1, s2, s3, s4 = terms.T[:12, :, None]
    x, y = np.ascontiguousarray(points[..., 0]), np.ascontiguousarray(points[..., 1])
    r2 = x * x + y * y
    ratio = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    by_r2 = k1 + r2 * (2 * k2 + 3 * r2 * k3)
    if terms[:, 5:8].any():
        down = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
        ratio = ratio / down
        by_r2 = (by_r2 - ratio * (k4 + r2 * (2 * k5 + 3 * r2 * k6))) / down
    off_x, off_y = 2 * (p1 * y + p2 * x), 2 * (p1 * x + p2 * y)
    image, jacobian = np.empty_like(points), np.empty((*points.shape, 2))
    image[..., 0] = x * (ratio + off_x) + p2 * r2
    image[..., 1] = y * (ratio + off_x) + p1 * r2
    mixed = 2 * x * y * by_r2 + off_y
    jacobian[..., 0, 0] = ratio + 2 * x * x * by_r2 + off_x + 4 * p2 * x
    jacobian[..., 0, 1] = jacobian[..., 1, 0] = mixed
    jacobian[..., 1, 1] = ratio + 2 * y * y * by_r2 + off_x + 4 * p1 * y
    if terms[:, 8:].any():  # a thin prism
        image += r2[..., None] * np.stack([s1 + r2 * s2, s3 + r2 * s4], -1)
        along = 2 * np.stack([s1 + 2 * r2 * s2, s3 + 2 * r2 * s4], -1)
        jacobian += along[..., None] * points[..., None, :]
    return image, jacobian


def _tilted(image: Floats, jacobian: Floats, tilt: Floats) -> tuple[Floats, Floats]:
    seen = image @ tilt[:, :, :2].swapaxes(-1, -2) + tilt[:, None, :, 2]
    turned = seen[..., :2] / seen[..., 2:]
    by_image = (tilt[:, None, :2, :2] - turned[..., None] * tilt[:, None, 2:, :2]) / seen[..., 2, None, None]
    return turned, by_image @ jacobian


def by_terms(points: Floats, terms: Floats, tilt: Floats | None = None) -> Floats:
    """Derivatives [V, N, 2, 4] of what the lenses show by k1, k2, p1 and p2."""
    k4, k5, k6 = terms.T[5:8, :, None]
    x, y = points[..., 0], points[..., 1]
    r2 = x * x + y * y
    down = 1 + r2 * (k4 + r2 * (k5 + r2 * k6))
    found = np.empty((*points.shape, 4))
    found[..., 0] = points * (r2 / down)[..., None]
    found[..., 1] = points * (r2 * r2 / down)[..., None]
    found[..., 0, 2], found[..., 1, 2] = 2 * x * y, r2 + 2 * y * y
    found[..., 0, 3], found[..., 1, 3] = r2 + 2 * x * x, 2 * x * y
    if tilt is not None:
        image, _ = _bent(points, terms)
        _, by_image = _tilted(image, np.broadcast_to(np.eye(2), (*points.shape, 2)), tilt)
        found = by_image @ found
    return found


def straight(image: Floats, terms: Floats, tilt: Floats | None = None) -> Floats:
    """The points that the lenses show at `image`, by Newton's method; NaN where there is none before the lens folds."""
    if not terms.any():
        return image.copy()
    points, lacking = image.copy(), np.isnan(image).any(-1, keepdims=True)
    with np.errstate(all="ignore"):
        for _ in range(_STEPS):
            shown, jacobian = bent_with_jacobian(points, terms, tilt)
            step = (inverse_2x2(jacobian) @ (image - shown)[..., None])[..., 0]
            # beyond the fold there is nothing: come half-way back to the centre
            points = np.where(np.isfinite(step).all(-1, keepdims=True), points + step, 0.5 * points)
            settled = np.abs(step).max(-1, keepdims=True) < _CLOSE
            if (settled | lacking).all():
                break
    return np.where(settled, points, np.nan)


def inverse_2x2(matrices: Floats) -> Floats:
    """Inverses of [.., 2, 2]; not finite where there is none."""
    a, b, c, d = matrices[..., 0, 0], matrices[..., 0, 1], matrices[..., 1, 0], matrices[..., 1, 1]
    found = np.empty_like(matrices)
    with np.errstate(all="ignore"):
        scale = 1.0 / (a * d - b * c)
        found[..., 0, 0], found[..., 0, 1] = d * scale, -b * scale
        found[..., 1, 0], found[..., 1, 1] = -c * scale, a * scale
    return found
