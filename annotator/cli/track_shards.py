"""A shard of `annotator track`: the pictures that one of many machines compares."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from annotator.cli.console import print_json, say, warn_of
from annotator.cli.exit_codes import ExitCode
from annotator.cli.jobs import cancellable, progress_bar

if TYPE_CHECKING:  # the services are loaded only when the command runs
    from annotator.domain.takes.take import FrameSequence
    from annotator.services.takes.track import TrackWishes
    from annotator.store.project_store import ProjectStore


def compare_shard(
    store: "ProjectStore",
    views: "Sequence[FrameSequence]",
    alone: "Sequence[FrameSequence]",
    wishes: "TrackWishes",
    text: str,
    out: Path,
    quiet: bool,
    json: bool,
) -> None:
    """One machine's share of the sequences that are tracked in space (views) and of those that are tracked alone."""
    from annotator.services.models.farm.propose_shard import Shard
    from annotator.services.models.farm.track_shard import track_shard
    from annotator.services.takes.track import where_to_look
    from annotator.services.takes.track_rig import where_to_look_in_space

    shard = Shard.parse(text)
    kept = "Finished side files stay; the same command goes on with the rest."
    with cancellable(kept) as stop, progress_bar("Comparing", not quiet) as progress:
        work = where_to_look_in_space(store, views, wishes) if views else []
        work += [where_to_look(store, sequence, wishes) for sequence in alone]
        summary = track_shard(store, work, shard, out, progress, stop)
    if json:
        print_json(summary)
    else:
        say(summary.text)
    warn_of({f"frame {frame_id}": why for frame_id, why in summary.failures.items()})
    if summary.failures:
        raise typer.Exit(ExitCode.PARTIAL)
