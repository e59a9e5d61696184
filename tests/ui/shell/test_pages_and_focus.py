"""Keys act on what is seen: commands know their page, and the keyboard returns to it after the mouse used a control."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QSlider, QWidget
from pytestqt.qtbot import QtBot
from ui_helpers import key

from annotator.domain.annotation import LandmarkState, ReviewState
from annotator.services.project.queue.queues import Queue
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
POINT = 30


def click(widget: QWidget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=widget.rect().center())


@pytest.mark.parametrize(
    ("code", "keys"),
    [
        (Qt.Key.Key_Return, CTRL | SHIFT),
        (Qt.Key.Key_Return, CTRL),
        (Qt.Key.Key_A, SHIFT),
        (Qt.Key.Key_N, SHIFT),
    ],
)
@pytest.mark.parametrize("page", [Qt.Key.Key_F3, Qt.Key.Key_F4])
def test_no_frame_changes_that_nobody_sees(
    window: MainWindow, session: Session, page: Qt.Key, code: Qt.Key, keys: Qt.KeyboardModifier
) -> None:
    session.selection.select(POINT)
    key(window.view, page)
    key(window.pages.home(), code, keys)
    assert session.annotations.undo_stack.count() == 0
    assert session.frames.current_id == 1
    annotation = session.annotations.human(1)
    assert (annotation.state == LandmarkState.MISSING).all()
    assert annotation.review == ReviewState.UNREVIEWED
    assert "frame view" in window.statusBar().currentMessage(), "it says where the key works"
    key(window.pages.home(), Qt.Key.Key_F2)
    key(window.view, Qt.Key.Key_Return, CTRL)
    assert session.annotations.human(1).review == ReviewState.APPROVED


def test_arrows_move_the_landmark_after_a_slider(window: MainWindow, session: Session, places) -> None:
    window.resize(1900, 1000)
    session.selection.select(POINT)
    slider = window.toolbar.exposure
    assert isinstance(slider, QSlider)
    click(slider)
    value = slider.value()
    key(window.focusWidget(), Qt.Key.Key_Right)
    assert slider.value() == value
    np.testing.assert_allclose(session.annotations.shown(1).xy[POINT], places[POINT] + [1, 0], atol=1e-3)


def test_tab_walks_the_landmarks_after_any_button(qtbot: QtBot, window: MainWindow, session: Session) -> None:
    """After a click on a button or check box of the window, from wherever the keys were before."""
    buttons = [
        button
        for button in window.heatmaps.findChildren(QAbstractButton)
        if button.isVisible() and button.isEnabled() and button.isCheckable()
    ]
    assert buttons
    for button in buttons[:4]:
        window.frames.filter.setFocus()
        click(button)
        qtbot.waitUntil(lambda: window.focusWidget() is window.view)
        session.selection.select(3)
        key(window.focusWidget(), Qt.Key.Key_Tab)
        assert session.selection.primary == 4
        click(button)


def test_controls_are_still_reached_by_tab(window: MainWindow) -> None:
    control = window.toolbar.model
    assert control.focusPolicy() & Qt.FocusPolicy.TabFocus
    assert not control.focusPolicy() & Qt.FocusPolicy.ClickFocus
    control.setFocus(Qt.FocusReason.TabFocusReason)
    assert window.focusWidget() is control


def test_accept_and_go_on_follows_the_queue_in_use(
    qtbot: QtBot, window: MainWindow, session: Session
) -> None:
    window.lists.setCurrentWidget(window.queues)
    window.queues.show_queue(Queue.LEAST_COVERED)
    qtbot.waitUntil(lambda: len(window.queues.rows.items) == 4)
    order = [item.frame.id for item in window.queues.rows.items]
    window.queues.open_row(1)
    assert session.frames.current_id == order[1]
    key(window.view, Qt.Key.Key_Return, CTRL | SHIFT)
    assert session.frames.current_id == order[2], "the queue's next, not the list's"
    window.lists.setCurrentWidget(window.frames)
