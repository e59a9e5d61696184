"""`annotator propose`: a model places landmarks on a project's frames."""

from typing import TYPE_CHECKING, Annotated

import typer

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
from annotator.domain.errors import AnnotatorError

if TYPE_CHECKING:  # the store is loaded only when the command runs
    from annotator.store.project_store import ProjectStore

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
    The model 'mediapipe' is Google's face mesh, run in an environment of its own; its proposals stand beside ours.

    [bold]Examples[/bold]

    \b
      annotator propose shoot.annotator --all
      annotator propose shoot.annotator --subject anna --camera c3 --again
      annotator propose shoot.annotator --all --model /mnt/models/feature \\
          --device cuda:1
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
        ids = _frame_ids(store, frame, subject, camera)
        with cancellable(kept) as stop, progress_bar("Proposing", not quiet) as progress:
            if model == MODEL_ID:
                python = make_environment() if make_mediapipe else find_interpreter(mediapipe_python)
                with MediaPipePredictor(python, store.scheme) as mesh:
                    summary = propose_project(store, mesh, ids, progress, stop, again)
            else:
                chosen = choose_model(store, model)
                if store.models.active() is None:
                    store.models.activate(chosen.id)
                changes = OptionChanges(views, iterations, flip, shape_prior)
                predictor = Predictor(chosen.folder, device=device, changes=changes, compiled=compiled)
                summary = propose_project(store, predictor, ids, progress, stop, again)
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


def _frame_ids(
    store: "ProjectStore", wanted: list[int] | None, subjects: list[str] | None, cameras: list[str] | None
) -> list[int]:
    """Ids of the frames that all given conditions let through, in capture order.

    Raises:
        typer.BadParameter: none is left. AnnotatorError: the project is empty.
    """
    if not store.frames.count():
        raise AnnotatorError(f"The project has no frames yet: annotator import {store.path} FOLDER")
    ids = [
        summary.frame.id
        for summary in store.frames.list()
        if (not wanted or summary.frame.id in wanted)
        and (not subjects or summary.frame.subject in subjects)
        and (not cameras or summary.frame.camera in cameras)
    ]
    if not ids:
        facets = store.frames.facets()
        raise typer.BadParameter(
            "No frame is left. Subjects: "
            + (", ".join(facets["subject"][:20]) or "none")
            + "; cameras: "
            + (", ".join(facets["camera"][:20]) or "none")
            + "."
        )
    return ids
