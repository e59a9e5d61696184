"""`annotator models note`: what people note of a model."""

from typing import Annotated

import typer

from annotator.cli.console import print_json, say
from annotator.cli.options import JsonOption, KnownModelArgument, ProjectArgument


def note_model(
    project: ProjectArgument,
    model: KnownModelArgument,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="In place of what is noted; empty takes it away.")
    ],
    json: JsonOption = False,
) -> None:
    """Note something of a model, for everybody who works on the project.

    [bold]Examples[/bold]

    \b
      annotator models note shoot.annotator shoot-2026-11-21-1 \\
          "learnt on day 1, weak on profiles"
    """
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project) as store:
        store.models.set_note(model, text.strip())
    if json:
        print_json({"model": model, "note": text.strip()})
    else:
        say(f"Noted of {model}: {text.strip() or 'nothing'}")
