"""How the face as a whole is turned and scaled in each frame of a sequence, from its proposals."""

import numpy as np
from numpy.typing import NDArray

_LEAST_POINTS = 3


def turn_and_scale(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """[2, 2]: turn times scale of the similarity that brings points onto others [K, 2] best (least squares); its shift is left
    out. The identity where fewer than three points are placed in both, or where they are one place."""
    both = np.isfinite(source).all(-1) & np.isfinite(target).all(-1)
    if both.sum() < _LEAST_POINTS:
        return np.eye(2)
    a, b = source[both] - source[both].mean(0), target[both] - target[both].mean(0)
    length = float((a**2).sum())
    if length <= 0:
        return np.eye(2)
    along = float((a * b).sum()) / length
    across = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / length
    if along == 0 and across == 0:
        return np.eye(2)
    return np.array([[along, -across], [across, along]])


def face_turns(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64 [N, 2, 2]: turn times scale from the middle frame's face to each frame's, of points [N, L, 2] with NaN gaps.

    A frame without enough points has the turn of the nearest one that has.
    """
    enough = np.flatnonzero(np.isfinite(points).all(-1).sum(1) >= _LEAST_POINTS)
    if not len(enough):
        return np.tile(np.eye(2), (len(points), 1, 1))
    middle = points[enough[len(enough) // 2]]
    known = np.stack([turn_and_scale(middle, points[i]) for i in enough])
    nearest = np.abs(np.arange(len(points))[:, None] - enough[None]).argmin(1)
    return np.asarray(known[nearest])
