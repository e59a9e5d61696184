"""An evaluation as one HTML file (charts and pictures inside it, no network needed) and one JSON file beside it."""

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import numpy as np

from annotator.evaluation.aggregate import Estimate, ModelScore
from annotator.evaluation.breakdown import Row
from annotator.evaluation.metrics import Floats
from annotator.evaluation.svg import Axis, bar_chart, line_chart

_STYLE = """body{font:14px/1.5 system-ui,sans-serif;margin:2em auto;max-width:1180px;color:#222;padding:0 1em}
table{border-collapse:collapse;margin:.6em 0}td,th{border:1px solid #ddd;padding:3px 9px;text-align:right}
td:first-child,th:first-child{text-align:left}svg{max-width:560px;width:100%}.charts,.worst{display:flex;flex-wrap:wrap;gap:1em}
figure{margin:0;width:280px}figure svg{width:280px}figcaption{font-size:12px;overflow-wrap:anywhere}.note{color:#666}"""


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
        """Plain values; NaN becomes null, so that any reader takes it."""
        value = {
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
        return _finite(value)  # type: ignore[return-value]


def write_report(report: Report, folder: Path) -> Path:
    """Write `report.html`, `report.json` and each chart as `NAME.svg` into `folder` (made if needed); returns the HTML's path."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps(report.to_json(), indent=1, allow_nan=False)
    (folder / "report.json").write_text(text, encoding="utf-8")
    for name, chart in charts(report).items():
        (folder / f"{name}.svg").write_text(chart, encoding="utf-8")
    page = folder / "report.html"
    page.write_text(render_html(report), encoding="utf-8")
    return page


def render_html(report: Report) -> str:
    """The whole page as text."""
    parts = [
        f"<h1>{escape(report.title)}</h1>",
        *(f'<p class="note">{escape(note)}</p>' for note in report.notes),
        _summary_table(report),
        _extra_table(report.extra),
        f'<div class="charts">{"".join(charts(report).values())}</div>',
        *(_region_table(model) for model in report.models),
        *(_breakdown_table(name, rows) for name, rows in report.breakdown.items() if rows),
        *(_worst_section(name, frames) for name, frames in report.worst.items()),
    ]
    head = f'<meta charset="utf-8"><title>{escape(report.title)}</title><style>{_STYLE}</style>'
    return f"<!doctype html><html><head>{head}</head><body>{''.join(parts)}</body></html>"


def _summary_table(report: Report) -> str:
    """One row a model over all landmarks, with the paired difference to the first."""
    header = [
        "model",
        "frames",
        "NME %",
        "95 % interval",
        "difference",
        "AUC",
        "failures %",
        "median px",
        "p95 px",
        "s/frame",
    ]
    rows = []
    for model in report.models:
        score = model.groups["all"]
        gap = report.differences.get(model.model_id)
        rows.append(
            [
                model.model_id,
                str(model.frames),
                _percent(score.nme.value),
                _interval(score.nme),
                "" if gap is None else f"{_percent(gap.value)} ({_interval(gap)})",
                _number(score.auc),
                _percent(score.failure_rate),
                _number(score.median_px),
                _number(score.p95_px),
                "" if model.seconds is None else _number(model.seconds),
            ]
        )
    normaliser = report.models[0].normaliser if report.models else ""
    limit = report.models[0].thresholds[-1] if report.models else 0.1
    note = (
        f"NME by {normaliser}. AUC and failures at {100 * limit:g} %. Intervals: 95 % bootstrap over "
        f"{report.models[0].groups['all'].nme.clusters if report.models else 0} subjects or frames."
    )
    return f'<h2>Models</h2><p class="note">{escape(note)}</p>{_table(header, rows)}'


def _region_table(model: ModelScore) -> str:
    """One row a group of landmarks."""
    names = list(next(iter(model.groups.values())).pck)
    header = ["landmarks", "count", "NME %", "95 % interval", "AUC", "failures %", "median px", "p95 px"]
    header += [f"PCK {100 * float(name):g} %" for name in names]
    rows = [
        [
            name,
            str(s.landmarks),
            _percent(s.nme.value),
            _interval(s.nme),
            _number(s.auc),
            _percent(s.failure_rate),
        ]
        + [_number(s.median_px), _number(s.p95_px)]
        + [_number(s.pck[key]) for key in names]
        for name, s in model.groups.items()
    ]
    hardest = sorted(((v, n) for n, v in model.landmark_nme.items() if math.isfinite(v)), reverse=True)[:8]
    text = ", ".join(
        f"{name} {_percent(value)} % ({_number(model.landmark_px[name])} px)" for value, name in hardest
    )
    return f"<h2>{escape(model.model_id)}</h2>{_table(header, rows)}<p>Hardest landmarks: {escape(text)}</p>"


def _extra_table(extra: Mapping[str, Mapping[str, float]]) -> str:
    if not extra:
        return ""
    columns = list(dict.fromkeys(key for values in extra.values() for key in values))
    rows = [[name, *(_number(values.get(c, math.nan)) for c in columns)] for name, values in extra.items()]
    return _table(["", *columns], rows)


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


def _breakdown_table(name: str, rows: Sequence[Row]) -> str:
    """One row a group of frames."""
    cells = [
        [
            f"{row.attribute}: {row.value}",
            str(row.frames),
            _percent(row.nme),
            _percent(row.pck),
            _number(row.median_px),
        ]
        for row in rows
    ]
    header = ["frames with", "count", "NME %", "points within 1 %", "median px"]
    return f"<h2>{escape(name)} by kind of frame</h2>{_table(header, cells)}"


def _worst_section(name: str, frames: Sequence[WorstFrame]) -> str:
    figures = "".join(_figure(frame) for frame in frames)
    return f'<h2>Worst frames of {escape(name)}</h2><p class="note">green: true, red: model</p><div class="worst">{figures}</div>'


def _figure(frame: WorstFrame) -> str:
    """The picture with a line from each true point to the predicted one, all scaled with it."""
    radius = max(frame.width, frame.height) / 250
    marks = []
    for true, guess in zip(frame.truth, frame.predicted, strict=True):
        if not (np.isfinite(true).all() and np.isfinite(guess).all()):
            continue
        (x0, y0), (x1, y1) = true, guess
        marks.append(
            f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="#fff" stroke-width="{radius / 2:.1f}"/>'
            f'<circle cx="{x0:.1f}" cy="{y0:.1f}" r="{radius:.1f}" fill="#3ddc84"/>'
            f'<circle cx="{x1:.1f}" cy="{y1:.1f}" r="{radius:.1f}" fill="#ff4b3e"/>'
        )
    data = base64.b64encode(frame.jpeg).decode("ascii")
    picture = f'<image href="data:image/jpeg;base64,{data}" width="{frame.width}" height="{frame.height}"/>'
    drawing = f'<svg viewBox="0 0 {frame.width} {frame.height}">{picture}{"".join(marks)}</svg>'
    return f"<figure>{drawing}<figcaption>{escape(frame.name)}: {_percent(frame.nme)} %</figcaption></figure>"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{escape(cell)}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _interval(estimate: Estimate) -> str:
    return f"{_percent(estimate.low)} to {_percent(estimate.high)}"


def _percent(value: float) -> str:
    return _number(100 * value)


def _number(value: float) -> str:
    return f"{value:.3g}" if math.isfinite(value) else "–"


def _finite(value: object) -> object:
    """The same value with None for every float that JSON cannot hold."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value
