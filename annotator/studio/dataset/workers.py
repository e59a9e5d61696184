"""Several processes that render captures, each with its own OpenGL context."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from annotator.domain.progress import Stop
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.studio.dataset.frame_files import store_frame
from annotator.studio.dataset.jobs import CaptureJob, RenderOptions, frames_of
from annotator.studio.draw.renderer import shared_renderer


def _start(threads: int) -> None:
    os.environ["LP_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(threads)


def _capture(out: Path, options: RenderOptions, job: CaptureJob, wanted: set[str]) -> list[dict[str, Any]]:
    frames = frames_of(job, options, load_scheme(options.scheme), shared_renderer(), wanted)
    return [store_frame(out, options, job, frame) for frame in frames]


def records_in_processes(
    out: Path, options: RenderOptions, todo: list[tuple[CaptureJob, set[str]]], stop: Stop
) -> Iterator[dict[str, Any]]:
    """Records of finished frames as they come; on stop the captures under way are still finished."""
    threads = max(1, (os.cpu_count() or 1) // options.workers)
    spawn = multiprocessing.get_context("spawn")
    waiting = iter(todo)
    with ProcessPoolExecutor(options.workers, spawn, _start, (threads,)) as pool:
        running: set[Future[list[dict[str, Any]]]] = set()
        while True:
            while (
                not stop()
                and len(running) < 2 * options.workers
                and (entry := next(waiting, None)) is not None
            ):
                running.add(pool.submit(_capture, out, options, *entry))
            if not running:
                return
            finished, running = wait(running, return_when=FIRST_COMPLETED)
            for future in finished:
                yield from future.result()
