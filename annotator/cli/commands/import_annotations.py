"""`annotator import-annotations`: landmarks from a file onto frames that the project has."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import note, print_json, say, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption

_MOST_SHOWN = 10
_KEPT = "Frames finished so far are in the project, each with an entry in its ledger."


def import_annotations(
    project: ProjectArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="COCO JSON, CSV, or a folder of .pts.", show_default=False)
    ],
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", help="coco, pts or csv; FILE's ending decides without it.", show_default=False
        ),
    ] = None,
    as_proposals: Annotated[
        bool,
        typer.Option(
            "--as-proposals", help="Keep them as a model's proposals; annotations stay as they are."
        ),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also replace landmarks that a person has set.")
    ] = False,
    user: Annotated[
        str | None, typer.Option("--user", help="Name for the ledger; yours without it.", show_default=False)
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Set landmarks from a file, as annotations or as proposals; frames are matched by path and never added.

    What a person set stays unless --overwrite says otherwise, what the file lacks is never cleared, and every change
    stands in the ledger. Landmarks outside their picture are set out of frame, those far from their face are named.
    Ends with code 3 when some of the file's frames are not in the project, or some of its entries cannot be read.

    [bold]Examples[/bold]

    \b
      annotator import-annotations shoot.annotator vendor.json
      annotator import-annotations shoot.annotator old_pts/ --format pts \\
          --as-proposals
      annotator import-annotations shoot.annotator fixed.csv --overwrite \\
          --user vendor
    """
    from annotator.services.project.import_annotations import import_annotations as run
    from annotator.store.project_store import ProjectStore

    with (
        ProjectStore.open(project) as store,
        cancellable(_KEPT) as stop,
        progress_bar("Importing", not quiet) as progress,
    ):
        report = run(store, file, file_format, as_proposals, overwrite, user, progress, stop)
    if json:
        print_json(report)
    else:
        say(report.summary)
        for text in report.notes:
            note(text)
    for text in report.warnings:
        warn(text)
    for path, reason in list(report.unmatched.items())[:_MOST_SHOWN]:
        warn(f"{path}: {reason}")
    if report.unmatched:
        raise typer.Exit(ExitCode.PARTIAL)
