"""`annotator rig solve`: a rig where there is no calibration, from people's landmarks."""

from typing import Annotated

import typer

from annotator.cli.console import print_json, print_table, say, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption


def solve_rig(
    project: ProjectArgument,
    name: Annotated[str, typer.Option("--name", help="What to call the rig.", show_default=False)],
    takes: Annotated[
        list[str] | None,
        typer.Option(
            "--takes",
            metavar="PATTERN",
            help="Only takes such as 'anna/*' (subject/take); repeatable.",
            show_default=False,
        ),
    ] = None,
    focal: Annotated[
        list[str] | None,
        typer.Option(
            "--focal",
            metavar="[CAMERA=]PX",
            help="A focal length in pixels, of all cameras or of one; repeatable.",
            show_default=False,
        ),
    ] = None,
    length: Annotated[
        tuple[str, str, float] | None,
        typer.Option(
            "--length",
            metavar="A B MM",
            help="Two landmarks and how many millimetres they are apart; gives the rig its size.",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would come of it.")] = False,
    user: Annotated[
        str | None, typer.Option("--user", help="Who solves it; you without it.", show_default=False)
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Find out how the cameras stood from landmarks that people corrected or confirmed, where there is no calibration.

    Proposals do not count. Whole faces in three moments or more, in all cameras, are a good start. Lenses are taken to
    be without distortion. Focal lengths that are not given are found, the better the more the head comes nearer and goes
    away. The error is told; a rig that does not fit is refused. Ends with code 3 when cameras were left out.

    [bold]Examples[/bold]

    \b
      annotator rig solve shoot.annotator --name solved --dry-run
      annotator rig solve shoot.annotator --name solved --focal 5200
      annotator rig solve shoot.annotator --name solved --takes 'anna/*' \\
          --length eye_right_outer eye_left_outer 88.5 --focal c1=5200
    """
    from annotator.services.rigs.solve_rig import SolveWishes, keep_solved
    from annotator.services.rigs.solve_rig import solve_rig as run
    from annotator.store.project_store import ProjectStore

    wishes = SolveWishes(name, tuple(takes or ()), _focal(focal or []), length)
    with ProjectStore.open(project, read_only=dry_run) as store:
        kept_text = "The project is as it was."
        with cancellable(kept_text) as stop, progress_bar("Solving", not quiet) as progress:
            found = run(store, wishes, progress, stop)
        kept = None if dry_run else keep_solved(store, found, user)
    if json:
        told = {
            "name": found.rig.name,
            "takes": found.rig.takes,
            "unit_mm": found.rig.unit,
            "error": found.solution.error,
            "cameras": found.solution.by_camera,
            "focal": {name: camera.matrix[0, 0] for name, camera in found.rig.cameras.items()},
            "focal_known_to": found.solution.zoom,
            "moments": found.moments,
            "left_out": found.left_out,
            "kept": None if kept is None else kept.version,
        }
        print_json(told)
    else:
        rows = [
            (camera, round(off, 2), round(float(found.rig.cameras[camera].matrix[0, 0])))
            for camera, off in found.solution.by_camera.items()
        ]
        print_table("", ("camera", "off by px", "focal px"), rows)
        say(found.text)
        if kept is not None:
            say(f"Kept as {kept.label}.")
    for camera, why in found.left_out.items():
        warn(f"camera {camera} is left out: {why}")
    if found.left_out:
        raise typer.Exit(ExitCode.PARTIAL)


def _focal(texts: list[str]) -> dict[str, float]:
    """Camera -> pixels, "" for all. Raises `typer.BadParameter` for what is no length."""
    found = {}
    for text in texts:
        camera, _, pixels = text.rpartition("=")
        try:
            found[camera] = float(pixels)
        except ValueError:
            raise typer.BadParameter(f"--focal {text}: write pixels, or CAMERA=pixels.") from None
    return found
