"""Long work beside the window: what the jobs panel shows, and the thread pool for work that needs no process."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop

TAKE_SIZES = "take sizes"
"""The kind of the job that takes new sizes of pictures."""


class JobState(Enum):
    """Where a job stands; the last three are ends."""

    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Job:
    """A snapshot of a job.

    Attributes:
        kind: `propose`, `train`, `export`, `import`, ... title: for people. total: 0 where it is not known.
        message: what it does now; at the end what it did, or why it failed. started: seconds since the epoch.
        result: what the work returned, once it is done. project: identity of the project that it is of.
        if_ended: what is kept where the window closes on it, as a sentence; empty where nothing is lost by that.
        anew: what it is started with again after that, of JSON types; None where it cannot go on.
    """

    id: int
    kind: str
    title: str
    state: JobState = JobState.RUNNING
    done: int = 0
    total: int = 0
    message: str = ""
    started: float = field(default_factory=time.time)
    result: object = None
    project: str = ""
    if_ended: str = ""
    anew: Mapping[str, Any] | None = None

    @property
    def is_active(self) -> bool:
        """Whether it has not ended."""
        return self.state in (JobState.RUNNING, JobState.STOPPING)


Work = Callable[[Progress, Stop], object]
"""Long work in a thread of its own: it opens its own store, and tells a text or any value at its end."""


_REMEMBERED = 20


class JobBoard(QObject):
    """The jobs of a session, oldest first: those that run, and the twenty that ended last.

    Jobs are run here in a thread (`run`), or somewhere else by whoever calls `add`, `progress` and `end`.
    """

    changed = Signal(object)  # Job
    ended = Signal(object)  # Job, once, after `changed`
    forgotten = Signal(int)  # id of a job that ended long ago
    _reported = Signal(int, int, int, str)
    _finished = Signal(int, object, object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._jobs: dict[int, Job] = {}
        self._over: deque[int] = deque()  # those that ended, in this order
        self._count = 0
        self._cancel: dict[int, Callable[[], None]] = {}
        self._pool = ThreadPoolExecutor(max_workers=2, thread_name_prefix="job")
        self._reported.connect(self.progress, Qt.ConnectionType.QueuedConnection)
        self._finished.connect(self._end_work, Qt.ConnectionType.QueuedConnection)

    @property
    def all(self) -> list[Job]:
        """Snapshots of the jobs that are remembered."""
        return list(self._jobs.values())

    def job(self, job_id: int) -> Job:
        """One job; raises `KeyError` if there is none."""
        return self._jobs[job_id]

    def active(self, kind: str, project: str) -> Job | None:
        """A project's running job of a kind, if there is one."""
        mine = (job for job in self._jobs.values() if (job.kind, job.project) == (kind, project))
        return next((job for job in mine if job.is_active), None)

    def active_elsewhere(self, kind: str, project: str) -> Job | None:
        """Another project's running job of a kind, if there is one."""
        others = (job for job in self._jobs.values() if job.kind == kind and job.project != project)
        return next((job for job in others if job.is_active), None)

    def add(
        self,
        kind: str,
        title: str,
        cancel: Callable[[], None],
        project: str = "",
        if_ended: str = "",
        anew: Mapping[str, Any] | None = None,
    ) -> Job:
        """A new running job; `cancel` is called once if the artist asks to stop it."""
        self._count += 1
        job = Job(self._count, kind, title, project=project, if_ended=if_ended, anew=anew)
        self._cancel[job.id] = cancel
        self._set(job)
        return job

    def run(self, kind: str, title: str, work: Work, project: str = "", if_ended: str = "") -> Job:
        """Run work in a thread; its `Stop` turns true on `cancel`, its errors become the job's message."""
        stopping: list[bool] = []
        job = self.add(kind, title, lambda: stopping.append(True), project, if_ended)

        def report(done: int, total: int, message: str) -> None:
            self._reported.emit(job.id, done, total, message)

        def run() -> None:
            try:
                result = work(report, lambda: bool(stopping))
            except Cancelled as error:
                self._finished.emit(job.id, JobState.CANCELLED, None, str(error) or "Stopped")
            except AnnotatorError as error:
                self._finished.emit(job.id, JobState.FAILED, None, str(error))
            except Exception as error:  # a thread must not die without a word
                self._finished.emit(job.id, JobState.FAILED, None, f"{type(error).__name__}: {error}")
            else:
                state = JobState.CANCELLED if stopping else JobState.DONE
                self._finished.emit(job.id, state, result, result if isinstance(result, str) else "")

        self._pool.submit(run)
        return job

    @Slot(int, int, int, str)
    def progress(self, job_id: int, done: int, total: int, message: str) -> None:
        """A job got further."""
        job = self._jobs.get(job_id)
        if job is not None and job.is_active:
            self._set(replace(job, done=done, total=total, message=message))

    def end(self, job_id: int, state: JobState, message: str = "", result: object = None) -> None:
        """A job is over; later calls for it change nothing."""
        job = self._jobs.get(job_id)
        if job is not None and job.is_active:
            self._cancel.pop(job_id, None)
            job = replace(job, state=state, message=message or job.message, result=result)
            self._set(job)
            self.ended.emit(job)
            self._remember(job_id)

    def cancel(self, job_id: int) -> None:
        """Ask a job to stop as soon as it safely can."""
        cancel = self._cancel.pop(job_id, None)
        if cancel is not None:
            self._set(replace(self._jobs[job_id], state=JobState.STOPPING, message="Stopping"))
            cancel()

    def shutdown(self) -> None:
        """Ask all jobs to stop and wait for those in threads."""
        for job_id in list(self._cancel):
            self.cancel(job_id)
        self._pool.shutdown(wait=True, cancel_futures=True)

    @Slot(int, object, object, str)
    def _end_work(self, job_id: int, state: JobState, result: object, message: str) -> None:
        self.end(job_id, state, message, result)

    def _remember(self, job_id: int) -> None:
        self._over.append(job_id)
        while len(self._over) > _REMEMBERED:
            forgotten = self._over.popleft()
            del self._jobs[forgotten]
            self.forgotten.emit(forgotten)

    def _set(self, job: Job) -> None:
        self._jobs[job.id] = job
        self.changed.emit(job)
