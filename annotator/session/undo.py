"""Undo and redo of edits, across frames."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtGui import QUndoCommand

from annotator.domain.edits import Edit

_MERGE_ID = 1


class EditTarget(Protocol):
    """What a command acts on: `session.editor.Editor`."""

    def apply_edits(self, frame_id: int, edits: Sequence[Edit], label: str) -> list[Edit] | None:
        """Apply edits to a frame as one change; returns the inverse edits in the order to apply, None if refused."""
        ...

    def show_frame(self, frame_id: int) -> None:
        """Make a frame the current one, so that the artist sees what undo and redo change."""
        ...


class EditCommand(QUndoCommand):
    """One undo step: the edits of one gesture on one frame.

    Pushing it applies it. Undo and redo go to its frame first. Commands whose edits share a stroke token become
    one. A command that changes nothing or is refused takes itself off the stack.
    """

    def __init__(self, target: EditTarget, frame_id: int, edit: Edit, where: str = "") -> None:
        # Before the line break is what the list of steps shows, behind it what the menu says.
        super().__init__(f"{edit.label}  ·  {where}\n{edit.label}" if where else edit.label)
        self._target, self._frame_id = target, frame_id
        self._edits: list[Edit] = [edit]
        self._inverses: list[Edit] = []
        self._pushed = False

    @property
    def frame_id(self) -> int:
        """The frame that the command changes."""
        return self._frame_id

    def redo(self) -> None:
        """Apply the edits; called by the stack when the command is pushed, too."""
        if self._pushed:
            self._target.show_frame(self._frame_id)
        label = self._edits[0].label
        label = label if not self._pushed else f"Redo {_lower(label)}"
        self._pushed = True
        inverses = self._target.apply_edits(self._frame_id, self._edits, label)
        if inverses is None:
            self.setObsolete(True)
        else:
            self._inverses = inverses

    def undo(self) -> None:
        """Apply the inverses."""
        self._target.show_frame(self._frame_id)
        label = f"Undo {_lower(self._edits[0].label)}"
        if self._target.apply_edits(self._frame_id, self._inverses, label) is None:
            self.setObsolete(True)

    def id(self) -> int:
        """Qt asks for a merge only between commands of the same id; -1 is never merged."""
        return _MERGE_ID if self._edits[0].stroke is not None else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over a later command of the same stroke and frame (it has been applied already)."""
        if not isinstance(other, EditCommand) or other._frame_id != self._frame_id or other.isObsolete():
            return False
        if other._edits[0].stroke != self._edits[0].stroke:
            return False
        self._edits += other._edits
        self._inverses = other._inverses + self._inverses
        return True


def _lower(label: str) -> str:
    return label[:1].lower() + label[1:]
