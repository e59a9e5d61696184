"""A face in its frame: how large it is, which way it is turned, its other side, and upright patches of it."""

import math

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, bounding_box
from annotator.domain.scheme import LandmarkScheme

_LEAST_PAIRS = 3
_OUTER_CORNERS = (36, 45)  # iBUG: the subject's right and left outer eye corner


def face_size(xy: NDArray[np.floating]) -> float:
    """Root of width times height of the box round the points [L, 2] that are placed, in their pixels; 0 where there is none."""
    x0, y0, x1, y1 = bounding_box(xy)
    return math.sqrt((x1 - x0) * (y1 - y0)) if math.isfinite(x0) else 0.0


def face_axes(scheme: LandmarkScheme, xy: NDArray[np.floating]) -> NDArray[np.float64]:
    """[2, 2]: the vector from the right to the left outer eye corner of a face [L, 2], and the one down from it, as long. NaN
    where a corner is missing."""
    right, left = (xy[scheme.ibug68[corner]].astype(np.float64) for corner in _OUTER_CORNERS)
    along = left - right
    return np.stack([along, [-along[1], along[0]]])


def face_turn(scheme: LandmarkScheme, xy: NDArray[np.floating]) -> float:
    """Radians by which the eye line of a face [L, 2] (frame pixels) is turned, clockwise as seen; 0 where it is not known.

    The eye line goes from the subject's right to the left outer eye corner; where the scheme or the frame lacks one of
    them, it is the mean direction from the right to the left landmark of all mirror pairs.
    """
    corners = [scheme.ibug68.get(corner) for corner in _OUTER_CORNERS]
    if None not in corners:
        right, left = (xy[corner].astype(np.float64) for corner in corners if corner is not None)
        line = left - right
        if np.isfinite(line).all() and line.any():
            return math.atan2(line[1], line[0])
    pairs = np.array([(i, j) for i, j in enumerate(scheme.mirror.tolist()) if i < j], np.int64).reshape(-1, 2)
    lines = xy[pairs[:, 0]].astype(np.float64) - xy[pairs[:, 1]]
    lines = lines[np.isfinite(lines).all(-1)]
    if not len(lines):
        return 0.0
    # Schemes name either side first: the longer sum tells which way most pairs go, and faces are seldom upside down.
    total = lines.sum(0)
    if total[0] < 0:
        total = -total
    return math.atan2(total[1], total[0]) if total.any() else 0.0


def mirrored_places(
    scheme: LandmarkScheme, xy: NDArray[np.floating], indices: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where the counterparts of landmarks belong if the face is symmetric.

    The best affine map of each landmark onto its counterpart is fitted to all other pairs that are placed (least squares), so a
    face that is turned or tilted is mirrored as it is seen. Landmarks that are their own
    counterpart, or not placed, are left out.

    Args:
        xy: float [L, 2] frame pixels, NaN where missing. indices: int64 [K], what is mirrored.

    Returns:
        int64 [M] the counterparts, float64 [M, 2] their places; empty where fewer than three pairs are placed.
    """
    counterpart = scheme.mirror
    points = np.asarray(xy, np.float64)
    placed: NDArray[np.bool_] = np.asarray(np.isfinite(points).all(-1))
    wanted = indices[(counterpart[indices] != indices) & placed[indices]]
    usable = placed & placed[counterpart]
    usable[indices] = usable[counterpart[indices]] = False
    if usable.sum() < _LEAST_PAIRS or not len(wanted):
        return np.empty(0, np.int64), np.empty((0, 2))
    known = np.c_[points[usable], np.ones(usable.sum())]
    mirror_from_face, *_ = np.linalg.lstsq(known, points[counterpart[usable]], rcond=None)
    return counterpart[wanted], np.c_[points[wanted], np.ones(len(wanted))] @ mirror_from_face


def frame_from_patch(centre: NDArray[np.floating], turn: float, span: float, side: int) -> Affine:
    """The affine from a square patch to its frame.

    Args:
        centre: x, y in frame pixels, what the patch's middle shows. turn: radians, see `face_turn`.
        span: frame pixels along the patch's side. side: patch pixels, at least 1.
    """
    scale = span / side
    linear = scale * np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    middle = np.array([side / 2, side / 2])
    return np.concatenate([linear, (np.asarray(centre, np.float64) - linear @ middle)[:, None]], axis=1)
