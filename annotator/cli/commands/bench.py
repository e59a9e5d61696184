"""`annotator bench`: how fast the parts are on this machine."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli.bench_tables import (
    print_loop,
    print_mutations,
    print_report,
    print_suggestions,
    print_window,
)
from annotator.cli.commands.learn_convention import FORMER_RECIPE, warn_of_former_name
from annotator.cli.console import human_size, note, print_json, say
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import CompileOption, DeviceOption, JsonOption, MediaPipeOption
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.progress import Stop

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.research.correction_loop import LoopOptions


class Bench(StrEnum):
    """What can be measured."""

    PIPELINE = "pipeline"
    UI = "ui"
    PROJECT = "project"
    RENDER = "render"
    LOOP = "loop"
    SUGGESTIONS = "suggestions"
    MUTATIONS = "mutations"


def bench(
    name: Annotated[
        Bench,
        typer.Argument(
            metavar="[NAME]", help="pipeline, ui, project, render, loop, suggestions or mutations."
        ),
    ] = Bench.PIPELINE,
    count: Annotated[
        int, typer.Option("--count", "-n", min=0, help="Repetitions; 0 takes what suits the benchmark.")
    ] = 0,
    image: Annotated[
        Path | None,
        typer.Option("--image", help="A frame of yours in place of the sample.", show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", help="Model id or folder; the shipped one without it.", show_default=False),
    ] = None,
    device: DeviceOption = "auto",
    frames: Annotated[
        int, typer.Option("--frames", min=1, help="project: how many frames to generate.")
    ] = 100_000,
    proposals: Annotated[
        int | None,
        typer.Option("--proposals", help="project: how many of them are proposed; all without it."),
    ] = None,
    sizes: Annotated[
        str, typer.Option("--sizes", help="render: frame sizes, comma-separated.")
    ] = "1024,2048,4096",
    crops: Annotated[bool, typer.Option("--crops", help="render: also what training reads.")] = False,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="loop, suggestions: frames with true landmarks, as for evaluate.",
            show_default=False,
        ),
    ] = None,
    work: Annotated[
        Path | None,
        typer.Option("--work", help="loop: folder of this run; the same one goes on.", show_default=False),
    ] = None,
    counts: Annotated[
        str, typer.Option("--counts", help="loop: numbers of corrected frames to try.")
    ] = "0,5,10,20",
    switches: Annotated[
        int, typer.Option("--switches", min=0, help="ui: frame switches over which memory is watched.")
    ] = 0,
    stalls: Annotated[
        bool, typer.Option("--stalls/--no-stalls", help="ui: watch the event loop, too, during a training.")
    ] = True,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", min=0.01, help="loop: of each retraining.", show_default=False),
    ] = None,
    recipe: Annotated[str, typer.Option("--recipe", help="loop: of each retraining.")] = "finetune",
    convention: Annotated[
        bool,
        typer.Option("--convention", help="loop: learn the annotation convention instead, in seconds."),
    ] = False,
    learn: Annotated[
        Path | None,
        typer.Option(
            "--learn", help="suggestions: write what the frames teach of errors (.npz).", show_default=False
        ),
    ] = None,
    comparable: Annotated[
        bool,
        typer.Option("--comparable", help="loop: only chin, eyes and mouth, which all 68-point sets share."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", min=0, help="mutations: of the damage.")] = 0,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", help="mutations: only inputs of this kind; repeat it for more.", show_default=False
        ),
    ] = None,
    mediapipe_python: MediaPipeOption = None,
    compiled: CompileOption = False,
    json: JsonOption = False,
) -> None:
    """Measure on this machine; every figure comes with the machine, the date and the spread.

    \b
      pipeline  4096x4096 JPEG to landmarks: decode, proxy, network, total, as ratios to decoding alone; memory
      ui        pan, zoom, drag, selection, frame switches in the real window, beside a plain pyqtgraph view;
                stalls of its event loop; with --switches N its memory over N frames
      project   100,000 frames: fill, propose, open, list, next frame, queues, one durable commit
      render    seconds a synthetic frame at several sizes: the first of a capture, and each further camera
      loop      what corrections are worth: a simulated artist corrects frames, the model is retrained, others measured
      suggestions  carrying a correction on: each region's worst point is corrected, what it suggests for the rest is measured
      mutations damaged pictures, projects, annotations, models, schemes, settings and keymaps, each read in a process of its
                own under limits: crashes, tracebacks, hangs over 20 s and more than 4 GB are counted, and kept in --work

    [bold]Examples[/bold]

    \b
      annotator bench
      annotator bench pipeline --image /mnt/plate.0001.exr --device cuda --json
      annotator bench ui -n 100 --switches 2000
      annotator bench mutations -n 500 --seed 7 --kind frames --work damaged
      annotator bench loop --data renders/other-look --work loop --counts 0,5,20 --minutes 10
    """
    if name is Bench.LOOP and (data is None or work is None):
        raise typer.BadParameter("loop needs --data and --work.")
    if name is Bench.SUGGESTIONS and data is None:
        raise typer.BadParameter("suggestions needs --data.")
    if name is Bench.MUTATIONS:
        _mutations(count or 10_000, seed, kind or (), work or Path("mutations"), json)
        return
    with cancellable("Nothing was kept.") as stop:
        if name is Bench.PIPELINE:
            _pipeline(image, model, device, count or 20, mediapipe_python, compiled, json, stop)
        elif name is Bench.UI:
            _window(count or 50, image, switches, stalls, json, stop)
        elif name is Bench.PROJECT:
            _project(frames, proposals, count or 20, json, stop)
        elif name is Bench.RENDER:
            _render(_numbers("--sizes", sizes), count or 3, crops, json, stop)
        elif name is Bench.SUGGESTIONS and data is not None:
            _suggestions(data, model, count or 1, learn, json, stop)
        elif data is not None and work is not None:
            from annotator.research.correction_loop import LoopOptions

            if recipe == FORMER_RECIPE:
                warn_of_former_name("--convention")
                recipe, convention = "finetune", True
            options = LoopOptions(
                _numbers("--counts", counts),
                recipe=recipe,
                minutes=minutes,
                device=device,
                convention=convention,
            )
            _loop(data, work, model, options, comparable, json, stop)


def _pipeline(
    image: Path | None,
    model: str | None,
    device: str,
    count: int,
    mediapipe_python: Path | None,
    compiled: bool,
    json: bool,
    stop: Stop,
) -> None:
    from annotator.research.bench.pipeline import bench_pipeline, sample_image
    from annotator.services.models.mediapipe import known_interpreter
    from annotator.services.models.registry import default_model, find_model

    with progress_bar("Measuring", not json) as progress:
        folder = (find_model(model) if model else default_model(DEFAULT_SCHEME)).folder
        shown, mesh = image or sample_image(), mediapipe_python or known_interpreter()
        figures = bench_pipeline(shown, folder, device, count, progress, stop, mesh, compiled)
    title = f"{figures.width}x{figures.height} to landmarks by {figures.model} on {figures.device}"
    for text in figures.notes:
        note(text)
    if figures.ratio_to_mediapipe is not None:
        note(
            f"file to landmarks takes {figures.ratio_to_mediapipe:.2f} of MediaPipe's time for the same file"
        )
    print_report(figures, title, "x decode", json)


def _project(frames: int, proposals: int | None, count: int, json: bool, stop: Stop) -> None:
    from annotator.research.bench.project import bench_project

    with progress_bar("Measuring", not json) as progress:
        figures = bench_project(frames, count, progress, stop, proposals)
    title = f"{figures.frames} frames, {figures.proposals} proposed, {human_size(figures.file_size)}"
    print_report(figures, title, "x commit", json)


def _render(sizes: tuple[int, ...], count: int, crops: bool, json: bool, stop: Stop) -> None:
    from annotator.research.bench.render import bench_render

    with progress_bar("Rendering", not json) as progress:
        figures = bench_render(sizes, count, progress, stop, crops)
    print_report(figures, "rendering one sample", "x largest", json)
    if not json:
        say(figures.summary())


def _loop(
    data: Path,
    work: Path,
    model: str | None,
    options: "LoopOptions",
    comparable: bool,
    json: bool,
    stop: Stop,
) -> None:
    from annotator.domain.scheme_file import load_scheme
    from annotator.research.bench.machine import machine
    from annotator.research.correction_loop import LoopPoint, correction_loop
    from annotator.services.models.evaluation_sets import COMPARABLE_IBUG, load_set
    from annotator.services.models.registry import default_model, find_model

    entry = find_model(model) if model else default_model(DEFAULT_SCHEME)
    frames = load_set(data, load_scheme(entry.card.scheme))
    if comparable:
        frames = frames.only_ibug(COMPARABLE_IBUG)

    def tell(point: LoopPoint) -> None:
        note(
            f"{point.corrected} corrected: NME {point.nme:.3f} %, {point.to_correct:.1f} % of points to correct"
        )

    points = correction_loop(entry.folder, frames, work, options, tell, stop)
    if json:
        print_json({"model": entry.id, "data": data, "points": points, "machine": machine()})
        return
    print_loop(f"{entry.id} on the frames of {data.name} that it never saw corrected", points, machine())
    say(f"figures and plot: {work / 'loop.json'}, {work / 'loop.svg'}")


def _suggestions(
    data: Path, model: str | None, corrected: int, learn: Path | None, json: bool, stop: Stop
) -> None:
    from annotator.domain.scheme_file import load_scheme
    from annotator.research.bench.propagation import bench_suggestions, learn_prior
    from annotator.services.models.error_correlation import save_prior
    from annotator.services.models.evaluation_sets import load_set
    from annotator.services.models.registry import default_model, find_model

    entry = find_model(model) if model else default_model(DEFAULT_SCHEME)
    frames = load_set(data, load_scheme(entry.card.scheme))
    with progress_bar("Measuring", not json) as progress:
        if learn is not None:
            save_prior(learn_prior(entry.folder, frames, progress, stop), learn)
            note(f"{learn} holds what {len(frames.paths)} frames teach.")
            return
        figures = bench_suggestions(entry.folder, frames, corrected, progress, stop)
    if json:
        print_json(figures)
        return
    title = f"{corrected} worst point(s) of each region corrected: {entry.id} on {frames.title}"
    print_suggestions(title, figures)


def _mutations(count: int, seed: int, kinds: Sequence[str], out: Path, json: bool) -> None:
    from annotator.research.bench.mutations.run import bench_mutations

    kept = f"The same command goes on with {out}."
    with cancellable(kept) as stop, progress_bar("Reading damaged inputs", not json) as progress:
        figures = bench_mutations(count, seed, kinds, out, progress, stop)
    if json:
        print_json(figures)
    else:
        print_mutations(figures, out)
    if any(figures["bad"].values()):
        raise typer.Exit(ExitCode.ERROR)


def _numbers(option: str, text: str) -> tuple[int, ...]:
    """Whole numbers with commas between them; anything else is wrong usage."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{option} takes whole numbers with commas between them.") from None


def _window(count: int, image: Path | None, switches: int, stalls: bool, json: bool, stop: Stop) -> None:
    from annotator.research.bench.window import bench_window

    figures = bench_window(count, image, stop, switches, stalls)
    if json:
        print_json(figures)
    else:
        print_window(figures)
