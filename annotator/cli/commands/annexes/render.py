"""`annotator render`: synthetic captures with exact landmarks, from the studio."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotator.cli.console import print_json, print_table, say, short_path
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, QuietOption, SeedOption
from annotator.domain.assets import DEFAULT_SCHEME

if TYPE_CHECKING:  # the studio is loaded only when the command runs
    from annotator.studio.dataset.dataset import RenderSummary
    from annotator.studio.dataset.jobs import RenderOptions

_PAPER_SET = "paper-set"
_KEPT = "Finished frames are kept; the same command renders the rest."


def render(
    out: Annotated[
        str | None,
        typer.Argument(
            metavar="OUT", help="Folder to fill; a preset's name alone names both.", show_default=False
        ),
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", help="Start from a named set; see --list.", show_default=False)
    ] = None,
    subjects: Annotated[
        int | None, typer.Option(min=1, help="How many made-up people.", show_default="1")
    ] = None,
    first_subject: Annotated[
        int | None,
        typer.Option(min=0, help="Number of the first; the same number, the same person.", show_default="1"),
    ] = None,
    expressions: Annotated[
        str | None, typer.Option(help="Comma-separated names, all, or random.", show_default="neutral")
    ] = None,
    takes: Annotated[
        int | None, typer.Option(min=1, help="How many random expressions each.", show_default="1")
    ] = None,
    cameras: Annotated[
        str | None,
        typer.Option(help="A rig's name or file, or a number of random views.", show_default="dome-8"),
    ] = None,
    size: Annotated[int | None, typer.Option(help="Pixels a side, 256 to 8192.", show_default="4096")] = None,
    looks: Annotated[
        str | None, typer.Option(help="Comma-separated studios to draw from.", show_default="studio-a")
    ] = None,
    file_format: Annotated[
        str | None, typer.Option("--format", help="jpg, png, tiff or exr.", show_default="jpg")
    ] = None,
    crops: Annotated[bool, typer.Option("--crops", help="Only what training reads: far faster.")] = False,
    crop_pixels: Annotated[
        int | None,
        typer.Option(min=64, help="The most pixels of a crop's side, about.", show_default="800"),
    ] = None,
    fixed_rig: Annotated[
        bool,
        typer.Option(
            "--fixed-rig",
            help="The cameras stand still, the head turns before them: one calibration, rig.json, holds for all.",
        ),
    ] = False,
    shake: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            max=0.2,
            help="talking: how far a hand moves the cameras, share of the frame.",
            show_default="0",
        ),
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    seed: SeedOption = 0,
    scheme: Annotated[
        str | None,
        typer.Option(
            help="Landmarks of the truth; further schemes after commas, in annotations-ID.json.",
            show_default=DEFAULT_SCHEME,
        ),
    ] = None,
    check: Annotated[
        int | None,
        typer.Option(
            "--check-borders",
            min=1,
            help="Render nothing; measure landmarks against drawn borders.",
            show_default=False,
        ),
    ] = None,
    listing: Annotated[
        bool, typer.Option("--list", help="Show expressions, looks, rigs and presets.")
    ] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Render captures of made-up subjects with exact landmarks, visibility and camera calibration.

    The folder is read by import, train and evaluate like any capture. A cancelled or killed run goes on where it was.
    Needs the extra `studio` and OpenGL (EGL without a display): see annotator doctor.

    [bold]Examples[/bold]

    \b
      annotator render --list
      annotator render renders/a --subjects 3 --expressions neutral,smile \\
          --cameras dome-8 --size 4096
      annotator render renders/b --subjects 20 --expressions random \\
          --takes 5 --cameras 2 --size 1024 --workers 2
      annotator render renders/c --subjects 20 --crops \\
          --scheme studio-89@2,ibug-68
      annotator render renders/d --preset talking --size 1024 --shake 0.01
      annotator render --check-borders 50
      annotator render paper-set      # 47 subjects, 24 expressions, 8 cameras
    """
    if listing:
        _list(json)
        return
    if check:
        if out is not None or preset is not None:
            raise typer.BadParameter(
                "--check-borders draws people of its own; it takes no folder and no preset"
            )
        _check_borders(check, scheme or DEFAULT_SCHEME, quiet, json)
        return
    if out is None:
        raise typer.BadParameter(
            "Name the folder to fill: annotator render OUT. See also: annotator render --list"
        )
    if crop_pixels is not None and not crops:
        raise typer.BadParameter("--crop-pixels goes with --crops; whole frames have --size")
    wanted = _names(scheme)
    changes: dict[str, Any] = {
        "scheme": wanted[0] if wanted else None,
        "also": wanted[1:] if wanted else None,
        "expressions": _expressions(expressions),
        "takes": takes,
        "cameras": f"random:{cameras}" if cameras and cameras.isdecimal() else cameras,
        "size": size,
        "looks": _names(looks),
        "format": file_format,
        "crops": crops or None,
        "crop_pixels": crop_pixels,
        "fixed_rig": fixed_rig or None,
        "shake": shake,
        "workers": workers,
        "seed": seed or None,
    }
    sets = _sets(out, preset, subjects, first_subject, {k: v for k, v in changes.items() if v is not None})
    summaries = _render(sets, quiet)
    if json:
        print_json(summaries)
        return
    for summary in summaries:
        each = f", {summary.seconds / summary.written:.2f} s each" if summary.written else ""
        say(
            f"{summary.written} frames rendered{each}, {summary.skipped} were there: {short_path(summary.out)}"
        )


