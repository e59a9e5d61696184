"""The process that reads damaged inputs: everything is imported once, then each input is read in a fork of its own under limits.

It speaks lines of JSON: `{"kind", "path"}` in; outcome, processor seconds, memory and words out.
"""

import faulthandler
import json
import logging
import os
import resource
import select
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psutil

from annotator.domain.errors import AnnotatorError

MOST_SECONDS, MOST_BYTES = 20, 4 << 30
_WAIT = 90.0
_FINE, _TOLD, _TRACEBACK, _MEMORY = 0, 3, 4, 5
Read = Callable[[Path], None]
"""Reads one input as the program does; raises `AnnotatorError` where it cannot be used."""


def serve(readers: Mapping[str, Read]) -> None:
    """Answer until the other end closes."""
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(read_in_fork(readers[request["kind"]], Path(request["path"]))), flush=True)


def read_in_fork(read: Read, path: Path) -> dict[str, Any]:
    """What becomes of one input: `fine`, `told` (a clear message), or `traceback`, `crash`, `hang`, `memory`."""
    with tempfile.TemporaryFile() as words:
        start = time.monotonic()
        child = os.fork()
        if not child:
            _read(read, path, words.fileno())
        status, usage = _wait(child)
        words.seek(0)
        said = words.read().decode("utf-8", "replace")[-4000:]
    seconds, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10
    waited = time.monotonic() - start
    return {
        "outcome": _outcome(status, seconds, memory, waited),
        "seconds": seconds,
        "memory": memory,
        "said": said,
    }


def _outcome(status: int, seconds: float, memory: int, waited: float) -> str:
    if seconds > MOST_SECONDS or waited > _WAIT:
        return "hang"
    if memory > MOST_BYTES:
        return "memory"
    if os.WIFSIGNALED(status):
        return "crash"
    code = os.WEXITSTATUS(status)
    return {_FINE: "fine", _TOLD: "told", _TRACEBACK: "traceback", _MEMORY: "memory"}.get(code, "crash")


def _wait(child: int) -> tuple[int, resource.struct_rusage]:
    """Until the child ends; one that only waits is ended."""
    handle = os.pidfd_open(child)
    try:
        if not select.select([handle], [], [], _WAIT)[0]:
            os.kill(child, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
    finally:
        os.close(handle)
    return status, usage


def _read(read: Read, path: Path, words: int) -> None:
    """In the fork; never returns."""
    os.dup2(words, 2)
    os.dup2(words, 1)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = _FINE
    try:
        faulthandler.enable(words)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS + 1, MOST_SECONDS + 2))
        most = psutil.Process().memory_info().vms + MOST_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        caught = _Caught()
        logging.getLogger().addHandler(caught)
        sys.excepthook = caught.take
        read(path)
        code = _TRACEBACK if caught.any else _FINE
    except AnnotatorError as error:
        os.write(2, f"{type(error).__name__}: {error}\n"[:3000].encode("utf-8", "replace"))
        code = _TOLD
    except MemoryError:
        traceback.print_exc()
        code = _MEMORY
    except BaseException:
        traceback.print_exc()
        code = _TRACEBACK
    finally:
        sys.stderr.flush()
        os._exit(code)


class _Caught(logging.Handler):
    """Exceptions that were logged or that nobody caught: the program went on, and they are faults all the same."""

    any = False

    def take(self, kind: type[BaseException], error: BaseException, trace: Any) -> None:
        """As `sys.excepthook`; clear messages that reach it are shown to the person."""
        if not isinstance(error, AnnotatorError):
            self.any = True
            traceback.print_exception(kind, error, trace)

    def emit(self, record: logging.LogRecord) -> None:
        """A record with an exception."""
        if record.exc_info and record.levelno >= logging.ERROR:
            self.any = True
            traceback.print_exception(*record.exc_info)
