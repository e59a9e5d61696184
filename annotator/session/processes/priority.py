"""The window goes first: what its child processes may take of the processor."""

import os
from contextlib import suppress

import psutil

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


def lower_priority(pid: int | None = None) -> None:
    """Let the window go before a process, None: this one. On Linux threads that it has already keep their priority.

    Raises `psutil.Error` where there is no such process.
    """
    process = psutil.Process(pid)
    # one that stands lower already, as under `nice`, may not be raised
    process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if psutil.WINDOWS else max(10, process.nice()))


def limit_memory(most: int) -> None:
    """Let this process address no more than so many bytes; where the system knows no such limit, nothing happens."""
    if resource is None:
        return
    with suppress(OSError, ValueError):
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if hard == resource.RLIM_INFINITY or hard > most:
            resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def all_cores_but_one() -> int:
    """How many threads leave a core for the window; at least 1."""
    return max(1, (os.cpu_count() or 2) - 1)
