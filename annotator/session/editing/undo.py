"""Undo and redo of edits, across frames."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QUndoCommand

from annotator.domain.annotation import Annotation
from annotator.domain.edits import Edit, changes_nothing, without
from annotator.session.editing.safe_command import SafeCommand
from annotator.store.changes import over

_MERGE_ID = 1


@dataclass(frozen=True, eq=False)
class Applied:
    """What became of edits that were applied to a frame.

    Attributes:
        inverses: the edits that lead back, in the order to apply them. left: the human layer afterwards.
        lost: int64 [K], landmarks that were left as another program set them meanwhile; review_lost: the review state, too.
    """

    inverses: list[Edit]
    left: Annotation
    lost: NDArray[np.int64]
    review_lost: bool


class EditTarget(Protocol):
    """What a command acts on: `session.annotations.Annotations`."""

    def apply_edits(
        self, frame_id: int, edits: Sequence[Edit], label: str, seen: Annotation | None = None
    ) -> Applied | None:
        """Apply edits to a frame as one change; None if nothing changed or the project refused.

        `seen`: the human layer that they are made on, None for what is shown now.
        """
        ...

    def show_frame(self, frame_id: int) -> None:
        """Make a frame the current one, so that the artist sees what undo and redo change."""
        ...

    def refuse(self, text: str) -> None:
        """Tell the artist that an edit could not be made."""
        ...


class EditCommand(SafeCommand):
    """One undo step: the edits of one gesture on one frame.

    Pushing it applies it. Undo and redo go to its frame first, and are made on what the command itself left there: a landmark
    that another program set since is not touched, and leaves the command. Commands whose edits share a stroke token become
    one. A command that changes nothing or is refused takes itself off the stack.
    """

    def __init__(
        self, target: EditTarget, frame_id: int, edit: Edit, where: str = "", seen: Annotation | None = None
    ) -> None:
        # Before the line break is what the list of steps shows, behind it what the menu says.
        super().__init__(f"{edit.label}  ·  {where}\n{edit.label}" if where else edit.label, target.refuse)
        self._target, self._frame_id = target, frame_id
        self._edits: list[Edit] = [edit]
        self._inverses: list[Edit] = []
        self._seen, self._left = seen, seen  # the human layer before it, and after it
        self._pushed = False

    @property
    def frame_id(self) -> int:
        """The frame that the command changes."""
        return self._frame_id

    def _redo(self) -> None:
        """Apply the edits; called by the stack when the command is pushed, too."""
        if self._pushed:
            self._target.show_frame(self._frame_id)
        label = self._edits[0].label
        label = label if not self._pushed else f"Redo {_lower(label)}"
        self._pushed = True
        applied = self._target.apply_edits(self._frame_id, self._edits, label, self._seen)
        if applied is not None:
            self._inverses, self._left = applied.inverses, applied.left
        self._give_up(applied)

    def _undo(self) -> None:
        """Apply the inverses."""
        self._target.show_frame(self._frame_id)
        label = f"Undo {_lower(self._edits[0].label)}"
        applied = self._target.apply_edits(self._frame_id, self._inverses, label, self._left)
        if applied is not None:
            self._seen = applied.left
        self._give_up(applied)

    def id(self) -> int:
        """Qt asks for a merge only between commands of the same id; -1 is never merged."""
        return _MERGE_ID if self._edits[0].stroke is not None else -1

    def _merge(self, other: QUndoCommand) -> bool:
        """Take over a later command of the same stroke and frame (it has been applied already)."""
        if not isinstance(other, EditCommand) or other._frame_id != self._frame_id or other.isObsolete():
            return False
        if other._edits[0].stroke != self._edits[0].stroke:
            return False
        self._edits += other._edits
        self._inverses = other._inverses + self._inverses
        if self._left is not None and other._left is not None:
            touched = np.concatenate([edit.indices for edit in other._edits])
            self._left = over(self._left, other._left, touched)
        return True

    def _give_up(self, applied: Applied | None) -> None:
        """What another program set is no longer this command's to undo or redo."""
        if applied is None:
            self.setObsolete(True)
            return
        self._edits = [without(edit, applied.lost, applied.review_lost) for edit in self._edits]
        self._inverses = [without(edit, applied.lost, applied.review_lost) for edit in self._inverses]
        self.setObsolete(all(changes_nothing(edit) for edit in self._edits))


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
