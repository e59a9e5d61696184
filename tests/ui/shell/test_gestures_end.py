"""A gesture belongs to the frame where it began: it ends there before anything else is shown, by real mouse and key events."""

from pathlib import Path

import numpy as np
import pytest
from gesture_helpers import BY, LEFT, NO_KEYS, by_frames, let_go, take, touched
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from ui_helpers import drag, has_pixels, key, point_of

from annotator.domain import edits
from annotator.domain.annotation import ReviewState
from annotator.domain.capture import Frame
from annotator.domain.scheme import LandmarkScheme
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


LEAVES = {
    "page down": lambda window: key(window.view, Qt.Key.Key_PageDown),
    "next unreviewed": lambda window: key(window.view, Qt.Key.Key_N),
    "a click in the list": lambda window: QTest.mouseClick(
        window.frames.list.viewport(),
        LEFT,
        NO_KEYS,
        window.frames.list.visualRect(window.frames.rows.index(1, 0)).center(),
    ),
    "something behind the window": None,
}


@pytest.mark.parametrize("leave", LEAVES.values(), ids=LEAVES.keys())
def test_a_drag_ends_on_its_frame_before_another_is_shown(window, session: Session, places, leave) -> None:
    at = take(window)
    if leave is None:
        session.frames.go_to(2)
    else:
        leave(window)
    assert session.frames.current_id == 2
    let_go(window, at)
    assert touched(session) == {1: [30]}
    np.testing.assert_allclose(session.annotations.shown(1).xy[30], places[30] + by_frames(window), atol=0.05)
    np.testing.assert_allclose(window.view.overlay.data_shown.xy[30], places[30], atol=1e-3)
    assert session.annotations.undo_stack.count() == 1


def test_the_held_button_does_nothing_until_its_next_press(window: MainWindow, session: Session) -> None:
    at = take(window)
    key(window.view, Qt.Key.Key_PageDown)
    for step in range(4):
        QTest.mouseMove(window.view.viewport(), at + QPoint(10 * step, 5))
    assert not window.view.is_dragging
    let_go(window, at)
    start = point_of(window, 40)
    drag(window.view.viewport(), start, start + BY)
    assert touched(session) == {1: [30], 2: [40]}


def test_accepting_in_a_drag_approves_the_moved_point(window: MainWindow, session: Session, places) -> None:
    at, moved = take(window), by_frames(window)
    key(window.view, Qt.Key.Key_Return, CTRL | SHIFT)
    let_go(window, at)
    assert session.frames.current_id == 2
    value = session.annotations.shown(1)
    assert value.review is ReviewState.APPROVED
    np.testing.assert_allclose(value.xy[30], places[30] + moved, atol=0.05)
    assert list(touched(session)) == [1]


def test_undo_in_a_drag_takes_the_drag_back_and_goes_nowhere(window: MainWindow, session: Session) -> None:
    session.annotations.submit(2, edits.set_review(ReviewState.NEEDS_WORK))
    at = take(window)
    key(window.view, Qt.Key.Key_Z, CTRL)
    let_go(window, at)
    assert touched(session) in ({}, {1: []}, {2: []}, {1: [], 2: []})
    assert session.frames.current_id == 1
    assert session.annotations.shown(2).review is ReviewState.NEEDS_WORK, "it was not what the hand did last"
    key(window.view, Qt.Key.Key_Z, CTRL)
    assert session.frames.current_id == 2, "now it is"
    assert session.annotations.shown(2).review is ReviewState.UNREVIEWED


def test_a_click_on_an_undo_step_in_a_drag_is_on_the_frame_of_the_step(window, session: Session) -> None:
    session.annotations.submit(2, edits.move([5], [[50.0, 50.0]]))
    window.details.setCurrentWidget(window.history)
    window.history.setCurrentIndex(0)
    at = take(window)
    steps = window.history.steps
    first = steps.visualRect(steps.model().index(0, 0)).center()
    QTest.mouseClick(steps.viewport(), LEFT, NO_KEYS, first)
    let_go(window, at)
    assert session.frames.current_id == 2
    assert not session.annotations.human(1).is_human.any()
    assert not session.annotations.human(2).is_human.any()
    while session.annotations.undo_stack.canRedo():
        session.annotations.undo_stack.redo()
    assert touched(session) == {1: [30], 2: [5]}
    window.details.setCurrentIndex(0)


def test_a_group_ends_on_its_frame(window: MainWindow, session: Session) -> None:
    session.selection.set((23, 24, 34))
    at = take(window, 23)
    key(window.view, Qt.Key.Key_PageDown)
    let_go(window, at)
    assert touched(session) == {1: [23, 24, 34]}
    assert session.annotations.undo_stack.count() == 1


def test_a_rubber_band_selects_on_its_frame_or_nothing(window: MainWindow, session: Session) -> None:
    gap = QPoint(14, 14)
    start, end = point_of(window, 11) - gap, point_of(window, 24) + gap
    drag(window.view.viewport(), start, end, release=False)
    key(window.view, Qt.Key.Key_PageDown)
    assert session.selection.indices == (11, 12, 13, 22, 23, 24)
    QTest.mouseMove(window.view.viewport(), end + QPoint(120, 120))
    QTest.mouseRelease(window.view.viewport(), LEFT, NO_KEYS, end + QPoint(120, 120))
    assert session.selection.indices == (11, 12, 13, 22, 23, 24)


