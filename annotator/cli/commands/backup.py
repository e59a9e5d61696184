"""`annotator backup`: a whole copy of a project, also while it is open."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import human_size, print_json, say
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption


def backup(
    project: ProjectArgument,
    out: Annotated[
        Path | None,
        typer.Argument(metavar="[OUT]", help="The copy.", show_default="NAME-DATE-TIME beside it"),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Copy a project, whole, also while a window or other commands work in it.

    A plain copy of an open project may lack the newest work, which lies in its log (`-wal`), or be torn. This one never is: it
    appears whole, or not at all. Frames and models are not copied; the copy refers to them where they are.

    [bold]Examples[/bold]

    \b
      annotator backup shoot.annotator
      annotator backup shoot.annotator /mnt/backup/shoot.annotator --overwrite
    """
    from annotator.services.project.copies.copy_project import copy_project
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        copy = copy_project(store, out, overwrite)
    if json:
        print_json(copy)
    elif not quiet:
        say(f"{copy.path}: {copy.frames:,} frames, {copy.edits:,} edits, {human_size(copy.nbytes)}")
