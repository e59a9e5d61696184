"""Words from files in questions and tool tips of the window are shown as they are, never as HTML."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent, Qt
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from annotator import app
from annotator.session.job.job_board import JobState
from annotator.session.session import Session
from annotator.ui.commands.opening import ask_locked
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
HTML = "<b>bold</b><img src=x>"


def is_plain(text: str) -> bool:
    return not Qt.mightBeRichText(text)


def test_a_lock_that_somebody_wrote(
    qtbot: QtBot, empty_window: MainWindow, session: Session, project: Path
) -> None:
    project.with_name("show.annotator.lock").write_text(f"4711\n{HTML}\n{HTML}\n")
    app.open_first(session, empty_window._settings, project, partial(ask_locked, empty_window.desk))

    def shown() -> list[QMessageBox]:
        found = (box for box in QApplication.topLevelWidgets() if isinstance(box, QMessageBox))
        return [box for box in found if box.isVisible()]

    qtbot.waitUntil(lambda: len(shown()) == 1)
    (box,) = shown()
    assert "bold" in box.text()
    assert is_plain(box.text())
    box.reject()


def test_a_job_of_a_file_with_such_a_name(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = session.jobs.add(
        "export", f"Export {HTML}.json", lambda: None, if_ended=f"nothing of {HTML} is kept"
    )
    asked: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.informativeText())
        box.defaultButton().click()

    QTimer.singleShot(0, press)
    QApplication.sendEvent(window, QCloseEvent())
    assert "bold" in asked[0]
    assert is_plain(asked[0])
    session.jobs.end(job.id, JobState.DONE)
