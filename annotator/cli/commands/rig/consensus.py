"""`annotator rig consensus`: let the cameras of each moment agree, without running a model."""

from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli.chosen_frames import chosen_frames
from annotator.cli.console import print_json, say
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import (
    CameraOption,
    JsonOption,
    ModelOption,
    ProjectArgument,
    QuietOption,
    SubjectOption,
)
from annotator.domain.errors import AnnotatorError
from annotator.domain.words import counted

if TYPE_CHECKING:  # the store is loaded only when the command runs
    from annotator.store.project_store import ProjectStore


def consensus(
    project: ProjectArgument,
    frame: Annotated[
        list[int] | None,
        typer.Option(
            "--frame", help="Only the moment of this frame's id; may be repeated.", show_default=False
        ),
    ] = None,
    subject: SubjectOption = None,
    camera: CameraOption = None,
    beside: Annotated[
        bool,
        typer.Option("--beside", help="Only find out which cameras disagree; proposals stay as they are."),
    ] = False,
    clear: Annotated[
        bool, typer.Option("--clear", help="Take it back: the model's own points are proposed again.")
    ] = False,
    always: Annotated[
        bool | None,
        typer.Option(
            "--always/--not-always",
            help="From now on, also whenever something is proposed or corrected.",
            show_default=False,
        ),
    ] = None,
    model: ModelOption = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Let all cameras of a moment agree on its landmarks, from proposals and people's points that are there.

    What they say takes the place of the model's points, with its covariances; the model's own stay and can be had back. Points
    that people set are never touched, and points that two cameras or more do not agree on stay the model's.
    Without --frame, --subject and --camera it is done for every moment of the project.

    [bold]Examples[/bold]

    \b
      annotator rig consensus shoot.annotator
      annotator rig consensus shoot.annotator --subject anna --beside --json
      annotator rig consensus shoot.annotator --always
      annotator rig consensus shoot.annotator --clear
    """
    from annotator.services.rigs.agreement import agree, set_proposals_agree
    from annotator.store.project_store import ProjectStore

    if clear and beside:
        raise typer.BadParameter("--clear takes back, --beside asks: say one of them.")
    kept = "Moments that were finished are in the project; the same command does the rest."
    with ProjectStore.open(project) as store:
        ids = chosen_frames(store, frame, subject, camera)
        if always is not None:
            set_proposals_agree(store, always)
        if clear:
            count = store.consensus.remove(ids, model)
        else:
            with cancellable(kept) as stop, progress_bar("Asking the cameras", not quiet) as progress:
                summary = agree(store, _model_id(store, model), ids, progress, stop, not beside)
    if clear:
        told = {"cleared": count}
        print_json(told) if json else say(
            f"{counted(count, 'frame')}: the model's own points are proposed again"
        )
    elif json:
        print_json(summary)
    else:
        say(summary.text())


def _model_id(store: "ProjectStore", wanted: str | None) -> str:
    """Whose proposals count: the active model's without a wish, also where they came in a file."""
    active = store.models.active()
    if wanted is None and active is not None:
        return active.id
    known = {model.id for model in store.models.all()}
    if wanted is None or wanted not in known:
        names = ", ".join(sorted(known)) or "none"
        raise AnnotatorError(
            f"The project has no proposals of {wanted or 'an active model'}; it knows: {names}."
        )
    return wanted
