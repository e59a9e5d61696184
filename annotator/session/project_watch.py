"""Notices what other programs write to the open project: asked once a second, in a thread, by a counter of SQLite's."""

import logging
import time
from concurrent.futures import ThreadPoolExecutor

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication

from annotator.domain.errors import AnnotatorError
from annotator.store.change_log import ChangeLog, Changes
from annotator.store.project_store import ProjectStore

_LOG = logging.getLogger(__name__)
_EVERY_MS = 1000
_HELD_MS = 50
_REST = 20
"""After a look that took long the next one waits so many times as long."""


class ProjectWatch(QObject):
    """Tells of `Changes` of the open project, this window's own writes included.

    While a mouse button is down nothing is told: what is under the hand does not move, and the edit that follows is made on
    what the person saw when the gesture began.
    """

    changed = Signal(object)  # Changes
    _seen = Signal(object, object, float)  # ChangeLog, Changes or None, seconds

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._log: ChangeLog | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="watch")
        self._looking = self._again = False
        self._untold: list[Changes] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self.look)
        self._seen.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def attach(self, store: ProjectStore | None) -> None:
        """Watch another project from this moment on (None: none)."""
        log, self._log = self._log, None
        self._timer.stop()
        self._untold.clear()
        self._looking = self._again = False
        if log is not None:
            self._pool.submit(
                log.close
            ).result()  # the project's own connection must be the last to leave its file
        if store is not None:
            try:
                self._log = ChangeLog(store.path)
            except AnnotatorError:
                return  # whoever reads next tells of it
            self._timer.start()

    def look(self) -> None:
        """Look now, in the thread; once more where a look is under way."""
        if self._log is None:
            return
        if self._looking:
            self._again = True
            return
        self._looking = True
        self._pool.submit(self._run, self._log)

    def shutdown(self) -> None:
        """End the thread."""
        self.attach(None)
        self._pool.shutdown(wait=True)

    def _run(self, log: ChangeLog) -> None:
        """In the thread."""
        start = time.monotonic()
        try:
            changes = log.look()
        except Exception:  # the next look, or whoever reads next, tells of it; the watch goes on
            _LOG.debug("a look at the project failed", exc_info=True)
            changes = None
        self._seen.emit(log, changes, time.monotonic() - start)

    @Slot(object, object, float)
    def _take(self, log: ChangeLog, changes: Changes | None, seconds: float) -> None:
        if log is not self._log:
            return
        self._looking = False
        self._timer.setInterval(max(_EVERY_MS, round(1000 * _REST * seconds)))
        if changes is not None:
            self._untold.append(changes)
            self._tell()
        if self._again:
            self._again = False
            self.look()

    def _tell(self) -> None:
        """Tell what was seen, once no button is down."""
        if self._untold and QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton:
            QTimer.singleShot(_HELD_MS, self, self._tell)
            return
        while self._untold:
            self.changed.emit(self._untold.pop(0))
