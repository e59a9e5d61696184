"""The window's words and ways on when its project file is lost, busy, or open elsewhere; copies from the menu."""

import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot
from ui_helpers import drag, point_of

from annotator import app
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.commands.opening import ask_locked
from annotator.ui.shell.main_window import MainWindow

pytestmark = [
    pytest.mark.gui,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps open files in their place"),
]


def drag_chin(window: MainWindow, landmark: int = 30) -> None:
    start = point_of(window, landmark)
    drag(window.view.viewport(), start, start + QPoint(12, 9))


def edits_of(path: Path) -> int:
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with ProjectStore.open(path, read_only=True) as store:
        return len(store.ledger.entries())


def press(button: QAbstractButton) -> None:
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def question(qtbot: QtBot) -> QMessageBox:
    def shown() -> list[QMessageBox]:
        return [
            box for box in QApplication.topLevelWidgets() if isinstance(box, QMessageBox) and box.isVisible()
        ]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    return shown()[0]


def button(box: QMessageBox, text: str) -> QAbstractButton:
    return next(each for each in box.buttons() if each.text() == text)


@pytest.fixture
def saved_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the person chooses in the dialog for files."""
    path = tmp_path / "elsewhere" / "saved.annotator"
    path.parent.mkdir()
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path.with_suffix("")), ""))
    return path


@pytest.fixture(autouse=True)
def no_bar_stays(window: MainWindow, session: Session) -> Iterator[None]:
    yield
    session.close_project(discard_pending=True)
    assert window.banners.pending.isHidden()


@pytest.mark.parametrize("how", ["delete", "replace", "overwrite"])
def test_the_bar_says_that_the_file_is_lost_and_saves_everything_elsewhere(
    qtbot: QtBot, window: MainWindow, session: Session, tmp_path: Path, saved_to: Path, how: str
) -> None:
    qtbot.waitUntil(lambda: session.store.guard.image is not None)
    drag_chin(window)
    project, other = session.path, tmp_path / "other.annotator"
    ProjectStore.create(other, session.scheme, tmp_path / "captures").close()
    with qtbot.waitSignal(session._watch.lost, timeout=10_000):
        if how == "delete":
            project.unlink()
        elif how == "replace":
            other.rename(project)
        else:
            shutil.copyfile(other, project)
    assert window.banners.pending.isVisible()
    assert "show.annotator was " in window.banners.pending_text.text()
    assert "saved" not in window.statusBar().saved.text() or "not saved" in window.statusBar().saved.text()
    drag_chin(window)
    drag_chin(window, 31)
    assert window.banners.pending_text.text().startswith("2 edits not saved: ")
    window.actions_by_id["close_project"].trigger()
    assert session.is_open, "closing would lose the work"
    press(window.banners.save_as)
    assert session.path == saved_to
    assert window.windowTitle().startswith("saved")
    assert window.banners.pending.isHidden()
    assert window.statusBar().saved.text() == "All changes saved"
    drag_chin(window)
    session.close_project()
    assert edits_of(saved_to) == 4
    assert how == "delete" or edits_of(project) == 0


def test_try_again_tells_why_it_cannot(
    qtbot: QtBot, window: MainWindow, session: Session, tmp_path: Path
) -> None:
    other = tmp_path / "other.annotator"
    ProjectStore.create(other, session.scheme, tmp_path / "captures").close()
    with qtbot.waitSignal(session._watch.lost, timeout=10_000):
        other.rename(session.path)
    drag_chin(window)
    press(window.banners.retry)
    assert "is another project now" in window.banners.notice_text.text()
    assert len(session.annotations.pending) == 1


def test_a_copy_from_the_menu_has_all_work_and_the_window_stays(
    qtbot: QtBot, window: MainWindow, session: Session, saved_to: Path
) -> None:
    drag_chin(window)
    project = session.path
    with qtbot.waitSignal(session.jobs.ended, timeout=20_000) as ended:
        window.actions_by_id["save_copy"].trigger()
    assert "1 edit" in ended.args[0].message
    assert session.path == project
    assert edits_of(saved_to) == 1
    with ProjectStore.open(saved_to, read_only=True) as copy:
        assert copy.frames.capture_root == session.store.frames.capture_root


def test_save_as_goes_on_in_the_new_file(window: MainWindow, session: Session, saved_to: Path) -> None:
    drag_chin(window)
    project, frame, shown = session.path, session.frames.current_id, session.annotations.shown(1)
    window.actions_by_id["save_as"].trigger()
    assert (session.path, session.frames.current_id) == (saved_to, frame)
    np.testing.assert_array_equal(session.annotations.human(1).xy[30], shown.xy[30])
    drag_chin(window)
    session.close_project()
    assert (edits_of(project), edits_of(saved_to)) == (1, 2)


@pytest.mark.parametrize("answer", ["Open for reading only", "Open anyway", "Cancel"])
def test_a_project_that_may_be_open_elsewhere_is_asked_about(
    qtbot: QtBot, empty_window: MainWindow, session: Session, project: Path, answer: str
) -> None:
    session.close_project()
    lock = project.with_name("show.annotator.lock")
    lock.write_text("4711\nannotator\nfar-away\n")
    app.open_first(session, empty_window._settings, project, partial(ask_locked, empty_window.desk))
    box = question(qtbot)
    assert "process 4711 on far-away" in box.text()
    assert str(lock) in box.text()
    press(button(box, answer))
    qtbot.waitUntil(lambda: not box.isVisible())
    assert session.is_open == (answer != "Cancel")
    if session.is_open:
        assert session.store.read_only == (answer == "Open for reading only")
