"""`annotator bench`: how fast the parts are on this machine."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli import bench_runs
from annotator.cli.commands.model.learn_convention import FORMER_RECIPE, warn_of_former_name
from annotator.cli.jobs import cancellable
from annotator.cli.options import CompileOption, DeviceOption, JsonOption, MediaPipeOption

if TYPE_CHECKING:  # the services are loaded only when the command runs
    pass


class Bench(StrEnum):
    """What can be measured."""

    PIPELINE = "pipeline"
    UI = "ui"
    PROJECT = "project"
    RENDER = "render"
    LOOP = "loop"
    SUGGESTIONS = "suggestions"
    RIG = "rig"
    KILLS = "kills"
    MUTATIONS = "mutations"
    TAKE = "take"
    TRACKER = "tracker"
    FARM = "farm"


def bench(
    name: Annotated[
        Bench,
        typer.Argument(
            metavar="[NAME]",
            help="pipeline, ui, project, render, loop, suggestions, rig, take, tracker, farm, kills or mutations.",
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
            help="loop, suggestions, rig, take, tracker: frames with true landmarks; rig: with --fixed-rig.",
            show_default=False,
        ),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(
            "--beside", help="tracker: a model to run frame by frame; may be repeated.", show_default=False
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
    take: Annotated[
        int,
        typer.Option(
            "--take", min=0, help="ui: instead, a take of so many frames: opening it, scrubbing, playing."
        ),
    ] = 0,
    stalls: Annotated[
        bool, typer.Option("--stalls/--no-stalls", help="ui: watch the event loop, too, during a training.")
    ] = True,
    views: Annotated[
        int,
        typer.Option(
            "--views", min=0, max=16, help="ui: also drag while so many calibrated views of a moment follow."
        ),
    ] = 0,
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes", min=0.01, help="loop: of each retraining, as for train.", show_default="the recipe's"
        ),
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
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="kills: this operation; may be repeated.", show_default="all"),
    ] = None,
    seed: Annotated[
        int,
        typer.Option(
            "--seed",
            min=0,
            help="kills: of the writes that are drawn. mutations: of the damage. rig, take: of errors and choices.",
        ),
    ] = 1,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", help="mutations: only inputs of this kind; repeat it for more.", show_default=False
        ),
    ] = None,
    rig: Annotated[
        bool,
        typer.Option("--rig", help="take: keys in two views of a set of --fixed-rig, tracked in space."),
    ] = False,
    mediapipe_python: MediaPipeOption = None,
    compiled: CompileOption = False,
    json: JsonOption = False,
) -> None:
    """Measure on this machine; every figure comes with the machine, the date and the spread.

    \b
      pipeline  4096x4096 JPEG to landmarks: decode, proxy, network, total, as ratios to decoding alone; memory
      ui        pan, zoom, drag, selection, frame switches in the real window, beside a plain pyqtgraph view;
                stalls of its event loop; with --switches N its memory over N frames; with --views N a drag that N
                views of a rig follow
      project   100,000 frames: fill, propose, open, list, next frame, queues, one durable commit
      render    seconds a synthetic frame at several sizes: the first of a capture, and each further camera
      loop      what corrections are worth: a simulated artist corrects frames, the model is retrained, others measured
      suggestions  carrying a correction on: each region's worst point is corrected, what it suggests for the rest is measured
      rig       what the other cameras are worth: single views, their consensus, and one to four corrected views of a set
                rendered with --fixed-rig; with calibrations that are exact, off, and refined
      kills     every operation that writes, killed at each of its writes, and with the disk full from there on: old or new
                must be left; with -n N at N writes of each, drawn by --seed
      mutations damaged pictures, projects, annotations, models, schemes, settings and keymaps, each read in a process of its
                own under limits: crashes, tracebacks, hangs over 20 s and more than 4 GB are counted, and kept in --work
      take      what keys are worth: 0, 3, 5 and 10 % of a take's frames are set, the others tracked and measured, beside
                proposals alone, carried corrections and straight lines; proposals stay in the set, in take-proposals.npz;
                with --rig keys in two of its views, tracked in space, measured in all views
      farm      proposing by 1 and by 2 processes with shards, and merging: seconds of the processor a frame, and what 16 to
                1,000 workers would take by them; with -n N copies of a frame
      tracker   a tracker on rendered takes, beside its own detector and other models: NME, jitter, seconds; -n N frames a take

    [bold]Examples[/bold]

    \b
      annotator bench
      annotator bench pipeline --image /mnt/plate.0001.exr --device cuda --json
      annotator bench ui -n 100 --switches 2000
      annotator bench ui --take 10000 --json
      annotator bench ui -n 20 --no-stalls --views 8
      annotator bench rig --data renders/dome --seed 2
      annotator bench kills --only 'export pts' --only average
      annotator bench mutations -n 500 --seed 7 --kind frames --work damaged
      annotator bench take --data renders/other-look
      annotator bench take --rig --data renders/other-look
      annotator bench tracker --model models/tracker --beside starter \\
          --data renders/takes-judged
      annotator bench farm -n 32
      annotator bench loop --data renders/other-look --work loop \\
          --counts 0,5,20 --minutes 10
    """
    if name is Bench.LOOP and (data is None or work is None):
        raise typer.BadParameter("loop needs --data and --work.")
    if name in (Bench.SUGGESTIONS, Bench.TAKE, Bench.RIG) and data is None:
        raise typer.BadParameter(f"{name.value} needs --data.")
    if name is Bench.TRACKER and (data is None or model is None):
        raise typer.BadParameter("tracker needs --data and --model.")
    if name is Bench.MUTATIONS:
        bench_runs.mutations(count or 10_000, seed, kind or (), work or Path("mutations"), json)
        return
    if name is Bench.TAKE and data is not None:
        bench_runs.take(data, model, seed, rig, json)
        return
    with cancellable("Nothing was kept.") as stop:
        if name is Bench.PIPELINE:
            bench_runs.pipeline(image, model, device, count or 20, mediapipe_python, compiled, json, stop)
        elif name is Bench.UI:
            bench_runs.window(count or (5 if take else 50), image, switches, stalls, take, views, json, stop)
        elif name is Bench.PROJECT:
            bench_runs.project(frames, proposals, count or 20, json, stop)
        elif name is Bench.RENDER:
            bench_runs.render(_numbers("--sizes", sizes), count or 3, crops, json, stop)
        elif name is Bench.FARM:
            bench_runs.farm(image, model, count or 32, json, stop)
        elif name is Bench.KILLS:
            bench_runs.kills(only, count, seed, json, stop)
        elif name is Bench.SUGGESTIONS and data is not None:
            bench_runs.suggestions(data, model, count or 1, learn, json, stop)
        elif name is Bench.RIG and data is not None:
            bench_runs.rig(data, model, device, seed, json, stop)
        elif name is Bench.TRACKER and data is not None and model is not None:
            bench_runs.tracker(data, model, beside or (), count, device, json, stop)
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
            bench_runs.loop(data, work, model, options, comparable, json, stop)


def _numbers(option: str, text: str) -> tuple[int, ...]:
    """Whole numbers with commas between them; anything else is wrong usage."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"{option} takes whole numbers with commas between them.") from None
