"""Undo and redo of an import of annotations, which changed any number of frames."""

from collections.abc import Callable, Sequence
from typing import Protocol

from annotator.domain.words import counted
from annotator.session.editing.annotations import Annotations
from annotator.session.editing.safe_command import SafeCommand, Tell
from annotator.session.job.jobs import Jobs

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


class Edited(Protocol):
    """What of the session an import is taken back by."""

    annotations: Annotations
    jobs: Jobs

    @property
    def is_open(self) -> bool:
        """Whether a project is open."""


def offer_take_back(session: Edited, title: str, ledger_ids: Sequence[int]) -> None:
    """An import ended, or was stopped, and what it set can be taken back."""
    if ledger_ids and session.is_open:
        annotations, jobs = session.annotations, session.jobs

        def take_back(ids: Sequence[int], again: bool) -> None:
            job = jobs.start_take_back(ids, again)
            annotations.let_go_first(job.id, job.title)

        annotations.undo_stack.push(ImportCommand(take_back, title, ledger_ids, annotations.refuse))
