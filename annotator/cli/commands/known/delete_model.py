"""`annotator models delete`: takes a model out of a project."""

from typing import Annotated

import typer

from annotator.cli.console import print_json, say
from annotator.cli.options import JsonOption, KnownModelArgument, ProjectArgument


def delete_model(
    project: ProjectArgument,
    model: KnownModelArgument,
    force: Annotated[
        bool, typer.Option("--force", help="Also the active model, and one that others were taught from.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Delete a model of a project with its proposals and, where it is the project's own, its folder.

    Refused where it is active or the parent of another, unless --force. Points that people set, the ledger and the history stay.

    [bold]Examples[/bold]

    \b
      annotator models delete shoot.annotator shoot-2026-11-21-1
    """
    from annotator.services.models.known.delete_model import delete_model as delete
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project) as store:
        done = delete(store, model, force)
    if json:
        print_json(done)
    else:
        say(done.text)
