"""Where an edit met what another program had set since the person looked: a value to ask about, and the answer as an edit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation
from annotator.domain.edits import Edit, Indices
from annotator.store.history.changes import Settled, differ, over


@dataclass(frozen=True, eq=False)
class EditConflict:
    """Landmarks of one frame that a person and another program both set. Theirs are on disk and shown until somebody decides.

    Attributes:
        project: identity of the project. label: of the edit. indices: int64 [K]. review: whether the review state is one of
        them. mine: the frame with what the edit wanted. theirs: the frame as the project holds it.
    """

    project: str
    frame_id: int
    label: str
    indices: NDArray[np.int64]
    review: bool
    mine: Annotation
    theirs: Annotation

    def keep_mine(self, indices: Indices, review: bool) -> Edit:
        """The edit that puts mine in the place of theirs, for some of the landmarks."""
        at = np.intersect1d(np.asarray(indices, np.int64), self.indices)
        mine = self.mine
        return Edit(
            f"Keep mine: {self.label[:1].lower()}{self.label[1:]}",
            at,
            mine.xy[at],
            mine.state[at],
            mine.flags[at],
            mine.review if review and self.review else None,
        )


def conflicts_of(project: str, settled: Iterable[Settled]) -> list[EditConflict]:
    """One a frame, for edits that were written one after the other: the last wish for a landmark is the one that counts.

    Wishes that come to nothing (an edit and its undo) are no conflict.
    """
    by_frame: dict[int, list[Settled]] = {}
    for each in settled:
        by_frame.setdefault(each.change.frame_id, []).append(each)
    found = (_conflict(project, frame_id, those) for frame_id, those in by_frame.items())
    return [conflict for conflict in found if conflict is not None]


def _conflict(project: str, frame_id: int, settled: Sequence[Settled]) -> EditConflict | None:
    if all(each.is_whole for each in settled):
        return None
    theirs = settled[-1].stored
    mine, seen = theirs, theirs
    lost = np.zeros(len(theirs.state), np.bool_)
    review = False
    for each in settled:
        first = each.lost[~lost[each.lost]]
        seen = over(seen, each.seen, first)
        mine = over(mine, each.wanted, each.lost)
        lost[each.lost] = True
        review = review or each.review_lost
    if review:
        wanted = next(each.wanted.review for each in reversed(settled) if each.review_lost)
        mine = Annotation(mine.scheme_id, mine.xy, mine.state, mine.flags, wanted)
    lost &= differ(mine, theirs) & differ(mine, seen)
    indices = np.flatnonzero(lost).astype(np.int64)
    if not len(indices) and not review:
        return None
    label = next(each.change.label for each in reversed(settled) if not each.is_whole)
    return EditConflict(project, frame_id, label, indices, review, mine, theirs)
