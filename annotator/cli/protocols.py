"""`annotator evaluate --preset`: a published protocol, and its table."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from annotator.cli.console import print_json, print_table, say, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.services.models.evaluate import EvaluateOptions
    from annotator.services.models.protocols.run import ProtocolFigures, ProtocolResult


def evaluate_by_protocol(
    name: str,
    models: Sequence[str],
    folder: Path,
    out: Path | None,
    options: "EvaluateOptions",
    device: str,
    quiet: bool,
    json: bool,
) -> None:
    """Measure models, print what the field prints, and end with code 3 where frames were left out."""
    from annotator.services.models.protocols.run import run_protocol

    with cancellable("Nothing was written.") as stop, progress_bar("Evaluating", not quiet) as progress:
        result = run_protocol(name, models, folder, out, options, device, progress, stop)
    if json:
        print_json(result)
    else:
        _print(result)
    if result.left_out:
        raise typer.Exit(ExitCode.PARTIAL)


def _print(result: "ProtocolResult") -> None:
    """A table for each number of points and normaliser, the papers' rows below the models', and one of curves and failures."""
    sets = list(dict.fromkeys(figure.set for figure in result.figures))
    for points, rows in result.published.items():
        for normaliser in dict.fromkeys(figure.normaliser for figure in result.figures):
            chosen = [own for own in result.figures if own.points == points and own.normaliser == normaliser]
            table: list[tuple[object, ...]] = []
            for model in dict.fromkeys(own.model for own in chosen):
                by_set = {own.set: round(own.nme, 2) for own in chosen if own.model == model}
                table.append((model, *(by_set.get(name) for name in sets)))
            table += [
                (f"{name}, as published", *(values.get(column) for column in sets))
                for name, values in rows.items()
            ]
            print_table(f"{result.title}: NME %, {points} points, over {normaliser}", ("model", *sets), table)
    columns = (
        "model",
        "set",
        "frames",
        "NME %",
        "95 % interval",
        "AUC 8 %",
        "above 8 %",
        "AUC 10 %",
        "above 10 %",
    )
    print_table(
        f"{result.title}: 68 points over inter-ocular",
        columns,
        [
            _row(own)
            for own in result.figures
            if own.points == 68 and own.normaliser == "inter-ocular" and own.auc
        ],
    )
    say(f"As published: {result.source}, which does not say by which distance it divides.")
    for note in result.notes:
        warn(note)
    if result.page is not None:
        say(f"report: {result.page}")


def _row(own: "ProtocolFigures") -> tuple[object, ...]:
    curves = [(round(own.auc[limit], 4), round(own.failures[limit], 2)) for limit in own.auc]
    return (
        *(own.model, own.set, own.frames, round(own.nme, 3), f"{own.low:.3f} - {own.high:.3f}"),
        *(value for pair in curves for value in pair),
    )
