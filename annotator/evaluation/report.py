"""An evaluation as one HTML file (charts and pictures inside it, no network needed) and one JSON file beside it.

The page is `report.html` beside this file.
"""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from annotator.evaluation.aggregate import Estimate, ModelScore
from annotator.evaluation.breakdown import Row
from annotator.evaluation.metrics import Floats
from annotator.evaluation.svg import Axis, bar_chart, line_chart
from annotator.files import atomic_folder

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class WorstFrame:
    """A frame to look at: its JPEG picture, the frame's size in pixels, and points in frame pixels [L,2]."""

    name: str
    nme: float
    jpeg: bytes
    width: int
    height: int
    truth: Floats
    predicted: Floats

    def lines(self) -> list[list[float]]:
        """From each true point to the predicted one, x0 y0 x1 y1 to a tenth of a pixel, where both are known."""
        ends = np.concatenate([self.truth, self.predicted], axis=1)
        found: list[list[float]] = np.round(ends[np.isfinite(ends).all(axis=1)], 1).tolist()
        return found


@dataclass(frozen=True)
class Report:
    """All that goes into the two files. `differences` are paired against the first model; `reliability` is
    (nominal share, measured share) by model, `sigma` (predicted, real error in pixels) likewise; `breakdown` has rows by
    what is known of the frames; `extra` goes into the JSON as it is, its figures into a table."""

    title: str
    models: Sequence[ModelScore]
    differences: Mapping[str, Estimate] = field(default_factory=dict)
    reliability: Mapping[str, tuple[Sequence[float], Sequence[float]]] = field(default_factory=dict)
    worst: Mapping[str, Sequence[WorstFrame]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    extra: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    breakdown: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    sigma: Mapping[str, tuple[Sequence[float], Sequence[float]]] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Plain values."""
        return {
            "title": self.title,
            "models": [model.to_json() for model in self.models],
            "differences": {name: vars(estimate) for name, estimate in self.differences.items()},
            "reliability": {name: [list(a), list(b)] for name, (a, b) in self.reliability.items()},
            "worst": {
                name: [{"frame": w.name, "nme": w.nme} for w in frames] for name, frames in self.worst.items()
            },
            "notes": list(self.notes),
            "breakdown": {name: [vars(row) for row in rows] for name, rows in self.breakdown.items()},
            "sigma": {name: [list(a), list(b)] for name, (a, b) in self.sigma.items()},
            "extra": {name: dict(values) for name, values in self.extra.items()},
        }


def write_report(report: Report, folder: Path) -> Path:
    """Write `report.html`, `report.json` and each chart as `NAME.svg` into `folder` (made if needed), all or
    nothing; returns the HTML's path."""
    drawn = charts(report)
    environment = Environment(
        loader=FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {"percent": _percent, "number": _number, "interval": _interval, "base64": _base64}
    columns = list(dict.fromkeys(key for values in report.extra.values() for key in values))
    text = environment.get_template("report.html").render(
        report=report, charts=drawn.values(), columns=columns
    )
    with atomic_folder(folder) as staging:
        (staging / "report.json").write_text(strict_json(report.to_json()), encoding="utf-8")
        for name, chart in drawn.items():
            (staging / f"{name}.svg").write_text(chart, encoding="utf-8")
        (staging / "report.html").write_text(text, encoding="utf-8")
    return folder / "report.html"


def strict_json(value: object) -> str:
    """Indented JSON that any reader takes: null for every float that JSON cannot hold."""
    return json.dumps(_finite(value), indent=1, allow_nan=False)


def charts(report: Report) -> dict[str, str]:
    """SVG by name: CED curves, NME by region, and where there is uncertainty its reliability and the error it predicts."""
    if not report.models:
        return {}
    limit = report.models[0].thresholds[-1]
    curves = {m.model_id: ([100 * t for t in m.thresholds], m.ced) for m in report.models}
    x, y = Axis("NME %", 0, 100 * limit), Axis("share of frames", 0, 1)
    found = {"ced": line_chart("Cumulative error distribution", x, y, curves)}
    groups = list(report.models[0].groups)
    bars = {m.model_id: [100 * m.groups[g].nme.value for g in groups] for m in report.models}
    found["regions"] = bar_chart("NME by region", "NME %", groups, bars)
    if report.reliability:
        title = "Reliability of the uncertainty (1 sigma holds 39 %, 2 sigma 86 %)"
        x, y = Axis("nominal share inside the ellipse", 0, 1), Axis("measured share", 0, 1)
        found["reliability"] = line_chart(title, x, y, report.reliability, True)
    values = [v for pair in report.sigma.values() for part in pair for v in part]
    if values:
        x, y = Axis("predicted error, px", 0, max(values)), Axis("real error, px", 0, max(values))
        found["sigma"] = line_chart("Predicted against real error", x, y, report.sigma, True)
    return found


def _interval(estimate: Estimate) -> str:
    return f"{_percent(estimate.low)} to {_percent(estimate.high)}"


def _percent(value: float) -> str:
    return _number(100 * value)


def _number(value: float | None) -> str:
    return f"{value:.3g}" if value is not None and math.isfinite(value) else "–"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _finite(value: object) -> object:
    """The same value with None for every float that JSON cannot hold, and texts as keys."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
