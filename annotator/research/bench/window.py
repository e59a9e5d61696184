"""Starts the benchmark of the window in a child process: the window's rooms lie above this one."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from annotator.domain.errors import AnnotatorError
from annotator.domain.progress import Cancelled, Stop, never

_MODULE = "annotator.window_bench.run"
_POLL_SECONDS = 0.2


def bench_window(
    count: int = 50,
    image: Path | None = None,
    stop: Stop = never,
    switches: int = 0,
    stalls: bool = True,
    take: int = 0,
    views: int = 0,
) -> dict[str, Any]:
    """Run `python -m annotator.window_bench.run` and return its figures.

    Without QT_QPA_PLATFORM in the environment it draws offscreen by the processor, so that it runs anywhere and
    figures of machines without a display compare.

    Args:
        count: repetitions of each gesture. image: a frame to show; the samples without it.
        stop: asked while it runs; the child is ended when it says so.
        switches: frame switches over which the memory is watched; 0 leaves that out.
        stalls: whether to measure the event loop's stalls, for which a model proposes and a training runs.
        take: measure a take of so many frames instead: opening, scrubbing, playing; 0 for all else.
        views: of one moment, beside the frame, with which to measure, too; 0 leaves that out.

    Raises:
        AnnotatorError: the child failed; the message holds its last line.
        Cancelled: `stop` asked for it.
    """
    environment = {"QT_QPA_PLATFORM": "offscreen", **os.environ}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "figures.json"
        command = [sys.executable, "-m", _MODULE, "--out", str(out), "--count", str(count)]
        command += ["--switches", str(switches), "--views", str(views)] + ([] if stalls else ["--no-stalls"])
        if take:
            command += ["--take", str(take)]
        if image is not None:
            command += ["--image", str(image)]
        with (Path(folder) / "log").open("w+b") as log:
            child = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            _wait(child, stop)
            if child.returncode or not out.is_file():
                log.seek(0)
                lines = log.read().decode(errors="replace").strip().splitlines() or ["no message"]
                raise AnnotatorError(
                    f"The window's benchmark failed: {lines[-1]} Try: annotator doctor --deep"
                )
        figures: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return figures


def _wait(child: "subprocess.Popen[bytes]", stop: Stop) -> None:
    """Wait for the child's end; on `stop` or an exception end it first."""
    try:
        while True:
            try:
                child.wait(_POLL_SECONDS)
                return
            except subprocess.TimeoutExpired:
                if stop():
                    raise Cancelled from None
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()
