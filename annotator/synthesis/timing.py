"""How long the studio takes on this machine, for benches and estimates."""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass, replace

from annotator.domain.scheme_file import load_scheme
from annotator.synthesis.jobs import RenderOptions, capture_jobs, frames_of
from annotator.synthesis.presets import preset

PROTOTYPE_SECONDS = 9.5
"""A 4096 frame of the prototype on two cores."""


@dataclass(frozen=True)
class RenderTiming:
    """Seconds of one capture (pose, bake, hair) and of one frame of it; peak memory of the process in MB."""

    size: int
    crops: bool
    capture_seconds: float
    frame_seconds: float
    peak_mb: float
    renderer: str

    @property
    def prototype_ratio(self) -> float:
        """Time of a frame as a share of the prototype's 4096 frame."""
        return self.frame_seconds / PROTOTYPE_SECONDS

    def hours(self, captures: int, frames: int) -> float:
        """Hours for so many captures and frames in one process."""
        return (captures * self.capture_seconds + frames * self.frame_seconds) / 3600


def seconds_a_frame(size: int, crops: bool = False, frames: int = 2) -> RenderTiming:
    """Measures `frames` frames (or samples of crops) after one to warm up; renders in memory, writes nothing."""
    from annotator.synthesis.renderer import Renderer

    renderer, scheme = Renderer(), load_scheme("studio-89")
    options = RenderOptions((1,), ("smile",), f"random:{frames + 1}", size, ("studio-a",), crops=crops)
    job = capture_jobs(options)[0]
    list(frames_of(job, replace(options, cameras="random:1"), scheme, renderer))
    marks = [time.perf_counter()]
    for _ in frames_of(job, options, scheme, renderer):
        marks.append(time.perf_counter())
    each = (marks[-1] - marks[1]) / frames
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return RenderTiming(
        size, crops, max(0.0, marks[1] - marks[0] - each), each, peak, renderer.device.description
    )


def paper_set_hours(timing: RenderTiming) -> float:
    """Hours for the whole paper set (training and test) in one process at the measured speed."""
    sets = [preset("paper-set"), preset("paper-test")]
    captures = sum(len(capture_jobs(options)) for options in sets)
    return timing.hours(captures, captures * 8)
