"""Looks after the open project's file once a second, in a thread: what others wrote, whether it is still there, and its log."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from annotator.domain.errors import AnnotatorError
from annotator.services.models.farm.patch_file import folder_state, patches_folder
from annotator.session.pointer import waits_for_hand
from annotator.session.project.project_lock import ProjectLock
from annotator.store.change_log import ChangeLog, Changes
from annotator.store.file.errors import FileLostError
from annotator.store.project_store import ProjectStore

_LOG = logging.getLogger(__name__)
_EVERY_MS = 1000
_REST = 20
"""After a look that took long the next one waits so many times as long."""
_FOLD_MS = 50  # how long to wait for others before the log is folded at the next look


class ProjectWatch(QObject):
    """Tells of `Changes` of the open project, this window's own writes included, and of the loss of its file.

    While a mouse button is down no changes are told: what is under the hand does not move, and the edit that follows is made
    on what the person saw when the gesture began.
    """

    changed = Signal(object)  # Changes
    side_files_changed = Signal()  # patches were laid beside the project
    lost = Signal(str)  # the file is another one or gone, in words; empty where it is back
    _seen = Signal(object, object, str, float, bool)  # _Eye, Changes or None, loss, seconds, other side files

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._eye: _Eye | None = None
        self._loss = ""
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="watch")
        self._looking = self._again = False
        self._untold: list[Changes] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._seen.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def attach(self, store: ProjectStore | None, lock: ProjectLock | None = None) -> None:
        """Watch another project from this moment on (None: none), and keep its lock alive."""
        eye, self._eye = self._eye, None
        self._timer.stop()
        self._untold.clear()
        self._looking = self._again = False
        self._loss = ""
        if eye is not None:
            self._pool.submit(
                eye.close
            ).result()  # the project's own connection must be the last to leave its file
        if store is not None:
            try:
                self._eye = _Eye(store, lock)
            except AnnotatorError:
                return  # whoever reads next tells of it
            self._timer.start()
            self.look()

    def look(self) -> None:
        """Look now, in the thread; once more where a look is under way."""
        if self._eye is None:
            return
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._pool.submit(self._run, self._eye)

    def shutdown(self) -> None:
        """End the thread."""
        self.attach(None)
        self._pool.shutdown(wait=True)

    def _run(self, eye: "_Eye") -> None:
        """In the thread."""
        loss, changes, others = eye.care(), None, eye.has_other_side_files()
        start = time.monotonic()
        if not loss:
            try:
                changes = eye.log.look()
            except Exception:  # the next look, or whoever reads next, tells of it; the watch goes on
                _LOG.debug("a look at the project failed", exc_info=True)
        self._seen.emit(eye, changes, loss, time.monotonic() - start, others)

    @Slot(object, object, str, float, bool)
    def _take(self, eye: "_Eye", changes: Changes | None, loss: str, seconds: float, others: bool) -> None:
        if eye is not self._eye:
            return
        self._looking = False
        self._timer.setInterval(max(_EVERY_MS, round(1000 * _REST * seconds)))
        if loss != self._loss:
            self._loss = loss
            self.lost.emit(loss)
        if changes is not None:
            self._untold.append(changes)
            self._tell()
        if others:
            self.side_files_changed.emit()
        if self._again:
            self._again = False
            self.look()

    def _tell(self) -> None:
        """Tell what was seen, once no button is down."""
        if self._untold and waits_for_hand(self, self._tell):
            return
        while self._untold:
            self.changed.emit(self._untold.pop(0))


class _Eye:
    """What the thread has of one project: stores of its own, and what it saw of the file and its log."""

    def __init__(self, store: ProjectStore, lock: ProjectLock | None) -> None:
        self.log = ChangeLog(store.path)
        self._lock = lock
        self._log_file = store.path.with_name(f"{store.path.name}-wal")
        self._size: tuple[int, int] | None = None  # of the log
        self._patches = patches_folder(store.path)
        self._side_files = folder_state(self._patches)
        try:
            self._store = store.again(busy_ms=_FOLD_MS)
        except AnnotatorError:
            self.log.close()
            raise

    def care(self) -> str:
        """Look whether the file is still the one that was opened, and fold its log while nobody writes; the loss in words."""
        try:
            self._store.check_file()
        except FileLostError as error:
            self._store.part()  # a log that stays would be taken for that of the file which lies there now
            return str(error)
        except AnnotatorError:
            return ""  # somebody writes to it at this moment
        if self._lock is not None:
            self._lock.refresh()
        size = _size(self._log_file)
        is_resting = self._size in (None, size)
        self._size = size
        if is_resting and (size[0] or self._store.guard.image is None):
            self._store.keep_image()  # before the log is gone
            if self._store.fold():
                self._store.keep_image()  # again, where somebody wrote meanwhile
        return ""

    def has_other_side_files(self) -> bool:
        """Whether some came or went since the last look."""
        before, self._side_files = self._side_files, folder_state(self._patches)
        return before != self._side_files

    def close(self) -> None:
        """Let go of the file."""
        self.log.close()
        self._store.close()


def _size(path: Path) -> tuple[int, int]:
    """Length and time of change; zeros where there is no file."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
