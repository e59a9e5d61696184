"""`annotator track`: carries people's points through a take."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import note, print_json, say, warn_of
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar
from annotator.cli.named_landmarks import landmark_indices
from annotator.cli.options import JsonOption, ProjectArgument, QuietOption
from annotator.cli.track_shards import compare_shard

_MOST_SHOWN = 20


class Mode(StrEnum):
    """How new tracks meet older ones."""

    FILL = "fill"
    REPLACE = "replace"
    KEEP = "keep"


def track(
    project: ProjectArgument,
    take: Annotated[
        str,
        typer.Option("--take", help="SUBJECT/TAKE, or a take's name that is there once.", show_default=False),
    ],
    camera: Annotated[
        list[str] | None,
        typer.Option("--camera", help="This camera; repeat it for more.", show_default="all"),
    ] = None,
    landmarks: Annotated[
        str, typer.Option("--landmarks", help="Names of landmarks or regions, comma-separated, or all.")
    ] = "all",
    first: Annotated[
        int | None, typer.Option("--from", help="First frame number to write.", show_default="the take's")
    ] = None,
    last: Annotated[
        int | None, typer.Option("--to", help="Last frame number to write.", show_default="the take's")
    ] = None,
    mode: Annotated[
        Mode,
        typer.Option(
            "--mode",
            help="fill: where nothing was tracked, or not surely. replace: everywhere. keep: where nothing was tracked.",
        ),
    ] = Mode.FILL,
    pictures: Annotated[
        bool, typer.Option("--pictures/--no-pictures", help="Also look at how the pixels move.")
    ] = True,
    rig: Annotated[
        bool,
        typer.Option(
            "--rig/--no-rig",
            help="In space, by all cameras of the take's rig at once, where it has one; or each camera by itself.",
        ),
    ] = True,
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            help="Only compare this share of the pictures, such as 3/20, as side files in --out.",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="With --shard: the folder for side files.", show_default=False),
    ] = None,
    quiet: QuietOption = False,
    json: JsonOption = False,
) -> None:
    """Track landmarks through a take from the frames in which people set them (its keys), the proposals, and the pixels.

    Points that people set stay as they are, and are exact; what is tracked between them is a layer of its own over the proposals,
    with a history of who and what made it. Propose the take first. Where the take has a rig, all of its cameras are tracked
    together: keys in two views of a moment serve the others as well, and --camera says whose frames are written.
    With --shard and --out one of many machines compares its share of the pictures, which is nearly all of the work, and writes
    nothing into the project; after 'annotator merge PROJECT DIR' the same command without them tracks, and reads no picture.
    A cancelled run goes on where it was: pictures that were compared are not read again. Ends with code 3 when some pictures
    could not be read.

    [bold]Examples[/bold]

    \b
      annotator track shoot.annotator --take anna/smile
      annotator track shoot.annotator --take anna/smile --camera c1 \\
          --landmarks mouth --from 1 --to 40 --mode replace --json
      annotator track shoot.annotator --take anna/smile --no-rig
      annotator track shoot.annotator --take anna/smile --shard 3/20 --out farm/
    """
    if (shard is None) != (out is None):
        raise typer.BadParameter("--shard and --out go together.")
    if shard is not None and not pictures:
        raise typer.BadParameter("--shard compares pictures; without them there is nothing to divide.")
    from annotator.domain.takes.track import Merge
    from annotator.services.takes.sequences import named_take, sequences
    from annotator.services.takes.track import TrackWishes, track_sequence
    from annotator.services.takes.track_rig import rig_of, track_in_space
    from annotator.store.project_store import ProjectStore

    kept = "The tracks are as they were; the same command goes on with the pictures that were compared."
    with ProjectStore.open(project, read_only=shard is not None) as store:
        wishes = TrackWishes(
            landmark_indices(store.scheme, landmarks), first, last, Merge[mode.name], pictures
        )
        subject, name = named_take(store, take)
        every = list(sequences(store, subject, name))
        chosen = [each for each in every if not camera or each.camera in camera]
        if not chosen:
            raise typer.BadParameter(
                f"{take} has no such camera; it has {', '.join(each.camera for each in every)}."
            )
        wanted = {each.camera for each in chosen}
        held = rig_of(store, subject, name) if rig else None
        views = [] if held is None else held.views(every)
        together = {view.camera for view in views}
        if shard is not None and out is not None:
            alone = [each for each in chosen if each.camera not in together]
            compare_shard(store, views if together & wanted else [], alone, wishes, shard, out, quiet, json)
            return
        summaries = []
        with cancellable(kept) as stop:
            if held is not None and together & wanted:
                with progress_bar(f"Tracking by {held.rig.label}", not quiet) as progress:
                    summaries += track_in_space(store, views, held.rig, wishes, wanted, progress, stop)
            for sequence in chosen:
                if sequence.camera not in together:
                    with progress_bar(f"Tracking {sequence.name}", not quiet) as progress:
                        summaries.append(track_sequence(store, sequence, wishes, progress, stop))
    if json:
        print_json(summaries)
    for summary in summaries:
        if not json:
            say(summary.text)
        for text in summary.notes[:_MOST_SHOWN]:
            note(text)
        warn_of({f"frame {frame_id}": why for frame_id, why in summary.failures.items()})
    if any(summary.failures for summary in summaries):
        raise typer.Exit(ExitCode.PARTIAL)
