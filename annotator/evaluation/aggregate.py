"""Scores of one or several models on the same frames, with bootstrap intervals over subjects.

Frames of one person are not independent: resampling them one by one makes intervals far too narrow, so whole subjects
are drawn. With a single subject the frames themselves are drawn, and the score says so by `clusters` = frames.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.evaluation.metrics import (
    Floats,
    Normaliser,
    auc,
    ced,
    failure_rate,
    frame_nme,
    landmark_nme,
    normaliser_lengths,
    pck,
    point_errors,
    worst_tenth,
)
from annotator.evaluation.touching import TouchErrors, needs_touching, touch_errors
from annotator.evaluation.truth import GroundTruth, Predictions, region_groups

_SAMPLES = 2000
CED_STEPS = 201


@dataclass(frozen=True)
class Estimate:
    """A mean over frames with its 95 % bootstrap interval; `count` frames in `clusters` resampled groups."""

    value: float
    low: float
    high: float
    count: int
    clusters: int


@dataclass(frozen=True)
class GroupScore:
    """Scores of one group of landmarks: NME as fractions, `median_px` and `p95_px` in frame pixels over landmarks.

    `worst_tenth`: mean NME of the worst tenth of the frames. `touch`: share of the points that need touching. `across`, `along`:
    mean errors of the sliding landmarks across their curves and along them, as fractions; NaN in a group of anchors.
    """

    nme: Estimate
    worst_tenth: float
    auc: float
    failure_rate: float
    pck: dict[str, float]
    mean_px: float
    median_px: float
    p95_px: float
    landmarks: int
    touch: float
    across: float
    along: float


@dataclass(frozen=True)
class ModelScore:
    """All scores of a model. `groups` by region name with "all" first; `ced` the shares at `thresholds` (of frame NME)."""

    model_id: str
    normaliser: str
    frames: int
    groups: dict[str, GroupScore]
    landmark_nme: dict[str, float]
    landmark_px: dict[str, float]
    thresholds: list[float]
    ced: list[float]
    frame_nme: list[float]
    seconds: float | None

    def to_json(self) -> dict[str, object]:
        """Plain values for JSON; NaN where nothing was counted."""
        return asdict(self)

    def hardest(self, count: int) -> list[str]:
        """Names of the landmarks with the greatest mean error, the hardest first."""
        known = [name for name, value in self.landmark_nme.items() if np.isfinite(value)]
        return sorted(known, key=lambda name: (self.landmark_nme[name], name), reverse=True)[:count]


@dataclass(frozen=True)
class Scoring:
    """How to score: the normaliser, the limit of AUC and failures (fraction), PCK thresholds (fractions)."""

    normaliser: Normaliser = Normaliser.INTER_OCULAR
    limit: float = 0.1
    pck_at: tuple[float, ...] = (0.005, 0.01, 0.05)
    include_occluded: bool = True


def mean_interval(
    values: Floats, clusters: Sequence[str], seed: int = 0, samples: int = _SAMPLES
) -> Estimate:
    """Mean of the counted values with the 95 % percentile interval of a bootstrap over clusters (frames if only one)."""
    kept = np.isfinite(values)
    count = int(kept.sum())
    if not count:
        return Estimate(float("nan"), float("nan"), float("nan"), 0, 0)
    labels = np.asarray(clusters)[kept]
    names, group = np.unique(labels, return_inverse=True)
    if len(names) < 2:
        names, group = np.arange(count), np.arange(count)
    sums = np.bincount(group, weights=values[kept], minlength=len(names))
    sizes = np.bincount(group, minlength=len(names)).astype(float)
    draws = np.random.default_rng(seed).integers(0, len(names), size=(samples, len(names)))
    means = sums[draws].sum(axis=1) / sizes[draws].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Estimate(float(values[kept].mean()), float(low), float(high), count, len(names))


def score_model(truth: GroundTruth, predictions: Predictions, scoring: Scoring | None = None) -> ModelScore:
    """Score one model's predictions on all frames of `truth`."""
    scoring = scoring or Scoring()
    if predictions.xy.shape != truth.xy.shape:
        raise AnnotatorError(
            f"{predictions.model_id} gave points of shape {predictions.xy.shape} for true points of shape "
            f"{truth.xy.shape}: both must be on the same frames in the same scheme ({truth.scheme.id})."
        )
    mask = truth.mask(scoring.include_occluded)
    errors = point_errors(predictions.xy, truth.xy, mask)
    touch = touch_errors(predictions.xy, truth.xy, truth.scheme, mask)
    lengths = normaliser_lengths(truth.xy, truth.scheme, scoring.normaliser)
    groups = {
        name: _score_group(errors, touch, lengths, indices, truth.subjects, scoring)
        for name, indices in region_groups(truth.scheme).items()
    }
    per_frame = frame_nme(errors, lengths)
    thresholds = np.linspace(0.0, scoring.limit, CED_STEPS)
    names = truth.scheme.names
    seconds = predictions.seconds
    return ModelScore(
        model_id=predictions.model_id,
        normaliser=f"{scoring.normaliser.value}: {scoring.normaliser.meaning}",
        frames=int(np.isfinite(per_frame).sum()),
        groups=groups,
        landmark_nme=dict(zip(names, landmark_nme(errors, lengths).tolist(), strict=True)),
        landmark_px=dict(zip(names, landmark_nme(errors, np.ones(len(errors))).tolist(), strict=True)),
        thresholds=thresholds.tolist(),
        ced=ced(per_frame, thresholds).tolist(),
        frame_nme=per_frame.tolist(),
        seconds=None if seconds is None else float(np.nanmedian(seconds)),
    )


