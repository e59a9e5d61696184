"""`annotator export`: a project's landmarks for another program or for training elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from annotator.cli.console import note, print_json, say, short_path, warn_of
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import CameraOption, JsonOption, ProjectArgument, QuietOption, SubjectOption

if TYPE_CHECKING:  # numpy is loaded only when the command runs
    from annotator.domain.annotation import ReviewState


def export(
    project: ProjectArgument,
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="What to write; for some formats a folder.", show_default=False),
    ],
    file_format: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", help="Its name; FILE's ending decides without it.", show_default=False
        ),
    ] = None,
    confirmed_only: Annotated[
        bool,
        typer.Option("--confirmed-only", help="Leave out landmarks that were corrected but not confirmed."),
    ] = False,
    include_proposals: Annotated[
        bool, typer.Option("--include-proposals", help="Fill gaps from the active model's proposals.")
    ] = False,
    include_tracks: Annotated[
        bool, typer.Option("--include-tracks", help="Fill gaps from what was tracked, before any proposal.")
    ] = False,
    min_confidence: Annotated[
        float, typer.Option(min=0, max=1, help="Proposals below it are left out.")
    ] = 0.0,
    review: Annotated[
        list[str] | None,
        typer.Option(
            "--review",
            help="unreviewed, needs_work, approved, rejected; repeatable.",
            show_default="all but rejected",
        ),
    ] = None,
    subject: SubjectOption = None,
    take: Annotated[
        list[str] | None, typer.Option("--take", help="Only this take; may be repeated.", show_default=False)
    ] = None,
    camera: CameraOption = None,
    complete: Annotated[bool, typer.Option("--complete", help="Only frames with every landmark.")] = False,
    ibug68: Annotated[
        bool,
        typer.Option(
            "--ibug68", help="Only the 68-point markup; .pts needs all of it: studio-89@2 or ibug-68."
        ),
    ] = False,
    pictures: Annotated[
        str,
        typer.Option(
            "--pictures", help="none, link or copy: pictures in a data set of coco-dataset or yolo."
        ),
    ] = "none",
    held_out: Annotated[
        float,
        typer.Option(
            "--held-out", min=0, max=0.99, help="Share of the subjects in val, of coco-dataset and yolo."
        ),
    ] = 0.2,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace FILE if it exists.")] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Write corrected and confirmed landmarks, with a manifest of what they are.

    Formats: coco, pts, csv, coco-dataset, yolo, cvat, labelstudio, labelme, via, imglab, wflw, deeplabcut, sleap,
    openpose, and those of installed packages. Each format's own pixel convention is converted to and named in the manifest.
    Files appear whole or not at all. Ends with code 3 when frames had to be left out that the format cannot hold.

    [bold]Examples[/bold]

    \b
      annotator export shoot.annotator landmarks.json --format coco
      annotator export shoot.annotator landmarks.csv --confirmed-only \\
          --review approved --subject anna
      annotator export shoot.annotator pts/ --format pts
      annotator export shoot-2.annotator 300w/ --format pts --ibug68
      annotator export shoot.annotator all.json --include-proposals \\
          --min-confidence 0.8
      annotator export shoot.annotator yolo/ --format yolo --pictures link
      annotator export shoot.annotator smile.nk --take smile --include-tracks
    """
    from annotator.formats.base import Pictures, WriteOptions
    from annotator.services.project.export_dataset import export_dataset
    from annotator.services.project.export_filter import ExportFilter
    from annotator.store.project_store import ProjectStore

    filters = ExportFilter(
        include="confirmed" if confirmed_only else "human",
        proposals=include_proposals,
        tracks=include_tracks,
        min_confidence=min_confidence,
        subjects=tuple(subject or ()),
        takes=tuple(take or ()),
        cameras=tuple(camera or ()),
        reviews=tuple(_review(name) for name in review or ()),
        complete=complete,
    )
    if pictures not in get_args(Pictures):
        raise typer.BadParameter(f"--pictures is one of {', '.join(get_args(Pictures))}, not {pictures}.")
    options = WriteOptions(
        ibug68=ibug68, overwrite=overwrite, pictures=cast(Pictures, pictures), held_out=held_out
    )
    with (
        ProjectStore.open(project, read_only=True) as store,
        cancellable("Nothing was written.") as stop,
        progress_bar("Exporting", not quiet) as progress,
    ):
        report = export_dataset(store, file, file_format, filters, options, progress, stop)
    if json:
        print_json(report)
    else:
        say(f"{report.text}: {short_path(file)}")
        note(f"manifest: {report.manifest}")
    warn_of(report.written.skipped, 10)
    if report.written.skipped:
        raise typer.Exit(ExitCode.PARTIAL)


def _review(name: str) -> "ReviewState":
    """A review state by name; wrong names are wrong usage."""
    from annotator.domain.annotation import ReviewState

    try:
        return ReviewState[name.upper()]
    except KeyError:
        known = ", ".join(state.name.lower() for state in ReviewState)
        raise typer.BadParameter(f"--review is one of {known}, not {name}.") from None
