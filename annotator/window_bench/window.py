"""The real window on a project, driven by mouse, wheel and keys, with a stopwatch in its hand.

Every time ends with a finished repaint of the frame view.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
from PySide6.QtCore import QElapsedTimer, QPoint, QPointF, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.domain.errors import AnnotatorError
from annotator.imaging.reader import read_frame
from annotator.research.bench.measure import StepTimes, Timing
from annotator.session.job.job_board import JobState
from annotator.session.session import Session
from annotator.ui.common.garbage import Tidying
from annotator.ui.shell.main_window import MainWindow
from annotator.window_bench.reference import PlainView, turn_wheel
from annotator.window_bench.stalls import LoopTicks, run_loop, wait_for

WINDOW = (1920, 1080)
_PATIENCE_MS = 300_000
_STEPS = 6
_QUIET_SECONDS, _TRAINING_SECONDS = 5.0, 20.0
_WARM_SWITCHES, _SAMPLE_EVERY = 100, 25
_ONE_LEFT = Qt.MouseButton.LeftButton
_NO_KEYS = Qt.KeyboardModifier.NoModifier


class WindowBench:
    """One window on a project of at least six frames with all landmarks placed."""

    def __init__(self, application: QApplication, project: Path, settings: QSettings) -> None:
        self.application, self.project = application, project
        self.watch = StepTimes()
        self.session = Session()
        self.window = MainWindow(self.session, settings)
        self.window.resize(*WINDOW)
        self.window.show()
        self.tidying = Tidying(self.window, self.session.project_opened)  # as in the application
        self._until(lambda: self.window.windowHandle() is not None and self.window.windowHandle().isExposed())

    def run(self, count: int) -> None:
        """A first look at every frame, which makes the previews, then `count` rounds; the first is not counted."""
        self.session.open_project(self.project)
        for row in range(len(self.session.frames.listed)):
            self.session.frames.go_to_row(row)
            self._until(
                lambda: (
                    self._is_full()
                    and self.session.frames.preview(self.session.frames.current_id) is not None
                )
            )
        self.session.frames.go_to_row(0)
        self.session.close_project()
        for number in range(count + 1):
            if number == 1:
                self.watch.forget()
            self._round(number)

    def close(self) -> None:
        """End the window and all its processes."""
        for job in self.session.jobs.all:  # nobody is there to answer whether they may end
            self.session.jobs.end(job.id, JobState.CANCELLED)
        self.window.close()
        self.tidying.end()
        self.session.shutdown()

    def _round(self, number: int) -> None:
        session = self.session
        session.open_project(self.project)
        session.frames.go_to_row(0)
        self._settle([0, 1, 2])
        path = session.store.frames.path(int(session.frames.listed.ids[0]))
        self.watch.time("decode", lambda: read_frame(path))
        last = len(session.frames.listed) - 1
        self._click(last, "click to first picture", "click to full picture")
        self._settle([last, last - 1, last - 2])
        self._click(last - 1, None, "click to full picture, neighbour")
        self._settle([last - 1])
        self._drag(number)
        self._look_around()
        session.frames.go_to_row(
            0
        )  # a project opens where it was left, and decodes the neighbours of that frame
        session.close_project()

    def _click(self, row: int, first: str | None, full: str) -> None:
        """Click on a frame in the list; time until the preview, and until the full pixels, are painted."""
        frames = self.window.frames
        index = frames.rows.index(row, 0)
        frames.list.scrollTo(index)
        self.application.processEvents()
        place = frames.list.visualRect(index).center()
        wanted = int(self.session.frames.listed.ids[row])
        start = time.perf_counter()
        QTest.mouseClick(frames.list.viewport(), _ONE_LEFT, _NO_KEYS, place)
        if first is not None:
            self._until(
                lambda: (
                    self.session.frames.current_id == wanted and self.session.frames.image(wanted) is not None
                )
            )
            self._paint()
            self.watch.add(first, time.perf_counter() - start)
        self._until(lambda: self.session.frames.current_id == wanted and self._is_full())
        self._paint()
        self.watch.add(full, time.perf_counter() - start)

    def _drag(self, number: int) -> None:
        """Select a landmark, drag it in steps and let it go; the release ends with the edit on disk."""
        view, session = self.window.view, self.session
        view.fit()
        landmark = number % session.scheme.size
        x, y = session.annotations.shown(session.frames.current_id).xy[landmark].tolist()
        place = view.view_at(x, y).toPoint()
        edits_before = len(session.annotations.history(session.frames.current_id))
        self.watch.time("press", partial(self._send, partial(self._mouse, QTest.mousePress, place)))
        away = 1 if number % 2 else -1
        for step in range(1, _STEPS + 1):
            there = place + QPoint(away * 3 * step, away * 2 * step)
            self.watch.time("drag step", partial(self._send, partial(self._move, there)))
        end = place + QPoint(away * 3 * _STEPS, away * 2 * _STEPS)
        self.watch.time("release to commit", lambda: self._mouse(QTest.mouseRelease, end))
        if (
            len(session.annotations.pending)
            or len(session.annotations.history(session.frames.current_id)) != edits_before + 1
        ):
            raise AnnotatorError("The window's benchmark dragged a landmark, but no edit was committed.")
        self._paint()

    def _look_around(self) -> None:
        """Pan, zoom in at the pointer, pan again, select other landmarks, go to the neighbouring frame and back."""
        view = self.window.view
        self._pan()
        centre = QPointF(view.viewport().rect().center())
        for _ in range(_STEPS):
            wheel = partial(turn_wheel, self.application, view.viewport(), centre, 120)
            self.watch.time("zoom", partial(self._send, wheel))
        self._pan()
        size = self.session.scheme.size
        for landmark in (7 % size, 11 % size, 3 % size):
            self.watch.time("select", partial(self._send, partial(self.session.selection.select, landmark)))
        for key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            row = self.session.frames.current_row
            self._settle([row, row - 1] if key is Qt.Key.Key_PageUp else [row, row + 1])
            self.watch.time("switch, prefetched", partial(self._send, partial(self._key, key)))
            if not self._is_full():
                raise AnnotatorError("The window's benchmark turned to a decoded frame, but did not see it.")

    def _pan(self) -> None:
        viewport = self.window.view.viewport()
        centre, middle = viewport.rect().center(), Qt.MouseButton.MiddleButton
        QTest.mousePress(viewport, middle, _NO_KEYS, centre)
        for step in range(1, _STEPS + 1):
            move = partial(self._move, centre + QPoint(20 * step, 10 * step))
            self.watch.time("pan", partial(self._send, move))
        QTest.mouseRelease(viewport, middle, _NO_KEYS, centre + QPoint(20 * _STEPS, 10 * _STEPS))

    # ---- what runs beside the window
    def reference(self, rounds: int) -> StepTimes:
        """The first frame in a plain view as large as the frame view."""
        self.session.open_project(self.project)
        self._settle([0])
        image = self.session.frames.image(self.session.frames.current_id)
        assert image is not None
        plain = PlainView(self.application, image.levels[0], self.window.view.viewport().size())
        plain.run(rounds)
        plain.close()
        self.session.close_project()
        return plain.watch

    def stalls(self) -> dict[str, Timing]:
        """Gaps of the event loop: with nothing to do, while the model proposes every frame, while it is retrained."""
        self.session.open_project(self.project)
        self._settle([0, 1, 2])
        ticks = LoopTicks(self.window)
        found = {}
        ticks.start()
        run_loop(_QUIET_SECONDS)
        found["nothing"] = ticks.stop()
        ticks.start()
        job = self.session.jobs.start_propose_all(again=True)
        wait_for(lambda: not self._is_active(job.id), _PATIENCE_MS / 1000, "the proposals")
        found["proposing"] = ticks.stop()
        steps: list[object] = []
        self.session.jobs.training_event.connect(lambda event: steps.append(event.get("event")))
        ticks.start()
        job = self.session.jobs.start_training({"recipe": "finetune", "steps": 2000, "device": "cpu"})
        under_way = "the first steps of a training"
        wait_for(lambda: "step" in steps or not self._is_active(job.id), _PATIENCE_MS / 1000, under_way)
        if "step" not in steps:
            raise AnnotatorError("The window's benchmark could not retrain: the training ended at once.")
        run_loop(_TRAINING_SECONDS)
        found["training"] = ticks.stop()
        self.session.jobs.cancel(job.id)
        wait_for(lambda: not self._is_active(job.id), _PATIENCE_MS / 1000, "the end of the training")
        self.session.close_project()
        return found

    def memory(self, switches: int) -> list[tuple[int, int]]:
        """Turn to another frame so many times, each decoded and painted in full; (switch, resident bytes) after the warm-up."""
        self.session.open_project(self.project)
        self._settle([0])
        image = self.session.frames.image(self.session.frames.current_id)
        assert image is not None
        self.session.memory.set_total(4 * image.nbytes)  # so that pixels come and go
        rows, process, seen = len(self.session.frames.listed), psutil.Process(), []
        for number in range(_WARM_SWITCHES + switches + 1):
            self.session.frames.go_to_row(number % rows)
            self._until(self._is_full)
            self._paint()
            counted = number - _WARM_SWITCHES
            if counted >= 0 and (counted % _SAMPLE_EVERY == 0 or counted == switches):
                seen.append((counted, process.memory_info().rss))
        self.session.close_project()
        return seen

    def _is_active(self, job_id: int) -> bool:
        return any(job.id == job_id and job.is_active for job in self.session.jobs.all)

    # ---- events and waiting
    def _mouse(self, act: Callable[..., None], place: QPoint) -> None:
        act(self.window.view.viewport(), _ONE_LEFT, _NO_KEYS, place)

    def _move(self, place: QPoint) -> None:
        QTest.mouseMove(self.window.view.viewport(), place)

    def _key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.view, key)

    def _send(self, act: Callable[[], object]) -> None:
        """Do something, and all that follows from it, repaints included."""
        act()
        self.application.processEvents()

    def _paint(self) -> None:
        self.window.view.viewport().repaint()

    def _is_full(self, frame_id: int = 0) -> bool:
        image = self.session.frames.image(frame_id or self.session.frames.current_id)
        return image is not None and not image.is_preview

    def _settle(self, rows: list[int]) -> None:
        """Wait until the frames of these rows are decoded and the model is done with the present one."""
        ids = [int(self.session.frames.listed.ids[row]) for row in rows]
        patience = _PATIENCE_MS / 1000  # asleep, so that the processors are left to those who are waited for
        wait_for(lambda: all(self._is_full(frame_id) for frame_id in ids), patience, "the frames")
        asked = self.session.proposals.is_asked
        wait_for(lambda: not asked(self.session.frames.current_id), patience, "the model")
        self.application.processEvents()

    def _until(self, done: Callable[[], bool]) -> None:
        clock = QElapsedTimer()
        clock.start()
        while not done():
            if clock.elapsed() > _PATIENCE_MS:
                raise AnnotatorError("The window did not answer for five minutes; is the machine very busy?")
            self.application.processEvents()
