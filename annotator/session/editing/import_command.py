"""Undo and redo of an import of annotations, which changed any number of frames."""

from collections.abc import Callable, Sequence

from annotator.domain.words import counted
from annotator.session.editing.safe_command import SafeCommand, Tell

TakeBack = Callable[[Sequence[int], bool], object]
"""Ledger ids, whether to bring them again -> begins that beside the window."""


class ImportCommand(SafeCommand):
    """One undo step over many frames; it is pushed when the import is over, so that pushing it does nothing."""

    def __init__(self, take_back: TakeBack, title: str, ledger_ids: Sequence[int], tell: Tell) -> None:
        super().__init__(f"{title}  ·  {counted(len(ledger_ids), 'frame')}\n{title}", tell)
        self._take_back, self._ids = take_back, tuple(ledger_ids)
        self._pushed = False

    def _redo(self) -> None:
        """Bring the import again; called by the stack when the command is pushed, too."""
        if self._pushed:
            self._take_back(self._ids, True)
        self._pushed = True

    def _undo(self) -> None:
        """Take the import back; what was changed since by other means stays."""
        self._take_back(self._ids, False)
