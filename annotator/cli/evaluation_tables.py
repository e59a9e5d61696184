"""The tables of an evaluation for people: scores, what needs touching, kinds of frames."""

import math
from typing import TYPE_CHECKING

from annotator.cli.console import print_table, say, warn

if TYPE_CHECKING:  # the services are loaded only when a command runs
    from annotator.services.models.evaluate import Evaluation

_MOST_NOTES = 10


def print_evaluation(result: "Evaluation") -> None:
    """Tables for people: each model over all landmarks, then its regions."""
    columns = [
        "model",
        "landmarks",
        "NME %",
        "95 % interval",
        "worst tenth %",
        "AUC",
        "failures %",
        "PCK 0.5 %",
        "PCK 1 %",
    ]
    columns += ["median px", "p95 px", "s/frame"]
    rows = []
    for score in result.scores:
        for group, figures in score.groups.items():
            nme = figures.nme
            rows.append(
                (
                    score.model_id,
                    group,
                    round(100 * nme.value, 3),
                    f"{100 * nme.low:.3f} - {100 * nme.high:.3f}" if math.isfinite(nme.low) else None,
                    round(100 * figures.worst_tenth, 2),
                    round(figures.auc, 4),
                    round(100 * figures.failure_rate, 2),
                    *(round(100 * figures.pck.get(at, float("nan")), 1) for at in ("0.005", "0.01")),
                    round(figures.median_px, 2),
                    round(figures.p95_px, 2),
                    None if score.seconds is None or group != "all" else round(score.seconds, 3),
                )
            )
    print_table(f"{result.report.title}, {len(result.data.paths)} frames", columns, rows)
    _print_touching(result)
    for model, groups in result.report.breakdown.items():
        rows = [
            (f"{r.attribute}: {r.value}", r.frames, 100 * r.nme, 100 * r.pck, r.median_px) for r in groups
        ]
        print_table(
            f"{model} by kind of frame", ("frames with", "count", "NME %", "within 1 %", "median px"), rows
        )
    for name, values in result.report.extra.items():
        known = [f"{key} {value:.2f}" for key, value in values.items() if math.isfinite(value)]
        say(f"{name}: {', '.join(known) or 'nothing could be measured'}")
    for text in result.report.notes[:_MOST_NOTES]:
        warn(text) if ": " in text and not text.startswith("Set:") else say(text)
    if result.page is not None:
        say(f"report: {result.page}")


def _print_touching(result: "Evaluation") -> None:
    """What somebody would have to move, and the errors of landmarks that slide on curves across and along these."""
    rows = [
        (score.model_id, group, *map(_percent, (figures.touch, figures.across, figures.along)))
        for score in result.scores
        for group, figures in score.groups.items()
        if math.isfinite(figures.touch)
    ]
    columns = ("model", "landmarks", "needs touching %", "across %", "along %")
    print_table(
        "Needs touching: more than 0.5 % off, across their curves for sliding landmarks", columns, rows
    )


def _percent(share: float) -> float | None:
    return None if math.isnan(share) else round(100 * share, 2)
