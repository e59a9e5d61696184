"""Which landmarks of a frame deserve a look, and why: the rules behind the queues, simple enough for one line.

Five questions are asked of a frame, each answered by a score (higher = sooner) and by the landmarks in question:

- **uncertain**: of the points that nobody set, how many does the model expect to have misplaced? The sum of 1 - confidence,
  which for a sliding landmark is the chance that it lies near enough to its curve (`sliding`).
- **disagreement**: how far apart are the global and the regional network, in sigmas of both together? The mean of the five
  largest distances, so that one stray point does not outweigh a region that went wrong.
- **label error**: how far does a point that a person set lie from a sure model's proposal, in sigmas of the proposal, or from
  the shape that this project's faces usually have (`shape_statistics`)? Two neighbours of a curve, or a left and right pair, that
  fit the proposal much better when exchanged are swapped. The largest value counts.
- **cameras**: which of the frame's points, a model's own or a person's, lie farther from where the other cameras of a rig see
  them than their covariances allow? The largest distance in sigmas counts. Only frames whose cameras were asked have an answer.
- **motion**: where does an open point's speed change far more from frame to frame than it does nearby in time (`takes.breaks`)?
  Asked of tracks, and of proposals where nothing is tracked; the largest break in sigmas counts.

Distances are Mahalanobis distances: sqrt(r^T C^-1 r) of an offset r under a covariance C; of sliding landmarks, across their
curves alone, as nobody corrects what lies along them (cameras excepted: those of a rig see the same place of the curve).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.faces.confidence import confidence_across
from annotator.domain.faces.face_frame import face_size
from annotator.domain.faces.shape_statistics import ShapeStatistics, shape_distances
from annotator.domain.layers import displayed
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.shaping.sliding import across_variance, to_touch

Floats = NDArray[np.float64]


class Question(IntEnum):
    """The questions that are asked of every frame."""

    UNCERTAIN = 0
    DISAGREEMENT = 1
    LABEL_ERROR = 2
    CAMERAS = 3
    MOTION = 4


class Cause(IntEnum):
    """What is odd about one landmark."""

    UNSURE = 0
    APART = 1
    FAR_FROM_PROPOSAL = 2
    ODD_SHAPE = 3
    SWAPPED = 4
    OFF_OTHERS = 5
    BREAKS = 6


@dataclass(frozen=True, eq=False)
class Finding:
    """One answer. K landmarks in question, the worst first.

    Attributes:
        score: at least 0; 0 means that there is nothing to look at.
        indices: int64 [K]. values: float32 [K], confidence for UNSURE, pixels for OFF_OTHERS, else sigmas.
        causes: uint8 [K] of `Cause`.
    """

    question: Question
    score: float
    indices: NDArray[np.int64]
    values: NDArray[np.float32]
    causes: NDArray[np.uint8]


RULES = 2
"""Grows when the rules below change, so that a project knows which findings are of older ones."""
UNSURE_BELOW = 0.5
APART_BEYOND = 2.0
ERROR_BEYOND = 3.0
_MOST = 12  # landmarks that a finding names
_CAP = 50.0  # sigmas; more says nothing more
_LARGEST = 5
OWN_ERROR = 0.003
"""A person's own error, as a share of the face's size: no model is surer than that."""
_SWAP_GAIN = 0.5  # a swapped pair fits the proposal at least twice as well when it is exchanged


def findings(
    scheme: LandmarkScheme,
    own: Proposal,
    annotation: Annotation,
    statistics: ShapeStatistics | None,
    consensus: FrameConsensus | None = None,
) -> tuple[Finding, ...]:
    """All answers for a frame by itself, in the order of `Question`; a decided frame is asked for a person's errors alone.

    Args:
        own: what the model itself proposed. consensus: what all cameras of the moment say, where they were asked; where it is
            taken, certainty and label errors are those of what is shown.
    """
    proposal = own if consensus is None else consensus.over(own)
    size = face_size(proposal.xy)
    undecided = annotation.review in (ReviewState.UNREVIEWED, ReviewState.NEEDS_WORK)
    is_open = ~annotation.is_human if undecided else np.zeros(scheme.size, np.bool_)
    kept = annotation.review is not ReviewState.REJECTED
    judged = annotation.is_human if kept else np.zeros(scheme.size, np.bool_)
    return (
        uncertain(scheme, proposal, is_open),
        disagreement(scheme, own, is_open, size),
        label_errors(scheme, proposal, annotation, judged, statistics, size),
        off_others(consensus, is_open | judged),
    )


def uncertain(scheme: LandmarkScheme, proposal: Proposal, is_open: NDArray[np.bool_]) -> Finding:
    """Of the open landmarks (bool [L]) those that the model is unsure of, the least sure first."""
    confidence = np.nan_to_num(proposal.confidence.astype(np.float64), nan=0.0)
    values = np.where(is_open, confidence, np.inf)
    across = across_variance(scheme, proposal.covariance, proposal.xy)
    covariance, size = proposal.covariance.astype(np.float64), face_size(proposal.xy)
    score = float((1.0 - confidence_across(confidence, covariance, across, size)[is_open]).sum())
    limit = max(UNSURE_BELOW, float(np.nextafter(values.min(), np.inf)))  # one at least
    return _finding(
        Question.UNCERTAIN, score, values, is_open & (values < limit), Cause.UNSURE, smallest=True
    )


def disagreement(
    scheme: LandmarkScheme, proposal: Proposal, is_open: NDArray[np.bool_], size: float
) -> Finding:
    """Of the open landmarks of regions those where the global and the regional network are apart, the farthest first."""
    offset, covariance = proposal.global_xy - proposal.xy, proposal.covariance + proposal.global_covariance
    distance = distances_to_touch(scheme, offset, covariance, proposal.xy, OWN_ERROR * size)
    values = np.where(is_open & (scheme.region_of >= 0), np.nan_to_num(distance), 0.0)
    largest = np.sort(values)[-_LARGEST:]
    wanted = values >= APART_BEYOND
    score = float(largest.mean()) if wanted.any() else 0.0
    return _finding(Question.DISAGREEMENT, score, values, wanted, Cause.APART)


def label_errors(
    scheme: LandmarkScheme,
    proposal: Proposal,
    annotation: Annotation,
    judged: NDArray[np.bool_],
    statistics: ShapeStatistics | None,
    size: float,
) -> Finding:
    """Of the judged landmarks (bool [L]) those that are probably not where they should be, the worst first."""
    if not judged.any():
        return _finding(Question.LABEL_ERROR, 0.0, np.zeros(scheme.size), judged, Cause.FAR_FROM_PROPOSAL)
    offset = annotation.xy.astype(np.float64) - proposal.xy
    far = distances_to_touch(scheme, offset, proposal.covariance, proposal.xy, OWN_ERROR * size)
    far = np.nan_to_num(far)
    odd = np.zeros(scheme.size)
    if statistics is not None:
        shown = displayed(annotation, proposal).xy.astype(np.float64)
        odd = np.nan_to_num(shape_distances(statistics, scheme, shown))
    values = np.where(judged, np.minimum(np.maximum(far, odd), _CAP), 0.0)
    causes = np.where(odd > far, Cause.ODD_SHAPE, Cause.FAR_FROM_PROPOSAL).astype(np.uint8)
    causes[swapped(scheme, proposal, annotation, judged & (far >= ERROR_BEYOND))] = Cause.SWAPPED
    wanted = values >= ERROR_BEYOND
    score = float(values.max()) if wanted.any() else 0.0
    return _finding(Question.LABEL_ERROR, score, values, wanted, causes)


def off_others(consensus: FrameConsensus | None, asked: NDArray[np.bool_]) -> Finding:
    """Of the landmarks in question (bool [L]) those that are not where the other cameras see them, the farthest first."""
    if consensus is None:
        return _finding(Question.CAMERAS, 0.0, np.zeros(len(asked)), np.zeros_like(asked), Cause.OFF_OTHERS)
    values = np.minimum(np.nan_to_num(consensus.residuals.astype(np.float64), posinf=_CAP), _CAP)
    wanted = asked & consensus.disagrees & np.isfinite(consensus.apart)
    score = float(values[wanted].max()) if wanted.any() else 0.0
    found = _finding(Question.CAMERAS, score, values, wanted, Cause.OFF_OTHERS)
    return replace(found, values=consensus.apart[found.indices])


def breaks_in_motion(sigmas: Floats, is_open: NDArray[np.bool_], beyond: float) -> Finding:
    """Of the open landmarks (bool [L]) those that break (float64 [L], NaN where that is not known), the farthest first."""
    values = np.nan_to_num(sigmas)
    wanted = is_open & (values > beyond)
    score = float(values[wanted].max()) if wanted.any() else 0.0
    return _finding(Question.MOTION, score, values, wanted, Cause.BREAKS)


def swapped(
    scheme: LandmarkScheme, proposal: Proposal, annotation: Annotation, suspects: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Those of the suspects (bool [L]) that fit the proposal much better when they change places with a partner."""
    pairs = _partners(scheme)
    pairs = pairs[suspects[pairs].all(1)]
    if not len(pairs):
        return np.empty(0, np.int64)
    placed, proposed = annotation.xy[pairs].astype(np.float64), proposal.xy[pairs].astype(np.float64)
    straight = np.linalg.norm(placed - proposed, axis=-1).sum(1)
    crossed = np.linalg.norm(placed - proposed[:, ::-1], axis=-1).sum(1)
    return np.unique(pairs[crossed < _SWAP_GAIN * straight]).astype(np.int64)


