"""Is there a face under these points at all? Checks that turn doubtful maps into low confidence and a plain message.

Three things give nonsense away: maps that are as wide as the face itself (nothing found, or two faces at once), points
that do not lie like a face, and regional networks that disagree with the global one. What is usual for a model is measured
when it is calibrated and kept in its card (`preprocessing.sanity`, `preprocessing.mean_shape`); without it, cautious
defaults hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import apply_affine, similarity
from annotator.domain.faces.confidence import sigma
from annotator.domain.faces.face_frame import face_size

Floats = NDArray[np.float64]
PRESENT = 0.35
"""Frames whose face score is below this carry the message that no clear face was found."""
CLEAR = 2.0
"""Doubt up to which a face is clearly seen."""
_SLACK = 2.5
_SLACK_IN_DOUBT = 1.25  # what only resembles a face gives itself away by regions that see something else


@dataclass(frozen=True)
class UsualValues:
    """Usual values of the three checks: up to them a face is trusted, beyond 2.5 times them it is not believed at all (1.25
    times for the agreement of a face that is not clearly seen).
    `clear_spread`, `clear_layout`: values of an upright face clearly seen; above them it pays to look in other ways."""

    spread: float = 0.14
    layout: float = 0.16
    agreement: float = 0.08
    clear_spread: float = 0.024
    clear_layout: float = 0.22

    @classmethod
    def from_card(cls, preprocessing: Mapping[str, Any]) -> "UsualValues":
        """Those that calibration measured, defaults for the others."""
        known = {
            key: float(value) for key, value in preprocessing.get("sanity", {}).items() if hasattr(cls, key)
        }
        return replace(cls(), **known)


@dataclass(frozen=True)
class FaceChecks:
    """`spread`: median sigma over the face size. `layout`: distance to the mean shape after the best similarity, over its
    size. `agreement`: median distance of regional and global points over the face size. None where it cannot be known."""

    spread: float
    layout: float | None = None
    agreement: float | None = None

    def score(self, limits: UsualValues) -> float:
        """0 (no face) .. 1 (all as usual): the product of what each check leaves over."""
        strict = _SLACK if self.doubt(limits) <= CLEAR else _SLACK_IN_DOUBT
        checks = [
            (self.spread, limits.spread, _SLACK),
            (self.layout, limits.layout, _SLACK),
            (self.agreement, limits.agreement, strict),
        ]
        score = 1.0
        for value, usual, slack in checks:
            if value is not None:
                score *= float(np.clip((slack * usual - value) / ((slack - 1.0) * usual), 0.0, 1.0))
        return score

    def doubt(self, limits: UsualValues) -> float:
        """How far spread and layout are from those of a face clearly seen: up to 2 for one that is; the least is best."""
        spread = max(self.spread / limits.clear_spread, 1.0)
        return spread + max((self.layout or 0.0) / limits.clear_layout, 1.0)


def check_face(
    global_xy: Floats, global_covariance: Floats, mean_shape: Floats | None, regional_xy: Floats | None = None
) -> FaceChecks:
    """Checks of one frame from the global points [L,2] and covariances [L,2,2]; `regional_xy` [L,2] may hold NaN."""
    size = max(face_size(global_xy), 1e-6)
    spread = float(np.median(sigma(global_covariance))) / size
    layout = None if mean_shape is None else shape_distance(global_xy, mean_shape)
    agreement = None
    if regional_xy is not None and np.isfinite(regional_xy).any():
        agreement = float(np.nanmedian(np.linalg.norm(regional_xy - global_xy, axis=-1))) / size
    return FaceChecks(spread, layout, agreement)


def shape_distance(xy: Floats, mean_shape: Floats) -> float:
    """RMS distance of points [L,2] to the mean shape after the best similarity without mirroring, over the points' RMS size.

    0 for a perfect fit, 1 for points that have nothing of the shape. Uses the landmarks that both hold; 1 if under three.
    """
    both = np.isfinite(xy).all(axis=-1) & np.isfinite(mean_shape).all(axis=-1)
    if both.sum() < 3:
        return 1.0
    points = _as_complex(xy[both])
    shape = _as_complex(mean_shape[both])
    points, shape = points - points.mean(), shape - shape.mean()
    power = float(np.vdot(points, points).real)
    if power < 1e-12:
        return 1.0
    overlap = abs(np.vdot(shape, points)) ** 2 / (float(np.vdot(shape, shape).real) * power)
    return float(np.sqrt(max(1.0 - overlap, 0.0)))


def roll_of(xy: Floats, mean_shape: Floats) -> float:
    """How points [L,2] are turned against the upright mean shape, in radians (clockwise on the screen): the angle of the best
    similarity, to which all landmarks count and not only those of the eye line. 0 where under three are known."""
    both = np.isfinite(xy).all(axis=-1) & np.isfinite(mean_shape).all(axis=-1)
    if both.sum() < 3:
        return 0.0
    points, shape = _as_complex(xy[both]), _as_complex(mean_shape[both])
    return float(np.angle(np.vdot(shape - shape.mean(), points - points.mean())))


def mean_shape_of(faces: Floats) -> Floats:
    """float64[L,2]: the mean of faces [N,L,2] (NaN where missing), each brought to the first by a similarity, in units of
    its own RMS size round its centre. NaN for a landmark that no face shows."""
    reference = faces[int(np.isfinite(faces).all(axis=-1).sum(axis=1).argmax())]
    for _ in range(3):
        aligned = np.stack([_align(face, reference) for face in faces])
        there = np.isfinite(aligned)
        total = np.where(there, aligned, 0.0).sum(axis=0)
        reference = np.where(there.any(axis=0), total / np.maximum(there.sum(axis=0), 1), np.nan)
    centred = reference - np.nanmean(reference, axis=0)
    size = np.sqrt(np.nanmean((centred**2).sum(axis=-1)))
    shape: Floats = centred / size
    return shape


def upright(shape: Floats, mirror: NDArray[np.int64]) -> Floats:
    """A shape [L,2], turned by less than a quarter, levelled: the lines between mirrored landmarks (`mirror` int64[L]) lie flat
    on average. Unchanged where no such pair is known."""
    across = (shape[mirror] - shape)[mirror > np.arange(len(shape))]
    across = across[np.isfinite(across).all(axis=-1)]
    total = np.where(across[:, :1] < 0, -across, across).sum(axis=0)
    length = float(np.hypot(*total))
    if length == 0.0:
        return shape
    cos, sin = total / length
    levelled: Floats = shape @ np.array([[cos, -sin], [sin, cos]])
    return levelled


def _as_complex(xy: Floats) -> NDArray[np.complex128]:
    return np.asarray(xy[:, 0] + 1j * xy[:, 1])


def _align(face: Floats, reference: Floats) -> Floats:
    """`face` moved onto `reference` by the best similarity over the landmarks that both have; NaN where there is none."""
    lay = similarity(face, reference)
    return np.full_like(face, np.nan) if lay is None else apply_affine(lay, face)
