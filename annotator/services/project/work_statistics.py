"""How the work goes, from the ledger: pace, corrections, time saved, the proposals' errors and how calibrated their sigmas are.

Working time is what lies between a person's edits, pauses of more than two minutes left out. What was imported is no work and is
left out, too. A proposal's truth is what people set on that frame since: an accepted point counts as exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.errors import AnnotatorError
from annotator.domain.layers import corrections, displayed
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import mahalanobis_squared
from annotator.evaluation.calibration import coverage, reliability
from annotator.evaluation.metrics import Normaliser, normaliser_lengths
from annotator.store.coverage import Covered
from annotator.store.ledger import LedgerEntry
from annotator.store.project_store import ProjectStore

PAUSE = 120.0
"""Seconds without an edit after which nobody is taken to work."""
LEVELS = np.linspace(0.0, 1.0, 21)
"""The nominal shares of the reliability curves."""
_NEWEST = 50_000
_MOST_FRAMES = 2000  # of each model, the last worked on
_BINS = 10
_FACETS = ("subject", "take", "camera")


@dataclass
class FrameWork:
    """What was done on one frame.

    Attributes:
        began: minutes of working time before its first edit. seconds: of its edits, by the stopwatch.
        moved: landmarks that a person put elsewhere. landmarks: those set by a person now. model_id: the last one shown.
    """

    frame_id: int
    began: float
    seconds: float = 0.0
    moved: int = 0
    landmarks: int = 0
    model_id: str | None = None


@dataclass(frozen=True)
class FrameTime:
    """Seconds a frame: the median over `frames`. `estimated`: from single points, as nobody did whole frames that way."""

    seconds: float
    frames: int
    estimated: bool = False


@dataclass(frozen=True, eq=False)
class ModelAccuracy:
    """How a model's proposals compare with what people set afterwards, where they were shown.

    Attributes:
        nme: mean error as a share of the normaliser, accepted points counting as exact; moved_nme: of the moved points alone.
        moved: share of the points that were moved. regions: nme by region's name.
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
    regions: Mapping[str, float]
    within_one: float
    within_two: float
    reliability: NDArray[np.float64]
    sigma: NDArray[np.float64]
    correction: NDArray[np.float64]


@dataclass(frozen=True)
class WorkStatistics:
    """Everything on the dashboard; None where there is nothing to tell from.

    Attributes:
        edits, frames: in the ledger, imports left out. minutes: of work. work: the frames in the order of their first edit.
        by_hand, with_proposals: seconds a frame. normaliser: what the models' errors are divided by.
        progress: subjects, takes and cameras with their frames, and those in which a person set something.
    """

    edits: int = 0
    frames: int = 0
    minutes: float = 0.0
    frames_a_minute: float | None = None
    corrections_a_frame: float | None = None
    by_hand: FrameTime | None = None
    with_proposals: FrameTime | None = None
    seconds_saved: float | None = None
    normaliser: str = ""
    models: tuple[ModelAccuracy, ...] = ()
    work: tuple[FrameWork, ...] = ()
    progress: Mapping[str, Sequence[Covered]] = field(default_factory=dict)


def work_statistics(store: ProjectStore) -> WorkStatistics:
    """Compute all figures from the ledger (its newest 50,000 entries), the annotations and the proposals."""
    entries = [
        entry for entry in store.ledger.entries(newest=_NEWEST) if not entry.label.startswith("Import")
    ]
    progress = {facet: store.coverage.rows(facet) for facet in _FACETS}
    if not entries:
        return WorkStatistics(progress=progress)
    minutes = working_minutes(entries)
    work = _frame_work(entries, minutes)
    human = dict(store.annotations.items(list(work)))
    for frame_id, one in work.items():
        one.landmarks = int(human[frame_id].is_human.sum()) if frame_id in human else 0
    touched = [one for one in work.values() if one.landmarks]
    total = float(minutes[-1])
    by_hand, helped = _times(entries, touched, store.scheme.size)
    normaliser = _normaliser(store.scheme)
    return WorkStatistics(
        edits=len(entries),
        frames=len(work),
        minutes=total,
        frames_a_minute=len(touched) / total if total > 0 and touched else None,
        corrections_a_frame=float(np.mean([one.moved for one in touched])) if touched else None,
        by_hand=by_hand,
        with_proposals=helped,
        seconds_saved=by_hand.seconds - helped.seconds if by_hand and helped else None,
        normaliser=normaliser.value,
        models=_model_errors(store, entries, human, normaliser),
        work=tuple(work.values()),
        progress=progress,
    )


def working_minutes(entries: Sequence[LedgerEntry]) -> NDArray[np.float64]:
    """float64 [N]: working time, in minutes, up to and with each entry (in the ledger's order), all people together."""
    last: dict[str, float] = {}
    spent = []
    for entry in entries:
        now = entry.at.timestamp()
        gap = now - last.get(entry.user, -np.inf)
        spent.append(max(gap, 0.0) if gap <= PAUSE else min(entry.seconds, PAUSE))
        last[entry.user] = now
    return np.asarray(np.cumsum(spent) / 60.0, np.float64)


