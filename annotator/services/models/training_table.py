"""Before and after a training: two models on the same frozen frames, region by region."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from annotator.domain.progress import Progress, silent
from annotator.evaluation.aggregate import ModelScore, Scoring, compare, score_model
from annotator.evaluation.metrics import Normaliser, normaliser_lengths
from annotator.evaluation.truth import GroundTruth, Predictions, region_groups
from annotator.inference.predictor import Predictor
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet


@dataclass(frozen=True)
class RegionChange:
    """One row: NME in percent and median error in frame pixels of a group of landmarks, before and after."""

    region: str
    landmarks: int
    before: float
    after: float
    before_px: float
    after_px: float


@dataclass(frozen=True)
class BeforeAfter:
    """The whole table. `frames` were measured, `held_out` tells whether the training never saw them; `difference` is the
    change of NME in percent points (negative is better) with its 95 % interval."""

    normaliser: str
    frames: int
    held_out: bool
    rows: tuple[RegionChange, ...]
    difference: tuple[float, float, float]

    def to_json(self) -> dict[str, object]:
        """Plain values; None where nothing was counted."""
        rows = [{k: _plain(v) for k, v in asdict(row).items()} for row in self.rows]
        return {
            "normaliser": self.normaliser,
            "frames": self.frames,
            "held_out": self.held_out,
            "rows": rows,
            "difference": [_plain(value) for value in self.difference],
        }

    def column(self, name: str) -> dict[str, float]:
        """Region -> a field of its row, where it was counted."""
        return {
            row.region: round(getattr(row, name), 4) for row in self.rows if np.isfinite(getattr(row, name))
        }

    def text(self) -> str:
        """The table for people."""
        where = (
            "frames kept out of training"
            if self.held_out
            else "the TRAINING frames (too few to keep any back)"
        )
        head = f"NME in % by {self.normaliser.split(':')[0]} on {self.frames} {where}"
        lines = [head, f"{'region':<14}{'points':>7}{'before':>9}{'after':>9}{'median px':>20}"]
        for row in self.rows:
            pixels = f"{_figure(row.before_px, 2)} -> {_figure(row.after_px, 2)}"
            before, after = _figure(row.before, 3), _figure(row.after, 3)
            lines.append(f"{row.region:<14}{row.landmarks:>7}{before:>9}{after:>9}{pixels:>20}")
        return "\n".join(lines)


def scoring_for(truth: GroundTruth) -> Scoring:
    """By the eye distance where every frame has its corners marked, else by the box of the marked points."""
    if {36, 45} <= truth.scheme.ibug68.keys():
        lengths = normaliser_lengths(truth.xy, truth.scheme, Normaliser.INTER_OCULAR)
        if np.isfinite(lengths).all():
            return Scoring(Normaliser.INTER_OCULAR)
    return Scoring(Normaliser.BOX)


def before_and_after(
    data: EvaluationSet, before: Predictions, after: Predictor, held_out: bool, progress: Progress = silent
) -> BeforeAfter:
    """Measure the new model on the frames of `data`, on which the old one's predictions are known."""
    new = predict([after], data, progress)[0]
    scoring = scoring_for(data.truth)
    old_score, new_score = (score_model(data.truth, own, scoring) for own in (before, new))
    gap = next(iter(compare(data.truth, [before, new], scoring).values()))
    return BeforeAfter(
        old_score.normaliser,
        len(data.paths),
        held_out,
        tuple(_rows(data.truth, old_score, new_score)),
        (100 * gap.value, 100 * gap.low, 100 * gap.high),
    )


def _rows(truth: GroundTruth, old: ModelScore, new: ModelScore) -> Sequence[RegionChange]:
    """One row a group that has marked landmarks; `landmarks` counts those marked on some frame."""
    seen = np.asarray(truth.mask().any(axis=0))
    rows = []
    for name, indices in region_groups(truth.scheme).items():
        a, b = old.groups[name], new.groups[name]
        if seen[indices].any():
            count = int(seen[indices].sum())
            rows.append(
                RegionChange(name, count, 100 * a.nme.value, 100 * b.nme.value, a.median_px, b.median_px)
            )
    return rows


def _figure(value: float, digits: int) -> str:
    """A number for people; a dash where nothing could be measured."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "-"


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not np.isfinite(value) else value
