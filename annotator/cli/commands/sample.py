"""`annotator sample`: where the sample project is; makes it when it is not there."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import print_json, say
from annotator.cli.options import JsonOption


def sample(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FOLDER]", help="Where to keep it; your user data folder without it.", show_default=False
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Make the sample project, or find the one made before, and print its path.

    It shows the 4096x4096 captures that come with Annotator, with the shipped model active. An existing sample
    project keeps all that you did in it; frames and models that are new in this version are added.

    [bold]Examples[/bold]

    \b
      annotator sample
      annotator propose "$(annotator sample)" --all
      annotator sample ~/try
    """
    from annotator.services.project.sample_project import ensure_sample_project

    project = ensure_sample_project(folder)
    if json:
        print_json({"project": project})
    else:
        say(str(project))
