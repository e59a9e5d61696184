"""The window asks before it closes on work that is under way, and says what is kept."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from annotator.services.models.training.training_run import RunSettings, new_run
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


# ---- going on at the next start
def _ends_with_the_window(window: MainWindow, session: Session, job: Job, project: Path) -> None:
    """The window closes on a job, and the project is opened again."""
    assert closes(window, "Stop it and quit")[0]
    session.jobs.end(job.id, JobState.CANCELLED)  # as `shutdown` does, after the project is closed
    session.open_project(project)


def test_proposing_goes_on_at_the_next_start(
    window: MainWindow, session: Session, project: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    asked: list[object] = []
    start = lambda _job, frames, _again: asked.append(frames)  # noqa: E731
    monkeypatch.setattr(session.jobs._inference, "start_bulk", start, raising=False)
    job = session.jobs.start_propose_all([2, 3])
    _ends_with_the_window(window, session, job, project)
    bar = window.banners.work
    qtbot.waitUntil(bar.isVisible)
    assert "2 frames left" in bar.text.text()
    QTest.mouseClick(bar.do, Qt.MouseButton.LeftButton)
    assert asked == [[2, 3], [2, 3]]
    assert not bar.isVisible()
    session.jobs.end(session.jobs.all[-1].id, JobState.DONE)
    session.close_project()
    session.open_project(project)
    assert window.banners.work.offers.unfinished.frames() is None


def test_what_the_artist_stops_or_declines_is_not_offered(
    window: MainWindow, session: Session, project: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    monkeypatch.setattr(session.jobs._inference, "start_bulk", lambda *_: None, raising=False)
    unfinished = window.banners.work.offers.unfinished
    session.jobs.end(session.jobs.start_propose_all().id, JobState.CANCELLED)
    assert unfinished.frames() is None
    _ends_with_the_window(window, session, session.jobs.start_propose_all(), project)
    qtbot.waitUntil(window.banners.work.isVisible)
    QTest.mouseClick(window.banners.work.not_now, Qt.MouseButton.LeftButton)
    assert unfinished.frames() is None


def test_a_training_goes_on_at_the_next_start(
    window: MainWindow, session: Session, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []
    monkeypatch.setattr(session.jobs._training, "start", lambda told, _project: commands.append(told))
    job = session.jobs.start_training({})
    run = new_run(project, RunSettings("show-1", "one", "finetune", None, None, 0))
    run.work.mkdir(parents=True)
    (run.work / "checkpoint.pt").write_bytes(b"kept")
    _ends_with_the_window(window, session, job, project)
    assert window.banners.work.isVisible()
    QTest.mouseClick(window.banners.work.do, Qt.MouseButton.LeftButton)
    assert "--resume" in commands[-1]
    session.jobs.end(session.jobs.all[-1].id, JobState.DONE)


# ---- proposals are offered
def test_another_model_is_offered_for_the_open_frames(
    window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    asked: list[list[int]] = []
    start = lambda _job, frames, _again: asked.append(frames)  # noqa: E731
    monkeypatch.setattr(session.jobs._inference, "start_bulk", start, raising=False)
    window.actions_by_id["review_approved"].trigger()
    session.models.set_active("two")
    bar = window.banners.work
    qtbot.waitUntil(bar.isVisible)
    assert bar.do.text() == "Propose the 3 open frames with it"
    QTest.mouseClick(bar.do, Qt.MouseButton.LeftButton)
    assert asked == [[2, 3, 4]]
    session.jobs.end(session.jobs.all[-1].id, JobState.DONE)


def test_after_an_import_proposals_are_offered(
    window: MainWindow, session: Session, jpeg: bytes, qtbot: QtBot
) -> None:
    folder = session.store.frames.capture_root / "cem"
    folder.mkdir()
    (folder / "left.jpg").write_bytes(jpeg)
    session.jobs.start_import_captures(session.store.frames.capture_root)
    qtbot.waitUntil(window.banners.work.isVisible)
    assert window.banners.work.do.text() == "Propose all"
    QTest.mouseClick(window.banners.work.not_now, Qt.MouseButton.LeftButton)
    assert not window.banners.work.isVisible()
