"""`annotator propose`: a model places landmarks on a project's frames."""

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
    The model 'mediapipe' is Google's face mesh, run in an environment of its own; its proposals stand beside ours.

    [bold]Examples[/bold]

    \b
      annotator propose shoot.annotator --all
      annotator propose shoot.annotator --subject anna --camera c3 --again
      annotator propose shoot.annotator --all --model /mnt/models/feature \\
          --device cuda:1
      annotator propose shoot.annotator --all --rig
      annotator propose shoot.annotator --all --model mediapipe --make-mediapipe
    """
    if not (everything or frame or subject or camera):
        raise typer.BadParameter("Say which frames: --all, --frame, --subject or --camera.")
    from annotator.inference.mediapipe import MODEL_ID, MediaPipePredictor
    from annotator.inference.options import OptionChanges
    from annotator.inference.predictor import Predictor
    from annotator.services.models.active_model import choose_model
    from annotator.services.models.mediapipe import find_interpreter, make_environment
    from annotator.services.models.propose import propose_project
    from annotator.store.project_store import ProjectStore

    kept = "Finished proposals are in the project; the same command goes on with the rest."
    with ProjectStore.open(project) as store:
        ids = chosen_frames(store, frame, subject, camera)
        with cancellable(kept) as stop, progress_bar("Proposing", not quiet) as progress:
            if model == MODEL_ID:
                python = make_environment() if make_mediapipe else find_interpreter(mediapipe_python)
                with MediaPipePredictor(python, store.scheme) as mesh:
                    summary = propose_project(store, mesh, ids, progress, stop, again, rig=rig)
            else:
                chosen = choose_model(store, model)
                if store.models.active() is None:
                    store.models.activate(chosen.id)
                changes = OptionChanges(views, iterations, flip, shape_prior)
                predictor = Predictor(chosen.folder, device=device, changes=changes, compiled=compiled)
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
