"""`annotator evaluate`: how far models are from true landmarks, several models on the same frames."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli.console import print_json, print_table, say
from annotator.cli.evaluate_shards import measure_shard
from annotator.cli.evaluation_tables import print_evaluation
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import (
    DeviceOption,
    EffortOption,
    FlipOption,
    IterationsOption,
    JsonOption,
    MediaPipeOption,
    QuietOption,
    ShapePriorOption,
    ViewsOption,
)
from annotator.cli.protocols import evaluate_by_protocol
from annotator.domain.errors import AnnotatorError

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.services.models.evaluate import EvaluateOptions


def evaluate(
    models: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL...", help="Ids or folders; differences are to the first.", show_default=False
        ),
    ],
    data: Annotated[
        Path | None,
        typer.Option("--data", "-d", help="A project, or a folder with true landmarks.", show_default=False),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset",
            help="300w or 300vw: the published protocol on that set's folder, which then comes last.",
            show_default=False,
        ),
    ] = None,
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
    views: ViewsOption = None,
    iterations: IterationsOption = None,
    flip: FlipOption = None,
    effort: EffortOption = None,
    shape_prior: ShapePriorOption = None,
    sweep: Annotated[
        str | None,
        typer.Option("--sweep", help="scale or roll: the same faces smaller, or turned.", show_default=False),
    ] = None,
    heatmaps: Annotated[
        Path | None,
        typer.Option(
            "--heatmaps",
            help="Only draw the first frame's latent heatmaps into this .jpg.",
            show_default=False,
        ),
    ] = None,
    faces: Annotated[
        Path | None,
        typer.Option(
            "--faces",
            help="Also draw the first model's five best and worst faces into this .jpg, a second model's points too.",
            show_default=False,
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard", help="Only this share, such as 3/20, as side files in --out.", show_default=False
        ),
    ] = None,
    gather: Annotated[
        Path | None,
        typer.Option(
            "--gather", metavar="DIR", help="Figures of the side files of all shards.", show_default=False
        ),
    ] = None,
    mediapipe_python: MediaPipeOption = None,
    device: DeviceOption = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Measure one or several models on frames whose true landmarks are known, and write a report.

    The data is a project (its corrected and confirmed landmarks; those accepted from a model flatter it), a rendered
    dataset folder, a folder of .pts files beside their pictures, or of NAME.json files with "ibug68" points.
    --preset measures by the field's protocol and prints the paper's table beside it: of 300-W common, challenging and full
    (by pictures, and the common set counted twice), of 300-VW the three categories of its test videos (frames, or movies with
    the extra `movies`), which a tracker follows.
    With --shard and --out one of many machines shows its share of the frames to the models; --gather makes the report of all side
    files, once every shard has run.
    Intervals are bootstrapped over subjects. Ends with code 3 when pictures cannot be read or have another size than their
    landmarks.

    [bold]Examples[/bold]

    \b
      annotator evaluate starter --data shoot.annotator
      annotator evaluate starter runs/mine --data renders/test --out report \\
          --remove-offsets
      annotator evaluate starter --data 300w/common --comparable \\
          --normaliser inter-ocular --json
      annotator evaluate starter --data renders/test --flip --iterations 3
      annotator evaluate starter --data renders/test --sweep roll --out report
      annotator evaluate starter --data renders/test --heatmaps heatmaps.jpg
      annotator evaluate starter --data renders/test --faces faces.jpg
      annotator evaluate starter mediapipe --data portraits --comparable
      annotator evaluate starter --data renders/test --shard 1/1 --out farm/
      annotator evaluate starter --preset 300w 300w
      annotator evaluate starter --preset 300vw 300vw --most 500 --json
    """
    from annotator.inference.options import OptionChanges
    from annotator.services.models.evaluate import evaluate as run

    if preset is not None and data is None:
        *models, last = models
        data = Path(last)
    if data is None or not models:
        raise typer.BadParameter(
            "Name a MODEL, and the frames by --data, or by --preset NAME and their folder."
        )
    options = _options(normaliser, visible_only, comparable, remove_offsets, most)
    options = replace(
        options,
        changes=OptionChanges(views, iterations, flip, shape_prior, effort),
        mediapipe_python=mediapipe_python,
    )
    if preset is not None:
        beside = dict[str, object](
            {"--normaliser": normaliser != "inter-ocular", "--visible-only": visible_only}
        )
        beside |= {"--comparable": comparable, "--remove-offsets": remove_offsets, "--sweep": sweep}
        beside |= {"--shard": shard, "--gather": gather}
        _refuse(True, "--preset", {**beside, "--heatmaps": heatmaps, "--faces": faces})
        evaluate_by_protocol(preset, models, data, out, options, device, quiet, json)
        return
    apart: dict[str, object] = {"--sweep": sweep, "--heatmaps": heatmaps, "--faces": faces}
    _refuse(shard is not None, "--shard", {**apart, "--gather": gather})
    _refuse(gather is not None, "--gather", apart)
    if shard is not None:
        measure_shard(models, data, shard, out, options, device, quiet, json)
        return
    _refuse(
        heatmaps is not None, "--heatmaps", {"--out": out, "--sweep": sweep, "--faces": faces, "--json": json}
    )
    _refuse(sweep is not None, "--sweep", {"--faces": faces})
    if heatmaps is not None:
        _draw_heatmaps(models[0], data, heatmaps, options, device)
        return
    if sweep is not None:
        _sweep(models, data, sweep, out, options, device, quiet, json)
        return
    with (
        cancellable("Nothing was written.") as stop,
        progress_bar("Evaluating", not quiet) as progress,
    ):
        if gather is not None:
            from annotator.services.models.farm.evaluate_shard import gather_shards

            result = gather_shards(models, data, gather, out, options)
        else:
            result = run(models, data, out, options, device, progress, stop)
    if json:
        print_json(result.report.to_json())
    else:
        print_evaluation(result)
    if faces is not None:  # last: a picture that cannot be written must not cost the figures
        from annotator.research.face_page import face_page
        from annotator.research.picture_file import write_picture

        own, *further = result.predictions
        other = further[0] if further else None
        write_picture(face_page(result.data, own, without_offsets=remove_offsets, other=other), faces)
    if any(own.left_out for own in result.predictions):
        raise typer.Exit(ExitCode.PARTIAL)


