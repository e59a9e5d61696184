"""Before and after a training: two models on the same frozen frames, region by region.

Only points that a person put somewhere count: where a person accepted what the present model proposed, that model has no error
by definition, and every other one has some. How far the new model moves such points stands apart.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Progress, silent
from annotator.evaluation.aggregate import mean_interval
from annotator.evaluation.metrics import Floats, Normaliser, frame_nme, normaliser_lengths, point_errors
from annotator.evaluation.truth import ALL, GroundTruth, Predictions, region_groups
from annotator.inference.predictor import Predictor
from annotator.services.models.evaluate import predict
from annotator.services.models.evaluation_sets import EvaluationSet

PERCENT, PIXELS = "%", "px"
_EYE_CORNERS = {36, 45}


class Verdict(StrEnum):
    """What the table says of the new model: `unknown` where no measured frame has a point that a person placed."""

    BETTER = "better"
    WORSE = "worse"
    UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class MeasuredFrames:
    """The frames that measure, which of their points were `placed` by hand (bool [N,L]), and what the present model answered.
    Not `by_people`: nobody placed any, and those count that the cameras of a rig agree on."""

    data: EvaluationSet
    placed: NDArray[np.bool_]
    before: Predictions
    by_people: bool = True


@dataclass(frozen=True)
class RegionChange:
    """One row: the mean error in the table's unit, and the median error in frame pixels, of a group of landmarks."""

    region: str
    landmarks: int
    before: float
    after: float
    before_px: float
    after_px: float


@dataclass(frozen=True)
class AcceptedPoints:
    """Points that people merely accepted: how many, and how far each model is from there on average, in the table's unit."""

    points: int
    before: float
    after: float


@dataclass(frozen=True)
class BeforeAfter:
    """The whole table.

    Attributes:
        unit: `%` of the distance of the outer eye corners, or `px` where some measured frame lacks them.
        frames: that were measured. held_out: whether the training never saw them. rows: of points placed by hand.
        difference: the change of the mean error (negative is better) with its 95 % interval. accepted: None where there are none.
        by_people: False where no person placed a point, so that what the cameras of a rig agree on stands in.
    """

    unit: str
    frames: int
    held_out: bool
    rows: tuple[RegionChange, ...]
    difference: tuple[float, float, float]
    accepted: AcceptedPoints | None
    by_people: bool = True

    @property
    def verdict(self) -> Verdict:
        """Worse where the error grew, or where accepted points move further than the present model's placed points were off."""
        whole = next((row for row in self.rows if row.region == ALL), None)
        if whole is None:
            return Verdict.UNKNOWN
        lost = self.accepted is not None and self.accepted.after > max(whole.before, self.accepted.before)
        return Verdict.WORSE if lost or whole.after >= whole.before else Verdict.BETTER

    def to_json(self) -> dict[str, object]:
        """Plain values; None where nothing was counted."""
        rows = [{k: _plain(v) for k, v in asdict(row).items()} for row in self.rows]
        return {
            "unit": self.unit,
            "normaliser": Normaliser.INTER_OCULAR.value if self.unit == PERCENT else None,
            "frames": self.frames,
            "held_out": self.held_out,
            "by_people": self.by_people,
            "verdict": self.verdict.value,
            "rows": rows,
            "difference": [_plain(value) for value in self.difference],
            "accepted": None if self.accepted is None else asdict(self.accepted),
        }

    def column(self, name: str) -> dict[str, float]:
        """Region -> a field of its row, where it was counted."""
        return {
            row.region: round(getattr(row, name), 4) for row in self.rows if np.isfinite(getattr(row, name))
        }

    def text(self) -> str:
        """The table for people, and what it comes to."""
        where = (
            "frames kept out of training"
            if self.held_out
            else "the TRAINING frames (too few to keep any back)"
        )
        unit = "% of the eye distance" if self.unit == PERCENT else "pixels (some frames lack eye corners)"
        points = "points placed by hand" if self.by_people else "from what the cameras agree on"
        lines = [f"Error in {unit}, {points}, on {self.frames} {where}"]
        if self.rows:
            lines.append(f"{'region':<14}{'points':>7}{'before':>9}{'after':>9}{'median px':>20}")
        for row in self.rows:
            pixels = f"{_figure(row.before_px, 2)} -> {_figure(row.after_px, 2)}"
            before, after = _figure(row.before, 3), _figure(row.after, 3)
            lines.append(f"{row.region:<14}{row.landmarks:>7}{before:>9}{after:>9}{pixels:>20}")
        if self.accepted is not None:
            own = self.accepted
            lines.append(
                f"{'accepted':<14}{own.points:>7}{_figure(own.before, 3):>9}{_figure(own.after, 3):>9}   (apart)"
            )
        return "\n".join([*lines, self.verdict_text()])

    def verdict_text(self) -> str:
        """What the table comes to, in one sentence."""
        if self.verdict is Verdict.UNKNOWN:
            return "Nobody moved a point on these frames, so they do not say whether the new model is better."
        if not self.by_people:
            nearer = "nearer to" if self.verdict is Verdict.BETTER else "no nearer to"
            return (
                f"The new model is {nearer} what the cameras agree on. That is no truth: correct some frames of other people to "
                "know."
            )
        if self.verdict is Verdict.BETTER:
            return "The new model is better where people placed points."
        whole = next(row for row in self.rows if row.region == ALL)
        if whole.after >= whole.before:
            worse = "worse" if whole.after > whole.before else "no better"
            return f"The new model is {worse} where people placed points: keep the present one."
        return "The new model moves points that were right: keep the present one."


