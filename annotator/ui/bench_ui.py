"""Times of the real window, driven by mouse events: `python -m annotator.ui.bench_ui`, which `annotator bench ui` starts.

Every time ends with a finished repaint of the frame view. Beside decoding alone in the same run, as figures of busy or
slow machines only compare that way.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.domain import edits
from annotator.domain.errors import AnnotatorError
from annotator.imaging.reader import read_frame
from annotator.services.bench.machine import machine
from annotator.services.bench.measure import Stopwatch, peak_memory
from annotator.services.sample_project import ensure_sample_project
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.main_window import MainWindow
from annotator.ui.theme import apply_theme

_WINDOW = (1920, 1080)
_PATIENCE_MS = 300_000
_FEWEST_FRAMES = 6
"""The frame that is clicked cold must lie beyond the two neighbours that are decoded ahead."""
_STEPS = 6
_ONE_LEFT = Qt.MouseButton.LeftButton
_NO_KEYS = Qt.KeyboardModifier.NoModifier


class WindowBench:
    """One window on a project of at least six frames with all landmarks placed."""

    def __init__(self, application: QApplication, project: Path, settings: QSettings) -> None:
        self.application, self.project = application, project
        self.watch = Stopwatch()
        self.session = Session()
        self.window = MainWindow(self.session, settings)
        self.window.resize(*_WINDOW)
        self.window.show()
        self._until(lambda: self.window.windowHandle() is not None and self.window.windowHandle().isExposed())

    def run(self, count: int) -> None:
        """A first look at every frame, which makes the previews, then `count` rounds; the first is not counted."""
        self.session.open_project(self.project)
        for row in range(len(self.session.frames)):
            self.session.go_to_row(row)
            self._until(lambda: self._is_full() and self.session.preview(self.session.current_id) is not None)
        self.session.go_to_row(0)
        self.session.close_project()
        for number in range(count + 1):
            if number == 1:
                self.watch.forget()
            self._round(number)

    def close(self) -> None:
        """End the window and all its processes."""
        self.window.close()
        self.session.shutdown()

    def _round(self, number: int) -> None:
        session = self.session
        session.open_project(self.project)
        session.go_to_row(0)
        self._settle([0, 1, 2])
        path = session.frame_path(int(session.frames.ids[0]))
        self.watch.time("decode", lambda: read_frame(path))
        last = len(session.frames) - 1
        self._click(last, "click to first picture", "click to full picture")
        self._settle([last, last - 1, last - 2])
        self._click(last - 1, None, "click to full picture, neighbour")
        self._settle([last - 1])
        self._drag(number)
        self._look_around()
        session.go_to_row(0)  # a project opens where it was left, and decodes the neighbours of that frame
        session.close_project()

    def _click(self, row: int, first: str | None, full: str) -> None:
        """Click on a frame in the list; time until the preview, and until the full pixels, are painted."""
        frames = self.window.frames
        index = frames.rows.index(row)
        frames.list.scrollTo(index)
        self.application.processEvents()
        place = frames.list.visualRect(index).center()
        wanted = int(self.session.frames.ids[row])
        start = time.perf_counter()
        QTest.mouseClick(frames.list.viewport(), _ONE_LEFT, _NO_KEYS, place)
        if first is not None:
            self._until(lambda: self.session.current_id == wanted and self.session.image(wanted) is not None)
            self._paint()
            self.watch.add(first, time.perf_counter() - start)
        self._until(lambda: self.session.current_id == wanted and self._is_full())
        self._paint()
        self.watch.add(full, time.perf_counter() - start)

    def _drag(self, number: int) -> None:
        """Select a landmark, drag it in steps and let it go; the release ends with the edit on disk."""
        view, session = self.window.view, self.session
        view.fit()
        landmark = number % session.scheme.size
        x, y = session.annotation(session.current_id).xy[landmark].tolist()
        place = view.view_at(x, y).toPoint()
        edits_before = len(session.ledger(session.current_id))
        self.watch.time("press", partial(self._send, partial(self._mouse, QTest.mousePress, place)))
        away = 1 if number % 2 else -1
        for step in range(1, _STEPS + 1):
            there = place + QPoint(away * 3 * step, away * 2 * step)
            self.watch.time("drag step", partial(self._send, partial(self._move, there)))
        end = place + QPoint(away * 3 * _STEPS, away * 2 * _STEPS)
        self.watch.time("release to commit", lambda: self._mouse(QTest.mouseRelease, end))
        if session.pending_count or len(session.ledger(session.current_id)) != edits_before + 1:
            raise AnnotatorError("The window's benchmark dragged a landmark, but no edit was committed.")
        self._paint()

    def _look_around(self) -> None:
        """Zoom in at the pointer, pan, select other landmarks."""
        view = self.window.view
        centre = QPointF(view.viewport().rect().center())
        for _ in range(_STEPS):
            self.watch.time("zoom", partial(self._send, partial(self._wheel, centre, 120)))
        middle = Qt.MouseButton.MiddleButton
        QTest.mousePress(view.viewport(), middle, _NO_KEYS, centre.toPoint())
        for step in range(1, _STEPS + 1):
            there = centre.toPoint() + QPoint(20 * step, 10 * step)
            self.watch.time("pan", partial(self._send, partial(self._move, there)))
        QTest.mouseRelease(view.viewport(), middle, _NO_KEYS, centre.toPoint())
        size = self.session.scheme.size
        for landmark in (7 % size, 11 % size, 3 % size):
            self.watch.time("select", partial(self._send, partial(self.session.selection.select, landmark)))

    # ---- events and waiting
    def _mouse(self, act: Callable[..., None], place: QPoint) -> None:
        act(self.window.view.viewport(), _ONE_LEFT, _NO_KEYS, place)

    def _move(self, place: QPoint) -> None:
        QTest.mouseMove(self.window.view.viewport(), place)

    def _wheel(self, place: QPointF, notch: int) -> None:
        viewport = self.window.view.viewport()
        down = viewport.mapToGlobal(place)
        nothing, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(place, down, QPoint(), QPoint(0, notch), nothing, _NO_KEYS, phase, False)
        self.application.sendEvent(viewport, event)

    def _send(self, act: Callable[[], object]) -> None:
        """Do something, and all that follows from it, repaints included."""
        act()
        self.application.processEvents()

    def _paint(self) -> None:
        self.window.view.viewport().repaint()

    def _is_full(self, frame_id: int = 0) -> bool:
        image = self.session.image(frame_id or self.session.current_id)
        return image is not None and not image.is_preview

    def _settle(self, rows: list[int]) -> None:
        """Wait until the frames of these rows are decoded and the model is done with the present one."""
        ids = [int(self.session.frames.ids[row]) for row in rows]
        self._until(lambda: all(self._is_full(frame_id) for frame_id in ids))
        self._until(lambda: not self.session.is_proposing(self.session.current_id))
        self.application.processEvents()

    def _until(self, done: Callable[[], bool]) -> None:
        clock = QElapsedTimer()
        clock.start()
        while not done():
            if clock.elapsed() > _PATIENCE_MS:
                raise AnnotatorError("The window did not answer for five minutes; is the machine very busy?")
            self.application.processEvents()


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
        if store.frame_count() < _FEWEST_FRAMES:
            raise AnnotatorError(f"{store.capture_root} has fewer than {_FEWEST_FRAMES} frames.")
        for summary in store.frames():
            before = store.annotation(summary.frame.id)
            grid = _grid(store.scheme.size) * [summary.frame.width, summary.frame.height]
            after = edits.apply(edits.move(range(store.scheme.size), grid), before)[0]
            store.commit_edit(summary.frame.id, before, after, "Place all")
    return project


def _grid(count: int) -> Any:
    """float64 [count, 2]: places in 0.3 .. 0.7 of a frame, row by row."""
    side = int(np.ceil(np.sqrt(count)))
    rows, columns = np.divmod(np.arange(count), side)
    return 0.3 + 0.4 * np.stack([columns, rows], 1) / side


def main(arguments: list[str] | None = None) -> int:
    """Measure and write the figures as JSON; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m annotator.ui.bench_ui", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="JSON file to write")
    parser.add_argument("--count", type=int, default=50, help="rounds")
    parser.add_argument("--image", type=Path, help="a frame in place of the samples")
    given = parser.parse_args(arguments)
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):  # set by the OpenCV wheel
        os.environ.pop(name, None)
    instance = QApplication.instance()
    application = instance if isinstance(instance, QApplication) else QApplication(sys.argv[:1])
    apply_theme(application)
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "window.ini"), QSettings.Format.IniFormat)
        try:
            bench = WindowBench(application, prepare_project(Path(folder), given.image), settings)
            try:
                bench.run(given.count)
            finally:
                bench.close()
        except AnnotatorError as error:
            print(error, file=sys.stderr)
            return 1
    given.out.write_text(json.dumps(_figures(bench, given.image)), encoding="utf-8")
    return 0


def _figures(bench: WindowBench, image: Path | None) -> dict[str, Any]:
    width, height = _WINDOW
    platform = QGuiApplication.platformName()
    return {
        "title": f"the window, {width}x{height} on {platform}, {image.name if image else 'samples'}",
        "timings": {name: asdict(timing) for name, timing in bench.watch.timings("decode").items()},
        "memory_peak": peak_memory(),
        "machine": machine(),
    }


if __name__ == "__main__":
    sys.exit(main())
