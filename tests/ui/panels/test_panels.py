"""Frame list, inspector, landmark tree, history, jobs, banners: they show the session and ask it, no more."""

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from ui_helpers import HEIGHT, WIDTH, key, picture

from annotator.domain.annotation import LandmarkState, ReviewState
from annotator.imaging.pyramid import preview_jpeg
from annotator.session.job.job_board import Job, JobState
from annotator.session.session import Session
from annotator.ui.common import theme
from annotator.ui.common.thumbnails import Thumbnails
from annotator.ui.panels.filter_text import parse_filter
from annotator.ui.panels.row_delegate import THUMB
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def names(window: MainWindow) -> list[str]:
    rows = window.frames.rows
    return [rows.index(row, 0).data() for row in range(rows.rowCount())]


def choose_row(window: MainWindow, row: int) -> None:
    area = window.frames.list.visualRect(window.frames.rows.index(row, 0))
    QTest.mouseClick(window.frames.list.viewport(), Qt.MouseButton.LeftButton, pos=area.center())


def test_a_click_in_the_list_goes_to_the_frame(window: MainWindow, session: Session) -> None:
    choose_row(window, 2)
    assert session.frames.current_id == 3
    session.frames.go_to(4)
    assert window.frames.list.currentIndex().row() == 3


def test_arrow_keys_in_the_list_change_frames_not_points(window: MainWindow, session: Session) -> None:
    session.selection.select(10)
    window.frames.list.setFocus()
    key(window.frames.list, Qt.Key.Key_Down)
    assert session.frames.current_id == 2
    assert session.annotations.undo_stack.count() == 0


def test_the_filter_box_lists_what_it_says(qtbot, window: MainWindow, session: Session) -> None:
    assert len(names(window)) == 4
    window.frames.filter.setFocus()
    QTest.keyClicks(window.frames.filter, "subject:ben")
    qtbot.waitUntil(lambda: names(window) == ["ben / left", "ben / right"])
    QTest.keyClicks(window.frames.filter, " right")
    key(window.frames.filter, Qt.Key.Key_Return)
    assert names(window) == ["ben / right"]
    window.frames.filter.clear()
    qtbot.waitUntil(lambda: len(names(window)) == 4)


def test_letters_in_the_filter_are_no_shortcuts(window: MainWindow, session: Session) -> None:
    session.selection.select(3)
    window.frames.filter.setFocus()
    QTest.keyClicks(window.frames.filter, "aop")
    assert window.frames.filter.text() == "aop"
    assert session.annotations.undo_stack.count() == 0


def test_review_state_can_be_listed_alone(window: MainWindow, session: Session) -> None:
    session.frames.go_to(2)
    key(window.view, Qt.Key.Key_3, Qt.KeyboardModifier.ControlModifier)
    assert session.annotations.shown(2).review is ReviewState.NEEDS_WORK
    box = window.frames.review
    box.setCurrentIndex(box.findData(ReviewState.NEEDS_WORK))
    box.activated.emit(box.currentIndex())
    assert names(window) == ["ada / right"]


def test_an_empty_list_teaches(window: MainWindow, session: Session) -> None:
    window.frames.filter.setText("nothing-is-called-so")
    window.frames.apply_filter()
    assert window.frames.stack.currentWidget() is window.frames.stack.words
    assert "No frame matches" in window.frames.stack.words.text()


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("ada left", "text", "ada left"),
        ("camera:left", "camera", "left"),
        ("state:fix", "review", ReviewState.NEEDS_WORK),
        ("state:untouched", "touched", False),
        ("conf<0.75", "confidence_below", 0.75),
        ("sort:conf", "least_certain_first", True),
        ('subject:"mary ann"', None, None),
    ],
)
def test_filter_terms(text: str, field: str | None, value: object) -> None:
    wanted, problem = parse_filter(text)
    assert problem == ""
    if field is not None:
        assert getattr(wanted, field) == value


def test_filter_terms_that_are_not_understood_are_told() -> None:
    assert "state:odd" in parse_filter("state:odd")[1]
    assert "number" in parse_filter("conf<x")[1]
    assert parse_filter('take:"open')[0].take == "open"


