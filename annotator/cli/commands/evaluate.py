"""`annotator evaluate`: how far models are from true landmarks, several models on the same frames."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli.console import print_json, print_table, say, warn
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import DeviceOption, JsonOption, QuietOption

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.services.evaluate import EvaluateOptions, Evaluation

_MOST_NOTES = 10


def evaluate(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...", help="Ids or folders; differences are to the first.", show_default=False
        ),
    ],
    data: Annotated[
        Path,
        typer.Option("--data", "-d", help="A project, or a folder with true landmarks.", show_default=False),
    ],
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Folder for report.html and report.json.", show_default=False),
    ] = None,
    normaliser: Annotated[
        str, typer.Option("--normaliser", help="inter-ocular, inter-pupil, box or diagonal.")
    ] = "inter-ocular",
    visible_only: Annotated[
        bool, typer.Option("--visible-only", help="Leave out landmarks marked as occluded.")
    ] = False,
    comparable: Annotated[
        bool,
        typer.Option("--comparable", help="Count only chin, eyes and mouth, which all 68-point sets share."),
    ] = False,
    remove_offsets: Annotated[
        bool, typer.Option("--remove-offsets", help="Also without each point's constant offset (two-fold).")
    ] = False,
    most: Annotated[
        int, typer.Option("--most", min=0, help="Only the first so many frames; 0 takes all.")
    ] = 0,
    device: DeviceOption = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Measure one or several models on frames whose true landmarks are known, and write a report.

    The data is a project (its corrected and confirmed landmarks), a rendered dataset folder, a folder of .pts files
    beside their pictures, or of NAME.json files with "ibug68" points. Intervals are bootstrapped over subjects.

    [bold]Examples[/bold]

    \b
      annotator evaluate starter --data shoot.annotator
      annotator evaluate starter runs/mine --data renders/test --out report --remove-offsets
      annotator evaluate starter --data 300w/common --comparable --normaliser inter-ocular --json
    """
    from annotator.services.evaluate import evaluate as run

    options = _options(normaliser, visible_only, comparable, remove_offsets, most)
    with (
        cancellable("Nothing was written.") as stop,
        progress_bar("Evaluating", not quiet) as progress,
    ):
        result = run(models, data, out, options, device, progress, stop)
    if json:
        print_json(result.report.to_json())
    else:
        _print(result)


def _options(
    normaliser: str, visible_only: bool, comparable: bool, remove_offsets: bool, most: int
) -> "EvaluateOptions":
    from annotator.evaluation.aggregate import Scoring
    from annotator.evaluation.metrics import Normaliser
    from annotator.services.evaluate import EvaluateOptions

    try:
        length = Normaliser(normaliser)
    except ValueError:
        raise typer.BadParameter(f"--normaliser is one of {', '.join(Normaliser)}.") from None
    scoring = Scoring(normaliser=length, include_occluded=not visible_only)
    return EvaluateOptions(scoring, comparable, remove_offsets, most=most)


def _print(result: "Evaluation") -> None:
    """Tables for people: each model over all landmarks, then its regions."""
    columns = (
        "model",
        "landmarks",
        "NME %",
        "95 % interval",
        "AUC",
        "failures %",
        "median px",
        "p95 px",
        "s/frame",
    )
    rows = []
    for score in result.scores:
        for group, figures in score.groups.items():
            nme = figures.nme
            rows.append(
                (
                    score.model_id,
                    group,
                    round(100 * nme.value, 3),
                    f"{100 * nme.low:.3f} - {100 * nme.high:.3f}",
                    round(figures.auc, 4),
                    round(100 * figures.failure_rate, 2),
                    round(figures.median_px, 2),
                    round(figures.p95_px, 2),
                    None if score.seconds is None or group != "all" else round(score.seconds, 3),
                )
            )
    print_table(f"{result.report.title}, {len(result.data.paths)} frames", columns, rows)
    for name, values in result.report.extra.items():
        say(f"{name}: " + ", ".join(f"{key} {value:.2f}" for key, value in values.items()))
    for text in result.report.notes[:_MOST_NOTES]:
        warn(text) if ": " in text and not text.startswith("Set:") else say(text)
    if result.page is not None:
        say(f"report: {result.page}")
