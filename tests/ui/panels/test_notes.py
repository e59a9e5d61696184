"""Notes by keys and mouse: on the frame and on a landmark, reasons, somebody's frames, the queue and the filter."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QWidget
from pytestqt.qtbot import QtBot
from ui_helpers import key

from annotator.domain.annotation import ReviewState
from annotator.domain.note import NoteKind
from annotator.services.project.queue.queues import Queue
from annotator.session.session import Session
from annotator.ui.dialogs.review import ReviewDialog
from annotator.ui.panels.notes import NotesPanel
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
_CTRL, _SHIFT, _ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


@pytest.fixture
def panel(window: MainWindow) -> Iterator[NotesPanel]:
    yield window.findChildren(NotesPanel)[0]
    window.details.setCurrentWidget(window.inspector)
    window.show_queue(False)


def answer(text: str, name: str = "") -> None:
    """Types into the question that the next key brings up, and takes it."""

    def fill(dialog: QWidget) -> None:
        assert isinstance(dialog, ReviewDialog)
        dialog.text.setEditText(text)
        dialog.assignee.setEditText(name)
        QTest.mouseClick(dialog.do, Qt.MouseButton.LeftButton)

    when_asked(fill)


def when_asked(do: Callable[[QWidget], None]) -> None:
    """Does something with the next question, once it stands."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(10, look)
        else:
            do(dialog)

    QTimer.singleShot(0, look)


def test_a_note_on_a_landmark_is_written_ticked_and_undone(
    window: MainWindow, session: Session, panel: NotesPanel
) -> None:
    session.selection.set((3,), 3)
    key(window.view, Qt.Key.Key_N, _ALT)
    assert panel.line.hasFocus()
    QTest.keyClicks(panel.line, "too low")
    key(panel.line, Qt.Key.Key_Return)
    name = session.scheme.names[3]
    assert panel.list.item(0).text().startswith(f"{name}: too low")
    assert window.view.hasFocus(), "the next key is the frame's"
    panel.list.item(0).setCheckState(Qt.CheckState.Checked)
    assert session.notes.of_frame(1)[0].settled
    window.actions_by_id["undo"].trigger()
    assert not session.notes.of_frame(1)[0].settled
    window.actions_by_id["undo"].trigger()
    assert session.notes.of_frame(1) == []
    window.actions_by_id["redo"].trigger()
    assert session.notes.of_frame(1)[0].text == "too low"


def test_a_frame_is_rejected_with_a_reason(window: MainWindow, session: Session, panel: NotesPanel) -> None:
    answer("Blurred")
    key(window.view, Qt.Key.Key_X, _CTRL | _SHIFT)
    (note,) = session.notes.of_frame(1)
    assert (note.text, note.kind) == ("Blurred", NoteKind.REJECTED)
    assert session.annotations.shown(1).review is ReviewState.REJECTED
    assert session.frames.current_id == 2
    window.actions_by_id["undo"].trigger()
    assert session.frames.current_id == 1, "undo goes to the frame"
    assert session.annotations.shown(1).review is ReviewState.UNREVIEWED
    assert session.notes.of_frame(1) == [], "state and reason are one step"
    window.actions_by_id["redo"].trigger()
    assert session.annotations.shown(1).review is ReviewState.REJECTED
    assert [each.text for each in session.notes.of_frame(1)] == ["Blurred"]


def test_another_reason_for_a_frame_that_is_rejected_is_a_step_of_its_own(
    window: MainWindow, session: Session, panel: NotesPanel
) -> None:
    key(window.view, Qt.Key.Key_4, _CTRL)
    answer("Duplicate")
    key(window.view, Qt.Key.Key_X, _CTRL | _SHIFT)
    assert [each.text for each in session.notes.of_frame(1)] == ["Duplicate"]
    window.actions_by_id["undo"].trigger()
    assert session.notes.of_frame(1) == []
    assert session.annotations.shown(1).review is ReviewState.REJECTED
    window.actions_by_id["undo"].trigger()
    assert session.annotations.shown(1).review is ReviewState.UNREVIEWED


def test_a_cancelled_question_changes_nothing(
    window: MainWindow, session: Session, panel: NotesPanel
) -> None:
    cancel = QDialogButtonBox.StandardButton.Cancel
    when_asked(lambda asked: QTest.mouseClick(asked.buttons.button(cancel), Qt.MouseButton.LeftButton))
    key(window.view, Qt.Key.Key_X, _CTRL | _SHIFT)
    assert session.notes.of_frame(1) == []
    assert session.annotations.shown(1).review is ReviewState.UNREVIEWED
    assert session.frames.current_id == 1


def test_work_for_somebody_is_a_filter_and_a_queue(
    window: MainWindow, session: Session, panel: NotesPanel, qtbot: QtBot
) -> None:
    answer("mouth is off", "Ben")
    window.actions_by_id["needs_work_for"].trigger()
    assert session.annotations.shown(1).review is ReviewState.NEEDS_WORK
    QTest.keyClicks(window.frames.filter, "for:ben")
    key(window.frames.filter, Qt.Key.Key_Return)
    assert [row.frame.id for row in session.frames.listed] == [1]
    window.actions_by_id["clear_filter"].trigger()
    window.actions_by_id["queue_notes"].trigger()
    qtbot.waitUntil(lambda: bool(window.queues.rows.items))
    assert window.queues.queue is Queue.NOTES
    assert "for Ben · mouth is off" in window.queues.rows.items[0].reason
    session.frames.go_to(1)
    QTest.mouseClick(window.queues.right, Qt.MouseButton.LeftButton)
    assert session.notes.of_frame(1)[0].settled
    window.queues.show_queue(Queue.UNCERTAIN)
