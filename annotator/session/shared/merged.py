"""Conflicts that merging copies left in the open project, decided one by one: one side is taken as one undo step."""

from collections.abc import Callable, Iterable

import numpy as np
from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QUndoStack

from annotator.domain.edits import Edit, apply
from annotator.domain.words import counted
from annotator.services.project.copies.merge_record import (
    MergeConflict,
    frames_with_conflicts,
    merge_conflicts,
    taking,
)
from annotator.session.editing.annotations import Annotations
from annotator.session.shared.project_steps import ProjectSteps
from annotator.store.people.decisions import Decision, Took
from annotator.store.project_store import ProjectStore


class Merged(ProjectSteps):
    """Reads the conflicts of a frame, and takes sides."""

    def __init__(
        self,
        annotations: Annotations,
        stack: QUndoStack,
        store: Callable[[], ProjectStore | None],
        message: SignalInstance,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(stack, store, message, parent)
        self._annotations = annotations
        # every frame that is turned to asks
        self._frames: tuple[ProjectStore, frozenset[int]] | None = None
        self.changed.connect(self._forget)

    def of_frame(self, frame_id: int) -> list[MergeConflict]:
        """A frame's open conflicts, landmarks first; none without a project."""
        store = self._store
        if store is None or not frame_id:
            return []
        if self._frames is None or self._frames[0] is not store:
            self._frames = store, frames_with_conflicts(store)
        return merge_conflicts(store, frame_id) if frame_id in self._frames[1] else []

    def _forget(self) -> None:
        self._frames = None

    def take(self, frame_id: int, conflicts: Iterable[MergeConflict], took: Took) -> None:
        """Put one side's places, or review state, into a frame (`neither`: it stays as it is), and decide those conflicts.

        Landmarks and decision are one undo step.
        """
        store, chosen = self._store, list(conflicts)
        if store is None or not chosen:
            return
        keys = [each.key for each in chosen]
        decisions = [Decision(key, took) for key in keys]
        if took is Took.NEITHER:
            sides, title = [], "Leave as it is"
        else:
            sides = [taking(store, each, took is Took.THEIRS) for each in chosen]
            several = f"Take {took.value} of {counted(len(sides), 'conflict')}"
            title = sides[0].label if len(sides) == 1 else several
        wanted = _joined(sides, title)

        def decide(own: ProjectStore) -> bool:
            # an edit may be refused, and another program's points are not the side that was taken
            if is_there := self._is_there(frame_id, wanted):
                own.decisions.add(decisions)
            return is_there

        step = self._step(title, decide, lambda own: own.decisions.remove(keys))
        if self._is_there(frame_id, wanted):
            self._stack.push(step)
        else:
            self._annotations.submit(frame_id, wanted, along=step)

    def _is_there(self, frame_id: int, wanted: Edit) -> bool:
        """Whether landmarks and review state are where a side has them."""
        held = self._annotations.human(frame_id)
        return apply(wanted, held)[0] == held


def _joined(sides: list[Edit], label: str) -> Edit:
    """The edits of several conflicts of a frame as one."""
    parts: dict[int, tuple[np.ndarray, int, int]] = {}
    review = None
    for side in sides:
        review = side.review if side.review is not None else review
        if side.xy is not None and side.state is not None and side.flags is not None:
            for row, index in enumerate(side.indices.tolist()):
                parts[index] = (side.xy[row], int(side.state[row]), int(side.flags[row]))
    at = np.array(sorted(parts), np.int64)
    return Edit(
        label,
        at,
        np.array([parts[i][0] for i in at.tolist()], np.float32).reshape(-1, 2),
        np.array([parts[i][1] for i in at.tolist()], np.uint8),
        np.array([parts[i][2] for i in at.tolist()], np.uint8),
        review,
    )
