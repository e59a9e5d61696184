"""Curves of x and y by real events: what they show, keys that are dragged, going to a frame, keyboard."""

import numpy as np
import pytest
from moving_take import truth
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_helpers import drag, key

from annotator.domain import edits
from annotator.domain.annotation import LandmarkState
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow
from annotator.ui.timeline.curve_view import CurveView

pytestmark = pytest.mark.gui
WAIT = 60_000
X, Y = 0, 1
KEY_PLACE, LANDMARK = 2, 4  # frame 3 is a key of landmarks 4, 5 and 6


@pytest.fixture
def curves(take: MainWindow, session: Session, qtbot: QtBot) -> CurveView:
    take.actions_by_id["time_curves"].trigger()
    session.selection.set((LANDMARK,))
    view = take.pages.timeline.curves
    qtbot.waitUntil(lambda: view.isVisible() and session.time.curves.data is not None, timeout=WAIT)
    return view


def spot(view: CurveView, lane: int, place: int = KEY_PLACE, landmark: int = LANDMARK) -> QPoint:
    return view.key_place(place, landmark, lane).toPoint()


def turn(view: CurveView, at: QPoint, notches: int, keys: Qt.KeyboardModifier) -> None:
    event = QWheelEvent(
        QPointF(at), QPointF(view.mapToGlobal(at)), QPoint(), QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)


def test_they_show_keys_and_proposals_over_time(curves: CurveView, session: Session) -> None:
    data = session.time.curves.data
    assert data.places.tolist() == list(range(8))
    assert data.state[:, LANDMARK].tolist() == [1, 1, LandmarkState.CORRECTED, 1, 1, 1, 1, 1]
    assert np.allclose(data.xy[KEY_PLACE, LANDMARK], truth(3)[LANDMARK])
    assert np.allclose(data.proposed[0, LANDMARK], truth(1)[LANDMARK] + (3, 0))
    at = spot(curves, X)
    picture = curves.grab().toImage()
    ratio = picture.devicePixelRatio()
    assert (
        picture.pixelColor(round(at.x() * ratio), round(at.y() * ratio)).name() == curves._curves[0][0].tint
    )
    session.selection.set(())
    assert curves.key_place(KEY_PLACE, LANDMARK, X) is None


@pytest.mark.parametrize("lane", [X, Y])
def test_a_key_is_dragged_up_and_down_as_one_step(curves: CurveView, session: Session, lane: int) -> None:
    before = session.annotations.human(3).xy[LANDMARK].copy()
    stack, scale = session.annotations.undo_stack, curves.lanes[lane].scale
    start = spot(curves, lane)
    drag(curves, start, start + QPoint(30, 24), release=False)
    assert stack.count() == 0, "it is saved at the release"
    QTest.mouseRelease(curves, Qt.MouseButton.LeftButton, pos=start + QPoint(30, 24))
    assert stack.count() == 1
    assert session.frames.current_id == 3
    after = session.store.annotations.get(3).xy[LANDMARK]
    assert after[lane] - before[lane] == pytest.approx(24 / scale, abs=0.01)
    assert after[1 - lane] == before[1 - lane]
    assert (session.store.annotations.get(3).xy[[5, 6]] == session.annotations.human(3).xy[[5, 6]]).all()
    assert session.time.curves.data.xy[KEY_PLACE, LANDMARK, lane] == pytest.approx(after[lane])
    session.annotations.undo()
    assert (session.store.annotations.get(3).xy[LANDMARK] == before).all()
    assert session.time.curves.data.xy[KEY_PLACE, LANDMARK, lane] == pytest.approx(before[lane])


def test_escape_leaves_a_held_key_where_it_was(curves: CurveView, session: Session) -> None:
    start = spot(curves, Y)
    drag(curves, start, start + QPoint(0, 20), release=False)
    key(curves, Qt.Key.Key_Escape)
    QTest.mouseRelease(curves, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 20))
    assert session.annotations.undo_stack.count() == 0


