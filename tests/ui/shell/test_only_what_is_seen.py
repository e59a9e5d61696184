"""What is decided is what is seen: not while something else is shown in its place, and never what came under the hand."""

from dataclasses import replace

import numpy as np
import pytest
from gesture_helpers import LEFT, NO_KEYS, by_frames, let_go, take, touched
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from ui_fakes import make_proposal
from ui_helpers import drag, grab, has_pixels, key, picture, point_of

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState, ReviewState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.common.page import Page
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui

DECIDES = {
    "accept and go on": Qt.Key.Key_G,
    "reject and go on": Qt.Key.Key_X,
    "accept": Qt.Key.Key_A,
    "nudge": Qt.Key.Key_Right,
    "occluded": Qt.Key.Key_O,
}


def look_back(window: MainWindow) -> None:
    """A click on the first entry of the ledger: the frame as it was before anything was set."""
    window.arrangement.show_part("details", True)
    window.details.setCurrentWidget(window.history)
    window.history.setCurrentIndex(1)
    ledger = window.history.ledger
    first = ledger.topLevelItem(ledger.topLevelItemCount() - 1)
    QTest.mouseClick(ledger.viewport(), LEFT, NO_KEYS, ledger.visualItemRect(first).center())
    window.view.setFocus()


@pytest.mark.parametrize("code", DECIDES.values(), ids=DECIDES.keys())
def test_no_key_decides_about_what_an_earlier_state_hides(window, session: Session, places, code) -> None:
    session.annotations.submit(1, edits.move([5], [[430.0, 90.0]]))
    session.selection.select(5)
    before = session.annotations.human(1)
    look_back(window)
    np.testing.assert_allclose(window.view.overlay.data_shown.xy[5], places[5])
    key(window.view, code)
    assert session.annotations.human(1) == before
    assert session.frames.current_id == 1
    assert "an earlier state" in window.banners.notice_text.text()
    window.history.setCurrentIndex(0)
    window.details.setCurrentIndex(0)
    window.view.setFocus()
    key(window.view, code)
    assert session.annotations.human(1) != before


def test_no_suggestion_of_now_lies_over_an_earlier_state(
    window: MainWindow, session: Session, places
) -> None:
    session.annotations.submit(1, edits.move([5], places[[5]] + (9.0, 7.0)))
    assert len(window.view.suggestions.shown)
    look_back(window)
    earlier = grab(window)
    window.history.setCurrentIndex(0)
    window.details.setCurrentIndex(0)
    now = grab(window)
    window.options.update(suggestions=False)
    assert (grab(window) != now).any(), "they were back with the frame as it is"
    look_back(window)
    np.testing.assert_array_equal(grab(window), earlier)
    window.history.setCurrentIndex(0)
    window.details.setCurrentIndex(0)


@pytest.mark.parametrize("code", DECIDES.values(), ids=DECIDES.keys())
def test_no_key_decides_about_what_a_comparison_hides(window: MainWindow, session: Session, code) -> None:
    session.selection.select(5)
    window.actions_by_id["compare_people"].trigger()
    key(window.view, code)
    assert touched(session) == {}
    assert session.frames.current_id == 1
    window.actions_by_id["compare"].setChecked(False)
    key(window.view, code)
    assert touched(session) != {} or session.annotations.human(1).review is ReviewState.REJECTED


def test_a_press_takes_hold_of_nothing_below_a_comparison(window: MainWindow, session: Session) -> None:
    window.actions_by_id["compare_people"].trigger()
    at = take(window)
    let_go(window, at)
    assert touched(session) == {}
    window.actions_by_id["wipe"].setChecked(True)
    left = point_of(window, 0)
    drag(window.view.viewport(), left, left + QPoint(15, 15))
    right = point_of(window, 10)
    drag(window.view.viewport(), right, right + QPoint(-15, 15))
    window.actions_by_id["compare"].setChecked(False)
    assert touched(session) == {1: [0]}


def test_what_arrives_in_a_drag_is_seen_before_it_is_accepted(
    qtbot: QtBot, window: MainWindow, session: Session, inference, places
) -> None:
    at, moved = take(window), by_frames(window)
    inference.places["left.jpg"] = places + 7
    with qtbot.waitSignal(session.proposals.arrived):
        session.proposals.request(1, force=True)
    seen = window.view.overlay.data_shown.xy.copy()
    np.testing.assert_allclose(seen[30], places[30] + moved, atol=0.05, err_msg="the hand keeps its own")
    key(window.view, Qt.Key.Key_G)
    let_go(window, at)
    value = session.annotations.human(1)
    assert (value.state == LandmarkState.CONFIRMED).all()
    np.testing.assert_allclose(value.xy, seen, atol=0.05)


def test_escape_in_a_drag_shows_what_arrived(
    qtbot: QtBot, window: MainWindow, session: Session, inference, places
) -> None:
    at = take(window)
    inference.places["left.jpg"] = places + 7
    with qtbot.waitSignal(session.proposals.arrived):
        session.proposals.request(1, force=True)
    key(window.view, Qt.Key.Key_Escape)
    let_go(window, at)
    np.testing.assert_allclose(window.view.overlay.data_shown.xy, session.annotations.shown(1).xy)


def test_looks_right_is_said_of_a_queue_and_a_frame_that_are_seen(
    qtbot: QtBot, session: Session, project, scheme, places, empty_window: MainWindow
) -> None:
    window, stack = empty_window, session.annotations.undo_stack
    base = make_proposal(scheme, places, picture(), "one").without_heatmaps()
    with ProjectStore.open(project) as store:
        for frame_id, sure in enumerate((0.9, 0.8, 0.3, 0.6), 1):
            store.proposals.save(frame_id, replace(base, confidence=np.full(scheme.size, sure, np.float32)))
    session.open_project(project)
    qtbot.waitUntil(lambda: has_pixels(session))
    window.show_queue(True)
    qtbot.waitUntil(lambda: len(window.queues.rows.items) == 4)
    window.show_queue(False)
    window.view.setFocus()
    key(window.view, Qt.Key.Key_R)
    assert (stack.count(), window.queue_is_up) == (0, True), "the first press brings it up"
    window.show_page(Page.DASHBOARD)
    key(window.pages.dashboard, Qt.Key.Key_R)
    assert stack.count() == 0
    window.pages.show_frame()
    key(window.view, Qt.Key.Key_R)
    assert stack.count() == 1
    window.show_queue(False)


def test_a_heatmap_is_panned_only_on_the_frame_where_the_hand_went_down(window, session: Session) -> None:
    pane, at, middle = window.heatmaps.panes[0], QPoint(3, 3), Qt.MouseButton.MiddleButton
    QTest.mousePress(pane, middle, NO_KEYS, at)
    session.frames.go_to(2)
    before = pane.transform()
    QTest.mouseMove(pane, at + QPoint(30, 30))
    assert pane.transform() == before
    QTest.mouseRelease(pane, middle, NO_KEYS, at)