def test_a_region_box_is_asked_for_on_its_frame(qtbot: QtBot, window, session: Session, inference) -> None:
    window.options.update(rois=True)
    inference.boxes.clear()
    x0, y0, _, _ = window.view.overlay.data_shown.rois[0].tolist()
    start = window.view.view_at(x0, y0).toPoint()
    drag(window.view.viewport(), start, start + QPoint(30, 20), release=False)
    key(window.view, Qt.Key.Key_PageDown)
    QTest.mouseRelease(window.view.viewport(), LEFT, NO_KEYS, start + QPoint(60, 60))
    assert [frame for frame, _, _ in inference.boxes] == [1]


def test_a_proposal_that_arrives_in_a_box_drag_leaves_the_box_in_the_hand(
    qtbot: QtBot, window, session, inference
) -> None:
    window.options.update(rois=True)
    inference.boxes.clear()
    x0, y0, _, _ = window.view.overlay.data_shown.rois[0].tolist()
    start = window.view.view_at(x0, y0).toPoint()
    drag(window.view.viewport(), start, start + QPoint(30, 20), release=False)
    with qtbot.waitSignal(session.proposals.arrived):
        session.proposals.request(1, force=True)
    QTest.mouseRelease(window.view.viewport(), LEFT, NO_KEYS, start + QPoint(30, 20))
    assert len(inference.boxes) == 1
    wanted = np.array([x0, y0]) + np.array([30, 20]) / window.view.zoom
    np.testing.assert_allclose(inference.boxes[0][2][:2], wanted, atol=0.1)


def repeat(widget: QWidget, code: Qt.Key, keys: Qt.KeyboardModifier = NO_KEYS) -> None:
    """A key that stays down strikes again, shortcuts included."""
    QTest.simulateEvent(widget, True, int(code), keys, "", True)


def test_held_arrows_nudge_only_the_frame_where_they_went_down(window: MainWindow, session: Session) -> None:
    session.selection.select(40)
    QTest.keyPress(window.view, Qt.Key.Key_Right)
    repeat(window.view, Qt.Key.Key_Right)
    assert session.annotations.shown(1).xy[40, 0] == pytest.approx(session.proposals.get(1).xy[40, 0] + 2)
    session.frames.go_to(2)
    repeat(window.view, Qt.Key.Key_Right)
    repeat(window.view, Qt.Key.Key_Right)
    assert touched(session) == {1: [40]}
    QTest.keyRelease(window.view, Qt.Key.Key_Right)
    key(window.view, Qt.Key.Key_Right)
    assert touched(session) == {1: [40], 2: [40]}, "a new stroke is about what is seen"


def test_a_held_key_goes_through_frames_and_accepts_one(window: MainWindow, session: Session) -> None:
    QTest.keyPress(window.view, Qt.Key.Key_PageDown)
    repeat(window.view, Qt.Key.Key_PageDown)
    QTest.keyRelease(window.view, Qt.Key.Key_PageDown)
    assert session.frames.current_id == 3
    session.frames.go_to(1)
    QTest.keyPress(window.view, Qt.Key.Key_Return, CTRL | SHIFT)
    for _ in range(3):
        repeat(window.view, Qt.Key.Key_Return, CTRL | SHIFT)
    QTest.keyRelease(window.view, Qt.Key.Key_Return, CTRL | SHIFT)
    assert list(touched(session)) == [1], "nobody saw the others"


def test_placing_ends_with_its_frame(qtbot: QtBot, window, session: Session, inference, places) -> None:
    gone = places.copy()
    gone[[3, 50]] = np.nan
    inference.places["left.jpg"] = inference.places["right.jpg"] = gone
    for frame in (1, 2):
        session.frames.go_to(frame)
        with qtbot.waitSignal(
            session.proposals.arrived, check_params_cb=lambda each, frame=frame: each == frame
        ):
            session.proposals.request(frame, force=True)
    session.frames.go_to(1)
    key(window.view, Qt.Key.Key_C)
    at = window.view.view_at(333, 222).toPoint()
    QTest.mousePress(window.view.viewport(), LEFT, NO_KEYS, at)
    key(window.view, Qt.Key.Key_PageDown)
    QTest.mouseRelease(window.view.viewport(), LEFT, NO_KEYS, at)
    QTest.mouseClick(window.view.viewport(), LEFT, NO_KEYS, at + QPoint(60, 0))
    assert touched(session) == {1: [3]}


@pytest.fixture
def other_project(tmp_path: Path, project: Path, scheme: LandmarkScheme) -> Path:
    """A second project of the same captures."""
    path = tmp_path / "other.annotator"
    with (
        ProjectStore.open(project, read_only=True) as first,
        ProjectStore.create(path, scheme, tmp_path / "captures") as store,
    ):
        store.frames.add(
            [Frame(0, first.frames.get(number).path, "", "", "", "", 800, 640) for number in (1, 2)]
        )
    return path


def test_another_project_in_the_middle_of_a_drag(
    qtbot: QtBot, window, session: Session, project, other_project
) -> None:
    at = take(window)
    session.open_project(other_project)
    qtbot.waitUntil(lambda: has_pixels(session))
    let_go(window, at)
    assert touched(session) == {}
    session.open_project(project)
    assert touched(session) == {1: [30]}


def test_closing_the_project_keeps_what_the_hand_moved(
    window: MainWindow, session: Session, project: Path
) -> None:
    at = take(window)
    key(window.view, Qt.Key.Key_W, CTRL)
    assert not session.is_open
    let_go(window, at)
    session.open_project(project)
    assert touched(session) == {1: [30]}
