"""Repeated timing: medians and p99 over repetitions, as ratios to one of them, with the peak of memory."""

import ctypes
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np

from annotator.domain.progress import Cancelled, Stop, never

T = TypeVar("T")


@dataclass(frozen=True)
class Timing:
    """Wall-clock seconds of one step over its repetitions, and seconds of the processor beside them.

    Attributes:
        median, p99, least, most: seconds. With fewer than 100 repetitions p99 lies between the two slowest.
        repetitions: how many were measured, the warm-up not counted.
        ratio: median as a multiple of the reference step's in the same run; None where there is no reference.
        processor, processor_p99: seconds that the calling thread computed, which a busy machine does not change; None where
            they were not measured.
    """

    median: float
    p99: float
    least: float
    most: float
    repetitions: int
    ratio: float | None = None
    processor: float | None = None
    processor_p99: float | None = None


class StepTimes:
    """The seconds of named steps, repetition by repetition."""

    def __init__(self) -> None:
        self._seconds: dict[str, list[float]] = {}
        self._processor: dict[str, list[float]] = {}

    def time(self, name: str, step: Callable[[], T]) -> T:
        """Run `step`, add its time under `name`, return its result."""
        start, computed = time.perf_counter(), time.thread_time()
        result = step()
        self.add(name, time.perf_counter() - start, time.thread_time() - computed)
        return result

    def add(self, name: str, seconds: float, processor: float | None = None) -> None:
        """Add one measured time, and how much of it the processor took where that is known."""
        self._seconds.setdefault(name, []).append(seconds)
        if processor is not None:
            self._processor.setdefault(name, []).append(processor)

    def forget(self) -> None:
        """Drop what was collected so far: the warm-up."""
        self._seconds.clear()
        self._processor.clear()

    def drop(self, name: str) -> None:
        """Drop what was collected under one name."""
        self._seconds.pop(name, None)
        self._processor.pop(name, None)

    def timings(self, reference: str | None = None) -> dict[str, Timing]:
        """Summary of every step in the order of its first measurement; ratios to the median of `reference`."""
        base = float(np.median(self._seconds[reference])) if reference else None
        return {
            name: summarise(values, base, self._processor.get(name, ()))
            for name, values in self._seconds.items()
        }


def summarise(seconds: Sequence[float], base: float | None = None, processor: Sequence[float] = ()) -> Timing:
    """Median, p99, least and most of measured seconds; `base` (seconds) is what `ratio` divides by."""
    values = np.asarray(seconds, np.float64)
    median = float(np.median(values))
    return Timing(
        median,
        float(np.percentile(values, 99)),
        float(values.min()),
        float(values.max()),
        len(values),
        median / base if base else None,
        float(np.median(processor)) if len(processor) else None,
        float(np.percentile(processor, 99)) if len(processor) else None,
    )


def repetitions(count: int, stop: Stop = never) -> Iterable[int]:
    """0 .. count-1, raising `Cancelled` between two where `stop` asks for it."""
    for number in range(count):
        if stop():
            raise Cancelled
        yield number


def peak_memory() -> int:
    """Highest resident memory of this process so far, bytes; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        import psutil

        return int(getattr(psutil.Process().memory_info(), "peak_wset", 0))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def resident_peak(work: Callable[[], object]) -> int | None:
    """Run `work`; bytes by which this process was larger at its largest moment than before, with all that libraries set aside.

    None where the system does not tell: only Linux forgets the peak before.
    """
    before = None
    with suppress(OSError, AttributeError, TypeError, ValueError):
        # what was freed before would be used again, and count as nothing
        ctypes.CDLL(None).malloc_trim(0)
        # no file that is written: the kernel's switch that forgets the peak
        switch = os.open("/proc/self/clear_refs", os.O_WRONLY)
        try:
            os.write(switch, b"5")
        finally:
            os.close(switch)
        before = _status("VmRSS")
    work()
    return None if before is None else max(_status("VmHWM") - before, 0)


def _status(name: str) -> int:
    """A line of Linux's account of this process, in bytes; raises ValueError where there is none."""
    lines = Path("/proc/self/status").read_text().splitlines()
    found = [line.split()[1] for line in lines if line.startswith(f"{name}:")]
    if not found:
        raise ValueError(f"{name} is not told")
    return int(found[0]) * 1024


def rows(timings: Mapping[str, Timing]) -> list[tuple[object, ...]]:
    """Table rows of timings: step, median ms, p99 ms, ratio, repetitions."""
    return [
        (name, round(t.median * 1e3, 2), round(t.p99 * 1e3, 2), t.ratio and round(t.ratio, 2), t.repetitions)
        for name, t in timings.items()
    ]
