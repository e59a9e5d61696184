"""`annotator rig export`: a project's rig for another program."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import print_json, say, short_path
from annotator.cli.options import JsonOption, ProjectArgument


def export_rig(
    project: ProjectArgument,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="What to write; a folder for COLMAP.", show_default=False)
    ],
    rig_format: Annotated[
        str | None,
        typer.Option(
            "--format",
            "-f",
            help="annotator, opencv, anipose, colmap or agisoft; OUT's ending decides without it.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", help="Which rig; needed where there are several.", show_default=False),
    ] = None,
    version: Annotated[
        int | None,
        typer.Option("--version", help="Which version; the newest without it.", show_default=False),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it exists.")] = False,
    json: JsonOption = False,
) -> None:
    """Write a rig, under the project's names of cameras and in the format's own pixel convention.

    Endings: .json Annotator, .yml OpenCV, .toml Anipose, .xml Agisoft, none a COLMAP folder. A format that has no place for
    a lens's terms refuses it and says so.

    [bold]Examples[/bold]

    \b
      annotator rig export shoot.annotator rig.json
      annotator rig export shoot.annotator rig.toml --name tuesday --version 1
      annotator rig export shoot.annotator sparse --format colmap
      annotator rig export shoot.annotator opencv.json --format opencv --overwrite
    """
    from annotator.services.rigs.transfer import export_rig as run
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        found, title = run(store, out, name, version, rig_format, overwrite)
    if json:
        print_json({"file": out, "format": title, "name": found.name, "version": found.version})
    else:
        say(f"{found.label} written to {short_path(out)} ({title})")
