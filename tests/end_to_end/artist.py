"""An artist's hands on the real window: opens it, waits for what should come, drags points, presses keys, answers dialogs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, QRectF, QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QPushButton

from annotator.app import make_application, open_first
from annotator.session.job.job_board import Job
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow
from annotator.window_bench.stalls import run_loop

PATIENCE_SECONDS = 300
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NO_KEYS = Qt.KeyboardModifier.NoModifier
LEFT = Qt.MouseButton.LeftButton


class Artist:
    """One sitting at one window."""

    def __init__(self, session: Session, window: MainWindow) -> None:
        self.session, self.window = session, window
        self.errors: list[str] = []
        session.message.connect(lambda level, text: self.errors.append(text) if level == "error" else None)

    @property
    def frame(self) -> int:
        """Id of the frame that is shown."""
        return self.session.frames.current_id

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Let the window work until something is so; what it complained of tells why it never came."""
        assert run_loop(PATIENCE_SECONDS, done), f"{what} never came; the window said: {self.errors}"

    def wait_for_picture(self) -> None:
        """Until the frame's own pixels are shown."""
        self.wait(self._has_pixels, "the picture")

    def wait_for_proposal(self, model_id: str) -> None:
        """Until a model's proposal of the frame is there, with its heatmaps."""
        self.wait(lambda: self._has_proposal(model_id), f"the proposal of {model_id}")

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = NO_KEYS) -> None:
        """Press a key over the frame view."""
        self.window.activateWindow()  # a dialog that closed may have left no window active on a bare screen
        assert QTest.qWaitForWindowActive(self.window)
        self.window.view.setFocus()
        QTest.keyClick(self.window.view, key, modifiers)

    def lonely_landmark(self) -> int:
        """The placed landmark that is farthest from its nearest neighbour, among those well inside the frame."""
        frame = self.session.frames.current
        assert frame is not None
        xy = self.session.annotations.shown(self.frame).xy.astype(np.float64)
        away = np.linalg.norm(xy[:, None] - xy[None], axis=-1)
        np.fill_diagonal(away, np.inf)
        nearest = np.nanmin(np.where(np.isnan(away), np.inf, away), axis=1)
        inside = ((xy > 0.02 * frame.width) & (xy < [0.98 * frame.width, 0.98 * frame.height])).all(1)
        nearest[~inside | np.isinf(nearest)] = -1
        return int(nearest.argmax())

    def drag(self, landmark: int, dx: int, dy: int) -> tuple[float, float]:
        """Zoom in on a landmark, drag it by some screen pixels, and say where it should be now (frame pixels)."""
        view = self.window.view
        x, y = self.session.annotations.shown(self.frame).xy[landmark].tolist()
        view.show_box(QRectF(x - 12, y - 12, 24, 24))
        QApplication.processEvents()
        start = view.view_at(x, y).toPoint()
        QTest.mousePress(view.viewport(), LEFT, NO_KEYS, start)
        for share in (0.3, 0.6, 1.0):
            QTest.mouseMove(view.viewport(), start + QPoint(round(dx * share), round(dy * share)))
        QTest.mouseRelease(view.viewport(), LEFT, NO_KEYS, start + QPoint(dx, dy))
        return x + dx / view.zoom, y + dy / view.zoom

    def answer(self, kind: type[QDialog], fill: Callable[[QDialog], None], button: str) -> None:
        """When a dialog of a kind comes up, fill it in and click a button; call this before what opens it."""

        def look() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, kind):
                QTimer.singleShot(20, look)
                return
            fill(dialog)
            buttons = {each.text(): each for each in dialog.findChildren(QPushButton)}
            QTest.mouseClick(buttons[button], LEFT)

        QTimer.singleShot(0, look)

    def last_job(self, kind: str) -> Job:
        """The newest job of a kind, when it has ended."""
        self.wait(lambda: any(job.kind == kind for job in self.session.jobs.all), f"a job {kind}")
        newest = [job for job in self.session.jobs.all if job.kind == kind][-1].id
        self.wait(lambda: not self._job(newest).is_active, f"the end of {kind}")
        return self._job(newest)

    def _job(self, number: int) -> Job:
        return next(job for job in self.session.jobs.all if job.id == number)

    def _has_pixels(self) -> bool:
        loaded = self.session.frames.image(self.frame) if self.session.is_open and self.frame else None
        return loaded is not None and not loaded.is_preview

    def _has_proposal(self, model_id: str) -> bool:
        if not self.session.is_open or not self.frame:
            return False
        proposal = self.session.proposals.get(self.frame)
        return proposal is not None and proposal.model_id == model_id and bool(proposal.heatmaps)


@contextmanager
def at_the_window(settings: Path, project: Path | None = None) -> Iterator[Artist]:
    """The window as `annotator [PROJECT]` opens it, until the block ends; then it is quit by its shortcut.

    Args:
        settings: ini file of the window's layout. project: None opens the last one, or the samples at the first start.
    """
    application = make_application()
    layout = QSettings(str(settings), QSettings.Format.IniFormat)
    session = Session()
    window = MainWindow(session, layout)
    try:
        window.resize(1500, 900)
        window.show()
        assert QTest.qWaitForWindowExposed(window)
        artist = Artist(session, window)
        open_first(session, layout, project)
        window.activateWindow()
        yield artist
        artist.key(Qt.Key.Key_Q, CTRL)
        artist.wait(lambda: not window.isVisible(), "the end of the window")
    finally:
        session.close_project(discard_pending=True)
        session.shutdown()
        window.deleteLater()
        application.processEvents()
