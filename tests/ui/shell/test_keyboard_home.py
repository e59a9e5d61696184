"""The keyboard returns to the view after the mouse used a control."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot
from sheet_helpers import proposed_sheet
from ui_helpers import key

from annotator.domain.annotation import ReviewState
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
sheet = pytest.fixture(proposed_sheet)


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


def test_a_window_that_comes_up_gives_the_keys_to_the_view(
    qtbot: QtBot, own_session: Session, tmp_path: Path
) -> None:
    window = MainWindow(own_session, QSettings(str(tmp_path / "window.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    assert QApplication.focusWidget() is window.view


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


@pytest.mark.parametrize("by_key", [False, True], ids=["by the mouse", "by keyboard"])
def test_the_keyboard_returns_after_the_wheel_turned_over_a_control(
    qtbot: QtBot, window: MainWindow, session: Session, by_key
) -> None:
    combo: QComboBox = window.heatmaps.colormap
    if by_key:
        combo.setFocus(Qt.FocusReason.TabFocusReason)
    at = QPointF(8, 8)
    wheel = QWheelEvent(
        at,
        combo.mapToGlobal(at),
        QPoint(),
        QPoint(0, -120),
        Qt.MouseButton.NoButton,
        NO_KEYS,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(combo, wheel)
    walks(qtbot, window, session)
    combo.setCurrentIndex(0)


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
