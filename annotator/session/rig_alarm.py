"""The calibration alarm of the window: when there is news it looks whether the rigs still hold, and tells which does not."""

from contextlib import suppress

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.domain.errors import AnnotatorError
from annotator.services.rigs.check_rigs import RigCheck, check_rigs
from annotator.session.job_board import Job
from annotator.session.session import Session
from annotator.store.errors import StoreWriteError
from annotator.store.project_store import ProjectStore

_DECLINED = "rig alarm.declined"
_MOMENTS = 24  # of a rig; more are read only for the command line
_PAUSE_MS = 3000
_NEWS = ("propose", "import annotations", "take back")


class RigAlarm(QObject):
    """Asks after a pause in edits and proposals, and when a project opens or its rigs change; in a thread.

    A project without rigs costs nothing. What a person put aside is told again only of another version of the rig.
    """

    changed = Signal(object)  # RigCheck of a rig with a camera that is off, or None

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._told: RigCheck | None = None
        self._has_rigs = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.look)
        session.project_opened.connect(self._start)
        session.rigs_changed.connect(self._start)
        session.project_closed.connect(self._close)
        session.proposals.arrived.connect(self._wait)
        session.annotations.changed.connect(self._wait)
        session.jobs.ended.connect(self._job_ended)

    def look(self) -> None:
        """Ask now, in a thread."""
        if self._session.is_open and self._has_rigs:
            self._session.read_beside("rig alarm", _off, self._take)

    def put_aside(self) -> None:
        """Not of this version again, also after a restart."""
        if self._told is not None:
            with suppress(StoreWriteError):  # else it is told again next time
                self._session.store.settings.set(_DECLINED, sorted({*self._declined(), self._told.rig.id}))
        self._tell(None)

    def _start(self) -> None:
        self._tell(None)
        try:
            self._has_rigs = self._session.is_open and bool(self._session.store.rigs.list())
        except AnnotatorError:  # a damaged rig is told where rigs are used
            self._has_rigs = False
        self.look()

    def _close(self) -> None:
        self._has_rigs = False
        self._pause.stop()
        self._tell(None)

    def _wait(self, _frame_id: int) -> None:
        if self._has_rigs:
            self._pause.start()

    def _job_ended(self, job: Job) -> None:
        if job.kind in _NEWS and self._has_rigs and job.project == self._session.store.identity:
            self._pause.start()

    def _declined(self) -> set[int]:
        kept = self._session.store.settings.get(_DECLINED, [])
        return {rig_id for rig_id in kept if isinstance(rig_id, int)} if isinstance(kept, list) else set()

    def _take(self, checks: tuple[RigCheck, ...]) -> None:
        if not self._session.is_open or self._session.store.read_only:
            return
        declined = self._declined()
        off = [each for each in checks if each.off and each.rig.id not in declined]
        self._tell(max(off, key=lambda each: each.off[0].pixels) if off else None)

    def _tell(self, check: RigCheck | None) -> None:
        if check is not None or self._told is not None:
            self._told = check
            self.changed.emit(check)


def _off(store: ProjectStore) -> tuple[RigCheck, ...]:
    try:
        return check_rigs(store, most=_MOMENTS)
    except AnnotatorError:
        return ()
