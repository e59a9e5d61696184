"""Commands act on what is seen: by page, by what has the keyboard, and by the list that the artist works through."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sheet_helpers import MOUTH, proposed_sheet
from ui_fakes import make_proposal
from ui_helpers import has_pixels, key, picture, point_of

from annotator.domain import edits
from annotator.domain.annotation import Flag, LandmarkState, ReviewState
from annotator.services.project.queue.queues import Queue
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.common.page import Page
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
    window.show_page(Page.DASHBOARD)
    for code, keys in ((Qt.Key.Key_A, NO_KEYS), (Qt.Key.Key_Return, CTRL), (Qt.Key.Key_Delete, NO_KEYS)):
        key(window.pages.dashboard, code, keys)
    for button in (*window.inspector.review.values(), window.inspector.occluded):
        QTest.mouseClick(button, LEFT)
    assert session.annotations.undo_stack.count() == 0
    window.pages.show_frame()
    QTest.mouseClick(window.inspector.occluded, LEFT)
    assert session.annotations.shown(1).flags[4] == Flag.OCCLUDED


@pytest.mark.parametrize("by", ["key", "tool bar"])
def test_commands_on_single_landmarks_act_on_the_patch(
    sheet, session: Session, empty_window: MainWindow, by
) -> None:
    """Patches: frames 2, 4, 3, 1; the frame view holds frame 1 with the same landmark selected."""

    def act(name: str, code: Qt.Key) -> None:
        if by == "key":
            key(sheet.grid, code)
        else:
            button = empty_window.toolbar.widgetForAction(empty_window.actions_by_id[name])
            QTest.mouseClick(button, LEFT)

    act("accept", Qt.Key.Key_A)
    assert sheet.grid.current == 1, "it goes on to the next patch"
    act("occluded", Qt.Key.Key_O)
    act("out_of_frame", Qt.Key.Key_P)
    shown = session.annotations.shown
    assert shown(2).state[MOUTH] == LandmarkState.CONFIRMED
    assert shown(4).flags[MOUTH] == Flag.OCCLUDED | Flag.OUT_OF_FRAME
    act("clear", Qt.Key.Key_Delete)
    assert shown(4).flags[MOUTH] == 0
    assert shown(1).state[MOUTH] == LandmarkState.PROPOSED
    assert session.frames.current_id == 1


def test_undo_in_the_sheet_stays_where_a_patch_shows_the_change(
    sheet, session: Session, empty_window: MainWindow
) -> None:
    session.annotations.submit(3, edits.move([MOUTH], [[9.0, 9.0]]))
    key(sheet.grid, Qt.Key.Key_Z, CTRL)
    assert empty_window.page is Page.SHEET
    assert sheet.current == (3, MOUTH)


def test_undo_in_the_sheet_brings_up_a_frame_whose_change_no_patch_shows(
    sheet, session: Session, empty_window: MainWindow
) -> None:
    session.annotations.submit(3, edits.move([5], [[9.0, 9.0]]))
    key(sheet.grid, Qt.Key.Key_Z, CTRL)
    assert empty_window.page is Page.FRAME
    assert session.frames.current_id == 3


def test_undo_brings_into_sight_what_it_changes(window: MainWindow, session: Session) -> None:
    session.annotations.submit(3, edits.move([5], [[9.0, 9.0]]))
    window.show_page(Page.DASHBOARD)
    key(window.pages.dashboard, Qt.Key.Key_Z, CTRL)
    assert window.pages.currentIndex() == 0
    assert session.frames.current_id == 3


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
    "accept by one key": (Qt.Key.Key_G, NO_KEYS, ReviewState.APPROVED),
    "reject": (Qt.Key.Key_X, NO_KEYS, ReviewState.REJECTED),
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
    window.show_page(Page.DASHBOARD)
    window.landmarks.place_requested.emit(3)
    assert window.pages.currentIndex() == 0
    assert window.frame_panel.placing.landmark == 3
    at = point_of(window, 3) + QPoint(20, 20)
    QTest.mouseClick(window.view.viewport(), LEFT, NO_KEYS, at)
    assert session.annotations.shown(1).state[3] == LandmarkState.CORRECTED
    window.frame_panel.placing.end()
