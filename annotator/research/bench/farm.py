"""What a farm costs: shards of proposing run as processes of their own, and what more machines would come to, on paper."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any, Final

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.research.bench.machine import machine
from annotator.services.models.active_model import choose_model
from annotator.services.models.farm.merge_shards import merge_shards
from annotator.services.models.farm.propose_shard import BLOCK
from annotator.services.project.captures.import_captures import import_captures
from annotator.store.project_store import ProjectStore

_POLL_S: Final = 0.2
PAPER_FRAMES: Final = 10_000
PAPER_WORKERS: Final = (1, 2, 16, 64, 256, 1000)


@dataclass(frozen=True)
class WorkerRun:
    """What shards of so many workers took together: seconds by the clock, and of the processor a frame (start left out)."""

    workers: int
    frames: int
    clock: float
    processor_a_frame: float


@dataclass(frozen=True)
class PaperRow:
    """So many workers at `PAPER_FRAMES` frames: minutes until all is merged, by the measured seconds of the processor, how many
    times faster than one worker, and the share of the workers' time that is work."""

    workers: int
    minutes: float
    faster: float
    used: float


@dataclass(frozen=True)
class FarmFigures:
    """What `bench farm` reports.

    Attributes:
        runs: measured here. start: seconds of the processor until a worker has its model. merge: seconds of the processor a frame
        for the one machine that merges. memory: bytes at the most of a worker. paper: reckoned from these.
    """

    image: str
    model: str
    runs: tuple[WorkerRun, ...]
    start: float
    merge: float
    memory: int
    paper: tuple[PaperRow, ...]
    machine: dict[str, Any]


def bench_farm(
    image: Path,
    model: str | None = None,
    frames: int = 2 * BLOCK,
    workers: Sequence[int] = (1, 2),
    scheme: str = "studio-89",
    progress: Progress = silent,
    stop: Stop = never,
) -> FarmFigures:
    """Propose copies of a picture by shards on the CPU, one thread each, and merge them.

    Raises:
        AnnotatorError: a shard failed, with its last words. Cancelled: asked to stop.
    """
    with tempfile.TemporaryDirectory(prefix="annotator-farm-") as place:
        folder = Path(place)
        captures = folder / "captures"
        captures.mkdir()
        for number in range(frames):
            file = captures / f"{number:05}{image.suffix}"
            shutil.copyfile(image, file)
        project = folder / "farm.annotator"
        with ProjectStore.create(project, load_scheme(scheme), captures) as store:
            import_captures(store, captures)
            entry = choose_model(store, model)
            store.models.activate(entry.id)
        steps = len(workers) + 2
        progress(0, steps, "one worker starts")
        first = _shards(project, folder / "warm", 1, stop, "--frame", "1")
        again = _shards(project, folder / "warm", 1, stop, "--frame", "1")
        runs = []
        for number, count in enumerate(workers):
            progress(number + 1, steps, f"{count} at work on {frames} frames")
            took = _shards(project, folder / str(count), count, stop, "--all")
            a_frame = max(0.0, took.processor - count * again.processor) / frames
            runs.append(WorkerRun(count, frames, took.clock, a_frame))
        progress(steps - 1, steps, "merging")
        with ProjectStore.open(project) as store:
            began = time.process_time()
            merged = merge_shards(store, folder / str(workers[-1])).merged
            merge = (time.process_time() - began) / max(merged, 1)
        paper = tuple(
            _paper(count, again.processor, runs[0].processor_a_frame, merge) for count in PAPER_WORKERS
        )
        start, memory = again.processor, max(first.memory, took.memory)
        return FarmFigures(image.name, entry.id, tuple(runs), start, merge, memory, paper, machine())


@dataclass(frozen=True)
class _Took:
    clock: float
    processor: float
    memory: int


def _shards(project: Path, out: Path, count: int, stop: Stop, *which: str) -> _Took:
    """All shards at once, each a process with one thread."""
    import resource  # not on Windows

    one = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    started = []
    try:
        for number in range(1, count + 1):
            command = ["propose", str(project), *which, "--shard", f"{number}/{count}", "--out", str(out)]
            program = [sys.executable, "-m", "annotator", *command, "--device", "cpu", "--quiet", "--json"]
            started.append(
                subprocess.Popen(
                    program,
                    env=os.environ | one,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        for child in started:
            while True:
                try:
                    _, errors = child.communicate(timeout=_POLL_S)
                    break
                except subprocess.TimeoutExpired:
                    if stop():
                        raise Cancelled("Stopped") from None
            if child.returncode:
                raise AnnotatorError(f"A shard ended with {child.returncode}: {errors.strip()[-300:]}")
    finally:
        for child in started:
            child.kill()
            child.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return _Took(time.perf_counter() - began, processor, after.ru_maxrss * 1024)


def _paper(workers: int, start: float, frame: float, merge: float) -> PaperRow:
    """Whole blocks for each worker, then one merge."""
    blocks = ceil(PAPER_FRAMES / BLOCK)

    def seconds(count: int) -> float:
        return start + ceil(blocks / count) * BLOCK * frame + PAPER_FRAMES * merge

    took = seconds(workers)
    used = PAPER_FRAMES * frame / (workers * took)
    return PaperRow(workers, took / 60, seconds(1) / took, used)
