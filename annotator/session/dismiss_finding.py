"""Undo and redo of "looks right": a queue's entry that a person found to be fine."""

from collections.abc import Callable

from PySide6.QtGui import QUndoCommand

from annotator.domain.uncertainty import Question

SetPassed = Callable[[int, str, Question, bool], bool]
"""Frame, model, question, on or off -> whether the project took it."""


class PassCommand(QUndoCommand):
    """One undo step that touches no landmark: the entry leaves its queue, and comes back when undone."""

    def __init__(self, set_passed: SetPassed, frame_id: int, model_id: str, question: Question) -> None:
        super().__init__("Looks right")
        self._set, self._entry = set_passed, (frame_id, model_id, question)

    def redo(self) -> None:
        """Take the entry out of its queue; called by the stack when the command is pushed, too."""
        if not self._set(*self._entry, True):
            self.setObsolete(True)

    def undo(self) -> None:
        """Bring the entry back."""
        if not self._set(*self._entry, False):
            self.setObsolete(True)
