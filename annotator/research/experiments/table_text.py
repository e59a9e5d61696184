"""An experiment's tables as Markdown."""

import math
from collections.abc import Sequence

from annotator.evaluation.aggregate import Estimate
from annotator.research.experiments.table import Table


def markdown(table: Table) -> str:
    """The grid, how each system was trained, and ratios of the best ADC to the baselines."""
    first = table.scores[0]
    clusters = first.groups["all"].nme.clusters
    frames = ", ".join(f"{len(own.paths)} of {own.title}" for own in table.sets.values())
    lines = [
        f"# {table.name}",
        "",
        f"{table.preset.summary}.",
        f"NME in % by {first.normaliser}; 95 % bootstrap interval over {clusters} subjects or frames. Frames: {frames}.",
        "",
        *_grid(table),
        "",
        *_systems(table),
        "",
    ]
    for own in table.ratios:
        lines.append(f"- {own.ours} / {own.theirs}: {own.value:.3f} ({own.low:.3f} to {own.high:.3f})")
    return "\n".join([*lines, *table.notes]).rstrip() + "\n"


def _grid(table: Table) -> list[str]:
    columns = list(dict.fromkeys(column for cells in table.grid.values() for column in cells))
    rows = [
        [row, *(_estimate(cells[column]) if column in cells else "" for column in columns)]
        for row, cells in table.grid.items()
    ]
    return _table(["NME %", *columns], rows)


def _systems(table: Table) -> list[str]:
    """One row a measurement: what only the grid leaves out."""
    header = [
        "measured",
        "M weights",
        "steps",
        "minutes",
        "AUC 10 %",
        "failures %",
        "median px",
        "regions NME %",
    ]
    header += ["peak", "spread", "outside"]
    rows = []
    for number, (own, score) in enumerate(zip(table.measured, table.scores, strict=True)):
        summary, figures = own.summary, score.groups["all"]
        weights = summary.get("parameters")
        rows.append(
            [
                " ".join(filter(None, [own.points.model_id, own.part])),
                "" if weights is None else f"{weights / 1e6:.3g}",
                str(summary.get("steps") or ""),
                _number(summary.get("minutes")),
                _number(figures.auc),
                _number(100 * figures.failure_rate),
                _number(figures.median_px),
                _number(100 * table.regional(number).value),
                *(_number(summary.get(name)) for name in ("peak", "spread", "outside")),
            ]
        )
    return _table(header, rows)


def _estimate(value: Estimate) -> str:
    text = f"{100 * value.value:.2f}"
    return text if math.isnan(value.low) else f"{text} ({100 * value.low:.2f} to {100 * value.high:.2f})"


def _number(value: float | None) -> str:
    return "" if value is None or not math.isfinite(value) else f"{value:.3g}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [header, ["---"] * len(header), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]
