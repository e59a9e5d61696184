"""Edits on their way to disk: written at once, or kept in order and shown until they can be."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from annotator.domain.words import counted
from annotator.store.file.errors import BusyError, StoreWriteError
from annotator.store.history.changes import Change, Settled

Write = Callable[[Sequence[Change]], list[Settled]]
"""Writes changes durably, all or none, and tells what became of each; raises `StoreWriteError`."""


class ComesLaterError(StoreWriteError):
    """Something else of this window's own is to be written first."""


class PendingEdits(QObject):
    """The queue between the artist and the disk; empty as long as every write succeeds.

    A failed write leaves its change here, in order. Every later edit, and `retry`, tries all of them again in one
    transaction, so that the project never holds a later edit without an earlier one. Those that a thread is writing
    (`lend`) stay here until it is known what became of them (`settle`, `fail`); what comes meanwhile waits behind them.
    """

    changed = Signal(int)  # how many wait

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Change] = []
        self._lent = 0
        self._reason = ""
        self._busy = self._later = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def reason(self) -> str:
        """Why the last write failed; empty where nothing waits."""
        return self._reason

    @property
    def is_busy(self) -> bool:
        """Whether they wait for another program alone, so that a thread that waits can write them."""
        return self._busy and not self._lent

    @property
    def waits_for_program(self) -> bool:
        """Whether all that they wait for is another program, or something else of this one."""
        return self._busy or self._later

    @property
    def waiting(self) -> Sequence[Change]:
        """The changes that are not on disk yet, oldest first."""
        return tuple(self._waiting)

    def write(self, changes: Sequence[Change], write: Write) -> list[Settled] | None:
        """Write changes, which go together, after those that wait; what became of them all, None if they wait on."""
        self._waiting += changes
        return self._try(write, len(changes))

    def retry(self, write: Write) -> list[Settled] | None:
        """Try to write all that wait; what became of them, None if they wait on."""
        return self._try(write, 1)

    def _try(self, write: Write, newest: int) -> list[Settled] | None:
        if not self._waiting:
            return []
        if self._lent:
            self.changed.emit(len(self._waiting))
            return None
        try:
            settled = write(self._waiting)
        except StoreWriteError as error:
            self.fail(error)
            return None
        except BaseException:
            # Never to be written (it does not fit the project): it must not block the others.
            del self._waiting[-newest:]
            raise
        return self._done(len(self._waiting), settled)

    def lend(self) -> Sequence[Change]:
        """What waits, for a thread to write."""
        self._lent = len(self._waiting)
        return self.waiting

    def take_back(self) -> None:
        """No thread writes what was lent; what it wrote already is found there, and is written no second time."""
        self._lent = 0

    def settle(self, settled: list[Settled]) -> list[Settled]:
        """What was lent is on disk; what became of it."""
        return self._done(self._lent, settled)

    def fail(self, error: StoreWriteError) -> None:
        """Nothing was written."""
        self._lent = 0
        self._reason, self._busy = str(error), isinstance(error, BusyError)
        self._later = isinstance(error, ComesLaterError)
        self.changed.emit(len(self._waiting))

    def discard(self) -> None:
        """Give up what waits, as the artist decided."""
        self._lent = 0
        self._waiting.clear()
        self._reason, self._busy, self._later = "", False, False
        self.changed.emit(0)

    def state_text(self) -> str:
        """One line for the status bar."""
        count = len(self._waiting)
        return f"{counted(count, 'edit')} not saved: {self._reason}" if count else "All changes saved"

    def _done(self, count: int, settled: list[Settled]) -> list[Settled]:
        waited = bool(self._reason)
        del self._waiting[:count]
        self._lent = 0
        if not self._waiting:
            self._reason, self._busy, self._later = "", False, False
        if waited:
            self.changed.emit(len(self._waiting))
        return settled
