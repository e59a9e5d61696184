"""What people do beside landmarks while another program writes: it waits as edits do, and nothing of it is lost or made up."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_helpers import drag, key, point_of

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.note import NoteKind
from annotator.services.project.people.approval import Approval, set_approval
from annotator.session.session import Session
from annotator.store.history.changes import Change
from annotator.store.project_store import ProjectStore
from annotator.ui.dialogs.quit import closed
from annotator.ui.panels.notes import NotesPanel
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
_ALT, _CTRL, _SHIFT = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
WAIT = 30_000


@contextmanager
def writing(project: Path) -> Iterator[None]:
    """Another program is in the middle of a write."""
    with closing(sqlite3.connect(project, isolation_level=None, timeout=5)) as other:
        other.execute("begin immediate")
        yield
        other.execute("rollback")


def write_note(window: MainWindow, text: str) -> NotesPanel:
    key(window.view, Qt.Key.Key_N, _ALT)
    panel = window.findChildren(NotesPanel)[0]
    QTest.keyClicks(panel.line, text)
    QTest.keyClick(panel.line, Qt.Key.Key_Return)
    return panel


def test_a_note_waits_and_is_written(
    qtbot: QtBot, window: MainWindow, session: Session, project: Path
) -> None:
    with writing(project):
        write_note(window, "the ear is hidden")
        assert "is kept" in window.banners.notice_text.text()
        assert session.notes.of_frame(1) == []
    qtbot.waitUntil(lambda: [note.text for note in session.notes.of_frame(1)] == ["the ear is hidden"])
    session.annotations.undo()
    assert session.notes.of_frame(1) == []


def test_a_note_that_waits_keeps_the_window_open(
    window: MainWindow, session: Session, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        "annotator.ui.dialogs.quit.may_discard", lambda text, _parent: bool(asked.append(text))
    )
    with writing(project):
        write_note(window, "the ear is hidden")
        assert not closed(session, window)
        assert asked == ["1 change of notes, assignments, conflicts or numbers not saved"]
    assert session.close_project()
    with ProjectStore.open(project, read_only=True) as store:
        assert [note.text for note in store.notes.of_frame(1)] == ["the ear is hidden"]


def test_a_note_that_cannot_be_written_stays_in_its_line(
    window: MainWindow, session: Session, project: Path
) -> None:
    session.close_project()
    session.open_project(project, read_only=True)
    panel = write_note(window, "the ear is hidden")
    assert panel.line.text() == "the ear is hidden"
    assert session.annotations.undo_stack.count() == 0
    panel.line.clear()


def test_a_reason_waits_with_its_review_state(
    qtbot: QtBot, window: MainWindow, session: Session, project: Path
) -> None:
    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        dialog.text.setEditText("too dark")
        dialog.accept()

    with writing(project):
        QTimer.singleShot(0, answer)
        key(window.view, Qt.Key.Key_X, _CTRL | _SHIFT)
    qtbot.waitUntil(lambda: bool(session.notes.of_frame(1)) and not len(session.annotations.pending))
    (note,) = session.notes.of_frame(1)
    assert (note.text, note.kind) == ("too dark", NoteKind.REJECTED)
    assert session.store.annotations.get(1).review is ReviewState.REJECTED


def test_a_reason_in_a_project_that_is_read_only_is_saved_with_its_edit_elsewhere(
    window: MainWindow, session: Session, project: Path, tmp_path: Path
) -> None:
    session.close_project()
    session.open_project(project, read_only=True)

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        dialog.text.setEditText("too dark")
        dialog.accept()

    QTimer.singleShot(0, answer)
    window.view.setFocus()
    key(window.view, Qt.Key.Key_X, _CTRL | _SHIFT)
    assert (len(session.annotations.pending), session.notes.waiting) == (1, 1)
    assert "1 change of notes" in session.keeper.unsaved
    session.keeper.save_as(tmp_path / "mine.annotator")
    (note,) = session.notes.of_frame(1)
    assert (note.text, note.kind) == ("too dark", NoteKind.REJECTED)
    assert session.store.annotations.get(1).review is ReviewState.REJECTED
    assert (len(session.annotations.pending), session.notes.waiting) == (0, 0)
    with ProjectStore.open(project, read_only=True) as store:
        assert store.notes.of_frame(1) == []


def test_a_reason_that_waits_is_taken_back_with_its_edit(
    window: MainWindow, session: Session, project: Path, tmp_path: Path
) -> None:
    session.close_project()
    session.open_project(project, read_only=True)

    def answer() -> None:
        dialog = QApplication.activeModalWidget()
        dialog.text.setEditText("too dark")
        dialog.accept()

    QTimer.singleShot(0, answer)
    window.view.setFocus()
    key(window.view, Qt.Key.Key_X, _CTRL | _SHIFT)
    window.actions_by_id["undo"].trigger()
    session.keeper.save_as(tmp_path / "mine.annotator")
    assert session.notes.of_frame(1) == []
    assert session.store.annotations.get(1).review is ReviewState.UNREVIEWED


def test_a_point_that_waits_is_ones_own_work(
    qtbot: QtBot, window: MainWindow, session: Session, project: Path
) -> None:
    set_approval(session.store, Approval.APART)
    at = point_of(window, 12)
    with writing(project):
        drag(window.view.viewport(), at, at + QPoint(15, 10))
        assert len(session.annotations.pending) == 1
        key(window.view, Qt.Key.Key_Return, _CTRL)
        told = window.banners.notice_text.text()
    assert told.startswith("Not approved: 1 point of ada / left is where")
    qtbot.waitUntil(lambda: not len(session.annotations.pending))
    held = session.store.annotations.get(1)
    assert held.review is ReviewState.UNREVIEWED
    assert held.is_human.all()


def test_why_a_frame_is_not_approved_stays_to_be_read(window: MainWindow, session: Session) -> None:
    set_approval(session.store, Approval.APART)
    at = point_of(window, 12)
    drag(window.view.viewport(), at, at + QPoint(15, 10))
    key(window.view, Qt.Key.Key_G)
    assert window.banners.notice_text.text().startswith("Not approved: 1 point of ada / left is where")
    assert session.annotations.human(1).review is ReviewState.UNREVIEWED


def test_a_drag_while_the_project_is_read_anew_meets_the_others_edit(
    qtbot: QtBot, window: MainWindow, session: Session, project: Path
) -> None:
    """A job that ends, or an import, reads the project anew; what the hand holds is as it was when the drag began."""
    session.annotations.submit(1, edits.move([12], [[160.0, 130.0]]))
    at = point_of(window, 12)
    drag(window.view.viewport(), at, at + QPoint(30, 20), release=False)
    with ProjectStore.open(project) as store:
        before = store.annotations.get(1)
        after, _ = edits.apply(edits.move([12], [[400.0, 400.0]]), before)
        store.annotations.commit(Change(1, before, after, "Move", user="bo"))
    session.reload()
    QTest.mouseRelease(window.view.viewport(), Qt.MouseButton.LeftButton, pos=at + QPoint(30, 20))
    assert session.store.annotations.get(1).xy[12].tolist() == [400.0, 400.0]
    (conflict,) = session.annotations.conflicts
    assert conflict.indices.tolist() == [12]
    session.annotations.resolve(conflict, [12])
    assert session.store.annotations.get(1).xy[12].tolist() != [400.0, 400.0]
    qtbot.waitUntil(lambda: session.annotations.shown(1).xy[12].tolist() != [400.0, 400.0], timeout=WAIT)
