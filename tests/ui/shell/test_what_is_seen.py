"""Commands act on what is seen: by page, by what has the keyboard, and by the list that the artist works through."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot
from sheet_helpers import MOUTH, proposed_sheet
from ui_fakes import make_proposal
from ui_helpers import has_pixels, key, picture, point_of

from annotator.domain import edits
from annotator.domain.annotation import Flag, LandmarkState, ReviewState
from annotator.services.project.queues import Queue
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
sheet = pytest.fixture(proposed_sheet)


# ---- pages
@pytest.mark.parametrize(
    ("code", "keys"),
    [
        (Qt.Key.Key_Return, CTRL),
        (Qt.Key.Key_Return, CTRL | SHIFT),
        (Qt.Key.Key_A, SHIFT),
        (Qt.Key.Key_2, CTRL),
        (Qt.Key.Key_4, CTRL),
        (Qt.Key.Key_M, CTRL | SHIFT),
        (Qt.Key.Key_K, NO_KEYS),
        (Qt.Key.Key_N, NO_KEYS),
    ],
)
def test_frame_keys_are_inert_in_the_sheet_and_say_where_they_act(
    sheet, session: Session, empty_window: MainWindow, code, keys
) -> None:
    session.selection.set((MOUTH, MOUTH + 1))
    key(sheet.grid, code, keys)
    assert session.annotations.undo_stack.count() == 0
    assert session.frames.current_id == 1
    assert "frame view (F2)" in empty_window.statusBar().currentMessage()


def test_what_edits_the_frame_is_off_on_the_dashboard(window: MainWindow, session: Session) -> None:
    session.selection.select(4)
    window.pages.show_dashboard()
    for code, keys in ((Qt.Key.Key_A, NO_KEYS), (Qt.Key.Key_Return, CTRL), (Qt.Key.Key_Delete, NO_KEYS)):
        key(window.pages.dashboard, code, keys)
    for button in (*window.inspector.review.values(), window.inspector.occluded):
        QTest.mouseClick(button, LEFT)
    assert session.annotations.undo_stack.count() == 0
    window.pages.show_frame()
    QTest.mouseClick(window.inspector.occluded, LEFT)
    assert session.annotations.shown(1).flags[4] == Flag.OCCLUDED


def test_undo_brings_into_sight_what_it_changes(window: MainWindow, session: Session) -> None:
    session.annotations.submit(3, edits.move([5], [[9.0, 9.0]]))
    window.pages.show_dashboard()
    key(window.pages.dashboard, Qt.Key.Key_Z, CTRL)
    assert window.pages.currentIndex() == 0
    assert session.frames.current_id == 3


# ---- the keyboard
def handle(slider) -> QPoint:
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    part = QStyle.SubControl.SC_SliderHandle
    return slider.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, slider).center()


def walks(qtbot: QtBot, window: MainWindow, session: Session) -> None:
    """Waits for the keyboard in the frame view, and presses keys into whatever has it: they walk and nudge landmarks."""
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.view)
    session.selection.select(5)
    key(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert session.selection.indices == (6,)
    before = session.annotations.shown(session.frames.current_id).xy[6].copy()
    key(QApplication.focusWidget(), Qt.Key.Key_Right)
    np.testing.assert_allclose(
        session.annotations.shown(session.frames.current_id).xy[6], before + [1, 0], atol=1e-3
    )


CONTROLS = {
    "slider of the tool bar": lambda window: window.toolbar.exposure,
    "slider of the panes": lambda window: window.heatmaps.controls.contrast,
    "check box": lambda window: window.heatmaps.contours,
    "flag of the inspector": lambda window: window.inspector.occluded,
    "review of the inspector": lambda window: window.inspector.review[ReviewState.NEEDS_WORK],
    "order of the frames": lambda window: window.frames.order,
    "tab": lambda window: window.details.tabBar(),
    "heatmap": lambda window: window.heatmaps.panes[0],
}


@pytest.mark.parametrize("control", CONTROLS.values(), ids=CONTROLS.keys())
def test_the_keyboard_returns_to_the_view_after_the_mouse_used_a_control(
    qtbot: QtBot, window: MainWindow, session: Session, control
) -> None:
    session.selection.select(12)
    widget = control(window)
    at = (
        handle(widget)
        if hasattr(widget, "initStyleOption") and hasattr(widget, "sliderPosition")
        else QPoint(8, 8)
    )
    widget.setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.mouseClick(widget, LEFT, NO_KEYS, at)
    walks(qtbot, window, session)
    window.frames.order.setChecked(False)


def test_the_keyboard_returns_after_a_revert(qtbot: QtBot, window: MainWindow, session: Session) -> None:
    session.selection.select(5)
    key(window.view, Qt.Key.Key_Right)
    window.details.setCurrentWidget(window.history)
    window.history.setCurrentIndex(1)
    item = window.history.ledger.topLevelItem(1)
    QTest.mouseClick(
        window.history.ledger.viewport(), LEFT, NO_KEYS, window.history.ledger.visualItemRect(item).center()
    )
    assert QApplication.focusWidget() is window.history.ledger, "a list keeps the keyboard"
    QTest.mouseClick(window.history.revert, LEFT)
    walks(qtbot, window, session)
    window.history.setCurrentIndex(0)
    window.details.setCurrentIndex(0)


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_list_of_choices_gives_the_keyboard_back(qtbot: QtBot, window, session: Session, end) -> None:
    combo: QComboBox = window.heatmaps.colormap
    QTest.mousePress(combo, LEFT)
    QTest.mouseRelease(combo, LEFT)
    qtbot.waitUntil(lambda: QApplication.focusWidget() is combo.view())
    key(combo.view(), end)
    window.activateWindow()  # as a window manager does when a list closes
    walks(qtbot, window, session)


@pytest.mark.parametrize("end", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_text_field_keeps_the_keyboard_until_it_is_done(
    qtbot: QtBot, window, session: Session, end
) -> None:
    field = window.frames.filter
    QTest.mouseClick(field, LEFT)
    QApplication.processEvents()
    assert QApplication.focusWidget() is field
    QTest.keyClicks(field, "a")
    assert QApplication.focusWidget() is field
    field.clear()
    key(field, end)
    walks(qtbot, window, session)


def test_who_comes_by_keyboard_stays(window: MainWindow) -> None:
    slider = window.toolbar.exposure
    slider.setFocus(Qt.FocusReason.TabFocusReason)
    before = slider.value()
    key(slider, Qt.Key.Key_Right)
    QApplication.processEvents()
    assert QApplication.focusWidget() is slider
    assert slider.value() == before + 1
    box = window.heatmaps.contours
    box.setFocus(Qt.FocusReason.TabFocusReason)
    key(box, Qt.Key.Key_Space)
    QApplication.processEvents()
    assert QApplication.focusWidget() is box
    key(box, Qt.Key.Key_Space)


def test_controls_of_the_sheet_give_the_keyboard_to_the_sheet(qtbot: QtBot, sheet, session: Session) -> None:
    sheet.span.setFocus(Qt.FocusReason.MouseFocusReason)
    QTest.mouseClick(sheet.span, LEFT, NO_KEYS, handle(sheet.span))
    qtbot.waitUntil(lambda: QApplication.focusWidget() is sheet.grid)
    key(QApplication.focusWidget(), Qt.Key.Key_Right)
    assert sheet.grid.current == 1


# ---- the queue
@pytest.fixture
def queued(qtbot: QtBot, session: Session, project, scheme, places, empty_window: MainWindow):
    """Frames 1..4 proposed with confidence 0.9, 0.3, 0.6, 0.8: the queue is 2, 3, 4, 1; its first entry is open."""
    base = make_proposal(scheme, places, picture(), "one").without_heatmaps()
    with ProjectStore.open(project) as store:
        for frame_id, sure in enumerate((0.9, 0.8, 0.3, 0.6), 1):
            store.proposals.save(frame_id, replace(base, confidence=np.full(scheme.size, sure, np.float32)))
    session.open_project(project)
    qtbot.waitUntil(lambda: has_pixels(session))
    empty_window.view.setFocus()
    key(empty_window.view, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: session.frames.current_id == 3)
    yield empty_window
    empty_window.lists.setCurrentIndex(0)
    empty_window.queues.show_queue(Queue.UNCERTAIN)


GO_ON = {
    "accept": (Qt.Key.Key_Return, CTRL | SHIFT, ReviewState.APPROVED),
}


@pytest.mark.parametrize("go_on", GO_ON.values(), ids=GO_ON.keys())
def test_going_on_follows_the_queue_while_it_is_up(
    qtbot: QtBot, queued: MainWindow, session: Session, go_on
) -> None:
    code, keys, review = go_on
    seen = [session.frames.current_id]
    for _ in range(3):
        key(queued.view, code, keys)
        seen.append(session.frames.current_id)
        qtbot.waitUntil(lambda: seen[-2] not in [item.frame.id for item in queued.queues.rows.items])
    assert seen == [3, 4, 2, 1]
    key(queued.view, code, keys)
    assert session.frames.current_id == 1
    assert [session.annotations.shown(frame).review for frame in (1, 2, 3, 4)] == [review] * 4


def test_going_on_at_once_does_not_wait_for_the_queue(queued: MainWindow, session: Session) -> None:
    for _ in range(3):
        key(queued.view, Qt.Key.Key_Return, CTRL | SHIFT)
    assert session.frames.current_id == 1
    assert session.annotations.shown(1).review is ReviewState.UNREVIEWED


def test_going_on_follows_the_frames_while_they_are_up(queued: MainWindow, session: Session) -> None:
    queued.lists.setCurrentWidget(queued.frames)
    session.frames.go_to(1)
    key(queued.view, Qt.Key.Key_Return, CTRL | SHIFT)
    assert session.frames.current_id == 2


def test_the_landmark_list_brings_the_frame_view_up_to_place_a_point(
    window: MainWindow, session: Session
) -> None:
    window.pages.show_dashboard()
    window.landmarks.place_requested.emit(3)
    assert window.pages.currentIndex() == 0
    assert window.frame_panel.placing.landmark == 3
    at = point_of(window, 3) + QPoint(20, 20)
    QTest.mouseClick(window.view.viewport(), LEFT, NO_KEYS, at)
    assert session.annotations.shown(1).state[3] == LandmarkState.CORRECTED
    window.frame_panel.placing.end()