def distances_to_touch(
    scheme: LandmarkScheme,
    offset: NDArray[np.floating],
    covariance: NDArray[np.floating],
    xy: NDArray[np.floating],
    own: float,
) -> Floats:
    """As `mahalanobis`, of offsets [L, 2] from the face `xy`; of sliding landmarks across their curves alone."""
    across = across_variance(scheme, covariance, xy) + own * own
    sigmas = to_touch(scheme, offset, xy) / np.sqrt(np.where(across > 0, across, np.nan))
    return np.where(np.isfinite(across), np.minimum(sigmas, _CAP), mahalanobis(offset, covariance, own))


def mahalanobis(offset: NDArray[np.floating], covariance: NDArray[np.floating], own: float = 0.0) -> Floats:
    """Distances [..] of offsets [.., 2] under covariances [.., 2, 2] widened by `own`^2 (pixels), at most 50; NaN if unknown."""
    widened = np.asarray(covariance, np.float64) + own * own * np.eye(2)
    squared = mahalanobis_squared(offset, widened)
    return np.minimum(np.sqrt(np.maximum(squared, 0.0)), _CAP)


def mahalanobis_squared(offset: NDArray[np.floating], covariance: NDArray[np.floating]) -> Floats:
    """r^T C^-1 r [..] of offsets r [.., 2] under covariances C [.., 2, 2]; NaN where either is missing or singular."""
    a, b, c = covariance[..., 0, 0], covariance[..., 0, 1], covariance[..., 1, 1]
    determinant = a * c - b * b
    usable = np.isfinite(determinant) & (determinant > 0)
    x, y = offset[..., 0], offset[..., 1]
    safe = np.where(usable, determinant, 1.0)
    return np.where(usable, (c * x * x - 2.0 * b * x * y + a * y * y) / safe, np.nan)


def _finding(
    question: Question,
    score: float,
    values: Floats,
    wanted: NDArray[np.bool_],
    causes: Cause | NDArray[np.uint8],
    smallest: bool = False,
) -> Finding:
    order = np.argsort(values if smallest else -values, kind="stable")
    at = order[wanted[order]][:_MOST].astype(np.int64)
    named = np.full(len(at), int(causes), np.uint8) if isinstance(causes, Cause) else causes[at]
    return Finding(question, score, at, values[at].astype(np.float32), named)


@lru_cache(maxsize=8)
def _partner_pairs(mirror: tuple[int, ...], curves: Sequence[tuple[int, ...]]) -> NDArray[np.int64]:
    found = {(i, j) for i, j in enumerate(mirror) if i < j}
    for curve in curves:
        found |= {(min(pair), max(pair)) for pair in pairwise(curve)}
    return np.array(sorted(found), np.int64).reshape(-1, 2)


def _partners(scheme: LandmarkScheme) -> NDArray[np.int64]:
    """int64 [P, 2]: left and right pairs, and neighbours on a curve: what a hand may mistake for one another."""
    return _partner_pairs(tuple(scheme.mirror.tolist()), tuple(curve.indices for curve in scheme.curves))
