"""`annotator models measure`: models side by side on the project's frozen frames."""

from typing import Annotated

import typer

from annotator.cli.console import note, print_json, print_table
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import DeviceOption, JsonOption, ProjectArgument, QuietOption


def measure_models(
    project: ProjectArgument,
    models: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MODEL]...", help="Ids; all that the project knows without.", show_default=False
        ),
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="Also those that were measured before.")] = False,
    device: DeviceOption = "auto",
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Measure models side by side on the frames that the project keeps back from every training.

    Only points count that a person placed by hand. The figures are kept with the project; they are made anew when its frames or
    points change.

    [bold]Examples[/bold]

    \b
      annotator models measure shoot.annotator
      annotator models measure shoot.annotator starter shoot-2026-11-21-1 --json
    """
    from annotator.services.models.known.measure_models import measure_models as measure
    from annotator.store.project_store import ProjectStore

    with (
        ProjectStore.open(project) as store,
        cancellable("What was measured stays.") as stop,
        progress_bar("Measuring", not quiet) as progress,
    ):
        found = measure(store, models or (), device, again, progress, stop)
    if json:
        print_json(found)
        return
    one = next(iter(found.values()))
    regions = list(dict.fromkeys(name for own in found.values() for name in own.regions))
    rows = [
        (name, *(f"{own.regions[region]:.3f}" if region in own.regions else "-" for region in regions))
        for name, own in found.items()
    ]
    print_table(f"Error in {one.unit}, {one.points} points of {one.frames} frames", ("model", *regions), rows)
    if not one.held_out:
        note("These frames are not kept back from training: there are too few.")
