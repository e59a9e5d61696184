"""`annotator ledger`: who changed what, when, and how long it took."""

import csv
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from annotator.cli.console import note, print_json, print_table, visible
from annotator.cli.options import JsonOption, ProjectArgument

if TYPE_CHECKING:  # the store is loaded only when the command runs
    from annotator.store.history.ledger import LedgerEntry


def ledger(
    project: ProjectArgument,
    frame: Annotated[
        int | None, typer.Option("--frame", help="Only this frame's id.", show_default=False)
    ] = None,
    newest: Annotated[int, typer.Option("--newest", min=0, help="Only the last so many; 0 shows all.")] = 50,
    table: Annotated[
        bool, typer.Option("--csv", help="Print CSV, one row a changed landmark, for spreadsheets.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show the append-only history of corrections: when, who, what, how long, and on which model's proposal.

    [bold]Examples[/bold]

    \b
      annotator ledger shoot.annotator
      annotator ledger shoot.annotator --frame 12 --newest 0
      annotator ledger shoot.annotator --newest 0 --csv > corrections.csv
    """
    from annotator.store.project_store import ProjectStore

    with ProjectStore.open(project, read_only=True) as store:
        entries = store.ledger.entries(frame, newest or None)
        names = store.scheme.names
        frames = {entry.frame_id: store.frames.get(entry.frame_id).path for entry in entries}
    if json:
        print_json([_full(entry, names, frames[entry.frame_id]) for entry in entries])
    elif table:
        _write_csv(entries, names, frames)
    elif not entries:
        note("Nothing was changed yet.")
    else:
        columns = ("id", "when (UTC)", "who", "frame", "what", "seconds", "model")
        rows = [
            (
                entry.id,
                f"{entry.at:%Y-%m-%d %H:%M:%S}",
                entry.user,
                frames[entry.frame_id],
                entry.label,
                round(entry.seconds, 1),
                entry.model_id,
            )
            for entry in entries
        ]
        print_table("", columns, rows)


def _full(entry: "LedgerEntry", names: tuple[str, ...], path: str) -> dict[str, Any]:
    """One ledger entry with every changed landmark, as plain values."""
    return {
        "id": entry.id,
        "at": entry.at,
        "user": entry.user,
        "frame": entry.frame_id,
        "path": path,
        "label": entry.label,
        "origin": entry.origin,
        "seconds": entry.seconds,
        "model": entry.model_id,
        "model_sha256": entry.model_sha256,
        "review": [entry.from_review, entry.to_review],
        "landmarks": [
            {
                "name": names[index],
                "from": entry.from_xy[row],
                "to": entry.to_xy[row],
                "from_state": int(entry.from_state[row]),
                "to_state": int(entry.to_state[row]),
            }
            for row, index in enumerate(entry.indices)
        ],
    }


def _write_csv(entries: "Sequence[LedgerEntry]", names: tuple[str, ...], frames: Mapping[int, str]) -> None:
    """One row a changed landmark; states are 0 missing, 1 proposed, 2 corrected, 3 confirmed."""
    from annotator.formats.cells import defused

    writer = csv.writer(sys.stdout)
    writer.writerow(
        ("id", "at", "user", "path", "label", "seconds", "model")
        + ("landmark", "from_x", "from_y", "from_state", "to_x", "to_y", "to_state")
    )
    for entry in entries:
        words = (entry.user, frames[entry.frame_id], entry.label)
        head = (entry.id, entry.at.isoformat(), *(visible(defused(word)) for word in words))
        for row, index in enumerate(entry.indices):
            writer.writerow(
                (*head, entry.seconds, visible(defused(entry.model_id or "")), defused(names[index]))
                + (*entry.from_xy[row], entry.from_state[row], *entry.to_xy[row], entry.to_state[row])
            )
