"""`annotator convert`: a project of an older version of a scheme, made anew in the newer one."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import print_json, say
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption


def convert(
    project: ProjectArgument,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The new project file.", show_default=False)],
    scheme: Annotated[
        str | None, typer.Option("--scheme", help="Landmarks of the new project.", show_default="the newest")
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Make a project in the newer version of its landmark scheme; the old file stays as it is.

    Landmarks that mean the same place are carried over with their state. Landmarks that lie elsewhere now are moved by the
    offset measured on rendered faces and become proposals; a few that no old landmark tells are left to place. Approved
    frames need work again. History, models and their proposals stay in the old project.

    [bold]Examples[/bold]

    \b
      annotator convert shoot.annotator shoot-2.annotator
      annotator convert shoot.annotator shoot-2.annotator --scheme studio-89@2
    """
    from annotator.services.project.copies.convert_project import convert_project
    from annotator.store.project_store import ProjectStore

    with (
        ProjectStore.open(project, read_only=True) as store,
        cancellable("No project is left behind.") as stop,
        progress_bar("Converting", not quiet) as progress,
    ):
        report = convert_project(store, out, scheme, progress, stop)
    if json:
        print_json(report)
    else:
        say(report.text)
