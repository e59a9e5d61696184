"""Conflicts that merging copies left in the open project, decided one by one: one side is taken as one undo step."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QUndoStack

from annotator.domain.edits import Edit, apply
from annotator.services.project.copies.merge_record import (
    MergeConflict,
    frames_with_conflicts,
    merge_conflicts,
)
from annotator.services.project.copies.take_sides import side_edit
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
        wanted = side_edit(store, chosen, took)

        def decide(own: ProjectStore) -> bool:
            # an edit may be refused, and another program's points are not the side that was taken
            if is_there := self._is_there(frame_id, wanted):
                own.decisions.add(decisions)
            return is_there

        step = self._step(wanted.label, decide, lambda own: own.decisions.remove(keys))
        if self._is_there(frame_id, wanted):
            self._stack.push(step)
        else:
            self._annotations.submit(frame_id, wanted, along=step)

    def _is_there(self, frame_id: int, wanted: Edit) -> bool:
        """Whether landmarks and review state are where a side has them."""
        held = self._annotations.human(frame_id)
        return apply(wanted, held)[0] == held
