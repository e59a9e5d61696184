"""`annotator learn-convention`: a project's corrections teach its model how people place points, in seconds."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import warn
from annotator.cli.options import DeviceOption, EventsOption, JsonOption, ModelOption, ProjectArgument
from annotator.cli.training_events import running, show_outcome

FORMER_RECIPE = "placement"
"""What learning a convention was called while it passed for a recipe; still understood."""


def learn_convention(
    project: ProjectArgument,
    model: ModelOption = None,
    device: DeviceOption = "auto",
    activate: Annotated[
        bool, typer.Option("--activate", help="Make the new model the project's active one.")
    ] = False,
    events: EventsOption = False,
    json: JsonOption = False,
) -> None:
    """Learn in seconds how people place points in a project; no network is trained.

    What the model knows of faces moves to the corrected points: five corrected frames are enough to begin with.
    Measured before and after on frames that are kept out of every training, from three on. The new model is known to
    the project but not active.

    [bold]Examples[/bold]

    \b
      annotator learn-convention shoot.annotator
      annotator learn-convention shoot.annotator --activate
    """
    learn(project, model, device, activate, events, json)


def learn(project: Path, model: str | None, device: str, activate: bool, events: bool, json: bool) -> None:
    """What the command does, also under its former name."""
    from annotator.services.models.training.learn_convention import ConventionOptions, learn_convention
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project) as store, running("Nothing was changed.", events) as (on_event, stop):
        outcome = learn_convention(store, ConventionOptions(model, device), on_event, stop)
        if activate:
            store.models.activate(outcome.card.id)
    show_outcome(outcome, project, activate, events, json)


def warn_of_former_name(instead: str) -> None:
    """Says that a recipe of the former name is no recipe any more."""
    warn(f"--recipe {FORMER_RECIPE} is deprecated; use {instead}")
