"""`annotator rig import`: a calibration's cameras into a project."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotator.cli.console import note, print_json, print_table, say, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.options import JsonOption, ProjectArgument

if TYPE_CHECKING:  # numpy is loaded only when the command runs
    from annotator.services.rigs.preview import RigFit, RigPreview

_MOST_SHOWN = 5


def import_rig(
    project: ProjectArgument,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A calibration file, or a folder of such files.", show_default=False
        ),
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="What to call the rig; the file's name without it.")
    ] = None,
    takes: Annotated[
        list[str] | None,
        typer.Option(
            "--takes",
            metavar="PATTERN",
            help="Only for takes such as 'anna/*' (subject/take); repeatable.",
            show_default=False,
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option(
            "--map",
            metavar="FILE",
            help='TOML lines "their camera" = "the project\'s".',
            show_default=False,
        ),
    ] = None,
    scale: Annotated[
        bool,
        typer.Option("--scale", help="Scale a calibration of the same pictures in another size."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what fits and what does not.")] = False,
    user: Annotated[
        str | None, typer.Option("--user", help="Who imports it; you without it.", show_default=False)
    ] = None,
    json: JsonOption = False,
) -> None:
    """Import calibrated cameras: OpenCV YAML, JSON or XML, Anipose TOML, COLMAP text, Agisoft XML, a rendered set's
    calibration.json, or Annotator's own JSON. The content tells which it is.

    Cameras are matched by name, first the very same, then by case, zeros and prefixes. A rig whose pictures have another
    size, or that does not agree with people's points, is refused with the reason. One of a known name becomes its next
    version. Ends with code 3 when cameras of the file were left out.

    [bold]Examples[/bold]

    \b
      annotator rig import shoot.annotator calibration.toml --dry-run
      annotator rig import shoot.annotator calibration.toml --takes 'anna/*'
      annotator rig import shoot.annotator calibration.toml --name wednesday
      annotator rig import shoot.annotator colmap/sparse/0 --map cameras.toml
      annotator rig import shoot.annotator cameras.xml --scale --json
    """
    from annotator.services.rigs.matching import read_mapping
    from annotator.services.rigs.preview import RigWishes, preview_rigs
    from annotator.services.rigs.transfer import import_rigs
    from annotator.store.project_store import ProjectStore

    mapped = read_mapping(mapping) if mapping is not None else {}
    wishes = RigWishes(name, tuple(takes or ()), mapped, scale)
    if dry_run:
        with ProjectStore.open(project, read_only=True) as store:
            preview = preview_rigs(store, file, wishes)
        _tell(preview, json, {"imported": False})
        if not preview.importable:
            raise typer.Exit(ExitCode.ERROR)
        return
    with ProjectStore.open(project) as store:
        report = import_rigs(store, file, wishes, user)
    added = [{"name": each.name, "version": each.version} for each in report.added]
    known = [{"name": each.name, "version": each.version} for each in report.known]
    _tell(report.preview, json, {"imported": True, "added": added, "known": known})
    if not json:
        say(report.text)
    if report.in_part:
        raise typer.Exit(ExitCode.PARTIAL)


def _tell(preview: "RigPreview", json: bool, more: dict[str, Any]) -> None:
    if json:
        rigs = [_plain(fit) for fit in preview.fits]
        about = {"file": preview.path, "format": preview.format, "elsewhere": preview.elsewhere}
        print_json({**about, "notes": preview.notes, "rigs": rigs, **more})
        return
    say(f"{preview.path.name} is {preview.format}")
    for text in preview.notes:
        note(text)
    for fit in preview.fits[:_MOST_SHOWN]:
        _show(fit)
    if len(preview.fits) > _MOST_SHOWN:
        note(f"and {len(preview.fits) - _MOST_SHOWN} more rigs")
    if preview.elsewhere:
        note(f"{preview.elsewhere} rigs are of takes that the project does not have")


def _show(fit: "RigFit") -> None:
    say(f"\n{fit.name}: {fit.frames:,} frames of {', '.join(fit.takes) or 'all takes'}")
    rows = []
    for camera in fit.cameras:
        found, size = camera.reprojection, f"{camera.size[0]} x {camera.size[1]}"
        if camera.frame_size not in (None, camera.size):
            size += f" (frames: {camera.frame_size[0]} x {camera.frame_size[1]})"
        off = (round(found.median, 2), found.points) if found else (None, None)
        rows.append((camera.named, camera.camera or None, size, *off))
    print_table("", ("in the file", "in the project", "calibrated at", "off by px", "points"), rows)
    for name, why in fit.left_out.items():
        warn(f"camera {name} of the file is left out: {why}")
    if fit.uncalibrated:
        note(f"Cameras of the project without calibration: {', '.join(fit.uncalibrated)}")
    for text in fit.notes:
        note(text)
    for text in fit.refusals:
        warn(text)


def _plain(fit: "RigFit") -> dict[str, Any]:
    names = ("name", "takes", "frames", "cameras", "uncalibrated", "refusals", "notes")
    return {name: getattr(fit, name) for name in names} | {"fits": fit.rig is not None}
