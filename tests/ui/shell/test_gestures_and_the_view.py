"""What is held stays under the pointer, and what takes the release away ends a gesture."""

import numpy as np
import pytest
from gesture_helpers import BY, LEFT, NO_KEYS, by_frames, let_go, take, touched
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot
from ui_helpers import key, point_of, wheel

from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
RIGHT = Qt.MouseButton.RightButton
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


# ---- zoom
def under_pointer(window: MainWindow, landmark: int, at: QPoint) -> float:
    """Distance of a landmark from the pointer, view pixels."""
    x, y = window.view.overlay.data_shown.xy[landmark].tolist()
    away = window.view.view_at(x, y) - QPointF(at)
    return float(np.hypot(away.x(), away.y()))


LOOKS = {
    "wheel at the pointer": lambda window, at: wheel(window.view.viewport(), QPointF(at), 6),
    "wheel elsewhere": lambda window, at: wheel(window.view.viewport(), QPointF(at) + QPointF(90, 40), 4),
    "fit": lambda window, at: key(window.view, Qt.Key.Key_F),
    "100 %": lambda window, at: key(window.view, Qt.Key.Key_1),
    "zoom in": lambda window, at: key(window.view, Qt.Key.Key_Plus),
    "zoom to the selection": lambda window, at: key(window.view, Qt.Key.Key_Z),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS.keys())
def test_zooming_keeps_the_dragged_point_under_the_pointer(window, session: Session, look) -> None:
    wheel(window.view.viewport(), QPointF(point_of(window, 30)), 3)
    start = point_of(window, 30) + QPoint(4, 3)
    QTest.mousePress(window.view.viewport(), LEFT, NO_KEYS, start)
    QTest.mouseMove(window.view.viewport(), start + QPoint(20, 0))
    at = start + BY
    QTest.mouseMove(window.view.viewport(), at)
    look(window, at)
    assert window.view.is_dragging, "looking ends nothing"
    assert under_pointer(window, 30, at) < 7
    QTest.mouseMove(window.view.viewport(), at + QPoint(5, 5))
    assert under_pointer(window, 30, at + QPoint(5, 5)) < 7
    held = window.view.overlay.data_shown.xy[30].copy()
    QTest.mouseRelease(window.view.viewport(), LEFT, NO_KEYS, at + QPoint(5, 5))
    np.testing.assert_allclose(session.annotations.shown(1).xy[30], held, atol=1e-3)


def test_zooming_keeps_a_group_together(window: MainWindow, session: Session, places) -> None:
    session.selection.set((30, 41))
    at = take(window)
    wheel(window.view.viewport(), QPointF(at), 5)
    let_go(window, at)
    moved = session.annotations.shown(1).xy[[30, 41]] - places[[30, 41]]
    np.testing.assert_allclose(moved[0], moved[1], atol=1e-3)


# ---- what takes the release away
def test_escape_cancels_and_the_button_does_nothing_more(
    window: MainWindow, session: Session, places
) -> None:
    at = take(window)
    key(window.view, Qt.Key.Key_Escape)
    let_go(window, at)
    assert session.annotations.undo_stack.count() == 0
    np.testing.assert_allclose(window.view.overlay.data_shown.xy[30], places[30], atol=1e-3)


@pytest.mark.parametrize("kind", [QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked])
def test_a_window_that_loses_the_hand_ends_the_drag(window: MainWindow, session: Session, kind) -> None:
    at = take(window)
    QApplication.sendEvent(window, QEvent(kind))
    assert touched(session) == {1: [30]}
    QTest.mouseMove(window.view.viewport(), at + QPoint(50, 50))
    let_go(window, at)
    assert session.annotations.undo_stack.count() == 1


def test_a_dialog_in_the_middle_of_a_drag(qtbot: QtBot, window: MainWindow, session: Session) -> None:
    at = take(window)
    box = QMessageBox(window)
    qtbot.addWidget(box)
    box.open()
    qtbot.waitUntil(box.isVisible)
    assert touched(session) == {1: [30]}
    box.close()
    let_go(window, at)
    assert session.annotations.undo_stack.count() == 1


def test_a_release_that_nobody_saw(window: MainWindow, session: Session, places) -> None:
    take(window)
    expected = places[30] + by_frames(window)
    view = window.view.viewport()
    QTest.mouseRelease(window, LEFT)  # somewhere else
    QTest.mouseMove(view, QPoint(500, 400))
    np.testing.assert_allclose(session.annotations.shown(1).xy[30], expected, atol=0.05)
    QTest.mouseMove(view, QPoint(520, 400))
    assert session.annotations.undo_stack.count() == 1


def test_other_buttons_neither_end_nor_begin_anything(window: MainWindow, session: Session) -> None:
    at = take(window)
    view = window.view.viewport()
    for button in (RIGHT, Qt.MouseButton.MiddleButton):
        QTest.mouseClick(view, button, NO_KEYS, at)
        QTest.mouseDClick(view, button, NO_KEYS, at)
    assert session.annotations.undo_stack.count() == 0


def pen(
    window: MainWindow, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton
) -> bool:
    view = window.view.viewport()
    place = QPointF(view.mapToGlobal(at.toPoint()))
    device = QPointingDevice.primaryPointingDevice()
    event = QTabletEvent(kind, device, at, place, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, NO_KEYS, button, held)
    event.ignore()
    QApplication.sendEvent(view, event)
    return event.isAccepted()


def test_the_barrel_button_does_not_take_the_release_of_the_tip(window: MainWindow, session: Session) -> None:
    at = QPointF(point_of(window, 30))
    both = LEFT | RIGHT
    assert not pen(window, QEvent.Type.TabletPress, at, LEFT, LEFT), "it goes on as a mouse"
    assert not pen(window, QEvent.Type.TabletPress, at, RIGHT, both), "no pan begins"
    assert not pen(window, QEvent.Type.TabletMove, at + QPointF(9, 9), Qt.MouseButton.NoButton, both)
    assert not pen(window, QEvent.Type.TabletRelease, at, RIGHT, LEFT)
    assert not pen(window, QEvent.Type.TabletRelease, at, LEFT, Qt.MouseButton.NoButton)


# ---- pages
def test_another_page_in_the_middle_of_a_drag(window: MainWindow, session: Session) -> None:
    for code in (Qt.Key.Key_F3, Qt.Key.Key_F4):
        at = take(window)
        key(window.view, code)
        assert touched(session) == {1: [30]}
        let_go(window, at)
        window.pages.show_frame()
        session.annotations.undo_stack.undo()
