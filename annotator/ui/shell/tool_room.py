"""What of the tool bar gives way in a narrow window, step by step, so that the model and its buttons stay."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolBar, QToolButton

from annotator.ui.common.theme import icon


@dataclass(frozen=True)
class Step:
    """Actions of the bar that go into the menu of what gives way, parts that are left out, and what is made smaller.

    `shrink` is told whether to be small.
    """

    actions: tuple[QAction, ...] = ()
    parts: tuple[QAction, ...] = ()
    shrink: Callable[[bool], None] | None = None


class ToolRoom(QObject):
    """Takes as few steps as the bar's width asks for; *More* holds the buttons that gave way."""

    def __init__(self, bar: QToolBar, more: QAction, menu: QMenu, steps: Sequence[Step]) -> None:
        """`bar` is whole, `more` its button of `menu`; `steps`: what gives way first stands first."""
        super().__init__(bar)
        self._bar, self._more, self._menu, self._steps = bar, more, menu, steps
        self._order = bar.actions()
        self._needs: list[int] = []  # the width after so many steps, empty where it must be measured
        self._taken = 0
        bar.installEventFilter(self)
        self._show(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the width of the bar and the size of its texts."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._fit()
        elif event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._needs.clear()
            QTimer.singleShot(0, self, self._fit)  # once its buttons have their new style, too
        return False

    def _fit(self) -> None:
        if not self._bar.isVisible():
            return  # sizes are of the style only once it is shown
        if not self._needs:
            for count in range(len(self._steps) + 1):
                self._show(count)
                self._needs.append(self._bar.sizeHint().width())
        fitting = [count for count, need in enumerate(self._needs) if need <= self._bar.width()]
        count = fitting[0] if fitting else len(self._steps)
        if count != self._taken:
            self._show(count)

    def _show(self, count: int) -> None:
        """Takes the first `count` steps, and no other."""
        self._taken = count
        gone = [action for step in self._steps[:count] for action in step.actions]
        for number, step in enumerate(self._steps):
            for part in step.parts:
                part.setVisible(number >= count)
            if step.shrink is not None:
                step.shrink(number < count)
        self._put(set(gone))
        self._menu.clear()
        self._menu.addActions([action for action in self._order if action in gone])
        self._more.setVisible(bool(gone))
        kept = [
            action for action in self._order if action not in gone and action not in self._left_out(count)
        ]
        for action, after in pairwise(kept):
            if action.isSeparator():  # what it parts from the next line gave way
                action.setVisible(not after.isSeparator())

    def _left_out(self, count: int) -> set[QAction]:
        """The parts that are not seen after so many steps."""
        return {part for step in self._steps[:count] for part in step.parts}

    def _put(self, gone: Collection[QAction]) -> None:
        """An action is the whole window's: to be out of the bar it is taken out of it, and put back before the next."""
        there, after = set(self._bar.actions()), None
        for action in reversed(self._order):
            if action in gone:
                if action in there:
                    self._bar.removeAction(action)
                continue
            if action not in there:
                self._bar.insertAction(after, action)  # type: ignore[arg-type]
                name_button(self._bar, action)
            after = action


def name_button(bar: QToolBar, action: QAction) -> None:
    """The button of an action has a name for who cannot see it."""
    widget = bar.widgetForAction(action)
    if widget is not None and action.text():
        widget.setAccessibleName(action.text())


def more_button() -> tuple[QToolButton, QMenu]:
    """The button of what gave way, and its menu."""
    button = QToolButton()
    menu = QMenu(button)
    button.setMenu(menu)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # as the bar's other buttons
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setIcon(icon("dots-three-outline"))
    button.setAccessibleName("More tools")
    button.setToolTip("Tools for which the window is too narrow")
    return button, menu