def _refuse(used: bool, name: str, beside: dict[str, object]) -> None:
    """A plain error for options that `name` would leave undone."""
    ignored = [option for option, value in beside.items() if value]
    if used and ignored:
        raise typer.BadParameter(
            f"{name} does not go with {' and '.join(ignored)}; give them in a run of their own."
        )


def _draw_heatmaps(model: str, data: Path, file: Path, options: "EvaluateOptions", device: str) -> None:
    """The page of the first frame by the first model."""
    from annotator.inference.predictor import Predictor
    from annotator.research.heatmap_page import heatmap_page
    from annotator.research.picture_file import write_picture
    from annotator.services.models.evaluate import prepared

    (predictor,), frames = prepared([model], data, options, device)
    if not isinstance(predictor, Predictor):
        raise AnnotatorError(f"{model} has no heatmaps to show.")
    write_picture(heatmap_page(predictor, frames.picture(0)), file)
    say(f"{file}: {frames.paths[0].name} by {predictor.card.id}")


def _sweep(
    models: list[str],
    data: Path,
    name: str,
    out: Path | None,
    options: "EvaluateOptions",
    device: str,
    quiet: bool,
    json: bool,
) -> None:
    """Faces smaller or turned, step by step: a table, and with --out the figures and a plot."""
    from annotator.research.sweeps import Sweep, sweep, write_sweep
    from annotator.services.models.evaluate import prepared

    try:
        kind = Sweep(name)
    except ValueError:
        raise typer.BadParameter(f"--sweep is one of {', '.join(Sweep)}.") from None
    with cancellable("Nothing was written.") as stop, progress_bar("Sweeping", not quiet) as progress:
        predictors, frames = prepared(models, data, options, device)
        points = sweep(predictors, frames, kind, progress=progress, stop=stop)
    if out is not None:
        say(f"plot: {write_sweep(points, kind, out)}")
    if json:
        print_json(points)
        return
    columns = ("model", name, "frames", "NME %", "median %", "above 10 %", "no clear face %")
    rows = [(p.model, p.step, p.frames, p.nme, p.median, p.failed, p.refused) for p in points]
    print_table(f"{frames.title}, by {name}", columns, rows)


def _options(
    normaliser: str, visible_only: bool, comparable: bool, remove_offsets: bool, most: int
) -> "EvaluateOptions":
    from annotator.evaluation.aggregate import Scoring
    from annotator.evaluation.metrics import Normaliser
    from annotator.services.models.evaluate import EvaluateOptions

    try:
        length = Normaliser(normaliser)
    except ValueError:
        raise typer.BadParameter(f"--normaliser is one of {', '.join(Normaliser)}.") from None
    scoring = Scoring(normaliser=length, include_occluded=not visible_only)
    return EvaluateOptions(scoring, comparable, remove_offsets, most=most)
