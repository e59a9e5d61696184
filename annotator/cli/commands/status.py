"""`annotator status`: where a project stands, what to do next in it, and how the work goes."""

from pathlib import Path
from typing import Annotated

import typer

from annotator.cli.console import in_shell, note, print_json, print_table, say, short_path, warn
from annotator.cli.options import JsonOption, ProjectArgument

_QUEUES = "uncertain, disagreement, label-errors, cameras-disagree, breaks-in-motion, least-covered, notes, mine or conflicts"


def status(
    project: ProjectArgument,
    queue: Annotated[
        str | None,
        typer.Option("--queue", help=f"Print a queue instead: {_QUEUES}.", show_default=False),
    ] = None,
    stats: Annotated[
        bool,
        typer.Option(
            "--stats", help="Print how the work goes, from the ledger, as JSON: what the dashboard draws."
        ),
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", "-n", min=1, max=10_000, help="Frames of the queue to print.")
    ] = 20,
    json: JsonOption = False,
) -> None:
    """Show how far a project is: frames by review state, landmarks set by people, proposals, models, time spent.

    With --queue: the frames to look at next, each with its reason. With --stats: pace, corrections, time saved, errors
    and calibration of the proposals, progress.

    [bold]Examples[/bold]

    \b
      annotator status shoot.annotator
      annotator status shoot.annotator --json | jq .reviews.approved
      annotator status shoot.annotator --queue label-errors -n 50
      annotator status shoot.annotator --queue least-covered --json \\
          | jq -r '.items[].frame.path'
      annotator status shoot.annotator --stats | jq .frames_a_minute
    """
    if queue is not None:
        _queue(project, queue, limit, json)
        return
    if stats:
        _stats(project)
        return
    _status(project, json)


def _queue(project: Path, name: str, limit: int, json: bool) -> None:
    from annotator.services.project.queue.queues import parse_queue, read_queue
    from annotator.services.project.queue.refresh_queues import needs_refresh, refresh_queues
    from annotator.store.project_store import ProjectStore

    queue = parse_queue(name)
    with ProjectStore.open(project) as store:
        if queue.question is not None and not store.read_only and needs_refresh(store):
            note(refresh_queues(store).text)
        page = read_queue(store, queue, limit)
        names = store.scheme.names
    if json:
        items = [
            {
                "frame": item.frame,
                "review": item.review,
                "reason": item.reason,
                "landmarks": [names[i] for i in item.landmarks],
                "score": item.score,
            }
            for item in page.items
        ]
        about = {"queue": queue.value, "model": page.model_id, "total": page.total, "waiting": page.waiting}
        print_json({**about, "items": items})
        return
    if not page.items:
        say(f"{queue.heading}: nothing to look at. {page.why}")
        if page.waiting:
            say(f"Next: annotator propose {in_shell(project)} --all")
        return
    rows = [(item.frame.path, f"{item.score:.1f}" if item.score else "", item.reason) for item in page.items]
    print_table(f"{queue.heading}: {len(rows)} of {page.total_text} frames", ("frame", "score", "why"), rows)


def _stats(project: Path) -> None:
    from annotator.services.project.work_statistics import work_statistics
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        print_json(work_statistics(store))


def _status(project: Path, json: bool) -> None:
    from annotator.services.project.status import project_status
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        found = project_status(store)
    if json:
        print_json(found)
        return
    reviews = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in found.reviews.items())
    confidence = "" if found.mean_confidence is None else f", mean confidence {found.mean_confidence:.2f}"
    lines = {
        "project": f"{short_path(found.path)} ({found.scheme})",
        "captures": str(found.capture_root),
        "frames": f"{found.frames} of {found.subjects} subjects, {found.takes} takes, {found.cameras} cameras",
        "review": reviews,
        "landmarks": f"{found.corrected} corrected, {found.confirmed} confirmed, in {found.touched} frames"
        f" ({found.finished} finished)",
        "model": found.active_model or "none; see: annotator models --help",
        "proposals": f"{found.proposed} of {found.frames} frames{confidence}",
        "edits": f"{found.edits}, {found.seconds / 60:.1f} minutes of work"
        + (f", last {found.last_edit:%Y-%m-%d %H:%M} UTC" if found.last_edit else ""),
    }
    for name, text in lines.items():
        say(f"{name:>10}  {text}")
    if found.newer_scheme:
        note(f"There is a newer version of the landmarks, {found.newer_scheme}: annotator convert --help")
    if not found.captures_found:
        warn(
            f"{found.capture_root} is not there. Mount the drive, or open the project in the window and relink it."
        )
