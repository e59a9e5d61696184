"""`annotator rig points`: landmarks in space, with covariance."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import note, print_json, say, short_path
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption


def points(
    project: ProjectArgument,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="Points in space: .csv, .json or .glb.", show_default=False),
    ] = None,
    views: Annotated[
        Path | None,
        typer.Option("--views", help="Where each view should see them: .csv.", show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", help="Whose proposals count where nobody set a point.", show_default="the active one"
        ),
    ] = None,
    people: Annotated[bool, typer.Option("--people-only", help="Only points that people set count.")] = False,
    takes: Annotated[
        list[str] | None,
        typer.Option(
            "--takes",
            metavar="PATTERN",
            help="Only takes such as 'anna/*' (subject/take); repeatable.",
            show_default=False,
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace files that exist.")] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Write where landmarks are in space, by all views of each moment, and where each view should see them.

    CSV and JSON hold points in the rig's world and unit with their 3x3 covariance, the views that voted and those that do not
    agree, and residuals in standard deviations. A .glb is for programs that show 3D, in metres where the rig's unit is known
    (extra `gltf`). Landmarks that fewer than two views have are left out.

    [bold]Examples[/bold]

    \b
      annotator rig points shoot.annotator --out points.csv
      annotator rig points shoot.annotator --out points.json \\
          --views reprojected.csv --takes 'anna/*'
      annotator rig points shoot.annotator --out points.glb --people-only
    """
    from annotator.services.rigs.points.export import PointsWishes, export_points
    from annotator.store.project_store import ProjectStore

    wishes = PointsWishes(out, views, model, people, tuple(takes or ()), overwrite)
    with (
        ProjectStore.open(project, read_only=True) as store,
        cancellable("Nothing was written.") as stop,
        progress_bar("Placing landmarks in space", not quiet) as progress,
    ):
        report = export_points(store, wishes, progress, stop)
    if json:
        print_json(report)
        return
    if out is not None:
        say(f"{report.points:,} points of {report.moments:,} moments: {short_path(out)}")
    if views is not None:
        say(f"{report.view_points:,} points in views: {short_path(views)}")
    if report.model is None and not people:
        note("No model is active, so only people's points count.")
