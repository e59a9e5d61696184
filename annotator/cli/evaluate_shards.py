"""A shard of `annotator evaluate`: what one of many machines measures."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from annotator.cli.console import print_json, say, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.services.models.evaluate import EvaluateOptions

_MOST_NOTES = 10


def measure_shard(
    models: list[str],
    data: Path,
    text: str,
    out: Path | None,
    options: "EvaluateOptions",
    device: str,
    quiet: bool,
    json: bool,
) -> None:
    """One machine's share."""
    from annotator.services.models.farm.evaluate_shard import evaluate_shard
    from annotator.services.models.farm.propose_shard import Shard

    if out is None:
        raise typer.BadParameter("--shard writes side files: say where by --out DIR.")
    kept = "Finished side files stay; the same command goes on with the rest."
    with cancellable(kept) as stop, progress_bar("Evaluating", not quiet) as progress:
        summary = evaluate_shard(models, data, Shard.parse(text), out, options, device, progress, stop)
    if json:
        print_json(summary)
    else:
        say(summary.text)
    for name, why in list(summary.left_out.items())[:_MOST_NOTES]:
        warn(f"{name}: {why}")
    if summary.left_out:
        raise typer.Exit(ExitCode.PARTIAL)
