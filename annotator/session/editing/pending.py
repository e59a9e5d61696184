"""Edits on their way to disk: written at once, or kept in order and shown until they can be."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from annotator.store.changes import Change, Settled
from annotator.store.errors import StoreWriteError

Write = Callable[[Sequence[Change]], list[Settled]]
"""Writes changes durably, all or none, and tells what became of each; raises `StoreWriteError`."""


class PendingEdits(QObject):
    """The queue between the artist and the disk; empty as long as every write succeeds.

    A failed write leaves its change here, in order. Every later edit, and `retry`, tries all of them again in one
    transaction, so that the project never holds a later edit without an earlier one.
    """

    changed = Signal(int)  # how many wait

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Change] = []
        self._reason = ""

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def reason(self) -> str:
        """Why the last write failed; empty where nothing waits."""
        return self._reason

    @property
    def waiting(self) -> Sequence[Change]:
        """The changes that are not on disk yet, oldest first."""
        return tuple(self._waiting)

    def write(self, change: Change, write: Write) -> list[Settled] | None:
        """Write a change after those that wait; what became of them all, None if they wait on."""
        self._waiting.append(change)
        return self.retry(write)

    def retry(self, write: Write) -> list[Settled] | None:
        """Try to write all that wait; what became of them, None if they wait on."""
        if not self._waiting:
            return []
        waited = bool(self._reason)
        try:
            settled = write(self._waiting)
        except StoreWriteError as error:
            self._reason = str(error)
            self.changed.emit(len(self._waiting))
            return None
        except BaseException:
            # Never to be written (it does not fit the project): it must not block the others.
            self._waiting.pop()
            raise
        self._waiting.clear()
        self._reason = ""
        if waited:
            self.changed.emit(0)
        return settled

    def discard(self) -> None:
        """Give up what waits, as the artist decided."""
        self._waiting.clear()
        self._reason = ""
        self.changed.emit(0)

    def state_text(self) -> str:
        """One line for the status bar."""
        count = len(self._waiting)
        if not count:
            return "All changes saved"
        return f"{count} edit{'' if count == 1 else 's'} not saved: {self._reason}"
