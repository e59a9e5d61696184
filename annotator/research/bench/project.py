"""A project of many frames: how fast it is filled, opened, listed and asked what to do next; the cost of a commit."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from annotator.domain import edits
from annotator.domain.annotation import Annotation
from annotator.domain.assets import DEFAULT_SCHEME
from annotator.domain.capture import Frame
from annotator.domain.model_card import ModelCard
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.research.bench.machine import machine
from annotator.research.bench.measure import StepTimes, Timing, peak_memory, repetitions
from annotator.services.project.next_frame import WorkColumns, next_row, next_uncertain
from annotator.services.project.queue.queues import Queue, read_queue
from annotator.store.history.changes import Change
from annotator.store.lists.frame_list import FrameList
from annotator.store.project_store import ProjectStore

_SIZE = 4096
_PAGE = 200
_BATCH = 500
_CAMERAS, _TAKES = 8, 24


@dataclass(frozen=True)
class ProjectFigures:
    """What `bench project` reports; times in seconds, sizes in bytes.

    Attributes:
        frames: how many the project holds.
        timings: `fill` (all frames, once), `propose` (a generated proposal of each of `proposals` frames is saved, once),
            `open`, `list`, `last row`, `columns` (what the next frame by state looks at, once a list), `next unreviewed`,
            `next uncertain`, two lines a queue (its first 200 frames with reasons, by the clock and by the
            processor's time, which a busy machine does not change), `commit` (a moved landmark, with its
            doubts, durable: the reference).
    """

    frames: int
    proposals: int
    file_size: int
    timings: dict[str, Timing]
    memory_peak: int
    machine: dict[str, Any]


def bench_project(
    frames: int = 100_000,
    count: int = 20,
    progress: Progress = silent,
    stop: Stop = never,
    proposals: int | None = None,
) -> ProjectFigures:
    """Measure on a generated project in a temporary folder.

    Args:
        frames: how many frames to generate. count: repetitions of everything but the filling.
        proposals: how many of them get a proposal (some 5 KB each); None: all.

    Raises:
        Cancelled: `stop` asked for it.
    """
    watch = StepTimes()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.annotator"
        with ProjectStore.create(path, load_scheme(DEFAULT_SCHEME), Path(folder)) as store:
            watch.time("fill", lambda: store.frames.add(_generated(frames)))
            proposed = min(frames, frames if proposals is None else proposals)
            watch.time("propose", lambda: _propose(store, proposed, progress, stop))
        for number in repetitions(count, stop):
            _one_round(watch, path, number)
            progress(number + 1, count, "")
        size = path.stat().st_size
    return ProjectFigures(frames, proposed, size, watch.timings("commit"), peak_memory(), machine())


def _one_round(watch: StepTimes, path: Path, number: int) -> None:
    with watch.time("open", lambda: ProjectStore.open(path)) as store:
        listed: FrameList = watch.time("list", store.frames.list)
        watch.time("last row", lambda: listed[len(listed) - 1])
        current = listed[number].frame.id
        columns = watch.time("columns", lambda: WorkColumns.of(listed, store.scheme.size))
        watch.time("next unreviewed", lambda: next_row(columns, "unreviewed", number))
        watch.time("next uncertain", lambda: next_uncertain(store, int(listed.ids[number]), lambda _: True))
        for queue in Queue:
            start = time.process_time()
            watch.time(f"queue {queue}", partial(read_queue, store, queue, _PAGE))
            watch.add(f"queue {queue}, processor", time.process_time() - start)
        before = store.annotations.get(current)
        after = _moved(before, number)
        watch.time(
            "commit", lambda: store.annotations.commit(Change(current, before, after, "Move 1 landmark"))
        )


def _propose(store: ProjectStore, count: int, progress: Progress, stop: Stop) -> None:
    """Save proposals of one face, each with confidences and a stray of the global networks of its own."""
    random = np.random.default_rng(0)
    card = ModelCard("bench", store.scheme.id, {})
    store.models.add(card, store.path.parent)
    store.models.activate(card.id)
    size, regions = store.scheme.size, len(store.scheme.regions)
    xy = random.uniform(1000, 3000, (size, 2)).astype(np.float32)
    covariance = np.tile(np.eye(2, dtype=np.float32) * 25, (size, 1, 1))
    boxes = np.zeros((regions, 4), np.float32)
    for start in range(0, count, _BATCH):
        if stop():
            raise Cancelled
        ids = range(start + 1, min(start + _BATCH, count) + 1)
        sure = random.beta(8, 1, (len(ids), size)).astype(np.float32)
        stray = random.normal(0, 8, (len(ids), size, 2)).astype(np.float32)
        store.proposals.save_all(
            (i, Proposal(card.id, store.scheme.id, xy, covariance, sure[n], boxes, xy + stray[n], covariance))
            for n, i in enumerate(ids)
        )
        progress(ids[-1], count, "proposals")


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
