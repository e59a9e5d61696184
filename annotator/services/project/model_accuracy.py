"""How far each model's proposals were from what people set afterwards, and whether its sigmas are calibrated.

A proposal's truth is what people set on that frame since: an accepted point counts as exact, an imported one does not count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation
from annotator.domain.errors import AnnotatorError
from annotator.domain.layers import corrections, displayed
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import mahalanobis_squared
from annotator.evaluation.calibration import coverage, reliability
from annotator.evaluation.metrics import Normaliser, normaliser_lengths
from annotator.evaluation.touching import needs_touching, touch_errors
from annotator.store.history.ledger import LedgerEntry
from annotator.store.project_store import ProjectStore

LEVELS = np.linspace(0.0, 1.0, 21)
"""The nominal shares of the reliability curves."""
_MOST_FRAMES = 2000  # of each model, the last worked on
_BINS = 10


@dataclass(frozen=True, eq=False)
class ModelAccuracy:
    """How a model's proposals compare with what people set afterwards, where they were shown.

    Attributes:
        nme: mean error as a share of the normaliser, accepted points counting as exact; moved_nme: of the moved points alone.
        moved: share of the points that were moved. touched: share that needed touching (`evaluation.touching`). across, along:
            mean errors of sliding landmarks, NaN for none. regions: nme by region's name.
        within_one, within_two: share inside one and two sigmas (0.39 and 0.86 where calibrated).
        reliability: for each of `LEVELS` the share really inside.
        sigma, correction: float64 [B], points in bins of equal size by their predicted sigma: the mean sigma of a bin, and
            the root mean square of its corrections along one axis, both as shares of the normaliser. Equal is calibrated.
    """

    model_id: str
    frames: int
    points: int
    nme: float
    moved_nme: float
    moved: float
    touched: float
    across: float
    along: float
    regions: Mapping[str, float]
    within_one: float
    within_two: float
    reliability: NDArray[np.float64]
    sigma: NDArray[np.float64]
    correction: NDArray[np.float64]


def normaliser_of(scheme: LandmarkScheme) -> Normaliser:
    """By the outer eye corners where the scheme has them, else by the box of the points."""
    try:
        normaliser_lengths(np.zeros((1, scheme.size, 2)), scheme, Normaliser.INTER_OCULAR)
    except AnnotatorError:
        return Normaliser.BOX
    return Normaliser.INTER_OCULAR


def model_errors(
    store: ProjectStore,
    entries: Sequence[LedgerEntry],
    human: Mapping[int, Annotation],
    own: Mapping[int, NDArray[np.bool_]],
    normaliser: Normaliser,
) -> tuple[ModelAccuracy, ...]:
    """One row a model, in the order in which they were first shown.

    Args:
        entries: people's edits. human: annotations by frame id. own: bool [L], which of their landmarks count.
        normaliser: what errors are divided by.
    """
    shown: dict[str, dict[int, None]] = {}
    for entry in entries:
        if entry.model_id is not None and entry.frame_id in human:
            frames = shown.setdefault(entry.model_id, {})
            frames.pop(entry.frame_id, None)
            frames[entry.frame_id] = None  # the last worked on stands last
    rows = [
        _model_error(store, model_id, list(frames)[-_MOST_FRAMES:], human, own, normaliser)
        for model_id, frames in shown.items()
    ]
    return tuple(row for row in rows if row is not None)


def _model_error(
    store: ProjectStore,
    model_id: str,
    frame_ids: Sequence[int],
    human: Mapping[int, Annotation],
    own: Mapping[int, NDArray[np.bool_]],
    normaliser: Normaliser,
) -> ModelAccuracy | None:
    offsets, covariances, lengths, truths = [], [], [], []
    for frame_id, proposal in store.proposals.items(frame_ids, model_id):
        truth = displayed(human[frame_id], proposal).xy.astype(np.float64)
        offsets.append(np.where(own[frame_id][:, None], corrections(human[frame_id], proposal), np.nan))
        covariances.append(proposal.covariance.astype(np.float64))
        truths.append(truth)
        lengths.append(float(normaliser_lengths(truth[None], store.scheme, normaliser)[0]))
    if not offsets:
        return None
    offset, covariance = np.array(offsets), np.array(covariances)
    length = np.array(lengths)
    error = np.linalg.norm(offset, axis=-1) / length[:, None]
    known = np.isfinite(error)
    if not known.any():
        return None
    moved = known & (np.abs(offset) > 1e-3).any(-1)
    touch = touch_errors(np.array(truths) - offset, np.array(truths), store.scheme)
    squared = mahalanobis_squared(offset, covariance)
    sigma = np.sqrt(np.trace(covariance, axis1=-2, axis2=-1) / 2) / length[:, None]
    regions = {region.name: _mean(error[:, list(region.indices)]) for region in store.scheme.regions}
    return ModelAccuracy(
        model_id,
        len(offsets),
        int(known.sum()),
        _mean(error),
        _mean(np.where(moved, error, np.nan)),
        float(moved.sum() / known.sum()),
        needs_touching(touch.whole, length),
        _mean(touch.across / length[:, None]),
        _mean(touch.along / length[:, None]),
        regions,
        coverage(squared, 1.0),
        coverage(squared, 2.0),
        reliability(squared, LEVELS),
        *_sigma_bins(sigma[known], error[known]),
    )


def _sigma_bins(
    sigma: NDArray[np.float64], error: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean predicted sigma and root mean square correction along one axis, in bins of as many points each.

    The largest corrections, one in fifty of a bin, are left out: a label error is not the model's.
    """
    order = np.argsort(sigma, kind="stable")
    bins = [part for part in np.array_split(order, min(_BINS, len(order))) if len(part)]
    predicted = [float(sigma[part].mean()) for part in bins]
    kept = [np.sort(error[part])[: max(1, int(0.98 * len(part)))] for part in bins]
    real = [float(np.sqrt((part**2).mean() / 2)) for part in kept]
    return np.array(predicted), np.array(real)


def _mean(values: NDArray[np.float64]) -> float:
    kept = values[np.isfinite(values)]
    return float(kept.mean()) if kept.size else float("nan")
