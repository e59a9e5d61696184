"""The other side of the face: where landmarks go when they are mirrored in the picture."""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme

_LEAST_PAIRS = 3


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
