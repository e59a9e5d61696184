"""The 68 points of the iBUG markup from the landmarks of a scheme that knows them: its own ones, and those it derives."""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import Curve, DerivedPoint, LandmarkScheme

POINTS = 68


def has_markup(scheme: LandmarkScheme) -> bool:
    """Whether all 68 points follow from the scheme."""
    return len(scheme.ibug68) + len(scheme.derived) == POINTS


def markup_points(scheme: LandmarkScheme, xy: NDArray[np.floating]) -> NDArray[np.float64]:
    """The 68 points [68, 2] of a face [L, 2]; NaN for those that the scheme or the face lacks.

    A derived point lies half-way between two landmarks on the smooth curve through them and the next ones on either side.
    """
    points = np.full((POINTS, 2), np.nan)
    for place, index in scheme.ibug68.items():
        points[place] = xy[index]
    for derived in scheme.derived:
        points[derived.ibug68] = _halfway(scheme.curves[derived.curve], derived, np.asarray(xy, np.float64))
    return points


def _halfway(curve: Curve, derived: DerivedPoint, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    at = curve.indices.index(derived.between[0])
    first, second = xy[list(derived.between)]
    before = xy[curve.indices[at - 1]] if at > 0 else None
    after = xy[curve.indices[at + 2]] if at + 2 < len(curve.indices) else None
    if before is not None and after is not None:  # the cubic through four
        return np.asarray((9 * (first + second) - before - after) / 16)
    if after is not None:  # the parabola through three
        return np.asarray((3 * first + 6 * second - after) / 8)
    if before is not None:
        return np.asarray((3 * second + 6 * first - before) / 8)
    return np.asarray((first + second) / 2)
