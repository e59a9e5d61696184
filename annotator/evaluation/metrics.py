"""Landmark errors: NME by a named normaliser, PCK, CED, AUC and failure rate, each with masks for what was not marked.

All functions take errors as float arrays with NaN where a landmark does not count; none of them invents a value:
a frame without any counted landmark, or without its normaliser, is NaN and is left out of the means.
Lengths are in frame pixels; NME is a fraction (0.04 is "4 %").
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme

Floats = NDArray[np.float64]
_RIGHT_OUTER, _LEFT_OUTER = 36, 45
_RIGHT_EYE, _LEFT_EYE = range(36, 42), range(42, 48)


class Normaliser(StrEnum):
    """The length by which pixel errors are divided."""

    INTER_OCULAR = "inter-ocular"
    INTER_PUPIL = "inter-pupil"
    BOX = "box"
    DIAGONAL = "diagonal"

    @property
    def meaning(self) -> str:
        """The definition, as it is printed beside every figure."""
        return _MEANING[self]


_MEANING = {
    Normaliser.INTER_OCULAR: "distance of the outer eye corners (iBUG 36 and 45)",
    Normaliser.INTER_PUPIL: "distance of the eye centres, each the mean of its lid points (iBUG 36-41 and 42-47)",
    Normaliser.BOX: "sqrt(width x height) of the box around the true landmarks",
    Normaliser.DIAGONAL: "diagonal of the box around the true landmarks",
}


def point_errors(predicted: Floats, truth: Floats, mask: NDArray[np.bool_] | None = None) -> Floats:
    """Euclidean errors float64[N,L] in pixels of points [N,L,2]; NaN where either is missing or `mask` is False."""
    errors: Floats = np.linalg.norm(np.asarray(predicted, float) - np.asarray(truth, float), axis=-1)
    return errors if mask is None else np.where(mask, errors, np.nan)


def normaliser_lengths(truth: Floats, scheme: LandmarkScheme, normaliser: Normaliser) -> Floats:
    """float64[N]: the normaliser of each frame from its true points [N,L,2]; NaN where the points it needs are missing.

    Box and diagonal use the landmarks that were marked, so they compare only between frames marked alike.
    """
    if normaliser is Normaliser.INTER_OCULAR:
        ends = [
            truth[:, ibug_indices(scheme, [corner])].mean(axis=1) for corner in (_RIGHT_OUTER, _LEFT_OUTER)
        ]
    elif normaliser is Normaliser.INTER_PUPIL:
        ends = [truth[:, ibug_indices(scheme, eye)].mean(axis=1) for eye in (_RIGHT_EYE, _LEFT_EYE)]
    else:
        size = _box_size(truth)
        lengths = (
            np.sqrt(size.prod(axis=-1)) if normaliser is Normaliser.BOX else np.linalg.norm(size, axis=-1)
        )
        return np.where(lengths > 0, lengths, np.nan)
    lengths = np.linalg.norm(ends[1] - ends[0], axis=-1)
    return np.where(lengths > 0, lengths, np.nan)


def ibug_indices(scheme: LandmarkScheme, wanted: Iterable[int]) -> list[int]:
    """The scheme's landmarks that stand for points of the 68-point markup (0-based), those that it has.

    Raises AnnotatorError when it has none of them.
    """
    points = list(wanted)
    present = [scheme.ibug68[point] for point in points if point in scheme.ibug68]
    if not present:
        raise AnnotatorError(
            f"{scheme.id} names no landmark for iBUG {points}: choose the normaliser "
            f"'{Normaliser.BOX}' or '{Normaliser.DIAGONAL}', or give those landmarks their `ibug68` index."
        )
    return present


def frame_nme(errors: Floats, lengths: Floats, indices: NDArray[np.int64] | None = None) -> Floats:
    """float64[N]: mean error of each frame's counted landmarks over its normaliser, as a fraction."""
    chosen = errors if indices is None else errors[:, indices]
    counted = np.isfinite(chosen)
    total = np.where(counted, chosen, 0.0).sum(axis=1)
    return _divide(_divide(total, counted.sum(axis=1).astype(float)), lengths)


def landmark_nme(errors: Floats, lengths: Floats) -> Floats:
    """float64[L]: mean over the frames of each landmark's normalised error; NaN for a landmark never counted."""
    scaled = errors / lengths[:, None]
    counted = np.isfinite(scaled)
    return _divide(np.where(counted, scaled, 0.0).sum(axis=0), counted.sum(axis=0).astype(float))


def pck(values: Floats, threshold: float) -> float:
    """Share of the counted errors at or below `threshold` (same unit as `values`): PCK, or one point of a CED curve."""
    kept = values[np.isfinite(values)]
    return float(np.mean(kept <= threshold)) if kept.size else float("nan")


def ced(values: Floats, thresholds: Floats) -> Floats:
    """Cumulative error distribution: the share of counted `values` at or below each threshold."""
    kept = np.sort(values[np.isfinite(values)])
    if not kept.size:
        return np.full(len(thresholds), np.nan)
    shares: Floats = np.searchsorted(kept, thresholds, side="right") / kept.size
    return shares


def auc(values: Floats, limit: float) -> float:
    """Area under the CED curve from 0 to `limit`, over `limit` (0..1). Exact: the mean of clip(1 - v / limit, 0, 1)."""
    kept = values[np.isfinite(values)]
    return float(np.clip(1.0 - kept / limit, 0.0, 1.0).mean()) if kept.size else float("nan")


def worst_tenth(values: Floats) -> float:
    """Mean of the worst tenth of the counted values, of one at least: what a mean over all frames hides."""
    kept = np.sort(values[np.isfinite(values)])
    return float(kept[-max(1, round(0.1 * kept.size)) :].mean()) if kept.size else float("nan")


def failure_rate(values: Floats, limit: float = 0.1) -> float:
    """Share of counted frames whose NME is above `limit`."""
    kept = values[np.isfinite(values)]
    return float(np.mean(kept > limit)) if kept.size else float("nan")


def mean_over_sets(scores: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """Weighted mean of scores that were measured on separate sets.

    The 300-W column "full" of Chandran et al. (CVPR 2020, Table 2) is the mean over common counted twice and challenging
    once, 4.23, while weighting by images (554 and 135) gives 3.65: state which one a figure is.
    """
    total = sum(weights[name] for name in scores)
    if total <= 0:
        raise AnnotatorError("The weights of the sets must add up to more than zero.")
    return sum(scores[name] * weights[name] for name in scores) / total


def _box_size(truth: Floats) -> Floats:
    """float64[N,2]: width and height of the box around the marked points; 0 where none is marked."""
    marked = np.isfinite(truth)
    low = np.where(marked, truth, np.inf).min(axis=1)
    high = np.where(marked, truth, -np.inf).max(axis=1)
    size: Floats = np.where(np.isfinite(low) & np.isfinite(high), high, 0.0) - np.where(
        np.isfinite(low), low, 0.0
    )
    return size


def _divide(numerator: Floats, denominator: Floats) -> Floats:
    """Element by element, NaN where the denominator is zero or missing."""
    usable = np.isfinite(denominator) & (denominator > 0)
    result: Floats = np.where(usable, numerator / np.where(usable, denominator, 1.0), np.nan)
    return result
