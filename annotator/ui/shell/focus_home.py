"""Where the keyboard goes after the mouse used a button, slider, chooser or heatmap: back to the page that is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QLineEdit,
    QTabBar,
    QWidget,
)

from annotator.ui.heatmaps.pane import HeatmapPane

_DONE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
_USED = (QAbstractButton, QAbstractSlider, QComboBox, QTabBar, HeatmapPane)


class FocusHome(QObject):
    """Keys belong to the view: controls of the window take the focus by Tab alone, never by a click or the wheel.

    Dialogs, lists and text fields are left as they are: there the focus stays where it was put.
    """

    def __init__(self, window: QWidget, home: Callable[[], QWidget]) -> None:
        super().__init__(window)
        self._window, self._home = window, home
        for control in window.findChildren(QWidget):
            self._adopt(control)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._on_focus)
        home().setFocus()  # else the first control has the keys when the window comes up

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Sees the mouse leave a control, and a text field done; takes nothing away."""
        if isinstance(watched, QLineEdit):
            if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() in _DONE:
                self._soon()
        elif event.type() in (QEvent.Type.MouseButtonRelease, QEvent.Type.Wheel):
            self._soon()
        return False

    def _adopt(self, control: QWidget) -> bool:
        """Tab alone brings the keys to a control; tells whether a click could until now."""
        if isinstance(control, QLineEdit):
            control.installEventFilter(self)  # it keeps the keys until Return or Escape
        if not isinstance(control, _USED) or (isinstance(control, QComboBox) and control.isEditable()):
            return False
        by_click = bool(control.focusPolicy() & Qt.FocusPolicy.ClickFocus)
        if by_click:
            by_tab = control.focusPolicy() & Qt.FocusPolicy.TabFocus
            control.setFocusPolicy(Qt.FocusPolicy.TabFocus if by_tab else Qt.FocusPolicy.NoFocus)
        control.installEventFilter(self)  # one filter a control, however often it is installed
        if by_click and isinstance(control, QComboBox):
            control.activated.connect(self._soon)
        return by_click

    def _on_focus(self, _old: QWidget | None, new: QWidget | None) -> None:
        """A control that was made later and got the keys by a click."""
        if new is not None and new.window() is self._window and self._adopt(new):
            self._soon()

    def _soon(self) -> None:
        QTimer.singleShot(0, self, partial(self._go_home, QApplication.focusWidget()))

    def _go_home(self, left: QWidget | None) -> None:
        """Only where the window is in front, so that a dialog keeps the keyboard, and where no key moved on meanwhile."""
        is_front = QApplication.activeWindow() is self._window and QApplication.activePopupWidget() is None
        if is_front and QApplication.focusWidget() is left:
            self._home().setFocus()


def step_panel(panels: Sequence[QWidget], count: int) -> None:
    """Moves the keyboard to the next (1) or previous (-1) of these panels that is shown."""
    shown = [panel for panel in panels if panel.isVisible()]
    focused = QApplication.focusWidget()
    at = next(
        (
            i
            for i, panel in enumerate(shown)
            if focused is not None and (panel is focused or panel.isAncestorOf(focused))
        ),
        -1 if count > 0 else 0,
    )
    target = shown[(at + count) % len(shown)]
    for widget in (target, *target.findChildren(QWidget)):
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            widget.setFocus(Qt.FocusReason.TabFocusReason)
            return
