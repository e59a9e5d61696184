"""The calibration alarm of the window: when there is news it looks whether the rigs still hold, and tells which does not."""

from collections.abc import Mapping
from contextlib import suppress
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from annotator.domain.errors import AnnotatorError
from annotator.services.rigs.check_rigs import RigCheck, check_rigs
from annotator.session.job.job_board import Job
from annotator.session.session import Session
from annotator.store.file.errors import StoreWriteError
from annotator.store.project_store import ProjectStore

_DECLINED = "rig alarm.declined"
_MOMENTS = 24  # of a rig; more are read only for the command line
_PAUSE_MS = 3000
_NEWS = ("propose", "import annotations", "take back")


class RigAlarm(QObject):
    """Asks in a thread: about all rigs when a project opens or its rigs change, in pauses about those of edits and proposals.

    A project without rigs costs nothing. What a person put aside is told again only of another version of the rig.
    """

    changed = Signal(object)  # RigCheck of a rig with a camera that is off, or None

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._told: RigCheck | None = None
        self._checks: dict[str, RigCheck] = {}  # by the rig's name
        self._has_rigs, self._all = False, False
        self._news: set[int] = set()  # frames
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        session.project_opened.connect(self._start)
        session.rigs_changed.connect(self._start)
        session.project_closed.connect(self._close)
        session.proposals.arrived.connect(self._wait)
        session.annotations.changed.connect(self._wait)
        session.jobs.ended.connect(self._job_ended)

    def put_aside(self) -> None:
        """Not of this version again, also after a restart."""
        if self._told is not None:
            with suppress(StoreWriteError):  # else it is told again next time
                self._session.store.settings.set(_DECLINED, sorted({*self._declined(), self._told.rig.id}))
            self._checks.pop(self._told.rig.name, None)
        self._tell_worst()

    def _start(self) -> None:
        self._close()
        try:
            self._has_rigs = self._session.is_open and bool(self._session.store.rigs.list())
        except AnnotatorError:  # a damaged rig is told where rigs are used
            return
        self._all = True
        self._look()

    def _close(self) -> None:
        self._has_rigs = False
        self._pause.stop()
        self._checks.clear()
        self._news.clear()
        self._tell(None)

    def _wait(self, frame_id: int) -> None:
        if self._has_rigs:
            self._news.add(frame_id)
            self._pause.start()

    def _job_ended(self, job: Job) -> None:
        if job.kind in _NEWS and self._has_rigs and job.project == self._session.store.identity:
            self._all = True
            self._pause.start()

    def _look(self) -> None:
        if self._session.is_open and self._has_rigs:
            asked = None if self._all else frozenset(self._news)
            work = partial(_checked, frame_ids=asked)
            self._session.read_beside("rig alarm", work, partial(self._take, asked))

    def _declined(self) -> set[int]:
        kept = self._session.store.settings.get(_DECLINED, [])
        return {rig_id for rig_id in kept if isinstance(rig_id, int)} if isinstance(kept, list) else set()

    def _take(self, asked: frozenset[int] | None, checks: Mapping[str, RigCheck]) -> None:
        if asked is None:
            self._all = False
            self._checks.clear()
        else:
            self._news -= asked
        self._checks |= checks
        self._tell_worst()

    def _tell_worst(self) -> None:
        if not self._session.is_open or self._session.store.read_only:
            return
        declined = self._declined()
        off = [each for each in self._checks.values() if each.off and each.rig.id not in declined]
        self._tell(max(off, key=lambda each: each.off[0].pixels) if off else None)

    def _tell(self, check: RigCheck | None) -> None:
        if check is not None or self._told is not None:
            self._told = check
            self.changed.emit(check)


def _checked(store: ProjectStore, frame_ids: frozenset[int] | None) -> dict[str, RigCheck]:
    """By name, the rigs of some frames; of None all."""
    try:
        if frame_ids is None:
            return {check.rig.name: check for check in check_rigs(store, most=_MOMENTS)}
        takes = {(frame.subject, frame.take) for frame in store.frames.of_ids(sorted(frame_ids))}
        held = [store.rigs.of_take(*take) for take in takes]
        names = {rig.name for rig in held if rig is not None}
        return {name: check for name in sorted(names) for check in check_rigs(store, name, _MOMENTS)}
    except AnnotatorError:  # a damaged rig is told where rigs are used
        return {}
