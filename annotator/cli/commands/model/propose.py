"""`annotator propose`: a model places landmarks on a project's frames."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.chosen_frames import chosen_frames
from annotator.cli.console import note, print_json, say, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import (
    CameraOption,
    CompileOption,
    DeviceOption,
    FlipOption,
    IterationsOption,
    JsonOption,
    MediaPipeOption,
    ModelOption,
    ProjectArgument,
    QuietOption,
    ShapePriorOption,
    SubjectOption,
    ViewsOption,
)

_MOST_FAILURES_SHOWN = 20


def propose(
    project: ProjectArgument,
    everything: Annotated[
        bool, typer.Option("--all", help="All frames that this model has not proposed yet.")
    ] = False,
    frame: Annotated[
        list[int] | None,
        typer.Option("--frame", help="Only this frame's id; may be repeated.", show_default=False),
    ] = None,
    subject: SubjectOption = None,
    camera: CameraOption = None,
    again: Annotated[bool, typer.Option("--again", help="Also frames that it has proposed before.")] = False,
    rig: Annotated[
        bool | None,
        typer.Option(
            "--rig/--no-rig",
            help="Let all cameras of a moment agree on the points; the project's setting decides without it.",
            show_default=False,
        ),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard", help="Only this share, such as 3/20, as side files in --out.", show_default=False
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="With --shard or --ray: the folder for side files.", show_default=False),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option(
            "--ray",
            help="By a Ray cluster: its address, or auto for this machine's (extra farm).",
            show_default=False,
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            help="With --ray: so many workers at most.",
            show_default="as many as it has GPUs, or CPUs",
        ),
    ] = None,
    model: ModelOption = None,
    views: ViewsOption = None,
    iterations: IterationsOption = None,
    flip: FlipOption = None,
    shape_prior: ShapePriorOption = None,
    mediapipe_python: MediaPipeOption = None,
    make_mediapipe: Annotated[
        bool, typer.Option("--make-mediapipe", help="First make an environment for the model 'mediapipe'.")
    ] = False,
    device: DeviceOption = "auto",
    compiled: CompileOption = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Let a model propose landmarks; what people set is never touched.

    Say which frames: --all, or some of --frame, --subject and --camera. Frames that the model has proposed already
    are left out, so a cancelled run goes on where it stopped. Ends with code 3 when some frames failed.
    With --rig the cameras of each moment then agree on where its landmarks are, and that is proposed; the report says how far
    points moved and which cameras disagree. 'annotator rig consensus' does the same without a model, and takes it back.
    With --shard and --out one of many machines does its share: it writes side files and nothing into the project; 'annotator
    merge PROJECT DIR' takes them in. The same command goes on after a kill.
    With --ray the workers of a Ray cluster do the work, each with a model of its own, and this command alone writes the project;
    what a lost machine had is done by others.
    The model 'mediapipe' is Google's face mesh, run in an environment of its own; its proposals stand beside ours.

    [bold]Examples[/bold]

    \b
      annotator propose shoot.annotator --all
      annotator propose shoot.annotator --subject anna --camera c3 --again
      annotator propose shoot.annotator --all --model /mnt/models/feature \\
          --device cuda:1
      annotator propose shoot.annotator --all --rig
      annotator propose shoot.annotator --all --shard 3/20 --out farm/
      annotator propose shoot.annotator --all --ray auto
      annotator propose shoot.annotator --all --ray 10.0.0.5:6379 --workers 200
      annotator propose shoot.annotator --all --model mediapipe --make-mediapipe
    """
    if not (everything or frame or subject or camera):
        raise typer.BadParameter("Say which frames: --all, --frame, --subject or --camera.")
    if (shard is None) != (out is None) and ray is None:
        raise typer.BadParameter("--shard and --out go together.")
    if ray is not None and (shard is not None or model == "mediapipe"):
        raise typer.BadParameter(
            "--ray divides the work itself, and by our own models: no --shard, no mediapipe."
        )
    if ray is None and workers is not None:
        raise typer.BadParameter("--workers goes with --ray.")
    from annotator.inference.options import OptionChanges
    from annotator.services.models.loaded_model import ModelUse, loaded_model
    from annotator.services.models.propose import propose_project
    from annotator.store.project_store import ProjectStore

    changes = OptionChanges(views, iterations, flip, shape_prior)
    use = ModelUse(model, device, changes, compiled, mediapipe_python, make_mediapipe)
    kept = "Finished proposals are in the project; the same command goes on with the rest."
    if shard is not None:
        kept = "Finished side files stay; the same command goes on with the rest."
    with ProjectStore.open(project, read_only=shard is not None) as store:
        ids = chosen_frames(store, frame, subject, camera)
        with cancellable(kept) as stop, progress_bar("Proposing", not quiet) as progress:
            if ray is not None:
                from annotator.services.models.farm.propose_ray import RayUse, propose_on_ray

                place = RayUse(ray, workers, out)
                summary = propose_on_ray(store, use, ids, place, progress, stop, again, rig)
            elif shard is not None and out is not None:
                from annotator.services.models.farm.propose_shard import Shard, propose_shard

                share = Shard.parse(shard)
                with loaded_model(store, use) as predictor:
                    folder = getattr(predictor, "folder", None)
                    summary = propose_shard(store, predictor, ids, share, out, folder, progress, stop, again)
            else:
                with loaded_model(store, use) as predictor:
                    summary = propose_project(store, predictor, ids, progress, stop, again, rig=rig)
    if json:
        print_json(summary)
    else:
        say(summary.text())
        for text in summary.notes:
            note(text)
    for failure in summary.failures[:_MOST_FAILURES_SHOWN]:
        warn(f"frame {failure.frame_id}: {failure.message}")
    if summary.failures:
        raise typer.Exit(ExitCode.PARTIAL if summary.proposed or summary.skipped else ExitCode.ERROR)