@pytest.mark.parametrize("given_up", [False, True])
def test_the_picture_follows_a_key_that_is_dragged(
    curves: CurveView, take: MainWindow, session: Session, given_up: bool
) -> None:
    session.frames.go_to(3)
    before, scale = session.annotations.human(3).xy[LANDMARK].copy(), curves.lanes[Y].scale
    held: list[tuple[int, ...]] = []
    session.pointer.held.connect(lambda indices, _xy: held.append(indices))
    start = spot(curves, Y)
    drag(curves, start, start + QPoint(0, 20), release=False)
    shown = take.view.overlay.data_shown
    assert shown.xy[LANDMARK, Y] - before[Y] == pytest.approx(20 / scale, abs=0.01)
    assert shown.xy[LANDMARK, X] == before[X]
    assert shown.dragged == {LANDMARK}
    assert (session.store.annotations.get(3).xy[LANDMARK] == before).all(), "it is saved at the release"
    assert held[-1] == (LANDMARK,), "the inspector and the other views follow"
    if given_up:
        key(curves, Qt.Key.Key_Escape)
    QTest.mouseRelease(curves, Qt.MouseButton.LeftButton, pos=start + QPoint(0, 20))
    shown = take.view.overlay.data_shown
    assert not shown.dragged
    assert not take.view.is_dragging
    assert held[-1] == ()
    moved = shown.xy[LANDMARK, Y] - before[Y]
    assert moved == pytest.approx(0 if given_up else 20 / scale, abs=0.01)
    assert moved == session.store.annotations.get(3).xy[LANDMARK, Y] - before[Y]


def test_what_ends_gestures_saves_a_held_key_where_it_is(curves: CurveView, session: Session) -> None:
    start, before = spot(curves, Y), session.annotations.human(3).xy[LANDMARK].copy()
    scale = curves.lanes[Y].scale
    drag(curves, start, start + QPoint(0, 20), release=False)
    session.frames.go_to(6)
    assert session.annotations.undo_stack.count() == 1
    moved = session.store.annotations.get(3).xy[LANDMARK] - before
    assert moved[Y] == pytest.approx(20 / scale, abs=0.01)
    assert not session.annotations.human(6).is_human.any()


def test_a_click_goes_to_the_frame_and_along(curves: CurveView, take: MainWindow, session: Session) -> None:
    strip = take.pages.timeline.strip
    here = QPoint(round(strip.axis.middle(5)), 5)
    QTest.mouseClick(curves, Qt.MouseButton.LeftButton, pos=here)
    assert session.frames.current_id == 5
    drag(curves, here, QPoint(round(strip.axis.middle(2)), 5), release=False)
    assert session.frames.current_id == 5
    assert take.frame_panel.glance.is_on
    QTest.mouseRelease(curves, Qt.MouseButton.LeftButton, pos=QPoint(round(strip.axis.middle(2)), 5))
    assert session.frames.current_id == 2
    QTest.mouseClick(curves, Qt.MouseButton.LeftButton, pos=spot(curves, X))
    assert session.frames.current_id == 3
    assert session.annotations.undo_stack.count() == 0


def test_wheel_and_middle_button_choose_what_is_seen(curves: CurveView, take: MainWindow) -> None:
    strip, at = take.pages.timeline.strip, QPoint(round(take.pages.timeline.strip.axis.middle(3)), 20)
    whole = strip.axis
    span, under = curves.lanes[X].span, curves.lanes[X].value(20)
    turn(curves, at, 2, Qt.KeyboardModifier.ControlModifier)
    assert curves.lanes[X].span < span
    assert curves.lanes[X].value(20) == pytest.approx(under)
    assert strip.axis == whole
    value = curves.lanes[X].value(20)
    QTest.mousePress(curves, Qt.MouseButton.MiddleButton, pos=at)
    QTest.mouseMove(curves, at + QPoint(0, 15))
    QTest.mouseRelease(curves, Qt.MouseButton.MiddleButton, pos=at + QPoint(0, 15))
    assert curves.lanes[X].value(35) == pytest.approx(value)
    turn(curves, at, 1, Qt.KeyboardModifier.NoModifier)
    assert strip.axis.high - strip.axis.low < whole.high - whole.low
    key(curves, Qt.Key.Key_F)
    assert curves.lanes[X].span == pytest.approx(span, rel=0.3)
    QTest.mouseDClick(curves, Qt.MouseButton.LeftButton, pos=at)
    assert (strip.axis.low, strip.axis.high) == (whole.low, whole.high)