def test_next_by_state(window: MainWindow, session: Session) -> None:
    key(window.view, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    session.frames.go_to(3)
    key(window.view, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    session.frames.go_to(1)
    key(window.view, Qt.Key.Key_N)
    assert session.frames.current_id == 2
    key(window.view, Qt.Key.Key_N)
    assert session.frames.current_id == 4
    key(window.view, Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    assert session.frames.current_id == 2


def test_thumbnails_are_made_when_asked_for_and_newest_first(qtbot) -> None:
    jpeg = preview_jpeg(picture())
    made: list[int] = []
    thumbnails = Thumbnails(lambda frame: jpeg if frame != 3 else None, THUMB)
    thumbnails.ready.connect(made.append)
    assert [thumbnails.get(frame) for frame in (1, 2, 3, 4)] == [None] * 4
    qtbot.waitUntil(lambda: len(made) == 3)
    assert made == [4, 2, 1]
    pixmap = thumbnails.get(1)
    assert (pixmap.width(), pixmap.height()) == (THUMB, THUMB)
    centre, expected = pixmap.toImage().pixelColor(22, 22), picture()[HEIGHT // 2, WIDTH // 2]
    assert abs(centre.red() - int(expected[0])) < 12


def test_thumbnails_grow_with_the_texts(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    jpeg = preview_jpeg(picture())
    thumbnails = Thumbnails(lambda _frame: jpeg, THUMB)
    for scale in (1.0, 1.5, 1.0):
        monkeypatch.setattr(theme._Scale, "value", scale)
        assert thumbnails.get(1) is None, "none of another size is shown"
        qtbot.waitUntil(lambda: thumbnails.get(1) is not None)
        assert thumbnails.get(1).width() == round(THUMB * scale)


def test_the_inspector_shows_the_selection(window: MainWindow, session: Session, places) -> None:
    session.selection.select(9)
    assert window.inspector.title.text() == session.scheme.names[9]
    assert window.inspector.values["position"].text() == f"{places[9][0]:.2f}, {places[9][1]:.2f} px"
    assert window.inspector.values["sigma"].text() == "6.0 / 3.0 px"
    key(window.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.inspector.values["moved"].text() == "10.00 px"
    assert window.inspector.values["state"].text() == "corrected"
    assert "1 corrected" in window.inspector.progress.text()
    session.selection.select(session.scheme.global_only[0])
    assert window.inspector.values["disagreement"].text() == "the global network alone"
    session.selection.select(session.scheme.regions[0].indices[0])
    assert window.inspector.values["disagreement"].text().endswith("px")


def test_inspector_buttons_flag_and_review(window: MainWindow, session: Session) -> None:
    session.selection.select(9)
    QTest.mouseClick(window.inspector.occluded, Qt.MouseButton.LeftButton)
    assert session.annotations.shown(1).flags[9] == 1
    approve = window.inspector.review[ReviewState.APPROVED]
    QTest.mouseClick(approve, Qt.MouseButton.LeftButton)
    assert session.annotations.shown(1).review is ReviewState.APPROVED
    QTest.mouseClick(approve, Qt.MouseButton.LeftButton)
    assert session.annotations.shown(1).review is ReviewState.UNREVIEWED
    key(window.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert approve.isChecked()


def test_the_tree_lists_states_and_selects(window: MainWindow, session: Session) -> None:
    window.details.setCurrentWidget(window.landmarks)
    item = window.landmarks._items[20]
    item.treeWidget().setCurrentItem(item, 0, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert session.selection.indices == (20,)
    window.view.setFocus()
    key(window.view, Qt.Key.Key_A)
    assert item.text(1) == "confirmed"
    session.selection.set((1, 2))
    chosen = {item.text(0) for item in window.landmarks.selectedItems()}
    assert chosen == {session.scheme.names[1], session.scheme.names[2]}
    window.details.setCurrentIndex(0)


def test_history_reverts_the_frame(window: MainWindow, session: Session, places) -> None:
    session.selection.select(4)
    key(window.view, Qt.Key.Key_Right)
    first = session.annotations.shown(1)
    session.selection.select(5)
    key(window.view, Qt.Key.Key_Down)
    window.details.setCurrentWidget(window.history)
    window.history.setCurrentIndex(1)
    ledger = window.history.ledger
    assert [ledger.topLevelItem(row).text(1) for row in range(3)] == [
        "Nudge 1 landmark",
        "Nudge 1 landmark",
        "Before anything was set",
    ]
    ledger.setCurrentItem(ledger.topLevelItem(1))
    assert window.view.overlay.data_shown.state[5] == LandmarkState.PROPOSED, (
        "the frame as it was, to look at"
    )
    assert "earlier state" in window.frame_panel.badges.state.text()
    assert session.annotations.shown(1).state[5] == LandmarkState.CORRECTED, "nothing is changed by looking"
    QTest.mouseClick(window.history.revert, Qt.MouseButton.LeftButton)
    assert session.annotations.shown(1) == first
    window.view.setFocus()
    key(window.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.annotations.shown(1).state[5] == LandmarkState.CORRECTED
    window.history.setCurrentIndex(0)
    window.details.setCurrentIndex(0)


def test_jobs_show_progress_and_can_be_stopped(
    qtbot, window: MainWindow, session: Session, monkeypatch
) -> None:
    stopped: list[int] = []
    monkeypatch.setattr(session.jobs, "cancel", stopped.append)
    session.jobs.changed.emit(Job(901, "export", "Export x.json", done=3, total=12, message="ada/left.jpg"))
    row = window.jobs.row(901)
    assert (row.bar.value(), row.bar.maximum()) == (3, 12)
    row.stop.click()
    assert stopped == [901]
    session.jobs.changed.emit(
        Job(901, "export", "Export x.json", JobState.FAILED, message="The disk is full.")
    )
    assert row.message.text() == "Failed: The disk is full."
    assert row.bar.isHidden()


def test_unsaved_edits_keep_a_bar_until_they_are_on_disk(
    window: MainWindow, session: Session, monkeypatch
) -> None:
    waiting = {"count": 2}
    monkeypatch.setattr(type(session.annotations.pending), "__len__", lambda _self: waiting["count"])
    monkeypatch.setattr(
        type(session.annotations), "save_state", property(lambda _self: "2 edits not saved: disk full")
    )
    session.annotations.pending_changed.emit(2)
    assert window.banners.pending.isVisible()
    assert "disk full" in window.banners.pending_text.text()
    session.message.emit("info", "something else")
    assert window.banners.pending.isVisible()
    waiting["count"] = 0
    session.annotations.pending_changed.emit(0)
    assert not window.banners.pending.isVisible()


def test_the_end_of_a_job_is_told(window: MainWindow, session: Session) -> None:
    for kind, state, message, told in (
        ("export", JobState.DONE, "5 landmarks of 1 frames", "Do it: 5 landmarks of 1 frames"),
        ("import", JobState.CANCELLED, "", "Do it: stopped"),
        ("queues", JobState.FAILED, "no room", "Do it failed: no room"),
    ):
        job = session.jobs.add(kind, "Do it", lambda: None)
        session.jobs.end(job.id, state, message)
        assert window.banners.notice.isVisible()
        assert window.banners.notice_text.text() == told
    window.banners.notice.hide()
    job = session.jobs.add("queues", "Look for doubts", lambda: None)
    session.jobs.end(job.id, JobState.DONE, "all")
    assert not window.banners.notice.isVisible()


def test_messages_are_shown(window: MainWindow, session: Session) -> None:
    session.message.emit("error", "This went wrong. Do that.")
    assert window.banners.notice.isVisible()
    assert window.banners.notice_text.text() == "This went wrong. Do that."


def test_the_model_chooser_shows_and_sets_the_active_model(window: MainWindow, session: Session) -> None:
    box = window.toolbar.model
    assert box.currentText() == "Model one"
    box.setCurrentIndex(box.findData("two"))
    box.activated.emit(box.currentIndex())
    assert session.models.active.id == "two"
    session.models.set_active("one")
    assert box.currentText() == "Model one"


def test_every_control_has_a_name_for_screen_readers(window: MainWindow) -> None:
    nameless = []
    for widget in window.findChildren(QWidget):
        kind = type(widget).__name__
        interesting = kind in ("QToolButton", "QPushButton", "QComboBox", "QSlider", "QLineEdit", "QCheckBox")
        own = "qt_" in widget.objectName() + widget.parent().objectName()
        own |= type(widget.parent()).__name__ in ("QLineEdit", "QTabBar")
        spoken = widget.accessibleName() or getattr(widget, "text", lambda: "")() or widget.toolTip()
        if interesting and not own and not spoken and widget.isVisibleTo(window):
            nameless.append(f"{kind} in {type(widget.parent()).__name__}")
    assert nameless == []


def test_the_first_start_teaches(empty_window: MainWindow) -> None:
    assert "No project is open" in empty_window.frames.stack.words.text()
    assert "project" in empty_window.frame_panel.badges.hint.text()
    assert not empty_window.actions_by_id["export"].isEnabled()
    QTest.mouseClick(empty_window.view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(50, 50))
    key(empty_window.view, Qt.Key.Key_A)
