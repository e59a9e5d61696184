"""History over frames and starts of the program, with a look before a revert; a stylus over the frame."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from ui_helpers import has_pixels, key, point_of

from annotator.domain.annotation import LandmarkState
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def history(window: MainWindow):
    window.details.setCurrentWidget(window.history)
    yield window.history
    window.history.only_frame.setChecked(False)
    window.history.scope.setCurrentIndex(0)
    window.history.setCurrentIndex(0)
    window.details.setCurrentIndex(0)


def nudge(window: MainWindow, session: Session, frame: int, landmark: int) -> None:
    session.frames.go_to(frame)
    session.selection.select(landmark)
    window.view.setFocus()
    key(window.view, Qt.Key.Key_Right)


def test_steps_can_be_jumped_to_and_listed_for_one_frame(
    window: MainWindow, session: Session, history
) -> None:
    for frame, landmark in ((1, 4), (2, 5), (1, 6)):
        nudge(window, session, frame, landmark)
    steps = history.steps
    texts = [steps.model().index(row, 0).data() for row in range(4)]
    assert texts[0] == "Start of this session"
    assert "ada" in texts[1]
    assert session.annotations.undo_stack.undoText() == "Nudge 1 landmark"
    history.only_frame.setChecked(True)
    assert [steps.isRowHidden(row) for row in range(4)] == [False, False, True, False]
    nudge(window, session, 2, 7)
    assert [steps.isRowHidden(row) for row in range(5)] == [False, True, False, True, False]
    history.only_frame.setChecked(False)
    steps.setCurrentIndex(steps.model().index(1, 0))
    assert session.annotations.undo_stack.index() == 1
    assert session.annotations.shown(2).state[5] == LandmarkState.PROPOSED
    assert session.annotations.shown(1).state[4] == LandmarkState.CORRECTED


def test_a_later_start_looks_at_any_state_and_reverts(
    qtbot, window: MainWindow, session: Session, history
) -> None:
    nudge(window, session, 1, 4)
    nudge(window, session, 1, 5)
    nudge(window, session, 2, 6)
    path = session.path
    session.close_project()
    session.open_project(path)
    session.frames.go_to(1)
    qtbot.waitUntil(lambda: has_pixels(session) and session.proposals.get(1) is not None)
    assert session.annotations.undo_stack.count() == 0, "nothing to undo in a new start"
    history.setCurrentIndex(1)
    history.ledger.setCurrentItem(history.ledger.topLevelItem(2))
    shown = window.view.overlay.data_shown
    assert shown.state[[4, 5]].tolist() == [LandmarkState.PROPOSED] * 2
    assert "Before anything" in window.frame_panel.badges.state.text()
    compare = window.actions_by_id["compare"]
    compare.setChecked(True)
    assert "Before anything" in window.frame_panel.badges.state.text()
    assert "Proposal" in window.frame_panel.badges.state.text(), "both are told of"
    history.ledger.setCurrentItem(history.ledger.topLevelItem(1))
    assert not compare.isChecked(), "nothing lies over an earlier state that is looked at"
    history.ledger.setCurrentItem(history.ledger.topLevelItem(2))
    history.setCurrentIndex(0)
    assert window.view.overlay.data_shown.state[5] == LandmarkState.CORRECTED, "looking ends with the list"
    history.setCurrentIndex(1)
    history.scope.setCurrentIndex(1)
    history.scope.activated.emit(1)
    assert history.ledger.topLevelItemCount() == 3
    assert "right" in history.ledger.topLevelItem(0).text(2)
    history.ledger.setCurrentItem(history.ledger.topLevelItem(2))
    QTest.mouseClick(history.revert, Qt.MouseButton.LeftButton)
    assert session.annotations.shown(1).state[[4, 5]].tolist() == [
        LandmarkState.CORRECTED,
        LandmarkState.PROPOSED,
    ]
    window.view.setFocus()
    key(window.view, Qt.Key.Key_Z, CTRL)
    assert session.annotations.shown(1).state[5] == LandmarkState.CORRECTED


def pen(
    window: MainWindow, kind: QEvent.Type, at: QPointF, button: Qt.MouseButton, held: Qt.MouseButton
) -> QTabletEvent:
    """Sends a stylus event to the frame view; tells what became of it."""
    view = window.view.viewport()
    event = QTabletEvent(
        kind,
        QPointingDevice.primaryPointingDevice(),
        at,
        QPointF(view.mapToGlobal(at.toPoint())),
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        Qt.KeyboardModifier.NoModifier,
        button,
        held,
    )
    event.ignore()
    QApplication.sendEvent(view, event)
    return event


def test_the_barrel_button_pans_and_the_tip_is_the_mouse(window: MainWindow, session: Session) -> None:
    barrel, none, left = Qt.MouseButton.RightButton, Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton
    window.view.zoom_to(2.0)
    start = QPointF(300, 300)
    held = window.view.frame_at(start)
    assert pen(window, QEvent.Type.TabletPress, start, barrel, barrel).isAccepted()
    assert pen(window, QEvent.Type.TabletMove, start + QPointF(40, -25), none, barrel).isAccepted()
    assert pen(window, QEvent.Type.TabletRelease, start + QPointF(40, -25), barrel, none).isAccepted()
    moved = window.view.frame_at(start + QPointF(40, -25))
    np.testing.assert_allclose([moved.x(), moved.y()], [held.x(), held.y()], atol=0.6)
    assert session.annotations.undo_stack.count() == 0
    at = QPointF(point_of(window, 30))
    assert not pen(window, QEvent.Type.TabletMove, at, none, none).isAccepted(), "hover goes on as a mouse"
    assert not pen(window, QEvent.Type.TabletPress, at, left, left).isAccepted(), "and so does the tip"
