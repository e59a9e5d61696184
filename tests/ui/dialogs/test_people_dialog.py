"""People by mouse and keys: assigned, taken away, undone; what is mine as a queue and a filter; who may approve."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from ui_helpers import drag, key, point_of

from annotator.domain.annotation import ReviewState
from annotator.services.project.people.approval import Approval
from annotator.services.project.queue.queues import Queue
from annotator.session.session import Session
from annotator.ui.dialogs.people import PeopleDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


@pytest.fixture
def dialog(qtbot: QtBot, window: MainWindow, session: Session) -> Iterator[PeopleDialog]:
    made = PeopleDialog(session, window)
    made.show()
    assert QTest.qWaitForWindowExposed(made)
    yield made
    made.reject()
    made.deleteLater()
    window.queues.show_queue(Queue.UNCERTAIN)
    window.show_queue(False)
    window.actions_by_id["clear_filter"].trigger()


def rows(dialog: PeopleDialog) -> list[tuple[str, ...]]:
    items = (dialog.table.topLevelItem(row) for row in range(dialog.table.topLevelItemCount()))
    return [tuple(item.text(column) for column in range(5)) for item in items]


def back_to(window: MainWindow, qtbot: QtBot) -> None:
    """The keys are the window's again."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.view.setFocus()


def give(dialog: PeopleDialog, kind: Qt.Key | None, names: str) -> None:
    """Types names and presses Enter; a key in the box of kinds first."""
    if kind is not None:
        QTest.keyClick(dialog.kind, kind)
        dialog.kind.activated.emit(dialog.kind.currentIndex())
    line = dialog.people.lineEdit()
    line.clear()
    QTest.keyClicks(line, names)
    QTest.keyClick(line, Qt.Key.Key_Return)


def test_a_subject_is_assigned_taken_away_and_both_are_undone(
    qtbot: QtBot, dialog: PeopleDialog, window: MainWindow
) -> None:
    qtbot.waitUntil(lambda: "Nothing is assigned yet" in dialog.stack.words.text())
    give(dialog, None, "vera, otto")
    qtbot.waitUntil(lambda: rows(dialog) == [("ada", "Subject", "otto, vera", "2", "0")])
    assert "vera: 2 frames, 0 touched" in dialog.work.text()
    dialog.table.setCurrentItem(dialog.table.topLevelItem(0))
    QTest.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not rows(dialog))
    window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: len(rows(dialog)) == 1)
    window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: not rows(dialog))


def test_listed_frames_are_one_row(qtbot: QtBot, dialog: PeopleDialog, session: Session) -> None:
    give(dialog, Qt.Key.Key_A, "vera")
    qtbot.waitUntil(lambda: rows(dialog) == [("4 single frames", "Frames", "vera", "4", "0")])
    give(dialog, Qt.Key.Key_Up, "Vera")
    qtbot.waitUntil(
        lambda: ("ada / ", "Take", "vera", "2", "0") in [(r[0][:6], *r[1:]) for r in rows(dialog)]
    )


@pytest.mark.parametrize(("names", "told"), [("", "Write a name first"), ("x" * 101, "Nothing was assigned")])
def test_a_name_that_is_none_is_told(dialog: PeopleDialog, session: Session, names: str, told: str) -> None:
    give(dialog, None, names)
    assert told in dialog.told.text()
    assert dialog.told.isVisible()
    assert session.store.assignments.all() == []


def test_what_is_mine_is_a_queue_and_a_filter(
    qtbot: QtBot, dialog: PeopleDialog, window: MainWindow, session: Session
) -> None:
    give(dialog, None, session.people.me)
    back_to(window, qtbot)
    key(window.view, Qt.Key.Key_N, Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: [item.frame.id for item in window.queues.rows.items] == [1, 2])
    assert window.queues.queue is Queue.MINE
    assert not window.queues.right.isEnabled()
    for text, wanted in (("who:me", [1, 2]), ("who:nobody", [3, 4]), ("who:zoe", [])):
        window.frames.filter.clear()
        QTest.keyClicks(window.frames.filter, text)
        window.frames.apply_filter()
        assert [row.frame.id for row in session.frames.listed] == wanted, text
    window.frames.filter.setText("who:me")
    window.frames.apply_filter()
    window.actions_by_id["undo"].trigger()
    assert len(session.frames.listed) == 0, "the list follows"


def test_who_marked_a_frame_does_not_approve_it(
    qtbot: QtBot, dialog: PeopleDialog, window: MainWindow, session: Session
) -> None:
    QTest.keyClick(dialog.rule, Qt.Key.Key_End)
    dialog.rule.activated.emit(dialog.rule.currentIndex())
    assert session.people.approval is Approval.APART
    back_to(window, qtbot)
    start = point_of(window, 30)
    drag(window.view.viewport(), start, start + (point_of(window, 31) - start) / 2)
    key(window.view, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert session.annotations.human(1).review is ReviewState.UNREVIEWED
    assert "somebody else approves" in window.banners.notice_text.text()
    window.actions_by_id["accept_frame"].trigger()
    held = session.annotations.human(1)
    assert held.is_human.all(), "the landmarks are accepted all the same"
    assert held.review is ReviewState.UNREVIEWED
    session.frames.go_to(2)
    window.actions_by_id["accept_frame"].trigger()
    assert session.annotations.human(2).review is ReviewState.APPROVED, "nobody moved a point there"
    session.people.set_approval(Approval.WARNED)
    session.frames.go_to(1)
    key(window.view, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert session.annotations.human(1).review is ReviewState.APPROVED
    assert "Approved by the person who marked it" in window.banners.notice_text.text()
