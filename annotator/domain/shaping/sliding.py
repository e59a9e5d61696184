"""What of a landmark's error needs to be put right: of a sliding landmark what lies across its curve, of an anchor all.

A sliding landmark that lies on its curve a little further along is no error that can be seen (docs/landmarks.md). This is the
only place that knows the rule: evaluations, queues and statistics ask here.
"""

from dataclasses import dataclass
from functools import lru_cache

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
    sliding = tuple(landmark.curve for landmark in scheme.landmarks)
    way = _way(scheme.curves, sliding, anchors)
    faces = np.asarray(xy, np.float64).reshape(-1, scheme.size, 2)
    padded = np.concatenate([faces, np.full((len(faces), 1, 2), np.nan)], 1)  # index -1: no neighbour
    here = faces[:, way.indices]
    before, after = here - _first_known(padded, way.before), _first_known(padded, way.after) - here
    found = np.full(faces.shape, np.nan)
    found[:, way.indices] = _through(before, after)
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


@dataclass(frozen=True, eq=False)
class _Way:
    """Landmarks int64 [W] with those before and after each on its curve, int64 [W, K], the nearest first; -1 where there are
    no more."""

    indices: NDArray[np.int64]
    before: NDArray[np.int64]
    after: NDArray[np.int64]


@lru_cache(maxsize=8)
def _way(curves: tuple[Curve, ...], sliding: tuple[str | None, ...], anchors: bool) -> _Way:
    """`sliding`: of each landmark the curve that it slides on."""
    own = {index: curve.name for curve in reversed(curves) for index in curve.indices} if anchors else {}
    own |= {index: name for index, name in enumerate(sliding) if name is not None}
    indices, before, after = [], [], []
    for curve in curves:
        line = curve.indices
        for k, index in enumerate(line):
            if own.get(index) == curve.name:
                indices.append(index)
                before.append(line[:k][::-1] + (line[k + 1 :][::-1] if curve.closed else ()))
                after.append(line[k + 1 :] + (line[:k] if curve.closed else ()))
    most = max(map(len, before + after), default=0)
    padded = (
        np.array([row + (-1,) * (most - len(row)) for row in rows], np.int64).reshape(len(rows), most)
        for rows in (before, after)
    )
    return _Way(np.array(indices, np.int64), *padded)


def _first_known(padded: Floats, candidates: NDArray[np.int64]) -> Floats:
    """Of points [N, L + 1, 2] the first known one of each row of candidates [W, K]: [N, W, 2], NaN where none is."""
    found = np.full((len(padded), len(candidates), 2), np.nan)
    for column in candidates.T:
        wanted = ~np.isfinite(found) & (column >= 0)[:, None]
        if not wanted.any():
            break
        found = np.where(wanted, padded[:, column], found)
    return found


def _through(before: Floats, after: Floats) -> Floats:
    """Unit vectors [N, W, 2] of the smooth lines whose steps to and from a point these are, NaN where there is no step."""
    first, second = (np.sqrt(np.hypot(step[..., :1], step[..., 1:])) for step in (before, after))
    there, back = first > 0, second > 0
    with np.errstate(divide="ignore", invalid="ignore"):  # centripetal, as the frame view draws it
        both = before / first * second + after / second * first
        chosen = np.where(there & back, both, np.where(there, before, np.where(back, after, np.nan)))
        return np.asarray(chosen / np.hypot(chosen[..., :1], chosen[..., 1:]))
