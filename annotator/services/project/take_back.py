"""Takes entries of the ledger back, or brings them again, as entries of their own: so that an import is one step to undo."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from annotator.domain.annotation import Annotation
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.store.history.changes import Change, Origin
from annotator.store.history.ledger import LedgerEntry
from annotator.store.project_store import ProjectStore

_BATCH: Final = 200


def take_back(
    store: ProjectStore,
    ledger_ids: Sequence[int],
    again: bool = False,
    progress: Progress = silent,
    stop: Stop = never,
    written: list[int] | None = None,
) -> int:
    """Puts landmarks and review states back to what they were before each entry; what was changed since stays.

    Args:
        ledger_ids: of entries of as many frames. again: bring back instead what the entries had set.
        written: gets the ids of the ledger's new entries.

    Returns:
        How many frames changed.

    Raises:
        StoreWriteError; Cancelled on stop: frames finished before stay as they are.
    """
    changed = 0
    nothing = Annotation.empty(store.scheme)
    for start in range(0, len(ledger_ids), _BATCH):
        if stop():
            raise Cancelled(f"stopped; {changed} frames were put back")
        entries = store.ledger.of_ids(ledger_ids[start : start + _BATCH])
        known = dict(store.annotations.items([entry.frame_id for entry in entries]))
        changes = [
            change
            for entry in entries
            if (change := _change(entry, known.get(entry.frame_id, nothing), again)) is not None
        ]
        made = [each.ledger_id for each in store.annotations.commit_guarded(changes) if each.ledger_id]
        changed += len(made)
        if written is not None:
            written += made
        progress(start + len(entries), len(ledger_ids), "")
    return changed


def _change(entry: LedgerEntry, now: Annotation, again: bool) -> Change | None:
    """What takes one entry back; None where nothing of it is left."""
    before = (entry.from_xy, entry.from_state, entry.from_flags, entry.from_review)
    after = (entry.to_xy, entry.to_state, entry.to_flags, entry.to_review)
    left, wanted = (before, after) if again else (after, before)
    at = entry.indices
    same = ((now.xy[at] == left[0]) | (np.isnan(now.xy[at]) & np.isnan(left[0]))).all(-1)
    same &= (now.state[at] == left[1]) & (now.flags[at] == left[2])
    xy, state, flags = now.xy.copy(), now.state.copy(), now.flags.copy()
    at = at[same]
    xy[at], state[at], flags[at] = (values[same] for values in wanted[:3])
    review = wanted[3] if now.review == left[3] else now.review
    value = replace(now, xy=xy, state=state, flags=flags, review=review)
    label = f"{'Redo' if again else 'Undo'} {entry.label[:1].lower()}{entry.label[1:]}"
    return None if value == now else Change(entry.frame_id, now, value, label, origin=Origin.TAKE_BACK)