def before_and_after(
    measured: MeasuredFrames, after: Predictor, held_out: bool, progress: Progress = silent
) -> BeforeAfter:
    """Measure the new model on the frames on which the present one's answers are known."""
    truth = measured.data.truth
    new = predict([after], measured.data, progress)[0]
    lengths, unit = error_lengths(truth)
    old_errors, new_errors = (point_errors(own.xy, truth.xy) for own in (measured.before, new))
    both = np.isfinite(old_errors) & np.isfinite(new_errors)
    placed, accepted = both & measured.placed, both & ~measured.placed
    old, now = (np.where(placed, errors, np.nan) for errors in (old_errors, new_errors))
    gap = mean_interval(frame_nme(now, lengths) - frame_nme(old, lengths), truth.subjects)
    return BeforeAfter(
        unit,
        len(measured.data.paths),
        held_out,
        tuple(_rows(truth, placed, old, now, lengths)),
        (gap.value, gap.low, gap.high),
        _accepted(accepted, old_errors, new_errors, lengths),
        measured.by_people,
    )


def error_lengths(truth: GroundTruth) -> tuple[Floats, str]:
    """float64 [N]: by what errors are divided, so that they come out in the unit named beside it."""
    if truth.scheme.ibug68.keys() >= _EYE_CORNERS:
        lengths = normaliser_lengths(truth.xy, truth.scheme, Normaliser.INTER_OCULAR)
        if np.isfinite(lengths).all():
            return lengths / 100.0, PERCENT
    return np.ones(len(truth.names)), PIXELS


def _rows(
    truth: GroundTruth, placed: NDArray[np.bool_], old: Floats, new: Floats, lengths: Floats
) -> Iterator[RegionChange]:
    """One row a group that has points placed by hand; `landmarks` counts those placed on some frame."""
    for name, indices in region_groups(truth.scheme).items():
        count = int(placed[:, indices].any(axis=0).sum())
        if count:
            means = (float(np.nanmean(frame_nme(errors, lengths, indices))) for errors in (old, new))
            medians = (float(np.nanmedian(errors[:, indices])) for errors in (old, new))
            yield RegionChange(name, count, *means, *medians)


def _accepted(
    accepted: NDArray[np.bool_], old: Floats, new: Floats, lengths: Floats
) -> AcceptedPoints | None:
    if not accepted.any():
        return None
    means = (float((errors / lengths[:, None])[accepted].mean()) for errors in (old, new))
    return AcceptedPoints(int(accepted.sum()), *means)


def _figure(value: float, digits: int) -> str:
    """A number for people; a dash where nothing could be measured."""
    return f"{value:.{digits}f}" if np.isfinite(value) else "-"


def _plain(value: object) -> object:
    return None if isinstance(value, float) and not np.isfinite(value) else value
