"""Undo steps that never let an exception out: Qt's stack would be left in the middle of a step, and the next one would crash."""

import logging
from collections.abc import Callable, Iterable, Sequence

from PySide6.QtGui import QUndoCommand

from annotator.domain.errors import AnnotatorError

_LOG = logging.getLogger(__name__)
Tell = Callable[[str], object]
"""Takes words for the artist."""


class SafeCommand(QUndoCommand):
    """A step of the undo stack. What goes wrong in it is told, and the step takes itself off the stack; the others stay.

    Subclasses do their work in `_redo`, `_undo` and, where their `id` lets them merge, in `_merge`.
    """

    def __init__(self, title: str, tell: Tell) -> None:
        super().__init__(title)
        self._tell = tell

    def redo(self) -> None:
        """Do it; called by the stack when the command is pushed, too."""
        self._run(self._redo)

    def undo(self) -> None:
        """Take it back."""
        self._run(self._undo)

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over a later command that was done already; False where it stays a step of its own."""
        try:
            return self._merge(other)
        except Exception as error:
            _told(self._tell, error)
            return False

    def _redo(self) -> None:
        raise NotImplementedError

    def _undo(self) -> None:
        raise NotImplementedError

    def _merge(self, other: QUndoCommand) -> bool:
        del other
        return False

    def _run(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self.setObsolete(True)
            _told(self._tell, error)


class JoinedCommand(SafeCommand):
    """Several steps as one: done in order, taken back in reverse. A step that took itself off the stack is left out; where that
    is the first one, as another program changed what it was about, the others are not done again without it."""

    def __init__(self, steps: Sequence[QUndoCommand], tell: Tell) -> None:
        """The first step gives the title, and its frames are the whole step's."""
        super().__init__(f"{steps[0].text()}\n{steps[0].actionText()}", tell)
        self._steps = list(steps)
        self.frame_ids: list[int] = list(getattr(steps[0], "frame_ids", []))

    def _redo(self) -> None:
        self._each(self._steps, lambda step: step.redo())

    def _undo(self) -> None:
        first = self._steps[0]
        self._each(self._steps[::-1], lambda step: step.undo())
        self.setObsolete(first.isObsolete())

    def _each(self, steps: Iterable[QUndoCommand], work: Callable[[QUndoCommand], None]) -> None:
        for step in steps:
            work(step)
        self._steps = [step for step in self._steps if not step.isObsolete()]
        self.setObsolete(not self._steps)


def _told(tell: Tell, error: Exception) -> None:
    """An error that is meant for the artist in its own words; any other with where to look."""
    if isinstance(error, AnnotatorError):
        tell(str(error))
        return
    _LOG.error("an undo step failed", exc_info=error)
    tell(
        f"This step could not be made ({type(error).__name__}: {error}). Your other edits are untouched; "
        "Help > Report a problem collects what is needed to mend it."
    )
