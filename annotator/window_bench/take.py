"""Takes in the real window: how soon a long one is open, and how scrubbing and playing keep up; by mouse events.

Wall clock beside processor time of the window's own thread: on a busy machine only the second compares.
"""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from annotator.domain.capture import Frame
from annotator.domain.proposal import Proposal
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.imaging.reader import probe
from annotator.research.bench.measure import StepTimes
from annotator.services.models.active_model import ensure_active_model
from annotator.store.project_store import ProjectStore
from annotator.window_bench.stalls import LoopTicks, run_loop, wait_for
from annotator.window_bench.window import WindowBench

SCRUBBED = 48
"""Frames that are scrubbed along and played."""
_PATIENCE = 600.0
_PLAY_SECONDS = 5.0
_LANES_Y = 40


def long_take(folder: Path, image: Path, frames: int) -> Path:
    """A project of one take of so many frames, all of them links to one picture, with proposals that move evenly."""
    captures = folder / "captures"
    captures.mkdir()
    info = probe(image)
    for number in range(1, frames + 1):
        (captures / f"f_{number:06d}{image.suffix}").symlink_to(image.absolute())
    scheme = load_scheme("studio-89")
    path = folder / "take.annotator"
    with ProjectStore.create(path, scheme, captures) as store:
        store.frames.add(
            Frame(0, f"f_{n:06d}{image.suffix}", "ada", "talk", "a", f"{n:06d}", info.width, info.height)
            for n in range(1, frames + 1)
        )
        entry = ensure_active_model(store)
        if entry is not None:
            ids = sorted(store.frames.by_path().values())
            store.proposals.save_all((i, _proposal(entry.id, scheme.size, scheme.id, i, info)) for i in ids)
    return path


def _proposal(model_id: str, size: int, scheme_id: str, number: int, info: Any) -> Proposal:
    side = int(np.ceil(np.sqrt(size)))
    rows, columns = np.divmod(np.arange(size), side)
    share = 0.3 + 0.4 * np.stack([columns, rows], 1) / side + 0.02 * np.sin(number / 9)
    xy = (share * [info.width, info.height]).astype(np.float32)
    covariance = np.tile(16 * np.eye(2, dtype=np.float32), (size, 1, 1))
    sure, none = np.full(size, 0.9, np.float32), np.zeros((0, 4), np.float32)
    return Proposal(
        model_id, scheme_id, xy, covariance, sure, none, xy, covariance, "", (), info.width, info.height
    )


def measure_take(bench: WindowBench, count: int) -> dict[str, Any]:
    """Open the take so many times, then scrub along and play its first frames."""
    session, window = bench.session, bench.window
    wall, processor = StepTimes(), StepTimes()

    def opened() -> bool:
        state = session.time.take.state
        return state is not None and window.pages.timeline.strip.isVisible()

    for number in range(count + 1):
        begun, worked = time.perf_counter(), time.thread_time()
        session.open_project(bench.project)
        wait_for(opened, _PATIENCE, "the take")
        window.pages.timeline.strip.repaint()
        if number:
            wall.add("take open", time.perf_counter() - begun)
            processor.add("take open", time.thread_time() - worked)
        if number < count:
            session.close_project()
    state = session.time.take.state
    assert state is not None
    near = [int(i) for i in state.sequence.frame_ids[:SCRUBBED]]
    session.time.take.go_to(0)
    wait_for(lambda: not session.store.previews.lacking(near), _PATIENCE, "the previews of the take")
    figures = {"frames": len(state.sequence), "scrub": _scrub(bench, count, wall, processor)}
    figures["play"] = _play(bench)
    return figures | {
        "wall": {name: asdict(timing) for name, timing in wall.timings().items()},
        "processor": {name: asdict(timing) for name, timing in processor.timings().items()},
    }


def _scrub(bench: WindowBench, count: int, wall: StepTimes, processor: StepTimes) -> dict[str, float]:
    """One frame after the other by a drag along the timeline; each step ends with a painted picture."""
    strip = bench.window.pages.timeline.strip
    strip.show_all()
    strip.zoom(len(bench.session.time.take.state.sequence) / SCRUBBED, 0.0)  # type: ignore[union-attr]
    numbers = bench.session.time.take.state.sequence.numbers[:SCRUBBED].tolist()  # type: ignore[union-attr]
    shown, steps = 0, 0
    for _ in range(count):
        first = QPoint(round(strip.axis.middle(numbers[0])), _LANES_Y)
        QTest.mousePress(strip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, first)
        for number in numbers[1:]:
            place = QPoint(round(strip.axis.middle(number)), _LANES_Y)
            begun, worked = time.perf_counter(), time.thread_time()
            QTest.mouseMove(strip, place)
            bench.application.processEvents()  # which paints
            wall.add("scrub step", time.perf_counter() - begun)
            processor.add("scrub step", time.thread_time() - worked)
            steps += 1
            shown += bench.session.frames.image(bench.session.time.take.seen_id) is not None
        QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    return {"steps": steps, "with_picture": shown}


def _play(bench: WindowBench) -> dict[str, Any]:
    """Play at the take's rate: frames that were seen a second, and the longest time the event loop was away."""
    session, seen = bench.session, []
    session.time.take.set_range(1, SCRUBBED)
    session.time.take.glanced.connect(lambda frame_id: seen.append(frame_id) if frame_id else None)
    ticks = LoopTicks(bench.window)
    ticks.start()
    worked = time.thread_time()
    session.time.playback.play(1)
    run_loop(_PLAY_SECONDS)
    session.time.playback.stop()
    worked = time.thread_time() - worked
    gaps = ticks.stop()
    return {
        "rate": float(session.time.take.state.settings.rate),  # type: ignore[union-attr]
        "seen_a_second": len(seen) / _PLAY_SECONDS,
        "processor_a_second": worked / _PLAY_SECONDS,
        "longest_gap": gaps.most,
        "p99_gap": gaps.p99,
    }
