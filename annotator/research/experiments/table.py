"""The figures of an experiment: NME by system and size with bootstrap intervals, and how ADC compares with the best baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from annotator.evaluation.aggregate import Estimate, ModelScore, Scoring, mean_interval, score_model
from annotator.evaluation.metrics import (
    Normaliser,
    frame_nme,
    mean_over_sets,
    normaliser_lengths,
    point_errors,
)
from annotator.evaluation.report import Report, strict_json, write_report
from annotator.evaluation.truth import Predictions
from annotator.files import atomic_folder
from annotator.research.bench.machine import machine
from annotator.research.experiments.options import ExperimentOptions
from annotator.research.experiments.presets import Preset, System
from annotator.services.models.evaluation_sets import EvaluationSet

_SAMPLES = 2000
FULL_PAPER, FULL_IMAGES = "full, (2 common + challenging) / 3", "full, by images"


@dataclass(frozen=True)
class MeasuredSystem:
    """A system's points on one set at one size, and the summary of its training."""

    system: System
    part: str
    size: int
    points: Predictions
    summary: Mapping[str, Any]


@dataclass(frozen=True)
class Ratio:
    """NME of one system over that of another, with its 95 % interval (bootstrap over subjects)."""

    ours: str
    theirs: str
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Table:
    """All that an experiment found. `sets` by part ("" where there is one only)."""

    name: str
    preset: Preset
    options: ExperimentOptions
    sets: Mapping[str, EvaluationSet]
    measured: Sequence[MeasuredSystem]
    notes: Sequence[str]

    @cached_property
    def scores(self) -> list[ModelScore]:
        """One score a measurement, in the same order."""
        scoring = Scoring()
        return [score_model(self.sets[own.part].truth, own.points, scoring) for own in self.measured]

    @cached_property
    def grid(self) -> dict[str, dict[str, Estimate]]:
        """NME by row and column; a holistic system's stands under every size, as its answers are scaled up."""
        sizes = sorted({own.size for own in self.measured if not own.system.holistic} or {256})
        rows: dict[str, dict[str, Estimate]] = {}
        for own, score in zip(self.measured, self.scores, strict=True):
            row = f"{own.system.row}, trained at {own.system.size}" if self.preset.across else own.system.row
            cells = rows.setdefault(row, {})
            if own.part:
                cells[own.part] = score.groups["all"].nme
            elif own.system.holistic and not self.preset.across:
                cells |= {str(size): score.groups["all"].nme for size in sizes}
            else:
                cells[str(own.size)] = score.groups["all"].nme
        return {row: {**cells, **_both_full(cells)} for row, cells in rows.items()}

    @cached_property
    def ratios(self) -> list[Ratio]:
        """The best ADC against every holistic baseline on the same frames; none where one side is missing or sets are several.

        "Best" is chosen on these very frames, which flatters it a little where frames are few.
        """
        scored = list(zip(self.measured, self.scores, strict=True))
        ours = [pair for pair in scored if not pair[0].system.holistic]
        if len(self.sets) > 1 or not ours:
            return []
        best, score = min(ours, key=lambda pair: pair[1].groups["all"].nme.value)
        subjects = next(iter(self.sets.values())).truth.subjects
        found = []
        for own, theirs in scored:
            if own.system.holistic:
                figures = ratio_interval(score.frame_nme, theirs.frame_nme, subjects)
                found.append(Ratio(best.points.model_id, own.points.model_id, *figures))
        return found

    def regional(self, number: int) -> Estimate:
        """NME of a measurement over the landmarks in regions alone (51 of the 68 of 300-W)."""
        own = self.measured[number]
        truth = self.sets[own.part].truth
        inside = np.array(sorted({i for region in truth.scheme.regions for i in region.indices}), np.int64)
        errors = point_errors(own.points.xy, truth.xy, truth.mask())
        lengths = normaliser_lengths(truth.xy, truth.scheme, Normaliser.INTER_OCULAR)
        return mean_interval(frame_nme(errors, lengths, inside), truth.subjects)

    def to_json(self) -> dict[str, Any]:
        """Plain values: what was asked for, the grid, every system's training, and where it ran."""
        systems = {own.system.name: dict(own.summary) for own in self.measured}
        asked = {k: str(v) if isinstance(v, Path) else v for k, v in asdict(self.options).items()}
        return {
            "experiment": self.name,
            "summary": self.preset.summary,
            "options": {**asked, "train": self.options.train.name, "test": self.options.test.name},
            "frames": {part or "test": len(own.paths) for part, own in self.sets.items()},
            "normaliser": self.scores[0].normaliser,
            "grid": {row: {c: asdict(e) for c, e in cells.items()} for row, cells in self.grid.items()},
            "systems": systems,
            "ratios": [asdict(own) for own in self.ratios],
            "notes": list(self.notes),
            "machine": machine(),
        }


def ratio_interval(
    ours: Sequence[float], theirs: Sequence[float], subjects: Sequence[str], seed: int = 0
) -> tuple[float, float, float]:
    """Ratio of two systems' mean frame errors on the same frames, with its 95 % bootstrap interval over subjects."""
    a, b = np.asarray(ours, float), np.asarray(theirs, float)
    kept = np.isfinite(a) & np.isfinite(b)
    names, group = np.unique(np.asarray(subjects)[kept], return_inverse=True)
    top = np.bincount(group, weights=a[kept], minlength=len(names))
    bottom = np.bincount(group, weights=b[kept], minlength=len(names))
    draws = np.random.default_rng(seed).integers(0, len(names), size=(_SAMPLES, len(names)))
    low, high = np.percentile(top[draws].sum(1) / bottom[draws].sum(1), [2.5, 97.5])
    return float(top.sum() / bottom.sum()), float(low), float(high)


def _both_full(cells: Mapping[str, Estimate]) -> dict[str, Estimate]:
    """300-W's "full" column in both weightings; the paper's counts the common set twice whatever its size."""
    if set(cells) != {"common", "challenging"}:
        return {}
    values = {part: cell.value for part, cell in cells.items()}
    counts = {part: float(cell.count) for part, cell in cells.items()}
    full = {
        FULL_PAPER: mean_over_sets(values, {"common": 2.0, "challenging": 1.0}),
        FULL_IMAGES: mean_over_sets(values, counts),
    }
    total = int(sum(counts.values()))
    return {name: Estimate(value, np.nan, np.nan, total, 0) for name, value in full.items()}


def write_table(table: Table, folder: Path) -> Path:
    """Write `table.json`, and `report.html` with the CED curves of every set, all or nothing; returns the folder."""
    with atomic_folder(folder) as staging:
        (staging / "table.json").write_text(strict_json(table.to_json()), encoding="utf-8")
        for part in table.sets:
            write_report(_report(table, part), staging / part)
    return folder


def _report(table: Table, part: str) -> Report:
    """The evaluation report of one set; differences are to the first system."""
    chosen = [number for number, own in enumerate(table.measured) if own.part == part]
    scores = [table.scores[number] for number in chosen]
    first = np.asarray(scores[0].frame_nme)
    subjects = table.sets[part].truth.subjects
    gaps = {s.model_id: mean_interval(np.asarray(s.frame_nme) - first, subjects) for s in scores[1:]}
    shown = {row: {c: 100 * e.value for c, e in cells.items()} for row, cells in table.grid.items()}
    notes = [table.preset.summary + ".", f"Set: {table.sets[part].title}.", *table.notes]
    return Report(f"{table.name} {part}".strip(), scores, gaps, notes=notes, extra=shown)
