"""`annotator import`: a folder tree of captures becomes a project, or is added to one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli.console import in_shell, note, print_json, print_table, say, short_path, warn
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.services.project.captures.capture_preview import ImportPreview
    from annotator.services.project.captures.import_captures import ImportSummary

_EXAMPLES = 10
_KEPT = "Frames added so far are in the project; the same command adds the rest."


def import_captures(
    project: ProjectArgument,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the captures lie.", show_default=False)
    ],
    pattern: Annotated[
        str | None,
        typer.Option(
            "--pattern",
            "-p",
            help="What folders and names mean: {subject} {take} {camera} {frame} #### * **. Guessed without it.",
            show_default=False,
        ),
    ] = None,
    scheme: Annotated[
        str | None,
        typer.Option(
            "--scheme",
            help="Landmarks of a new project: a scheme's name or TOML file.",
            show_default=DEFAULT_SCHEME,
        ),
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Only show what would be taken; change nothing.")
    ] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Bring a folder of captures into a project; a PROJECT that does not exist yet is made.

    Images are referenced where they are: nothing is copied or changed. Frames that the project has already are
    passed over, so the command may be run again when more were shot. Ends with code 3 when some files are damaged.

    [bold]Patterns[/bold]

    \b
      {subject}/{take}/{camera}/{frame}.jpg    one folder each
      {subject}_{camera}_####.exr              numbered sequences; %04d is the same
      plate.1001-1096#.jpg                     these frames of one sequence; gaps are told
      **/{camera}_*.tif                        * any text, ** any depth

    [bold]Examples[/bold]

    \b
      annotator import shoot.annotator /mnt/captures --preview
      annotator import shoot.annotator /mnt/captures \\
          --pattern '{subject}/{take}/{camera}/{frame}.jpg'
      annotator import other.annotator /mnt/plates \\
          -p '{subject}_{camera}_####.exr' --scheme studio-89@2
      annotator import points.annotator /mnt/captures --scheme ibug-68
    """
    from annotator.services.project.captures.capture_preview import preview_import

    found = preview_import(folder, pattern)
    if preview:
        _show_preview(found, json)
        return
    summary = _import(project, folder, pattern, scheme, found, quiet)
    if json:
        print_json(
            {
                "project": project,
                "matched": len(found.matched),
                "added": summary.added,
                "known": summary.known,
                "left_out": found.unmatched_count,
                "failures": [str(failure) for failure in summary.failures],
                "notes": dict(summary.notes),
            }
        )
    else:
        say(f"{summary.added} frames added to {short_path(project)}, {summary.known} were there already")
        _mention_left_out(found)
        say(f"Next: {_next_step(project)}")
    for path, text in list(summary.notes.items())[:_EXAMPLES]:
        warn(f"{path}: {text}")
    for failure in summary.failures[:_EXAMPLES]:
        warn(str(failure))
    if summary.failures:
        raise typer.Exit(ExitCode.PARTIAL if summary.added or summary.known else ExitCode.ERROR)


def _import(
    project: Path, folder: Path, pattern: str | None, scheme: str | None, found: "ImportPreview", quiet: bool
) -> "ImportSummary":
    """Open or make the project and import; one without a model gets the shipped one as its active one."""
    from annotator.domain.schemes.scheme_file import load_scheme
    from annotator.services.models.active_model import ensure_active_model
    from annotator.services.project.captures.import_captures import import_captures as run
    from annotator.store.project_store import ProjectStore

    is_new = not project.exists()
    if is_new and not found.matched:  # say so before a project is made for nothing
        raise AnnotatorError(
            f"{found.folder}: no image fits. See why: annotator import {in_shell(project)} {in_shell(folder)} --preview"
        )
    wanted = load_scheme(scheme or DEFAULT_SCHEME)
    opened = ProjectStore.making(project, wanted, folder) if is_new else ProjectStore.open(project)
    with cancellable(_KEPT) as stop:
        done: ImportSummary | Cancelled
        with opened as store:
            if scheme is not None and store.scheme.id != wanted.id:
                raise AnnotatorError(
                    f"{short_path(project)} is there already, with landmarks of {store.scheme.id}, not of {wanted.id}: "
                    "leave out --scheme, or name a new project."
                )
            if store.models.active() is None and ensure_active_model(store) is None:
                note(
                    f"No shipped model places {store.scheme.id}: place landmarks by hand, or train one: annotator train --help"
                )
            with progress_bar("Importing", not quiet) as progress:
                try:
                    done = run(store, folder, pattern, progress, stop)
                except Cancelled as asked:  # what was added stays, in a new project, too
                    done = asked
        if isinstance(done, Cancelled):
            raise done
        return done


def _next_step(project: Path) -> str:
    """What to do with the frames: proposals where a model can make them, else landmarks by hand."""
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        active = store.models.active()
    proposes = active is not None and not active.card.is_imported
    return f"annotator propose {in_shell(project)} --all" if proposes else f"annotator {in_shell(project)}"


def _show_preview(found: "ImportPreview", json: bool) -> None:
    """What an import would take, with examples of what it would leave out."""
    if json:
        print_json(found)
        return
    for text in filter(None, (found.note,)):
        note(text)
    columns = ("path", "subject", "take", "camera", "frame")
    rows = [(m.path, m.subject, m.take, m.camera, m.frame) for m in found.matched[:_EXAMPLES]]
    print_table(f"{found.counts} would be taken, such as", columns, rows)
    counts = [f"{len(found.values(field))} {field}s" for field in ("subject", "take", "camera")]
    say(", ".join(counts))
    _mention_left_out(found)


def _mention_left_out(found: "ImportPreview") -> None:
    if found.unmatched_count:
        warn(f"{found.unmatched_count} images are left out, for example:")
        for file in found.unmatched[:_EXAMPLES]:
            note(f"  {file.path}: {file.reason}")
    for text in found.gaps[:_EXAMPLES]:
        warn(text)
    if found.other_files:
        note(f"{found.other_files} other files are no images.")
