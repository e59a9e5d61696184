"""The window asks before it closes on work that is under way, and says what is kept."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from annotator.session.job.job_board import Job, JobState
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow


def closes(window: MainWindow, answer: str | None) -> tuple[bool, str]:
    """Asks the window to close and presses a button of its question (None: there is none): whether it closes, what it asked."""
    asked: list[str] = []

    def press() -> None:
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.informativeText())
        assert box.defaultButton().text().replace("&", "") == "Keep the window open"
        next(each for each in box.buttons() if each.text().replace("&", "") == answer).click()

    if answer is not None:
        QTimer.singleShot(0, press)
    event = QCloseEvent()
    QApplication.sendEvent(window, event)
    if event.isAccepted():
        window.show()
    return event.isAccepted(), " ".join(asked)


STARTS: dict[str, tuple[Callable[[Session], Job], str]] = {
    "propose": (lambda session: session.jobs.start_propose_all(), "the proposals so far are kept"),
    "train": (lambda session: session.jobs.start_training({}), "it keeps a checkpoint"),
    "convention": (lambda session: session.jobs.start_learning_convention(), "nothing is kept of it"),
}


@pytest.mark.parametrize("name", STARTS)
def test_quitting_asks_while_work_is_under_way(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    start, words = STARTS[name]
    monkeypatch.setattr(session.jobs._training, "start", lambda *_: None)
    monkeypatch.setattr(session.jobs._inference, "start_bulk", lambda *_: None, raising=False)
    job = start(session)
    session.jobs.progress(job.id, 3, 40, "")
    stays, asked = closes(window, "Keep the window open")
    assert not stays
    assert words in asked
    assert "(3 of 40)" in asked
    assert session.is_open
    assert session.jobs.job(job.id).is_active
    assert closes(window, "Stop it and quit")[0]
    session.jobs.end(job.id, JobState.CANCELLED)


def test_quitting_does_not_ask_where_nothing_is_lost(window: MainWindow, session: Session) -> None:
    job = session.jobs.add("queues", "Look for doubts", lambda: None)
    assert closes(window, None) == (True, "")
    session.jobs.end(job.id, JobState.DONE)
