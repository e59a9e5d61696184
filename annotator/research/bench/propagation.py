"""What carrying a correction on is worth: the worst point of each region is corrected with the truth, and what that suggests for
the others is measured.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.faces.error_correlation import ErrorPrior, measure
from annotator.domain.faces.propagation import suggest
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.evaluation.truth import Predictions
from annotator.inference.predictor import Predictor
from annotator.research.bench.machine import machine
from annotator.services.models.error_correlation import shipped_prior
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet

_DRAWS = 2000


@dataclass(frozen=True)
class SuggestionScore:
    """Mean distances from the truth in frame pixels, over the suggestions after one correction a region.

    Attributes:
        regions: how many regions of how many frames were corrected. shown: suggestions a region.
        before, after: mean error of the landmarks that got a suggestion, as proposed and as suggested.
        change: after over before, minus one, in %; low, high: its 95 % interval, frames drawn by subject.
        better: % of suggestions that are nearer to the truth than the proposal was.
        rest_before, rest_after: the same means over all other landmarks of the region, with a suggestion or without.
    """

    regions: int
    shown: float
    before: float
    after: float
    change: float
    low: float
    high: float
    better: float
    rest_before: float
    rest_after: float


@dataclass(frozen=True)
class _Row:
    subject: str
    region: str
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    rest_before: float
    rest_after: float


def bench_suggestions(
    folder: Path, data: EvaluationSet, corrected: int = 1, progress: Progress = silent, stop: Stop = never
) -> dict[str, Any]:
    """The score of each region and of `all`, of a model's proposals on true landmarks, with what was measured where.

    Args:
        corrected: how many points of each region the artist corrects, the worst first.
    """
    made = _predicted(folder, data, progress, stop)
    scheme, prior = data.truth.scheme, shipped_prior(data.truth.scheme)
    rows = []
    for number, subject in enumerate(data.truth.subjects):
        proposal = _proposal(made, number, scheme.id)
        for index, region in enumerate(scheme.regions):
            members = np.array(region.indices)
            error = np.linalg.norm(data.truth.xy[number, members] - proposal.xy[members], axis=-1)
            usable = members[np.isfinite(error)]
            if len(usable) <= corrected:
                continue
            worst = usable[np.argsort(-error[np.isfinite(error)])[:corrected]]
            row = _measure_region(data, number, proposal, index, worst, usable, prior)
            rows.append(_Row(subject, region.name, *row))
    scores = {
        region.name: _score([row for row in rows if row.region == region.name]) for region in scheme.regions
    }
    return {
        "model": made.model_id,
        "data": data.title,
        "frames": len(data.paths),
        "corrected": corrected,
        "scores": {name: asdict(score) for name, score in (scores | {"all": _score(rows)}).items()},
        "machine": machine(),
    }


def learn_prior(
    folder: Path, data: EvaluationSet, progress: Progress = silent, stop: Stop = never
) -> ErrorPrior:
    """How a model's errors on true landmarks go together."""
    made = _predicted(folder, data, progress, stop)
    assert made.covariance is not None
    return measure(data.truth.scheme.id, data.truth.xy - made.xy, made.covariance)


def _predicted(folder: Path, data: EvaluationSet, progress: Progress, stop: Stop) -> Predictions:
    return predict([Predictor(folder, device="cpu")], data, progress, stop)[0]


def _proposal(made: Predictions, number: int, scheme_id: str) -> Proposal:
    assert made.covariance is not None
    xy, covariance = made.xy[number].astype(np.float32), made.covariance[number].astype(np.float32)
    empty = np.zeros((0, 4), np.float32)
    return Proposal(
        made.model_id, scheme_id, xy, covariance, np.ones(len(xy), np.float32), empty, xy, covariance
    )


def _measure_region(
    data: EvaluationSet,
    number: int,
    proposal: Proposal,
    region: int,
    worst: NDArray[np.int64],
    usable: NDArray[np.int64],
    prior: ErrorPrior | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]:
    """Errors of the landmarks with a suggestion before and after, and the mean over the whole rest of the region, both ways."""
    scheme, truth = data.truth.scheme, data.truth.xy[number]
    annotation = edits.apply(edits.move(worst, truth[worst]), Annotation.empty(scheme))[0]
    found = suggest(scheme, proposal, annotation, prior, (region,)).only(usable.tolist())
    places = proposal.xy.astype(np.float64)
    before = np.linalg.norm(truth - places, axis=-1)
    places[found.indices] = found.xy
    after = np.linalg.norm(truth - places, axis=-1)
    rest = np.setdiff1d(usable, worst)
    return before[found.indices], after[found.indices], float(before[rest].mean()), float(after[rest].mean())


def _score(rows: list[_Row]) -> SuggestionScore:
    before = np.concatenate([row.before for row in rows] or [np.empty(0)])
    after = np.concatenate([row.after for row in rows] or [np.empty(0)])
    low, high = _interval(rows)
    return SuggestionScore(
        regions=len(rows),
        shown=len(before) / max(len(rows), 1),
        before=float(before.mean()) if len(before) else float("nan"),
        after=float(after.mean()) if len(after) else float("nan"),
        change=_change(before.sum(), after.sum()),
        low=low,
        high=high,
        better=float((after < before).mean() * 100) if len(before) else float("nan"),
        rest_before=float(np.mean([row.rest_before for row in rows])) if rows else float("nan"),
        rest_after=float(np.mean([row.rest_after for row in rows])) if rows else float("nan"),
    )


def _interval(rows: list[_Row]) -> tuple[float, float]:
    """2.5 and 97.5 percentiles of the change over subjects drawn with replacement."""
    subjects = sorted({row.subject for row in rows})
    sums = np.zeros((len(subjects), 2))
    for row in rows:
        sums[subjects.index(row.subject)] += row.before.sum(), row.after.sum()
    if not sums[:, 0].sum():
        return float("nan"), float("nan")
    drawn = sums[np.random.default_rng(0).integers(0, len(subjects), (_DRAWS, len(subjects)))].sum(1)
    low, high = np.percentile((drawn[:, 1] / drawn[:, 0].clip(1e-9) - 1) * 100, [2.5, 97.5])
    return float(low), float(high)


def _change(before: float, after: float) -> float:
    return float((after / before - 1) * 100) if before else float("nan")
