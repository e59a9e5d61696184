"""Hands for the makers of pictures: the real window, opened on a project, driven by mouse and keys, and grabbed."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from made_up_work import portrait_project
from PySide6.QtCore import QPoint, QRectF, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from annotator.services.project.sample_project import ensure_sample_project
from annotator.session.job.job_board import Job
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow
from annotator.window_bench.stalls import run_loop, wait_for
from annotator.window_bench.window import WINDOW

PATIENCE, SETTLED = 300.0, 2.0
_QUALITY = 88
_NONE, _LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton


class Hands:
    """One window; every picture begins with a project opened anew."""

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        photographs: Path | None = None,
        renders: Path | None = None,
        size: tuple[int, int] = WINDOW,
        quality: int = _QUALITY,
    ) -> None:
        """`size`: of the window, logical pixels; `quality`: of the JPEGs."""
        self.folder, self.photographs, self.renders, self.scratch = folder, photographs, renders, scratch
        self.tail, self.quality = "", quality
        self.rig: Path | None = None  # a set of renders before a fixed rig
        self.session = Session()
        settings = QSettings(str(scratch / "window.ini"), QSettings.Format.IniFormat)
        self.window = MainWindow(self.session, settings)
        self.window.resize(*size)
        self.window.show()
        run_loop(SETTLED)

    def close(self) -> None:
        """End the window and its processes."""
        self.session.close_project(discard_pending=True)
        self.window.close()
        self.session.shutdown()

    # ---- hands
    def open_sample(self, row: int) -> None:
        """In a project of its own, so that no picture shows another one's corrections."""
        self.open(ensure_sample_project(Path(tempfile.mkdtemp(dir=self.scratch))), row)

    def open_portraits(self, row: int) -> None:
        assert self.photographs is not None
        project = Path(tempfile.mkdtemp(dir=self.scratch)) / "portraits.annotator"
        portrait_project(project, self.photographs)
        self.open(project, row)

    def open(self, project: Path, row: int) -> None:
        if self.session.is_open:
            self.session.close_project(discard_pending=True)
        self.session.open_project(project)
        self.go(row)

    def go(self, row: int) -> None:
        self.session.frames.go_to_row(row)
        self.ready()
        self.window.view.setFocus()
        self.window.view.fit()
        run_loop(SETTLED)

    def ready(self) -> None:
        """Wait for the frame that is shown, and its heatmaps."""
        session = self.session

        def is_ready() -> bool:
            image, proposal = (
                session.frames.image(session.frames.current_id),
                session.proposals.get(session.frames.current_id),
            )
            decoded = image is not None and not image.is_preview
            return decoded and proposal is not None and bool(proposal.heatmaps)

        wait_for(is_ready, PATIENCE, "a frame and its heatmaps")
        run_loop(SETTLED)

    def wait_at_rest(self, measure: Callable[[], float], what: str) -> None:
        """Wait until something has begun to grow, and has not grown for a while."""
        wait_for(lambda: measure() > 0, PATIENCE, what)
        before = -1.0
        while measure() != before:
            before = measure()
            run_loop(4 * SETTLED)

    def job(self, number: int) -> Job:
        return next(job for job in self.session.jobs.all if job.id == number)

    def act(self, name: str) -> None:
        self.window.actions_by_id[name].trigger()

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.window.focusWidget() or self.window, key)

    def select(self, name: str) -> None:
        self.session.selection.select(self.session.scheme.index(name))

    def close_up(self, name: str, span: float) -> None:
        x, y = (
            self.session.annotations.shown(self.session.frames.current_id)
            .xy[self.session.scheme.index(name)]
            .tolist()
        )
        self.window.view.show_box(QRectF(x - span / 2, y - span / 2, span, span), 0.0)
        run_loop(SETTLED)

    def place(self, name: str) -> QPoint:
        x, y = (
            self.session.annotations.shown(self.session.frames.current_id)
            .xy[self.session.scheme.index(name)]
            .tolist()
        )
        return self.window.view.view_at(x, y).toPoint()

    def drag(self, name: str, by: QPoint) -> None:
        viewport, start = self.window.view.viewport(), self.place(name)
        QTest.mousePress(viewport, _LEFT, _NONE, start)
        for step in (0.25, 0.5, 0.75, 1.0):
            QTest.mouseMove(viewport, start + by * step)
        QTest.mouseRelease(viewport, _LEFT, _NONE, start + by)
        run_loop(SETTLED)

    def keep(self, name: str, widget: QWidget | None = None) -> None:
        run_loop(SETTLED)
        path = self.folder / f"{name}{self.tail}.jpg"
        if not (widget or self.window).grab().save(str(path), "JPEG", self.quality):
            raise SystemExit(f"{path} could not be written")
        print(path)
