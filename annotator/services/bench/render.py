"""Seconds a synthetic frame takes at several sizes: the first of a capture, and each further camera of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme_file import load_scheme
from annotator.services.bench.machine import machine
from annotator.services.bench.measure import Stopwatch, Timing, peak_memory, repetitions
from annotator.synthesis.jobs import RenderOptions, capture_jobs, frames_of
from annotator.synthesis.renderer import Renderer

_FIRST_SUBJECT = 7000
_CAMERAS = "pair"


@dataclass(frozen=True)
class RenderFigures:
    """What `bench render` reports; times in seconds, memory in bytes.

    Attributes:
        timings: for each size S `first S` (a subject is built, its light baked, one frame rendered) and `further S`
            (one more camera of the same capture). Ratios are to `first` of the largest size. Encoding is left out.
    """

    timings: dict[str, Timing]
    memory_peak: int
    machine: dict[str, Any]


def bench_render(
    sizes: Sequence[int] = (1024, 2048, 4096), count: int = 3, progress: Progress = silent, stop: Stop = never
) -> RenderFigures:
    """Render `count` subjects at every size, the sizes in turn; a small frame before warms drivers and caches.

    Raises:
        StudioError: the extra `studio` or OpenGL is missing. Cancelled: `stop` asked for it.
    """
    watch, renderer = Stopwatch(), Renderer()
    _capture(watch, renderer, 256, _FIRST_SUBJECT)
    watch.forget()
    done = 0
    for number in repetitions(count, stop):
        for size in sizes:
            _capture(watch, renderer, size, _FIRST_SUBJECT + number)
            done += 1
            progress(done, count * len(sizes), f"{size} px")
    return RenderFigures(watch.timings(f"first {max(sizes)}"), peak_memory(), machine())


def _capture(watch: Stopwatch, renderer: Renderer, size: int, subject: int) -> None:
    options = RenderOptions((subject,), cameras=_CAMERAS, size=size)
    (job,) = capture_jobs(options)
    frames = frames_of(job, options, load_scheme(options.scheme), renderer)
    watch.time(f"first {size}", lambda: next(frames))
    watch.time(f"further {size}", lambda: next(frames))
