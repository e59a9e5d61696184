"""Times of the real window, driven by mouse events: `python -m annotator.window_bench.run`, which `annotator bench ui` starts.

Beside a plain pyqtgraph view of the same picture in the same run, as figures of busy or slow machines only compare that
way; with the stalls of the event loop while a model works, the memory over many frame switches, and a drag while several
calibrated views of a moment follow.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QSettings
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from annotator.domain import edits
from annotator.domain.errors import AnnotatorError
from annotator.research.bench.machine import machine
from annotator.research.bench.measure import StepTimes, peak_memory
from annotator.research.bench.pipeline import sample_image
from annotator.services.project.sample_project import ensure_sample_project
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.ui.common.theme import apply_theme
from annotator.window_bench.rig_scene import RigBench, prepare_rig_project
from annotator.window_bench.stalls import slope
from annotator.window_bench.take import long_take, measure_take
from annotator.window_bench.window import WINDOW, WindowBench

_FEWEST_FRAMES = 6
"""The frame that is clicked cold must lie beyond the two neighbours that are decoded ahead."""


def prepare_project(folder: Path, image: Path | None) -> Path:
    """A project with every landmark of every frame placed on a grid in the middle.

    Args:
        folder: where to make it. image: a frame to show six times over; None takes the samples.

    Raises:
        AnnotatorError: the samples are missing, or `image` is no frame.
    """
    captures = None
    if image is not None:
        captures = folder / "captures"
        for number in range(_FEWEST_FRAMES):
            file = captures / "subject" / f"take_{number}" / f"camera{image.suffix}"
            file.parent.mkdir(parents=True)
            shutil.copyfile(image, file)
    project = ensure_sample_project(folder, captures)
    with ProjectStore.open(project) as store:
        if store.frames.count() < _FEWEST_FRAMES:
            raise AnnotatorError(f"{store.frames.capture_root} has fewer than {_FEWEST_FRAMES} frames.")
        for summary in store.frames.list():
            before = store.annotations.get(summary.frame.id)
            grid = _grid(store.scheme.size) * [summary.frame.width, summary.frame.height]
            after = edits.apply(edits.move(range(store.scheme.size), grid), before)[0]
            store.annotations.commit(Change(summary.frame.id, before, after, "Place all"))
    return project


def _grid(count: int) -> Any:
    """float64 [count, 2]: places in 0.3 .. 0.7 of a frame, row by row."""
    side = int(np.ceil(np.sqrt(count)))
    rows, columns = np.divmod(np.arange(count), side)
    return 0.3 + 0.4 * np.stack([columns, rows], 1) / side


def main(arguments: list[str] | None = None) -> int:
    """Measure and write the figures as JSON; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m annotator.window_bench.run", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--count", type=int, default=50, help="rounds")
    parser.add_argument("--switches", type=int, default=0, help="frame switches for the memory's slope")
    parser.add_argument("--no-stalls", action="store_true", help="leave out the event loop's stalls")
    parser.add_argument(
        "--take", type=int, default=0, help="a take of so many frames in place of everything else"
    )
    parser.add_argument("--image", type=Path, help="a frame in place of the samples")
    parser.add_argument("--views", type=int, default=0, help="views of one moment to measure with; 0: none")
    given = parser.parse_args(arguments)
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):  # set by the OpenCV wheel
        os.environ.pop(name, None)
    instance = QApplication.instance()
    application = instance if isinstance(instance, QApplication) else QApplication(sys.argv[:1])
    apply_theme(application)
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "window.ini"), QSettings.Format.IniFormat)
        try:
            if given.take:
                project = long_take(Path(folder), given.image or sample_image(), given.take)
            else:
                project = prepare_project(Path(folder), given.image)
            bench = WindowBench(application, project, settings)
            try:
                if given.take:
                    found = measure_take(bench, given.count)
                    given.out.write_text(json.dumps(found | {"machine": machine()}), encoding="utf-8")
                    return 0
                bench.run(given.count)
                figures = _figures(bench, given.image, bench.reference(given.count))
                if not given.no_stalls:
                    figures["stalls"] = {name: asdict(gaps) for name, gaps in bench.stalls().items()}
                if given.switches:
                    figures["memory"] = _memory(bench.memory(given.switches))
            finally:
                bench.close()
            if given.views:
                project = prepare_rig_project(Path(folder) / "rig", given.views, given.image)
                figures |= _rig_figures(RigBench(application, project, settings), given.count)
        except AnnotatorError as error:
            print(error, file=sys.stderr)
            return 1
    given.out.write_text(json.dumps(figures), encoding="utf-8")
    return 0


def _figures(bench: WindowBench, image: Path | None, plain: StepTimes) -> dict[str, Any]:
    """The window's times as multiples of the plain view's: zoom to its zoom, frames to its new picture, the rest to its pan."""
    references = plain.timings()
    timings = {}
    for name, timing in bench.watch.timings().items():
        like = "zoom" if name == "zoom" else "set" if name.startswith(("click", "switch")) else "pan"
        timings[name] = replace(timing, ratio=timing.median / references[like].median)
    for name, timing in references.items():
        timings[f"plain view: {name}"] = replace(timing, ratio=1.0)
    width, height = WINDOW
    platform = QGuiApplication.platformName()
    return {
        "title": f"the window, {width}x{height} on {platform}, {image.name if image else 'samples'}",
        "timings": {name: asdict(timing) for name, timing in timings.items()},
        "memory_peak": peak_memory(),
        "machine": machine(),
    }


def _rig_figures(bench: RigBench, count: int) -> dict[str, Any]:
    try:
        bench.run(count)
        kept = bench.kept_memory()
    finally:
        bench.close()
    timings = {name: asdict(timing) for name, timing in bench.watch.timings().items()}
    return {"rig_timings": timings, "rig_memory": kept, "memory_peak": peak_memory()}


def _memory(seen: list[tuple[int, int]]) -> dict[str, float]:
    """Resident bytes at the first and last switch, and how many each switch adds."""
    return {"switches": seen[-1][0], "start": seen[0][1], "end": seen[-1][1], "per_switch": slope(seen)}


if __name__ == "__main__":
    sys.exit(main())
