"""`annotator merge`: what was done in a copy of a project, or on a farm, comes into the project."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from annotator.cli.console import in_shell, note, print_json, print_table, say, warn_of
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption
from annotator.domain.errors import AnnotatorError
from annotator.domain.words import counted

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.services.project.copies.merge_record import MergeConflict
    from annotator.store.project_store import ProjectStore


class Side(StrEnum):
    """What counts of a conflict."""

    MINE = "mine"
    THEIRS = "theirs"
    NEITHER = "neither"


def merge(
    project: ProjectArgument,
    other: Annotated[
        Path | None,
        typer.Argument(
            metavar="[OTHER]", help="A copy of the project, or a folder of side files.", show_default=False
        ),
    ] = None,
    conflicts: Annotated[
        bool, typer.Option("--conflicts", help="Print what both copies changed and nobody decided yet.")
    ] = False,
    take: Annotated[
        Side | None,
        typer.Option(
            "--take", help="With --conflicts: decide them, for this side or neither.", show_default=False
        ),
    ] = None,
    frame: Annotated[
        list[str] | None,
        typer.Option(
            "--frame",
            help="With --conflicts: only of this frame, by its path; may be repeated.",
            show_default=False,
        ),
    ] = None,
    landmark: Annotated[
        list[str] | None,
        typer.Option(
            "--landmark",
            help="With --conflicts: only of this landmark, or 'review state'; may be repeated.",
            show_default=False,
        ),
    ] = None,
    take_back: Annotated[
        bool,
        typer.Option("--take-back", help="Take the last merge of a copy back; what was changed since stays."),
    ] = False,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Bring what was done elsewhere into a project; doing it again changes nothing.

    OTHER is a copy (annotator backup) that somebody worked on: its ledger is replayed with who, when, seconds and model. Where
    both changed a landmark the later change counts, the frame is set to needs work, and --conflicts prints both places until
    somebody decides the frame. Merge both ways to have the same in both copies. Proposals, tracks, models and rigs stay as they
    are.
    With --conflicts --take a side is put in place and the conflict is decided, as in the window; 'neither' leaves the frame as it
    is. The ledger keeps both.
    OTHER may be a folder that the shards of annotator propose, track and previews filled: what many machines made is checked and
    taken in; what the model has proposed here already stays. Ends with code 3 when frames were refused.

    [bold]Examples[/bold]

    \b
      annotator merge shoot.annotator shoot-of-vera.annotator
      annotator merge shoot.annotator farm/
      annotator merge shoot.annotator --conflicts
      annotator merge shoot.annotator --conflicts --json
      annotator merge shoot.annotator --conflicts --take theirs \\
          --frame ben/smile/c1/0001.jpg
      annotator merge shoot.annotator --take-back
    """
    if (other is not None) + conflicts + take_back != 1:
        raise typer.BadParameter("Say one of OTHER, --conflicts and --take-back.")
    if not conflicts and (take is not None or frame or landmark):
        raise typer.BadParameter("--take, --frame and --landmark go with --conflicts.")
    if conflicts:
        _conflicts(project, take, frame or [], landmark or [], json)
    elif take_back:
        _take_back(project, json)
    elif other is not None:
        (_shards if other.is_dir() else _copies)(project, other, quiet, json)


def _copies(project: Path, other: Path, quiet: bool, json: bool) -> None:
    from annotator.services.project.copies.merge_copies import merge_copies
    from annotator.store.project_store import ProjectStore

    kept = "What was taken over stays; the same command goes on with the rest."
    with (
        ProjectStore.open(project) as store,
        ProjectStore.open(other, read_only=True) as copy,
        cancellable(kept) as stop,
        progress_bar("Merging", not quiet) as progress,
    ):
        summary = merge_copies(store, copy, progress, stop)
    _tell(summary.text, summary, summary.refused, json)
    if summary.conflicts:
        note(f"See them: annotator merge {in_shell(project)} --conflicts")
    if summary.refused:
        raise typer.Exit(ExitCode.PARTIAL)


def _shards(project: Path, folder: Path, quiet: bool, json: bool) -> None:
    from annotator.services.models.farm.merge_shards import merge_shards
    from annotator.store.project_store import ProjectStore

    kept = "What was merged stays; the same command goes on with the rest."
    with (
        ProjectStore.open(project) as store,
        cancellable(kept) as stop,
        progress_bar("Merging", not quiet) as progress,
    ):
        summary = merge_shards(store, folder, progress, stop)
    _tell(summary.text, summary, summary.refused, json)
    if summary.refused:
        raise typer.Exit(ExitCode.PARTIAL if summary.anything or summary.known else ExitCode.ERROR)


def _conflicts(project: Path, take: Side | None, frames: list[str], landmarks: list[str], json: bool) -> None:
    from annotator.services.project.copies.merge_record import merge_conflicts
    from annotator.services.project.queue.queue_reasons import side_words
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=take is None) as store:
        found = [
            each
            for each in merge_conflicts(store)
            if (not frames or each.frame.path in frames) and (not landmarks or _name(each) in landmarks)
        ]
        if take is not None:
            _decide(store, found, take, json)
            return
    if json:
        print_json(found)
        return
    if not found:
        note("No conflict waits.")
        return
    rows = [(each.frame.path, _name(each), side_words(each.mine), side_words(each.theirs)) for each in found]
    print_table(f"{len(rows)} conflicts", ("frame", "landmark", "mine", "theirs"), rows)


def _decide(store: "ProjectStore", conflicts: "list[MergeConflict]", take: Side, json: bool) -> None:
    from annotator.services.project.copies.take_sides import take_sides
    from annotator.store.people.decisions import Took

    if not conflicts:
        raise AnnotatorError("No such conflict waits; without --take they are listed.")
    decided, busy = take_sides(store, conflicts, Took(take.value))
    if json:
        print_json({"decided": decided, "took": take.value, "busy": busy})
    else:
        say(f"{counted(decided, 'conflict')} decided: {take.value}.")
    warn_of(dict.fromkeys(busy, "another program changed it meanwhile; its conflicts wait still"))
    if busy:
        raise typer.Exit(ExitCode.PARTIAL)


def _name(conflict: "MergeConflict") -> str:
    return conflict.landmark or "review state"


def _take_back(project: Path, json: bool) -> None:
    from annotator.services.project.copies.merge_record import take_merge_back
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project) as store:
        name, frames = take_merge_back(store)
    if json:
        print_json({"from": name, "frames": frames})
    else:
        say(f"The merge of {name} was taken back in {frames} frames.")


def _tell(text: str, summary: object, refused: dict[str, str], json: bool) -> None:
    if json:
        print_json(summary)
    else:
        say(text)
    warn_of(refused)
