"""`annotator relink`: tell a project where its captures are now."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import print_json, say, warn
from annotator.cli.options import JsonOption, ProjectArgument


def relink(
    project: ProjectArgument,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", help="The folder that the frames' paths start from.", show_default=False
        ),
    ],
    check: Annotated[bool, typer.Option("--check", help="Only say what would be found there.")] = False,
    json: JsonOption = False,
) -> None:
    """Point a project at captures that moved to another drive or folder. No file is touched, no frame is renamed.

    A folder that holds none of the project's frames is refused, and the right one is named where it is close by.

    [bold]Examples[/bold]

    \b
      annotator relink shoot.annotator /mnt/new/captures
      annotator relink shoot.annotator /mnt/new/captures --check
    """
    from annotator.services.project.captures.relink import check_root
    from annotator.services.project.captures.relink import relink as run
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=check) as store:
        report = check_root(store, folder) if check else run(store, folder)
    if json:
        print_json(report)
        return
    say(f"{report.root}: {report.found} of {report.checked} frames looked for are there")
    for path in report.missing:
        warn(f"not found: {path}")
