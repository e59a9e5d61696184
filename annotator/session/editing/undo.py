"""Undo and redo of edits, across frames."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QUndoCommand

from annotator.domain.annotation import Annotation
from annotator.domain.edits import Edit, apply, changes_nothing, without
from annotator.domain.layers import displayed, to_keep
from annotator.domain.proposal import Proposal
from annotator.domain.takes.track import Track
from annotator.session.editing.safe_command import SafeCommand
from annotator.store.history.changes import Change, Origin, Settled, over

_MERGE_ID = 1


@dataclass(eq=False)
class FrameEdits:
    """What a step does to one frame.

    Attributes:
        edits: in order. seen: the human layer that they are made on, None for what is shown.
        label: what the ledger says of them; empty: as of the step. origin: what they are, as the ledger keeps it.
    """

    frame_id: int
    edits: list[Edit]
    seen: Annotation | None = None
    label: str = field(default="")
    origin: Origin = Origin.PERSON


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


@dataclass(frozen=True, eq=False)
class Made:
    """Edits of a frame as a change to write, the edits that lead back, and the human layer with it."""

    change: Change
    inverses: list[Edit]
    value: Annotation

    @classmethod
    def of(
        cls,
        part: FrameEdits,
        label: str,
        human: Annotation,
        proposal: Proposal | None,
        track: Track | None,
        seconds: float,
        size: tuple[int, int] | None = None,
    ) -> Self | None:
        """From the frame's human layer, and the proposal and track that show through; None where nothing changes. `size`: of the
        picture that is seen."""
        before = displayed(human if part.seen is None else part.seen, proposal, track)
        after = before
        inverses: list[Edit] = []
        for edit in part.edits:
            after, inverse = apply(edit, after)
            inverses.insert(0, inverse)
        label = part.label or label
        touched = Change(part.frame_id, before, after, label).indices()
        kept = to_keep(after, touched, proposal, track)
        model_id = proposal.model_id if proposal is not None else None
        change = Change(part.frame_id, before, kept, label, seconds, model_id, origin=part.origin, size=size)
        value = change.applied_to(human)
        return None if value == human and part.seen is None else cls(change, inverses, value)

    def waiting(self) -> Applied:
        """What became of it where it waits for the disk."""
        return Applied(self.inverses, self.value, np.zeros(0, np.int64), review_lost=False)

    def settled(self, settled: Settled) -> Applied | None:
        """What became of it where it was written; None where nothing differed any more."""
        if settled.is_whole and not settled.ledger_id:
            return None
        return Applied(self.inverses, settled.stored, settled.lost, settled.review_lost)


class EditTarget(Protocol):
    """What a command acts on: `session.annotations.Annotations`."""

    def apply_edits(self, parts: Sequence[FrameEdits], label: str) -> list[Applied | None]:
        """Apply edits to frames as one change; None for each where nothing changed or the project refused."""
        ...

    def show_frame(self, frame_ids: Sequence[int]) -> None:
        """Have one of some frames shown, so that the artist sees what undo and redo change; the first, unless one is already."""
        ...

    def refuse(self, text: str) -> None:
        """Tell the artist that an edit could not be made."""
        ...


@dataclass(eq=False)
class _Part:
    """A frame of a step: its edits, those that lead back, and the human layer before and after it."""

    frame_id: int
    edits: list[Edit]
    inverses: list[Edit]
    seen: Annotation | None
    left: Annotation | None
    origin: Origin

    @property
    def label(self) -> str:
        return self.edits[0].label

    def give_up(self, done: Applied) -> None:
        """What another program set is no longer this step's to undo or redo."""
        self.edits = [without(edit, done.lost, done.review_lost) for edit in self.edits]
        self.inverses = [without(edit, done.lost, done.review_lost) for edit in self.inverses]


class EditCommand(SafeCommand):
    """One undo step: the edits of one gesture on one frame, or what one command did to several.

    Pushing it applies it. Undo and redo go to its frame first, and are made on what the command itself left there: a landmark
    that another program set since is not touched, and leaves the command. Commands whose edits share a stroke token become
    one. A command that changes nothing or is refused takes itself off the stack.
    """

    def __init__(self, target: EditTarget, parts: Sequence[FrameEdits], label: str, where: str = "") -> None:
        # Before the line break is what the list of steps shows, behind it what the menu says.
        super().__init__(f"{label}  ·  {where}\n{label}" if where else label, target.refuse)
        self._target, self._label = target, label
        self._parts = [
            _Part(part.frame_id, list(part.edits), [], part.seen, part.seen, part.origin) for part in parts
        ]
        self._stroke = parts[0].edits[0].stroke if len(parts) == 1 else None
        self._pushed = False

    @property
    def frame_ids(self) -> list[int]:
        """The frames that the command changes."""
        return [part.frame_id for part in self._parts]

    def _redo(self) -> None:
        """Apply the edits; called by the stack when the command is pushed, too."""
        if self._pushed:
            self._target.show_frame(self.frame_ids)
        verb = "Redo " if self._pushed else ""
        self._pushed = True
        for part, done in self._apply([part.edits for part in self._parts], verb, undoing=False):
            part.inverses, part.left = done.inverses, done.left
            part.give_up(done)
        self._drop_empty()

    def _undo(self) -> None:
        """Apply the inverses."""
        self._target.show_frame(self.frame_ids)
        for part, done in self._apply([part.inverses for part in self._parts], "Undo ", undoing=True):
            part.seen = done.left
            part.give_up(done)
        self._drop_empty()

    def _apply(self, edits: Sequence[list[Edit]], verb: str, undoing: bool) -> list[tuple[_Part, Applied]]:
        """What was done to which part; those to which nothing was done leave the command."""
        wanted = [
            FrameEdits(
                part.frame_id,
                each,
                part.left if undoing else part.seen,
                _said(verb, part.label),
                Origin.PERSON if undoing else part.origin,
            )
            for part, each in zip(self._parts, edits, strict=True)
        ]
        found = self._target.apply_edits(wanted, _said(verb, self._label))
        both = [(part, done) for part, done in zip(self._parts, found, strict=True) if done is not None]
        self._parts = [part for part, _ in both]
        return both

    def _drop_empty(self) -> None:
        self._parts = [part for part in self._parts if not all(changes_nothing(edit) for edit in part.edits)]
        self.setObsolete(not self._parts)

    def id(self) -> int:
        """Qt asks for a merge only between commands of the same id; -1 is never merged."""
        return _MERGE_ID if self._stroke is not None else -1

    def _merge(self, other: QUndoCommand) -> bool:
        """Take over a later command of the same stroke and frame (it has been applied already)."""
        if not isinstance(other, EditCommand) or other.isObsolete() or other._stroke != self._stroke:
            return False
        if not self._parts or other.frame_ids != self.frame_ids:
            return False
        (mine,), (theirs,) = self._parts, other._parts
        mine.edits += theirs.edits
        mine.inverses = theirs.inverses + mine.inverses
        if mine.left is not None and theirs.left is not None:
            touched = np.concatenate([edit.indices for edit in theirs.edits])
            mine.left = over(mine.left, theirs.left, touched)
        return True


def _said(verb: str, label: str) -> str:
    return f"{verb}{label[:1].lower()}{label[1:]}" if verb else label
