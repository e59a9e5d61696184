"""`annotator rig refine`: a rig that drifted is brought back from what was seen with it."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotator.cli.console import fail, print_json, print_table, say, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption

if TYPE_CHECKING:  # numpy is loaded only when the command runs
    from annotator.services.rigs.refine_rig import RigRefined


def refine_rig(
    project: ProjectArgument,
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="The rig; needed where there are several.", show_default=False),
    ] = None,
    move: Annotated[
        str,
        typer.Option(
            "--move",
            metavar="PARTS",
            help="What of the cameras may move: rotation, position, focal, distortion, with commas between.",
        ),
    ] = "rotation,position",
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Keep it although the cameras agree no better.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come of it.")] = False,
    user: Annotated[
        str | None, typer.Option("--user", help="Who refines it; you without it.", show_default=False)
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Refine a rig from the active model's proposals and people's points, over many moments. It is kept as a new version.

    Every fourth moment is held out and tells whether it helped: before and after, each camera's points against where the
    others expect them. A rig that is not helped is refused (code 1) and stays as it is; so it is after Ctrl+C. As a
    whole the rig neither moves, turns nor scales.

    [bold]Examples[/bold]

    \b
      annotator rig refine shoot.annotator --dry-run
      annotator rig refine shoot.annotator tuesday
      annotator rig refine shoot.annotator --move rotation,focal --json
    """
    from annotator.services.rigs.refine_rig import keep_refined, moving_of
    from annotator.services.rigs.refine_rig import refine_rig as run
    from annotator.store.project_store import ProjectStore

    moving = moving_of(tuple(part.strip() for part in move.split(",") if part.strip()))
    with ProjectStore.open(project, read_only=dry_run) as store:
        with cancellable("The rig is as it was.") as stop, progress_bar("Refining", not quiet) as progress:
            found = run(store, name, moving, progress, stop)
        refused = bool(found.refusal) and not anyway
        kept = None if dry_run or refused else keep_refined(store, found, anyway, user)
    if json:
        print_json(_plain(found) | {"kept": None if kept is None else kept.version})
    else:
        _show(found)
        if kept is not None:
            say(f"Kept as {kept.label}.")
    if refused:
        fail(found.refusal)
        raise typer.Exit(ExitCode.ERROR)
    if found.refusal:
        warn(found.refusal)


def _show(found: "RigRefined") -> None:
    unit = "mm" if found.base.rig.unit == 1 else "units"
    rows = [
        (
            each.name,
            round(each.before, 2),
            round(each.after, 2),
            round(each.degrees, 4),
            round(each.moved, 3),
            f"{100 * (each.zoom - 1):+.2f} %",
        )
        for each in found.refinement.cameras
    ]
    columns = ("camera", "px before", "px after", "degrees", f"moved ({unit})", "zoom")
    print_table(found.base.label, columns, rows)
    say(found.text)


def _plain(found: "RigRefined") -> dict[str, Any]:
    told = found.refinement
    names = ("before", "after", "shift_before", "shift_after", "moments", "held_out", "helped")
    return {
        "name": found.base.name,
        "version": found.base.version,
        **{name: getattr(told, name) for name in names},
        "refusal": found.refusal,
        "cameras": [asdict(camera) for camera in told.cameras],
    }
