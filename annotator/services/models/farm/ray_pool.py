"""Work on a Ray cluster (extra `farm`): a worker is an actor, and a job of a worker that was lost goes to another one.

Ray's own restarts are not used: an actor that waits for a machine which never comes back would keep its job for ever.
"""

import os
import signal
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Stop
from annotator.domain.version import __version__
from annotator.domain.words import counted

AUTO: Final = "auto"
_TRIES: Final = 4
"""Workers that a job may take with it before it is given up."""
_LOOK_SECONDS: Final = 0.25
_REACH_SECONDS: Final = 10.0
_MEMORY: Final = 2 << 30
"""Bytes that Ray sets aside for a worker: a model and a few large frames."""
_OBJECTS: Final = 256 << 20
"""Bytes of shared memory of a cluster that is started here; side files are small."""


Work = Callable[[Any], Any]
"""Does a job on another machine; raises `AnnotatorError` where no worker could."""


@dataclass(frozen=True)
class Cluster:
    """A cluster that is connected: Ray itself, how many CPUs and GPUs it has now, and what people should know of it."""

    ray: Any
    cpus: int
    gpus: int
    note: str


def ray_library() -> Any:
    """Ray; raises `AnnotatorError` where it is not installed."""
    try:
        import ray
    except ImportError as error:
        raise AnnotatorError("Ray is not installed: pip install 'annotator-landmarks[farm]'.") from error
    return ray


@contextmanager
def connected(address: str) -> Iterator[Cluster]:
    """The cluster at an address such as `10.0.0.5:6379`; `auto` takes the one that this machine belongs to, or starts one on
    this machine, which ends with the block.

    Raises:
        AnnotatorError: Ray is not installed, or there is no cluster.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is ever sent
    ray = ray_library()
    if ray.is_initialized():
        yield _cluster(ray, "")
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    handlers = {number: signal.getsignal(number) for number in numbers}
    note = _connect(ray, address)
    if threading.current_thread() is threading.main_thread():
        for number, handler in handlers.items():  # Ray's own would end the program in the middle of a write
            signal.signal(number, handler)
    try:
        yield _cluster(ray, note)
    finally:
        ray.shutdown()


def _connect(ray: Any, address: str) -> str:
    if address != AUTO:
        _reach(address)
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    try:
        ray.init(address=address, **quiet)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        if address != AUTO:
            raise AnnotatorError(f"There is no Ray cluster at {address}: {error}") from error
    else:
        return ""
    try:
        ray.init(address="local", include_dashboard=False, object_store_memory=_OBJECTS, **quiet)
    except (ConnectionError, ValueError, RuntimeError, OSError) as error:
        raise AnnotatorError(f"Ray cannot be started on this machine: {error}") from error
    return "No Ray cluster is running here, so one was started on this machine alone."


def _reach(address: str) -> None:
    """Raises `AnnotatorError` where nothing answers: Ray itself would try for minutes, and end the program then."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        raise AnnotatorError(
            f"An address of a Ray cluster is written 10.0.0.5:6379, or auto; not {address!r}."
        )
    try:
        socket.create_connection((host, int(port)), _REACH_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise AnnotatorError(f"There is no Ray cluster at {address}: {error}") from error


def _cluster(ray: Any, note: str) -> Cluster:
    resources = ray.cluster_resources()
    return Cluster(ray, int(resources.get("CPU", 0)), int(resources.get("GPU", 0)), note)


class Pool:
    """Workers of a cluster, each with a CPU, and a GPU where asked for."""

    def __init__(self, cluster: Cluster, make: Callable[[], Work], count: int, gpu: bool) -> None:
        """At most `count` workers, each as soon as the cluster has room; `make` is sent to them, to load what they work with."""
        self._ray, self._make, self._count = cluster.ray, make, max(1, count)
        options = {"num_cpus": 1, "num_gpus": int(gpu), "memory": _MEMORY}
        self._class = cluster.ray.remote(_Actor).options(**options)
        # what is awaited -> its worker and job, None where that gets ready
        self._running: dict[Any, tuple[Any, int | None]] = {}
        self._idle: list[Any] = []
        self._unready = 0

    @property
    def working(self) -> int:
        """Workers that are at a job now."""
        return sum(job is not None for _, job in self._running.values())

    def run(
        self,
        jobs: Sequence[Any],
        done: Callable[[int, Any], None],
        given_up: Callable[[int, str], None],
        stop: Stop,
        told: Callable[[], None],
    ) -> bool:
        """Do all jobs; False where it was asked to stop.

        Args:
            done: is called with a job's number and answer, as soon as it is there. given_up: with the number of a job that took
                several workers with it, and why. told: now and then while it waits.

        Raises:
            AnnotatorError: a worker cannot be used, or none stays alive.
        """
        waiting, lost, left = deque(range(len(jobs))), [0] * len(jobs), len(jobs)
        for _ in range(min(self._count, len(jobs))):
            self._add()
        try:
            while left:
                if stop():
                    return False
                ready, _ = self._ray.wait(list(self._running), num_returns=1, timeout=_LOOK_SECONDS)
                for reference in ready:
                    actor, job = self._running.pop(reference)
                    try:
                        answer = self._ray.get(reference)
                        self._idle.append(actor)
                    except self._ray.exceptions.RayTaskError as error:
                        raise _failure(error) from error
                    except self._ray.exceptions.RayError as error:
                        answer = self._lost(actor, job, error)
                        if job is not None:
                            lost[job] += 1
                            if lost[job] < _TRIES:
                                waiting.appendleft(job)
                                continue
                            given_up(job, f"{counted(_TRIES, 'worker')} ended at it: {answer}")
                    else:
                        if job is not None:
                            done(job, answer)
                    left -= job is not None
                told()
                while waiting and self._idle:
                    job, actor = waiting.popleft(), self._idle.pop()
                    self._running[actor.work.remote(jobs[job])] = actor, job
            return True
        finally:
            for actor in [*self._idle, *(actor for actor, _ in self._running.values())]:
                self._ray.kill(actor)
            self._running.clear()
            self._idle.clear()

    def _add(self) -> None:
        actor = self._class.remote()
        self._running[actor.start.remote(self._make, __version__)] = actor, None

    def _lost(self, actor: Any, job: int | None, error: BaseException) -> str:
        """Another worker in the place of one that ended, and why it did."""
        self._ray.kill(actor)
        why = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
        self._unready = 0 if job is not None else self._unready + 1
        if self._unready > self._count + _TRIES:
            raise AnnotatorError(f"Workers end before they are ready: {why}") from error
        self._add()
        return why


class _Actor:
    """A worker as Ray sees it."""

    def start(self, make: Callable[[], Work], version: str) -> None:
        if version != __version__:
            raise AnnotatorError(
                f"A worker has Annotator {__version__}, and this is {version}: install the same one on all machines."
            )
        self._work = make()

    def work(self, job: Any) -> Any:
        return self._work(job)


def _failure(error: Any) -> AnnotatorError:
    cause = error.cause
    if isinstance(cause, AnnotatorError):
        return AnnotatorError(str(cause))
    return AnnotatorError(f"A worker failed: {type(cause).__name__}: {cause}")