def compare(
    truth: GroundTruth, models: Sequence[Predictions], scoring: Scoring | None = None
) -> dict[str, Estimate]:
    """Paired difference of frame NME to the first model, by model id (negative: better than the first)."""
    scoring = scoring or Scoring()
    mask = truth.mask(scoring.include_occluded)
    lengths = normaliser_lengths(truth.xy, truth.scheme, scoring.normaliser)
    values = [frame_nme(point_errors(model.xy, truth.xy, mask), lengths) for model in models]
    return {
        model.model_id: mean_interval(value - values[0], truth.subjects)
        for model, value in zip(models[1:], values[1:], strict=True)
    }


def _score_group(
    errors: Floats,
    touch: TouchErrors,
    lengths: Floats,
    indices: NDArray[np.int64],
    subjects: Sequence[str],
    scoring: Scoring,
) -> GroupScore:
    """Scores of the landmarks `indices` over all frames."""
    per_frame = frame_nme(errors, lengths, indices)
    chosen = errors[:, indices]
    scaled = chosen / lengths[:, None]
    pixels = chosen[np.isfinite(chosen)]
    median, p95 = np.percentile(pixels, [50, 95]) if pixels.size else (np.nan, np.nan)
    return GroupScore(
        nme=mean_interval(per_frame, subjects),
        worst_tenth=worst_tenth(per_frame),
        auc=auc(per_frame, scoring.limit),
        failure_rate=failure_rate(per_frame, scoring.limit),
        pck={f"{threshold:g}": pck(scaled, threshold) for threshold in scoring.pck_at},
        mean_px=float(pixels.mean()) if pixels.size else float("nan"),
        median_px=float(median),
        p95_px=float(p95),
        landmarks=len(indices),
        touch=needs_touching(touch.whole[:, indices], lengths),
        across=_mean_share(touch.across[:, indices], lengths),
        along=_mean_share(touch.along[:, indices], lengths),
    )


def _mean_share(errors: Floats, lengths: Floats) -> float:
    """Mean over frames of their mean error over the normaliser; NaN for none."""
    per_frame = frame_nme(errors, lengths)
    kept = per_frame[np.isfinite(per_frame)]
    return float(kept.mean()) if kept.size else float("nan")
