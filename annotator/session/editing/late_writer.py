"""Edits that could not be written at once are written as soon as they can be, without anybody asking and without a pause."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from annotator.session.editing.pending import PendingEdits
from annotator.store.file.errors import BusyError, StoreWriteError
from annotator.store.history.changes import Change, Settled
from annotator.store.project_store import ProjectStore

_SLICE_MS = 500  # for how long the thread cannot be stopped
_AGAIN_MS = 3000


class LateWriter(QObject):
    """Where another program writes, a thread waits for it; after any other failure the window tries every few seconds."""

    settled = Signal(object)  # list[Settled]: what waited is on disk
    _ended = Signal(int, object, object)  # batch, list[Settled] or None, error or None

    def __init__(
        self, pending: PendingEdits, retry: Callable[[], object], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._pending = pending
        self._store: ProjectStore | None = None
        self._has_ended = False
        self._batch = 0  # the one that counts; a thread at an older one gives up
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="late-writer")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AGAIN_MS)
        self._timer.timeout.connect(lambda: retry())
        self._ended.connect(self._take, Qt.ConnectionType.QueuedConnection)
        pending.changed.connect(self._consider)

    def attach(self, store: ProjectStore | None) -> None:
        """Write to another project (None: none); what a thread was at is over when this returns."""
        self._batch += 1
        self._timer.stop()
        self._store = store
        self._pool.submit(lambda: None).result()
        self._pending.take_back()

    def shutdown(self) -> None:
        """End the thread; a second time it does nothing."""
        if not self._has_ended:
            self.attach(None)
            self._pool.shutdown(wait=True)
        self._has_ended = True

    def _consider(self, count: int) -> None:
        store = self._store
        if not count:
            self._timer.stop()
        elif store is not None and not store.read_only:
            if self._pending.is_busy:
                self._timer.stop()
                self._batch += 1
                self._pool.submit(self._run, self._batch, store, self._pending.lend())
            else:
                self._timer.start()

    def _run(self, batch: int, store: ProjectStore, changes: Sequence[Change]) -> None:
        """In the thread."""
        while batch == self._batch:
            try:
                with store.again(busy_ms=_SLICE_MS) as own:
                    self._ended.emit(batch, own.annotations.commit_guarded(changes), None)
                return
            except BusyError:
                continue
            except StoreWriteError as error:
                self._ended.emit(batch, None, error)
                return
            except Exception as error:  # the window tries itself, and tells
                self._ended.emit(batch, None, StoreWriteError(str(error)))
                return

    @Slot(int, object, object)
    def _take(self, batch: int, settled: list[Settled] | None, error: StoreWriteError | None) -> None:
        if batch != self._batch:
            return
        if error is not None:
            self._pending.fail(error)
        elif settled is not None:
            self.settled.emit(self._pending.settle(settled))
