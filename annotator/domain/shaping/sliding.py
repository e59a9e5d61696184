"""What of a landmark's error needs to be put right: of a sliding landmark what lies across its curve, of an anchor all.

A sliding landmark that lies on its curve a little further along is no error that can be seen (docs/landmarks.md). This is the
only place that knows the rule: evaluations, queues and statistics ask here.
"""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import Curve, LandmarkScheme

Floats = NDArray[np.float64]


def directions(scheme: LandmarkScheme, xy: NDArray[np.floating], anchors: bool = False) -> Floats:
    """Unit vectors along the curves at the sliding landmarks of faces [..., L, 2]: float64 [..., L, 2].

    The direction is that of the smooth line through the landmark and its next known neighbours on either side, or of the way to
    the only one. NaN for anchors, for missing landmarks, and where no neighbour is known. With `anchors` also at those, along the
    first curve that they are drawn in.
    """
    faces = np.asarray(xy, np.float64).reshape(-1, scheme.size, 2)
    found = np.full(faces.shape, np.nan)
    own = (
        {index: curve.name for curve in reversed(scheme.curves) for index in curve.indices} if anchors else {}
    )
    own |= {i: landmark.curve for i, landmark in enumerate(scheme.landmarks) if landmark.curve is not None}
    for curve in scheme.curves:
        wanted = [k for k, i in enumerate(curve.indices) if own.get(i) == curve.name]
        if wanted:
            line = _directions(faces[:, list(curve.indices)], curve)
            found[:, [curve.indices[k] for k in wanted]] = line[:, wanted]
    return found.reshape(np.shape(xy))


def to_touch(scheme: LandmarkScheme, offset: NDArray[np.floating], xy: NDArray[np.floating]) -> Floats:
    """Lengths [..., L], in the offsets' unit, of what would have to be put right of offsets [..., L, 2] from the face `xy`.

    Across the curve for sliding landmarks, as a whole for anchors and where no curve can be told. NaN where an offset is missing.
    """
    along = directions(scheme, xy)
    whole = np.linalg.norm(np.asarray(offset, np.float64), axis=-1)
    return np.asarray(np.where(np.isfinite(along).all(-1), np.abs(_cross(along, offset)), whole))


def slid(scheme: LandmarkScheme, offset: NDArray[np.floating], xy: NDArray[np.floating]) -> Floats:
    """Lengths [..., L] of what of the offsets [..., L, 2] lies along the curves of the face `xy`; NaN for anchors."""
    return np.asarray(np.abs((directions(scheme, xy) * offset).sum(-1)))


def across_variance(
    scheme: LandmarkScheme, covariance: NDArray[np.floating], xy: NDArray[np.floating]
) -> Floats:
    """Variances [..., L] across the curves of the face `xy` of covariances [..., L, 2, 2]; NaN for anchors."""
    along = directions(scheme, xy)
    across = np.stack([-along[..., 1], along[..., 0]], -1)
    spread = np.einsum("...ij,...j->...i", np.asarray(covariance, np.float64), across)
    return np.asarray((across * spread).sum(-1))


def _cross(first: Floats, second: NDArray[np.floating]) -> Floats:
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])


def _directions(line: Floats, curve: Curve) -> Floats:
    """Unit vectors [N, K, 2] along lines of points [N, K, 2]."""
    before = line - _last_known(line, curve.closed)
    after = _last_known(line[:, ::-1], curve.closed)[:, ::-1] - line
    first, second = (np.sqrt(np.linalg.norm(step, axis=-1, keepdims=True)) for step in (before, after))
    with np.errstate(divide="ignore", invalid="ignore"):  # centripetal, as the frame view draws it
        both = before / first * second + after / second * first
        there, back = first > 0, second > 0
        chosen = np.where(there & back, both, np.where(there, before, np.where(back, after, np.nan)))
        return np.asarray(chosen / np.linalg.norm(chosen, axis=-1, keepdims=True))


def _last_known(line: Floats, closed: bool) -> Floats:
    """Of each point of lines [N, K, 2] the next known one before it, round the whole line where it is closed; NaN for none."""
    if np.isfinite(line).all():
        found = np.roll(line, 1, axis=1)
        if not closed:
            found[:, 0] = np.nan
        return found
    found, last = np.full(line.shape, np.nan), np.full(line[:, 0].shape, np.nan)
    for _ in range(2 if closed else 1):
        for k in range(line.shape[1]):
            found[:, k] = last
            last = np.where(np.isfinite(line[:, k]), line[:, k], last)
    return found
