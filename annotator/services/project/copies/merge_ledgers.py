"""What becomes of one frame that two copies of a project worked on: decided from their ledgers, the same from either side.

An entry that both have is common; the others were made since the copies parted. A landmark that one side alone touched since is
as that side has it. Where both did and hold different values there is a conflict: the later entry counts until a person looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, ReviewState
from annotator.store.adoption import entry_digest, without
from annotator.store.history.changes import differ, over
from annotator.store.history.ledger import LedgerEntry

REVIEW = -1
"""In place of a landmark: the frame's review state."""


@dataclass(frozen=True, eq=False)
class Clash:
    """A landmark (or `REVIEW`) that both copies changed: the last entry of each side, and which one counts."""

    landmark: int
    mine: LedgerEntry
    theirs: LedgerEntry
    theirs_counts: bool


@dataclass(frozen=True, eq=False)
class FrameMerge:
    """What a frame takes over: the other copy's entries, the layer after replaying them, what it shall hold, the landmarks (int64
    [K]) that must be stated anew for that, from whichever side the ledger is replayed, and the conflicts."""

    entries: tuple[LedgerEntry, ...]
    replayed: Annotation
    target: Annotation
    stated: NDArray[np.int64]
    clashes: tuple[Clash, ...]


def merge_frame(
    mine: Sequence[LedgerEntry], theirs: Sequence[LedgerEntry], held: Annotation, theirs_now: Annotation
) -> FrameMerge | None:
    """Decide; None where the other copy has no entry that this one lacks.

    Args:
        mine, theirs: a frame's entries in both copies, in order. held, theirs_now: its human layer in both.
    """
    own, new = without(mine, theirs), without(theirs, mine)
    if not new:
        return None
    size = len(held.state)
    my_last, their_last = _last(own, size), _last(new, size)
    differs = np.append(differ(held, theirs_now), held.review != theirs_now.review)  # the review is the last
    clashes = tuple(
        Clash(at if at < size else REVIEW, mine_at, theirs_at, _key(mine_at) < _key(theirs_at))
        for at in range(size + 1)
        if differs[at] and (mine_at := my_last[at]) is not None and (theirs_at := their_last[at]) is not None
    )
    kept = {
        size if clash.landmark == REVIEW else clash.landmark for clash in clashes if not clash.theirs_counts
    }
    taken = [at for at in range(size + 1) if their_last[at] is not None and at not in kept]
    target = over(held, theirs_now, np.array([at for at in taken if at < size], np.int64))
    review = theirs_now.review if size in taken else held.review
    target = replace(target, review=ReviewState.NEEDS_WORK if clashes else review)
    replayed = _replayed(held, new)
    stated = differ(replayed, target)
    stated[[clash.landmark for clash in clashes if clash.landmark != REVIEW]] = True
    return FrameMerge(tuple(new), replayed, target, np.flatnonzero(stated).astype(np.int64), clashes)


def _last(entries: Sequence[LedgerEntry], size: int) -> list[LedgerEntry | None]:
    """Of each landmark, and last of the review state, the entry that changed it last."""
    last: list[LedgerEntry | None] = [None] * (size + 1)
    for entry in entries:
        for at in entry.indices.tolist():
            last[at] = entry
        if entry.from_review != entry.to_review:
            last[size] = entry
    return last


def _key(entry: LedgerEntry) -> tuple[object, bytes]:
    """The order in which entries of two copies count; the digest decides where the clocks do not."""
    return entry.at, entry_digest(entry)


def _replayed(held: Annotation, entries: Sequence[LedgerEntry]) -> Annotation:
    """As `AnnotationTable.at` replays them."""
    xy, state, flags, review = held.xy.copy(), held.state.copy(), held.flags.copy(), held.review
    for entry in entries:
        at: NDArray[np.int64] = entry.indices
        xy[at], state[at], flags[at], review = entry.to_xy, entry.to_state, entry.to_flags, entry.to_review
    return replace(held, xy=xy, state=state, flags=flags, review=review)
