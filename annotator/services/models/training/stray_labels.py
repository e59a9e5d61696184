"""Labels that no learning should follow: far from everything in their face, or far from where the other frames have them.

One landmark at the corner of a picture would carry all points of a face away. Medians over frames tell what people do alike;
a label that lies far from that is named and left out.
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.faces.wild_points import face_sizes_away, far_from_face, typical_size
from annotator.evaluation.truth import Predictions
from annotator.services.models.evaluation_sets import EvaluationSet

_LEAST_FRAMES: Final = 3  # of which a median tells where people place a landmark
_ALONE: Final = 0.25  # face sizes from the model's point that are too far where too few frames tell
_NEAR: Final = 0.12  # face sizes that are never too far
_SIGMAS: Final = 6.0
_OTHER_FACE: Final = (
    0.5  # median distance beyond which the model found something else, and tells nothing of the labels
)
_SIGMA_OF_MEDIAN: Final = 1.4826


def without_far(data: EvaluationSet, told: dict[str, str]) -> EvaluationSet:
    """The set without labels far from everything in their face; each is named in `told` (frame and landmark: why)."""
    stray = np.array([far_from_face(xy) for xy in data.truth.xy]).reshape(data.truth.xy.shape[:2])
    away = np.array([face_sizes_away(xy) for xy in data.truth.xy]).reshape(stray.shape)
    return _without(data, stray, away, "the rest of the face", told)


def without_strays(data: EvaluationSet, made: Predictions, told: dict[str, str]) -> EvaluationSet:
    """The set without labels that lie far from the model's points, what all frames have alike (the convention) taken off;
    `made` are the model's points on the set. Each is named in `told`."""
    size = np.array([typical_size(xy) or np.nan for xy in made.xy])
    off = (data.truth.xy - made.xy) / size[:, None, None]
    length = np.linalg.norm(off, axis=-1)
    lost = _median(length, 1) > _OTHER_FACE
    off[lost] = np.nan
    enough = np.isfinite(off).all(-1).sum(0) >= _LEAST_FRAMES
    usual = np.where(enough[:, None], _median(off, 0), 0.0)
    rest = np.linalg.norm(off - usual, axis=-1)
    told_by_many = rest[:, enough][np.isfinite(rest[:, enough])]
    sigma = _SIGMA_OF_MEDIAN * float(np.median(told_by_many)) if told_by_many.size else 0.0
    limit = np.where(enough, max(_NEAR, _SIGMAS * sigma), max(_ALONE, _SIGMAS * sigma))
    return _without(data, rest > limit, rest, "where the model and the other frames have it", told)


def _without(
    data: EvaluationSet,
    stray: NDArray[np.bool_],
    away: NDArray[np.float64],
    place: str,
    told: dict[str, str],
) -> EvaluationSet:
    for frame, landmark in np.argwhere(stray):
        name = f"{data.truth.names[frame]}: {data.truth.scheme.names[landmark]}"
        told[name] = f"lies {away[frame, landmark]:.2f} face sizes from {place}"
    xy = np.where(stray[..., None], np.nan, data.truth.xy)
    return replace(data, truth=replace(data.truth, xy=xy)) if stray.any() else data


def _median(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """As `nanmedian`, NaN without a warning where nothing is known."""
    known = np.isfinite(values)
    filled = np.where(known.any(axis, keepdims=True), values, 0.0)
    return np.where(known.any(axis), np.nanmedian(filled, axis), np.nan)