def _sets(
    out: str, preset: str | None, subjects: int | None, first: int | None, changes: dict[str, Any]
) -> "list[tuple[Path, RenderOptions]]":
    """The folders to fill and what to render into each."""
    from annotator.studio.dataset.jobs import RenderOptions
    from annotator.studio.dataset.presets import PRESETS, people
    from annotator.studio.dataset.presets import preset as find_preset

    if preset is None and out in PRESETS:
        preset = out
    folder = Path(out)
    if preset is None:
        start = 1 if first is None else first
        chosen = range(start, start + (subjects or 1))
        return [(folder, _changed(RenderOptions(tuple(chosen)), changes))]
    if preset == _PAPER_SET:
        parts = {"train": _PAPER_SET, "test": "paper-test"}
        if first is not None:
            raise typer.BadParameter(
                "the paper's set has two parts of fixed people; for others: annotator render OUT --preset paper-test"
                " --first-subject N, or --subjects, --expressions and --cameras without a preset"
            )
        found = [(folder / part, name) for part, name in parts.items()]
    else:
        found = [(folder, preset)]
    return [
        (path, _changed(people(name, find_preset(name), first, subjects), changes)) for path, name in found
    ]


def _changed(base: "RenderOptions", changes: dict[str, Any]) -> "RenderOptions":
    """The options with what was asked for; refuses takes that nothing would follow."""
    from annotator.studio.dataset.jobs import RANDOM, TALKING

    if "expressions" in changes:  # also for the people of a preset that have an expression of their own
        base = replace(base, expression_of={})
    wanted = replace(base, **changes)
    named = (*wanted.expressions, *(name for names in wanted.expression_of.values() for name in names))
    if "takes" in changes and not {RANDOM, TALKING} & set(named):
        raise typer.BadParameter(
            "--takes is for expressions that differ from take to take: add --expressions random or talking"
        )
    return wanted


def _render(sets: "list[tuple[Path, RenderOptions]]", quiet: bool) -> "list[RenderSummary]":
    """Fill every folder; a stop leaves the rest for the next run."""
    from annotator.studio.dataset.dataset import render_dataset

    summaries: list[RenderSummary] = []
    with cancellable(_KEPT) as stop:
        for folder, options in sets:
            with progress_bar(f"Rendering {folder.name}", not quiet) as progress:
                summaries.append(render_dataset(folder, options, progress, stop))
            if summaries[-1].stopped and not stop():
                raise typer.Exit(ExitCode.PARTIAL)
    return summaries


def _check_borders(count: int, scheme: str, quiet: bool, json: bool) -> None:
    """Print the table of the border check; a kind of border that fails ends the command with an error."""
    from annotator.studio.truth.border_check import check_borders

    with (
        cancellable("Nothing is written.") as stop,
        progress_bar(f"Checking {count} frames", not quiet) as progress,
    ):
        figures = check_borders(count, progress, stop, scheme)
    if json:
        print_json(figures)
    else:
        print_table(
            f"Landmarks against drawn borders, {count} frames of 4096 pixels",
            ("border", "points", "hidden", "median px", "90 % px", "within 1.5 px"),
            [
                (f.kind, f.points, f.hidden, f"{f.median:.2f}", f"{f.high:.2f}", f"{f.share:.1%}")
                for f in figures
            ],
        )
    if not all(f.passes for f in figures):
        raise typer.Exit(ExitCode.ERROR)


def _expressions(text: str | None) -> tuple[str, ...] | None:
    if text != "all":
        return _names(text)
    from annotator.studio.person.expressions import expression_table

    return tuple(expression_table())


def _names(text: str | None) -> tuple[str, ...] | None:
    """Comma-separated names; None for none."""
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    return names or None


def _list(json: bool) -> None:
    from annotator.domain.assets import asset
    from annotator.studio.dataset.presets import PRESETS
    from annotator.studio.person.expressions import expression_table
    from annotator.studio.scene.looks import look_names

    known = {
        "presets": list(PRESETS),
        "expressions": [*expression_table(), "random"],
        "looks": look_names(),
        "rigs": sorted(path.stem for path in asset("resources/studio/rigs").glob("*.toml")),
    }
    if json:
        print_json(known)
        return
    for kind, names in known.items():
        say(f"{kind}: {', '.join(names)}")
