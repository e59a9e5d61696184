"""Taking landmarks from the other views: edits of any number of frames of a moment, one undo step."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.edits import Edit, move
from annotator.domain.words import counted
from annotator.session.rigs.rigs import Rigs
from annotator.session.session import Session
from annotator.store.history.changes import Origin


class Takes:
    """What a person takes becomes theirs, as corrected points; what a person set stays, unless it is asked for by itself.

    Points that are expected outside a picture are left alone. Every method tells how many landmarks were set.
    """

    def __init__(self, session: Session, rigs: Rigs) -> None:
        self._session, self._rigs = session, rigs

    def everywhere(self, indices: Iterable[int]) -> int:
        """Some landmarks, in all views of the moment."""
        return self._take(self._rigs.frame_ids(), np.array(sorted(indices), np.int64))

    def here(self) -> int:
        """The whole face, in the current frame alone."""
        return self._take([self._session.frames.current_id], np.arange(self._session.scheme.size))

    def moment(self) -> int:
        """The whole face, in all views."""
        return self._take(self._rigs.frame_ids(), np.arange(self._session.scheme.size))

    def over_own(self, landmark: int) -> int:
        """One landmark of the current frame, also where a person set it: it goes where the other views expect it."""
        return self._take([self._session.frames.current_id], np.array([landmark], np.int64), over_people=True)

    def _take(self, frame_ids: Sequence[int], indices: NDArray[np.int64], over_people: bool = False) -> int:
        outlook = self._rigs.outlook
        if outlook is None:
            return 0
        edits: dict[int, Edit] = {}
        current = self._session.frames.current_id
        for frame_id in sorted(frame_ids, key=lambda each: each != current):  # undo goes to the first
            row = outlook.row(frame_id)
            if row < 0:
                continue
            human = self._session.annotations.human(frame_id)
            free = outlook.inside(row)[indices] & (over_people | ~human.is_human[indices])
            at = indices[free]
            if len(at):
                edits[frame_id] = replace(move(at, outlook.expected[row, at]), label=_label(len(at)))
        count = sum(len(edit.indices) for edit in edits.values())
        views = f", {counted(len(edits), 'view')}" if len(edits) > 1 else ""
        self._session.annotations.submit_all(edits, f"{_label(count)}{views}", Origin.VIEWS)
        return count


def _label(landmarks: int) -> str:
    return f"Take {counted(landmarks, 'landmark')} from the other views"
