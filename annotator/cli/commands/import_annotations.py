"""`annotator import-annotations`: landmarks from a file onto frames that the project has."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import note, print_json, say, short_path, warn, warn_of
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption

_KEPT = "Frames finished so far are in the project, each with an entry in its ledger."


def import_annotations(
    project: ProjectArgument,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A file or folder of any format below.", show_default=False)
    ],
    file_format: Annotated[
        str | None,
        typer.Option("--format", "-f", help="Its name; FILE's content tells it without.", show_default=False),
    ] = None,
    as_proposals: Annotated[
        bool,
        typer.Option(
            "--as-proposals", help="Keep them as a model's proposals; annotations stay as they are."
        ),
    ] = False,
    names: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE",
            help='TOML of names: "theirs" = "ours"; kept for the next file of this format.',
            show_default=False,
        ),
    ] = None,
    suggest: Annotated[
        Path | None,
        typer.Option(
            "--suggest-map",
            metavar="FILE",
            help="Write a map to check, by names and by places on the face; import nothing.",
            show_default=False,
        ),
    ] = None,
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
    Formats: coco, pts, csv, coco-dataset, yolo, cvat, labelstudio, labelme, via, imglab, wflw, deeplabcut, sleap,
    openpose, mediapipe, and those of installed packages. Points that are no landmark of the project are left out and
    named. Ends with code 3 when some of the file's frames are not in the project, or some of its entries cannot be read.

    [bold]Examples[/bold]

    \b
      annotator import-annotations shoot.annotator vendor.json
      annotator import-annotations shoot.annotator old_pts/ --format pts \\
          --as-proposals
      annotator import-annotations shoot.annotator fixed.csv --overwrite \\
          --user vendor
      annotator import-annotations shoot.annotator cvat.xml \\
          --suggest-map names.toml
      annotator import-annotations shoot.annotator cvat.xml --map checked.toml
    """
    from annotator.formats.name_map import read_map
    from annotator.services.project.import_annotations import import_annotations as run
    from annotator.services.project.landmark_names import suggest_names, write_suggested
    from annotator.store.project_store import ProjectStore

    if suggest is not None:
        with ProjectStore.open(project, read_only=True) as store:
            suggested = suggest_names(store, file, file_format)
            write_suggested(suggested, suggest, file)
        if json:
            print_json(suggested)
        else:
            say(f"{suggested.text}: {short_path(suggest)}")
        return
    with (
        ProjectStore.open(project) as store,
        cancellable(_KEPT) as stop,
        progress_bar("Importing", not quiet) as progress,
    ):
        given = read_map(names, store.scheme) if names is not None else None
        report = run(store, file, file_format, as_proposals, overwrite, user, progress, stop, names=given)
    if json:
        print_json(report)
    else:
        say(report.summary)
        for text in report.notes:
            note(text)
    for text in report.warnings:
        warn(text)
    warn_of(report.unmatched, 10)
    if report.unmatched:
        raise typer.Exit(ExitCode.PARTIAL)
