"""Seconds and memory that synthetic frames take at several sizes, against the prototype, and what the paper's set would take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.research.bench.machine import machine
from annotator.research.bench.measure import StepTimes, Timing, peak_memory, repetitions
from annotator.studio.dataset.jobs import RenderOptions, camera_names, capture_jobs, frames_of
from annotator.studio.dataset.presets import preset
from annotator.studio.draw.renderer import Renderer

_FIRST_SUBJECT = 7000
_CAMERAS = "pair"
PROTOTYPE_SECONDS = 9.5
"""A 4096 frame of the prototype on two cores, its capture not counted."""
PAPER_SIZE = 4096


@dataclass(frozen=True)
class RenderFigures:
    """What `bench render` reports; times in seconds, memory in bytes.

    Attributes:
        timings: for each size S `first S` (a subject is built, its light baked, one frame rendered) and `further S`
            (one more camera of the same capture); `crops S` is what training reads of one frame of the largest size, its
            capture included, `further crops S` of one more camera.
            Ratios are to `first` of the largest size. Encoding is left out.
        against_prototype: medians of the same steps as multiples of `PROTOTYPE_SECONDS`.
        memory: peak after each size, in ascending order of size.
        paper_hours: the paper's 9,024 frames at these times; None where 4096 was not measured.
    """

    timings: dict[str, Timing]
    against_prototype: dict[str, float]
    memory: dict[str, int]
    memory_peak: int
    paper_hours: float | None
    machine: dict[str, Any]

    def summary(self) -> str:
        """Ratios, memory and the paper's set in plain lines."""
        ratios = ", ".join(f"{name} {ratio:.2f}" for name, ratio in self.against_prototype.items())
        sizes = ", ".join(f"{size} {peak / 1e9:.2f} GB" for size, peak in self.memory.items())
        lines = [f"against the prototype's {PROTOTYPE_SECONDS} s: {ratios}", f"peak memory by size: {sizes}"]
        if self.paper_hours is not None:
            lines.append(f"the paper's set of 9,024 frames would take {self.paper_hours:.1f} hours")
        return "\n".join(lines)


def bench_render(
    sizes: Sequence[int] = (1024, 2048, 4096),
    count: int = 3,
    progress: Progress = silent,
    stop: Stop = never,
    crops: bool = False,
) -> RenderFigures:
    """Render `count` subjects at every size, from small to large; a small frame before warms drivers and caches.

    Args:
        crops: measure the crops of one sample of the largest size as well.

    Raises:
        StudioError: the extra `studio` or OpenGL is missing. Cancelled: `stop` asked for it.
    """
    watch, renderer = StepTimes(), Renderer()
    _capture(watch, renderer, 256, _FIRST_SUBJECT)
    watch.forget()
    memory: dict[str, int] = {}
    done, steps = 0, count * (len(sizes) + crops)
    for size in sorted(sizes):
        for number in repetitions(count, stop):
            _capture(watch, renderer, size, _FIRST_SUBJECT + number)
            done += 1
            progress(done, steps, f"{size} px")
        memory[str(size)] = peak_memory()
    if crops:
        _crops(watch, renderer, max(sizes), _FIRST_SUBJECT)  # its windows are new to the driver
        for step in ("crops", "further crops"):
            watch.drop(f"{step} {max(sizes)}")
        for number in repetitions(count, stop):
            _crops(watch, renderer, max(sizes), _FIRST_SUBJECT + number)
            done += 1
            progress(done, steps, f"crops of {max(sizes)} px")
    timings = watch.timings(f"first {max(sizes)}")
    ratios = {name: timing.median / PROTOTYPE_SECONDS for name, timing in timings.items()}
    return RenderFigures(timings, ratios, memory, peak_memory(), paper_hours(timings), machine())


def _capture(watch: StepTimes, renderer: Renderer, size: int, subject: int) -> None:
    options = RenderOptions((subject,), cameras=_CAMERAS, size=size)
    (job,) = capture_jobs(options)
    frames = frames_of(job, options, load_scheme(options.scheme), renderer)
    watch.time(f"first {size}", lambda: next(frames))
    watch.time(f"further {size}", lambda: next(frames))


def _crops(watch: StepTimes, renderer: Renderer, size: int, subject: int) -> None:
    options = RenderOptions((subject,), cameras="random:2", size=size, crops=True)
    (job,) = capture_jobs(options)
    frames = frames_of(job, options, load_scheme(options.scheme), renderer)
    watch.time(f"crops {size}", lambda: next(frames))
    watch.time(f"further crops {size}", lambda: next(frames))


def paper_hours(timings: dict[str, Timing]) -> float | None:
    """Hours that training and test part of the paper's set take at the measured times of its size."""
    first, further = (timings.get(f"{step} {PAPER_SIZE}") for step in ("first", "further"))
    if first is None or further is None:
        return None
    seconds = 0.0
    for name in ("paper-set", "paper-test"):
        options = preset(name)
        cameras = len(camera_names(options))
        seconds += len(capture_jobs(options)) * (first.median + (cameras - 1) * further.median)
    return seconds / 3600