def test_keys_move_landmarks_and_the_frame(curves: CurveView, session: Session) -> None:
    session.frames.go_to(3)
    before = session.annotations.human(3).xy[LANDMARK].copy()
    curves.setFocus()
    key(curves, Qt.Key.Key_X)
    key(curves, Qt.Key.Key_Up)
    assert (session.annotations.human(3).xy[LANDMARK] - before).tolist() == [1, 0]
    key(curves, Qt.Key.Key_Y)
    key(curves, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert (session.annotations.human(3).xy[LANDMARK] - before).tolist() == [1, -10]
    assert session.annotations.undo_stack.count() == 2
    key(curves, Qt.Key.Key_Right)
    assert session.frames.current_id == 4
    key(curves, Qt.Key.Key_Home)
    assert session.frames.current_id == 1


def test_what_is_tracked_has_a_width_and_says_where_it_is_unsure(
    curves: CurveView, take: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.frames.go_to(3)
    take.view.setFocus()
    key(take.view, Qt.Key.Key_BracketRight)
    qtbot.waitUntil(lambda: session.time.take.state.tracked.sum() == 5, timeout=WAIT)
    qtbot.waitUntil(lambda: bool((session.time.curves.data.state[3:, LANDMARK] == 4).all()), timeout=WAIT)
    data = session.time.curves.data
    assert (data.sigma[3:, LANDMARK] > 0).all()
    assert np.isnan(data.sigma[:3, LANDMARK]).all()
    assert "tracked" in curves._told(QPointF(take.pages.timeline.strip.axis.middle(5), 10))


def test_an_edit_elsewhere_is_seen_at_once(curves: CurveView, session: Session) -> None:
    session.annotations.submit(5, edits.move([LANDMARK], [[60.0, 61.0]]))
    assert curves.key_place(4, LANDMARK, X) is not None
    assert session.time.curves.data.xy[4, LANDMARK].tolist() == [60, 61]
    session.annotations.undo()
    assert curves.key_place(4, LANDMARK, X) is None


def test_another_project_shows_nothing_of_this_one(curves: CurveView, session: Session) -> None:
    start = spot(curves, Y)
    drag(curves, start, start + QPoint(0, 20), release=False)
    session.close_project()
    assert session.time.curves.data is None
    curves.grab()
    QTest.mouseRelease(curves, Qt.MouseButton.LeftButton, pos=start)


def test_the_command_brings_the_timeline_up_and_is_remembered(take: MainWindow) -> None:
    take.actions_by_id["show_timeline"].trigger()
    assert not take.pages.timeline.isVisible()
    take.actions_by_id["time_curves"].trigger()
    assert take.pages.timeline.curves.isVisible()
    take.actions_by_id["time_curves"].trigger()
    assert not take.pages.timeline.curves.isVisible()
    assert take.pages.timeline.isVisible()


def test_a_key_in_the_hand_stays_under_the_pointer_when_the_scale_changes(
    curves: CurveView, session: Session
) -> None:
    start = spot(curves, Y)
    end = start + QPoint(0, 20)
    drag(curves, start, end, release=False)
    turn(curves, end, 5, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseMove(curves, end + QPoint(0, 1))
    QTest.mouseRelease(curves, Qt.MouseButton.LeftButton, pos=end + QPoint(0, 1))
    assert abs(spot(curves, Y).y() - (end.y() + 1)) <= 1


def test_on_a_low_window_the_curves_leave_the_picture_its_room(
    curves: CurveView, take: MainWindow, qtbot: QtBot
) -> None:
    before, high = take.size(), curves.height()
    take.resize(1280, 560)
    QApplication.processEvents()
    assert curves.height() < high
    assert take.view.height() > curves.height()
    assert all(lane.height > 25 for lane in curves.lanes)
    take.resize(before)
    qtbot.waitUntil(lambda: curves.height() == high)
