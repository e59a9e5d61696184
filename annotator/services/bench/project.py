"""A project of many frames: how fast it is filled, opened, listed and asked for the next frame; the cost of a commit."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.capture import Frame
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme_file import load_scheme
from annotator.services.bench.machine import machine
from annotator.services.bench.measure import Stopwatch, Timing, peak_memory, repetitions
from annotator.services.next_frame import WorkColumns, next_row
from annotator.store.frames import FrameList
from annotator.store.project_store import ProjectStore

_SIZE = 4096
_CAMERAS, _TAKES = 8, 24


@dataclass(frozen=True)
class ProjectFigures:
    """What `bench project` reports; times in seconds, sizes in bytes.

    Attributes:
        frames: how many the project holds.
        timings: `fill` (all frames, once), `open`, `list`, `last row`, `columns` (what the queues look at, once a
            list), `next unreviewed`, `next uncertain`, `commit` (a moved landmark, durable: the reference).
    """

    frames: int
    file_size: int
    timings: dict[str, Timing]
    memory_peak: int
    machine: dict[str, Any]


def bench_project(
    frames: int = 100_000, count: int = 20, progress: Progress = silent, stop: Stop = never
) -> ProjectFigures:
    """Measure on a generated project in a temporary folder.

    Args:
        frames: how many frames to generate. count: repetitions of everything but the filling.

    Raises:
        Cancelled: `stop` asked for it.
    """
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.annotator"
        with ProjectStore.create(path, load_scheme("studio-89"), Path(folder)) as store:
            watch.time("fill", lambda: store.add_frames(_generated(frames)))
        for number in repetitions(count, stop):
            _one_round(watch, path, number)
            progress(number + 1, count, "")
        size = path.stat().st_size
    return ProjectFigures(frames, size, watch.timings("commit"), peak_memory(), machine())


def _one_round(watch: Stopwatch, path: Path, number: int) -> None:
    with watch.time("open", lambda: ProjectStore.open(path)) as store:
        listed: FrameList = watch.time("list", store.frames)
        watch.time("last row", lambda: listed[len(listed) - 1])
        current = listed[number].frame.id
        columns = watch.time("columns", lambda: WorkColumns.of(listed, store.scheme.size))
        watch.time("next unreviewed", lambda: next_row(columns, "unreviewed", number))
        watch.time("next uncertain", lambda: next_row(columns, "uncertain", number))
        before = store.annotation(current)
        after = _moved(before, number)
        watch.time("commit", lambda: store.commit_edit(current, before, after, "Move 1 landmark"))


def _moved(before: Annotation, number: int) -> Annotation:
    place = np.array([[100.0 + number, 200.0]], np.float32)
    return edits.apply(edits.move([number % len(before.state)], place), before)[0]


def _generated(count: int) -> Iterator[Frame]:
    """Frames as a shoot names them: subjects x 24 takes x 8 cameras."""
    for number in range(count):
        shot, camera = divmod(number, _CAMERAS)
        subject, take = divmod(shot, _TAKES)
        path = f"s{subject:04d}/t{take:02d}/c{camera}.jpg"
        yield Frame(0, path, f"s{subject:04d}", f"t{take:02d}", f"c{camera}", "", _SIZE, _SIZE)
