"""What merges left behind: conflicts that a person has not looked at, and the way to take the last merge back."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.domain.edits import Edit
from annotator.domain.errors import ProjectError
from annotator.services.project.copies.merge_ledgers import REVIEW
from annotator.store.adoption import entry_digest
from annotator.store.history.changes import Change, Origin, differ, over
from annotator.store.history.ledger import LedgerEntry
from annotator.store.people.decisions import ConflictKey, Took
from annotator.store.project_store import ProjectStore

MERGES: Final = "merges"
"""Setting: a list of {from, entries: [[first, last], ...], clashes: [[frame, landmark, mine, theirs], ...]};
ids are the ledger's."""


@dataclass(frozen=True)
class Side:
    """One side of a conflict: who set it when, and where, or to which review state; x and y are None where it was taken away."""

    user: str
    at: str
    x: float | None = None
    y: float | None = None
    review: str | None = None


@dataclass(frozen=True)
class MergeConflict:
    """A landmark (None: the frame's review state) that two copies changed apart, with both places. `key` tells it from others."""

    frame: Frame
    landmark: str | None
    mine: Side
    theirs: Side
    key: ConflictKey


def merge_count(store: ProjectStore) -> int:
    """How many merges of copies stand in the project."""
    return len(store.settings.get(MERGES, []))


def frames_with_conflicts(store: ProjectStore) -> frozenset[int]:
    """Ids of the frames in which some merge left a conflict, open or decided."""
    return frozenset(row[0] for record in store.settings.get(MERGES, []) for row in record["clashes"])


def merge_conflicts(store: ProjectStore, frame_id: int | None = None) -> list[MergeConflict]:
    """The conflicts of all merges (of a frame, where one is given) that are open, a frame's landmarks before its review state:
    nobody decided them one by one, and their frame still needs work (deciding a frame's review state settles its own)."""
    rows = [row for record in store.settings.get(MERGES, []) for row in record["clashes"]]
    rows = [row for row in rows if frame_id in (None, row[0])]
    decided = store.decisions.keys() if rows else set()
    rows = [row for row in rows if ConflictKey(*row[1:]) not in decided]
    needing = {
        number
        for number, value in store.annotations.items(sorted({row[0] for row in rows}))
        if value.review is ReviewState.NEEDS_WORK
    }
    rows = [row for row in rows if row[0] in needing]
    entries = {entry.id: entry for entry in store.ledger.of_ids(sorted({i for row in rows for i in row[2:]}))}
    frames = {frame.id: frame for frame in store.frames.of_ids(sorted(needing))}
    return [
        MergeConflict(
            frames[number],
            None if at == REVIEW else store.scheme.names[at],
            _side(entries[mine], at),
            _side(entries[theirs], at),
            ConflictKey(at, mine, theirs),
        )
        for number, at, mine, theirs in rows
        if mine in entries and theirs in entries and number in frames
    ]


def taking(store: ProjectStore, conflict: MergeConflict, theirs: bool) -> Edit:
    """The edit that puts one side's landmark, or its review state, in place; it is as that side had it, flags and all.

    Raises:
        ProjectError: the side's entry of the ledger is damaged.
    """
    number = conflict.key.theirs if theirs else conflict.key.mine
    entry = next(iter(store.ledger.of_ids([number])), None)
    if entry is None:
        raise ProjectError(f"The ledger's entry {number} cannot be read. Restore a backup.")
    whose = f"Take {entry.user}'s {conflict.landmark or 'review state'}"
    if conflict.landmark is None:
        return Edit(whose, np.empty(0, np.int64), review=entry.to_review)
    here = entry.indices == conflict.key.landmark
    return Edit(whose, entry.indices[here], entry.to_xy[here], entry.to_state[here], entry.to_flags[here])


def take_over_decisions(store: ProjectStore, other: ProjectStore) -> int:
    """Take over what people decided in a copy of the project of conflicts that are open here, too; returns how many.

    A conflict is known by what stands in the ledgers of both sides, whichever side the copy calls its own.
    """
    decided = other.decisions.all()
    if not decided:
        return 0
    theirs = _digests(other, [i for each in decided for i in (each.key.mine, each.key.theirs)])
    known = {
        (each.key.landmark, theirs.get(each.key.mine), theirs.get(each.key.theirs)): each for each in decided
    }
    open_here = merge_conflicts(store)
    mine = _digests(store, [i for each in open_here for i in (each.key.mine, each.key.theirs)])
    news = []
    for each in open_here:
        ours, others = mine.get(each.key.mine), mine.get(each.key.theirs)
        same, turned = (
            known.get((each.key.landmark, ours, others)),
            known.get((each.key.landmark, others, ours)),
        )
        if same is not None:
            news.append(replace(same, key=each.key))
        elif turned is not None:
            news.append(replace(turned, key=each.key, took=_TURNED.get(turned.took, turned.took)))
    store.decisions.add(news)
    return len(news)


_TURNED = {Took.MINE: Took.THEIRS, Took.THEIRS: Took.MINE}


def _digests(store: ProjectStore, ledger_ids: list[int]) -> dict[int, tuple[str, bytes]]:
    """Entries of the ledger by their numbers, as any copy knows them: the frame's path and what is in them."""
    entries = store.ledger.of_ids(sorted(set(ledger_ids)))
    paths = {frame.id: frame.path for frame in store.frames.of_ids([entry.frame_id for entry in entries])}
    return {entry.id: (paths.get(entry.frame_id, ""), entry_digest(entry)) for entry in entries}


def take_merge_back(store: ProjectStore) -> tuple[str, int]:
    """Put the frames of the last merge back to what they were, but for what was changed since; the copy's entries stay in the
    ledger, so that the same merge changes nothing again.

    Returns:
        The copy's name, and how many frames changed.

    Raises:
        ProjectError: there is no merge to take back. StoreWriteError.
    """
    merges = store.settings.get(MERGES, [])
    if not merges:
        raise ProjectError("There is no merge to take back.")
    record = merges[-1]
    changes = list(
        _changes(store, [number for ends in record["entries"] for number in range(ends[0], ends[1] + 1)])
    )
    settled = store.annotations.commit_guarded(changes)
    store.settings.set(MERGES, merges[:-1])
    return str(record["from"]), sum(bool(each.ledger_id) for each in settled)


def _changes(store: ProjectStore, ledger_ids: list[int]) -> Iterator[Change]:
    """One change a frame, where something of the merge is left."""
    by_frame: dict[int, list[LedgerEntry]] = defaultdict(list)
    for entry in store.ledger.of_ids(ledger_ids):
        by_frame[entry.frame_id].append(entry)
    for frame_id, entries in by_frame.items():
        earlier = [e.id for e in store.ledger.entries(frame_id) if e.id < entries[0].id]
        before = store.annotations.at(frame_id, max(earlier, default=0))
        after, now = store.annotations.at(frame_id, entries[-1].id), store.annotations.get(frame_id)
        touched = np.unique(np.concatenate([entry.indices for entry in entries]))
        touched = touched[~differ(now, after)[touched]]
        review = before.review if now.review == after.review else now.review
        value = replace(over(now, before, touched), review=review)
        if value != now:
            yield Change(frame_id, now, value, "Undo merge", origin=Origin.TAKE_BACK)


def _side(entry: LedgerEntry, landmark: int) -> Side:
    at = entry.at.isoformat(timespec="seconds")
    if landmark == REVIEW:
        return Side(entry.user, at, review=entry.to_review.name.lower())
    x, y = entry.to_xy[entry.indices == landmark][0].tolist()
    return Side(entry.user, at, x, y) if x == x else Side(entry.user, at)
