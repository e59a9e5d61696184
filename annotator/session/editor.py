"""Annotations as they are shown and edited: layers, undo, and every edit's way to disk."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from annotator.domain.annotation import Annotation
from annotator.domain.edits import Edit, apply, replace_all
from annotator.domain.errors import ProjectError
from annotator.domain.layers import displayed, to_keep
from annotator.domain.proposal import Proposal
from annotator.session.pending import PendingEdits
from annotator.session.stopwatch import Stopwatch
from annotator.session.undo import EditCommand
from annotator.store.annotations import Change
from annotator.store.project_store import ProjectStore

_KEPT = 512


class Editor(QObject):
    """The only place that changes annotations.

    An edit is applied to what the artist sees (the human layer over the active model's proposal), and what it
    changed is committed to the project before `submit` returns; where that fails it stays in `pending`, and is
    shown all the same.
    """

    annotation_changed = Signal(int)
    refused = Signal(str)  # an edit that the project cannot take; it was not applied
    frame_wanted = Signal(int)  # undo and redo go to the frame that they change

    def __init__(self, proposal: Callable[[int], Proposal | None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._proposal = proposal
        self._store: ProjectStore | None = None
        self._human: OrderedDict[int, Annotation] = OrderedDict()
        self._strokes = 0
        self.stack = QUndoStack(self)
        self.pending = PendingEdits(self)
        self.stopwatch = Stopwatch()

    def attach(self, store: ProjectStore | None) -> None:
        """Work on another project (None: on none); forgets undo steps and everything cached."""
        self.stack.clear()
        self._human.clear()
        self.stopwatch.reset()
        self._store = store

    def human(self, frame_id: int) -> Annotation:
        """What people set, edits that wait for the disk included."""
        if frame_id in self._human:
            self._human.move_to_end(frame_id)
            return self._human[frame_id]
        value = self._open_store().annotations.get(frame_id)
        for change in self.pending.waiting:
            if change.frame_id == frame_id:
                value = change.applied_to(value)
        self._keep(frame_id, value)
        return value

    def shown(self, frame_id: int) -> Annotation:
        """What the artist sees: the human layer over the active model's proposal."""
        return displayed(self.human(frame_id), self._proposal(frame_id))

    def forget(self) -> None:
        """Read annotations anew: another program changed the project."""
        self._human.clear()

    def new_stroke(self) -> int:
        """A token that no other gesture has."""
        self._strokes += 1
        return self._strokes

    def submit(self, frame_id: int, edit: Edit) -> None:
        """Apply an edit as one undo step."""
        where = self._open_store().frames.get(frame_id).name
        self.stack.push(EditCommand(self, frame_id, edit, where))

    def revert_to(self, frame_id: int, ledger_id: int) -> None:
        """Bring a frame back to what it was just after a ledger entry, as one undo step."""
        store = self._open_store()
        value = displayed(store.annotations.at(frame_id, ledger_id), self._proposal(frame_id))
        entry = next(iter(store.ledger.of_ids([ledger_id])), None)
        where = "the beginning" if entry is None else f"just after: {entry.label}"
        self.submit(frame_id, replace_all(value, f"Revert to {where}"))

    def apply_edits(self, frame_id: int, edits: Sequence[Edit], label: str) -> list[Edit] | None:
        """Apply edits to what is shown of a frame, as one change on disk; for `EditCommand`.

        Returns:
            The inverse edits in the order to apply them; None where nothing changed or the project refused.
        """
        proposal, human, before = self._proposal(frame_id), self.human(frame_id), self.shown(frame_id)
        after = before
        inverses: list[Edit] = []
        for edit in edits:
            after, inverse = apply(edit, after)
            inverses.insert(0, inverse)
        model_id = proposal.model_id if proposal is not None else None
        touched = Change(frame_id, before, after, label).indices()
        kept = to_keep(after, touched, proposal)
        change = Change(frame_id, before, kept, label, self.stopwatch.take(), model_id)
        value = change.applied_to(human)
        if value == human:
            return None
        if not self._write(change):
            return None
        self._keep(frame_id, value)
        self.annotation_changed.emit(frame_id)
        return inverses

    def show_frame(self, frame_id: int) -> None:
        """Ask for a frame to be shown; for `EditCommand`."""
        self.frame_wanted.emit(frame_id)

    def retry(self) -> bool:
        """Try to write what waits; True if all is on disk."""
        return self.pending.retry(self._open_store().annotations.commit_all)

    def _write(self, change: Change) -> bool:
        """Hand a change to the disk; False if the project can never take it."""
        try:
            self.pending.write(change, self._open_store().annotations.commit_all)
        except ProjectError as error:
            self.refused.emit(str(error))
            return False
        return True

    def _keep(self, frame_id: int, value: Annotation) -> None:
        self._human[frame_id] = value
        self._human.move_to_end(frame_id)
        while len(self._human) > _KEPT:
            self._human.popitem(last=False)

    def _open_store(self) -> ProjectStore:
        if self._store is None:
            raise ProjectError("no project is open")
        return self._store
