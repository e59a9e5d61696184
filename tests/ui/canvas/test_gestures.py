"""A gesture belongs to the frame and project where it began, whatever happens before the hand lets go."""

import random
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_helpers import drag, has_pixels, key, point_of, wheel

from annotator.domain.annotation import LandmarkState, ReviewState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
AWAY = QPoint(40, -25)
POINT = 30


def human(path: Path, frame_id: int) -> tuple[np.ndarray, np.ndarray, ReviewState]:
    """What people set of a frame, as another program reads it."""
    with ProjectStore.open(path, read_only=True) as store:
        value = store.annotations.get(frame_id)
    return value.xy, value.state, value.review


def hold(window: MainWindow, landmark: int = POINT) -> QPoint:
    """Presses on a landmark and moves it; the button stays down. Returns where the pointer is."""
    start = point_of(window, landmark)
    drag(window.view.viewport(), start, start + AWAY, release=False)
    return start + AWAY


def let_go(window: MainWindow, at: QPoint) -> None:
    QTest.mouseRelease(window.view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def expect_moved(path: Path, places: np.ndarray, zoom: float, frame_id: int = 1) -> None:
    xy, state, _ = human(path, frame_id)
    np.testing.assert_allclose(xy[POINT], places[POINT] + np.array([40, -25]) / zoom, atol=1e-2)
    assert state[POINT] == LandmarkState.CORRECTED


def expect_untouched(path: Path, frame_id: int) -> None:
    _, state, review = human(path, frame_id)
    assert (state == LandmarkState.MISSING).all()
    assert review == ReviewState.UNREVIEWED


@pytest.mark.parametrize(
    ("code", "keys"),
    [(Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_N, Qt.KeyboardModifier.NoModifier)],
)
def test_a_drag_ends_on_its_frame_before_another_is_shown(
    window: MainWindow, session: Session, places, code, keys
) -> None:
    zoom, at = window.view.zoom, hold(window)
    key(window.view, code, keys)
    assert session.frames.current_id == 2
    expect_moved(session.path, places, zoom)
    let_go(window, at)
    expect_untouched(session.path, 2)
    assert session.annotations.undo_stack.count() == 1


def test_accept_and_go_on_takes_the_point_where_the_hand_has_it(
    window: MainWindow, session: Session, places
) -> None:
    zoom, at = window.view.zoom, hold(window)
    key(window.view, Qt.Key.Key_Return, CTRL | SHIFT)
    let_go(window, at)
    assert session.frames.current_id == 2
    xy, state, review = human(session.path, 1)
    np.testing.assert_allclose(xy[POINT], places[POINT] + np.array([40, -25]) / zoom, atol=1e-2)
    assert (state[POINT], review) == (LandmarkState.CONFIRMED, ReviewState.APPROVED)
    expect_untouched(session.path, 2)


def test_undo_during_a_drag_takes_the_drag_back(window: MainWindow, session: Session, places) -> None:
    start = point_of(window, 12)
    drag(window.view.viewport(), start, start + QPoint(30, 30))
    key(window.view, Qt.Key.Key_PageDown)
    at = hold(window)
    key(window.view, Qt.Key.Key_Z, CTRL)
    let_go(window, at)
    expect_untouched(session.path, 2)
    assert human(session.path, 1)[1][12] == LandmarkState.CORRECTED
    key(window.view, Qt.Key.Key_Z, CTRL)
    assert session.frames.current_id == 1
    expect_untouched(session.path, 1)


def test_a_group_ends_on_its_frame(window: MainWindow, session: Session, places) -> None:
    zoom = window.view.zoom
    session.selection.set((29, POINT, 31))
    at = hold(window)
    key(window.view, Qt.Key.Key_PageDown)
    let_go(window, at)
    moved = human(session.path, 1)[0]
    for landmark in (29, POINT, 31):
        np.testing.assert_allclose(moved[landmark], places[landmark] + np.array([40, -25]) / zoom, atol=1e-2)
    expect_untouched(session.path, 2)


def test_a_rubber_band_and_a_region_box_end_on_their_frame(
    window: MainWindow, session: Session, inference
) -> None:
    view, gap = window.view.viewport(), QPoint(14, 14)
    drag(view, point_of(window, 11) - gap, point_of(window, 13) + gap, release=False)
    key(window.view, Qt.Key.Key_PageDown)
    assert session.selection.indices == (11, 12, 13), "what it enclosed on its frame"
    let_go(window, point_of(window, 40))
    assert session.selection.indices == (11, 12, 13)


def test_another_project_gets_nothing_of_a_drag(
    qtbot: QtBot, window: MainWindow, session: Session, places, tmp_path: Path
) -> None:
    first, zoom = session.path, window.view.zoom
    second = tmp_path / "second.annotator"
    with ProjectStore.create(second, session.scheme, session.store.frames.capture_root) as store:
        store.frames.add([session.store.frames.get(frame_id) for frame_id in (1, 2)])
    at = hold(window)
    session.open_project(second)
    qtbot.waitUntil(lambda: has_pixels(session))
    let_go(window, at)
    expect_moved(first, places, zoom)
    for frame_id in (1, 2):
        expect_untouched(second, frame_id)


def test_another_page_ends_a_drag(window: MainWindow, session: Session, places) -> None:
    zoom, at = window.view.zoom, hold(window)
    key(window.view, Qt.Key.Key_F4)
    expect_moved(session.path, places, zoom)
    window.pages.show_frame()
    let_go(window, at)
    assert session.annotations.undo_stack.count() == 1


def test_another_button_does_not_end_a_drag(window: MainWindow, session: Session, places) -> None:
    zoom, at = window.view.zoom, hold(window)
    QTest.mouseClick(window.view.viewport(), Qt.MouseButton.MiddleButton, pos=at)
    assert session.annotations.undo_stack.count() == 0
    let_go(window, at)
    expect_moved(session.path, places, zoom)


def test_the_wheel_keeps_the_point_under_the_pointer(window: MainWindow, session: Session, places) -> None:
    at = hold(window)
    grip = window.view.overlay.data_shown.xy[POINT] - [*window.view.frame_at(QPointF(at)).toTuple()]
    for notches in (3, 2, -1):
        wheel(window.view.viewport(), QPointF(at), notches)
        under = np.array(window.view.frame_at(QPointF(at)).toTuple())
        np.testing.assert_allclose(window.view.overlay.data_shown.xy[POINT] - under, grip, atol=1e-3)
    let_go(window, at)
    np.testing.assert_allclose(session.annotations.shown(1).xy[POINT], under + grip, atol=1e-3)


def test_fit_keeps_the_point_under_the_pointer(window: MainWindow, session: Session) -> None:
    wheel(window.view.viewport(), QPointF(point_of(window, POINT)), 6)
    at = hold(window)
    grip = window.view.overlay.data_shown.xy[POINT] - [*window.view.frame_at(QPointF(at)).toTuple()]
    key(window.view, Qt.Key.Key_F)
    under = np.array(window.view.frame_at(QPointF(at)).toTuple())
    let_go(window, at)
    np.testing.assert_allclose(session.annotations.shown(1).xy[POINT], under + grip, atol=1e-3)


def test_held_arrow_keys_move_nothing_on_the_next_frame(window: MainWindow, session: Session, places) -> None:
    session.selection.select(POINT)
    key(window.view, Qt.Key.Key_Right)
    session.frames.go_to(2)
    for _ in range(3):  # a key that is held repeats
        for kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            event = QKeyEvent(
                kind, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, autorep=True, text="", count=1
            )
            QApplication.sendEvent(window.view, event)
        window.actions_by_id["nudge_right"].trigger()
    expect_untouched(session.path, 2)
    key(window.view, Qt.Key.Key_Right)
    np.testing.assert_allclose(human(session.path, 2)[0][POINT], places[POINT] + [1, 0], atol=1e-3)


def test_a_button_that_goes_up_unseen_ends_the_drag(window: MainWindow, session: Session, places) -> None:
    zoom, at = window.view.zoom, hold(window)
    window.frames.filter.setFocus()
    expect_moved(session.path, places, zoom)
    QTest.mouseMove(window.view.viewport(), at + QPoint(30, 30))
    assert session.annotations.undo_stack.count() == 1


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_between_press_and_release_only_seen_frames_change(
    window: MainWindow, session: Session, seed: int
) -> None:
    """Random hands: a frame's human layer changes only while that frame is the one on the screen."""
    chance = random.Random(seed)
    view = window.view.viewport()
    layers = {frame_id: session.annotations.human(frame_id) for frame_id in range(1, 5)}

    def press() -> None:
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=point_of(window, chance.randrange(60)))

    def move() -> None:
        QTest.mouseMove(view, QPoint(chance.randrange(view.width()), chance.randrange(view.height())))

    def release() -> None:
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(90, 90))

    keys = [
        (Qt.Key.Key_PageDown, None),
        (Qt.Key.Key_PageUp, None),
        (Qt.Key.Key_A, None),
        (Qt.Key.Key_Right, None),
    ]
    keys += [(Qt.Key.Key_N, None), (Qt.Key.Key_Return, CTRL), (Qt.Key.Key_Tab, None), (Qt.Key.Key_F, None)]
    try:
        for _ in range(60):
            before = session.frames.current_id
            act = chance.choice((press, move, move, release, "key", "key", "undo"))
            if act == "key":
                code, modifiers = chance.choice(keys)
                key(window.view, code, modifiers or Qt.KeyboardModifier.NoModifier)
            elif act == "undo":
                key(window.view, Qt.Key.Key_Z, CTRL)
            else:
                act()
            allowed = {before, session.frames.current_id}
            for frame_id, layer in layers.items():
                now = session.annotations.human(frame_id)
                if frame_id not in allowed:
                    assert now == layer, f"frame {frame_id} changed out of sight"
                layers[frame_id] = now
    finally:
        release()