def _frame_work(entries: Sequence[LedgerEntry], minutes: NDArray[np.float64]) -> dict[int, FrameWork]:
    """What was done on each frame, in the order of the first edits."""
    work: dict[int, FrameWork] = {}
    moved: dict[int, set[int]] = {}
    for number, entry in enumerate(entries):
        began = float(minutes[number - 1]) if number else 0.0
        one = work.setdefault(entry.frame_id, FrameWork(entry.frame_id, began))
        one.seconds += entry.seconds
        one.model_id = entry.model_id or one.model_id
        put = entry.indices[(entry.to_state == LandmarkState.CORRECTED) & _changed(entry)]
        moved.setdefault(entry.frame_id, set()).update(put.tolist())
    for frame_id, landmarks in moved.items():
        work[frame_id].moved = len(landmarks)
    return work


def _changed(entry: LedgerEntry) -> NDArray[np.bool_]:
    return np.asarray((entry.from_xy != entry.to_xy).any(-1))


def _times(
    entries: Sequence[LedgerEntry], work: Sequence[FrameWork], size: int
) -> tuple[FrameTime | None, FrameTime | None]:
    """Seconds a frame by hand and with proposals, from frames of which at least half of the landmarks were set.

    By hand a frame may be marked in part: its seconds are brought up to all landmarks. Where nobody worked without a model, the
    time to place single points stands in for it.
    """
    whole = [one for one in work if one.landmarks >= size / 2 and one.seconds > 0]
    alone = [one.seconds / one.landmarks * size for one in whole if one.model_id is None]
    helped = [one.seconds for one in whole if one.model_id is not None]
    by_hand = FrameTime(float(np.median(alone)), len(alone)) if alone else None
    if by_hand is None:
        single = [
            entry.seconds
            for entry in entries
            if len(entry.indices) == 1 and entry.seconds > 0 and entry.to_state[0] == LandmarkState.CORRECTED
        ]
        if single:
            by_hand = FrameTime(float(np.median(single)) * size, len(single), estimated=True)
    return by_hand, FrameTime(float(np.median(helped)), len(helped)) if helped else None


def _normaliser(scheme: LandmarkScheme) -> Normaliser:
    try:
        normaliser_lengths(np.zeros((1, scheme.size, 2)), scheme, Normaliser.INTER_OCULAR)
    except AnnotatorError:
        return Normaliser.BOX
    return Normaliser.INTER_OCULAR


def _model_errors(
    store: ProjectStore,
    entries: Sequence[LedgerEntry],
    human: Mapping[int, Annotation],
    normaliser: Normaliser,
) -> tuple[ModelAccuracy, ...]:
    """One row a model, in the order in which they were first shown."""
    shown: dict[str, dict[int, None]] = {}
    for entry in entries:
        if entry.model_id is not None and entry.frame_id in human:
            frames = shown.setdefault(entry.model_id, {})
            frames.pop(entry.frame_id, None)
            frames[entry.frame_id] = None  # the last worked on stands last
    rows = [
        _model_error(store, model_id, list(frames)[-_MOST_FRAMES:], human, normaliser)
        for model_id, frames in shown.items()
    ]
    return tuple(row for row in rows if row is not None)


def _model_error(
    store: ProjectStore,
    model_id: str,
    frame_ids: Sequence[int],
    human: Mapping[int, Annotation],
    normaliser: Normaliser,
) -> ModelAccuracy | None:
    offsets, covariances, lengths = [], [], []
    for frame_id, proposal in store.proposals.items(frame_ids, model_id):
        truth = displayed(human[frame_id], proposal).xy.astype(np.float64)
        offsets.append(corrections(human[frame_id], proposal))
        covariances.append(proposal.covariance.astype(np.float64))
        lengths.append(float(normaliser_lengths(truth[None], store.scheme, normaliser)[0]))
    if not offsets:
        return None
    offset, covariance = np.array(offsets), np.array(covariances)
    error = np.linalg.norm(offset, axis=-1) / np.array(lengths)[:, None]
    known = np.isfinite(error)
    if not known.any():
        return None
    moved = known & (np.abs(offset) > 1e-3).any(-1)
    squared = mahalanobis_squared(offset, covariance)
    sigma = np.sqrt(np.trace(covariance, axis1=-2, axis2=-1) / 2) / np.array(lengths)[:, None]
    regions = {region.name: _mean(error[:, list(region.indices)]) for region in store.scheme.regions}
    return ModelAccuracy(
        model_id,
        len(offsets),
        int(known.sum()),
        _mean(error),
        _mean(np.where(moved, error, np.nan)),
        float(moved.sum() / known.sum()),
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
