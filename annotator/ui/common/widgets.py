"""Small building blocks shared by panels and dialogs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.common.plain import plain
from annotator.ui.common.theme import icon, label, scaled


@dataclass(frozen=True)
class Nothing:
    """Why a place is empty, and what can be done about it: ids of commands with the texts of their buttons."""

    text: str
    buttons: tuple[tuple[str, str], ...] = ()


NO_PROJECT = Nothing(
    "No project is open.", (("new_project", "New project…"), ("open_project", "Open project…"))
)
"""What panels say as long as there is nothing to show at all."""


class Panel(QFrame):
    """A framed area with a small heading (none where a tab says it), a place for controls beside it, and a body."""

    def __init__(self, title: str, parent: QWidget | None = None, in_tab: bool = False) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        self.header = QHBoxLayout()
        self.header.setContentsMargins(10, 5, 6, 4)
        self.header.setSpacing(4)
        self.told = label("" if in_tab else title.upper(), "dim" if in_tab else "heading")
        self.header.addWidget(self.told, 1)
        column.addLayout(self.header)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(8, 2, 8, 8)
        self.body.setSpacing(6)
        column.addLayout(self.body, 1)


class Words(QWidget):
    """What an empty place says, with buttons below it."""

    wanted = Signal(str)  # id of a command

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = label("", "faint")
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self._column.addWidget(self._label)
        self._column.addStretch(1)
        self.buttons: dict[str, QPushButton] = {}
        self._shown = Nothing("")

    def text(self) -> str:
        """All that is read here."""
        return "\n".join((self._shown.text, *(text for _, text in self._shown.buttons)))

    def show_nothing(self, nothing: Nothing) -> None:
        """Takes over other words and buttons."""
        if nothing == self._shown:
            return
        self._shown = nothing
        self._label.setText(nothing.text)
        for button in self.buttons.values():
            self._column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = {}
        for row, (command, text) in enumerate(nothing.buttons, 2):
            button = self.buttons[command] = QPushButton(text)
            button.clicked.connect(lambda _on, command=command: self.wanted.emit(command))
            self._column.insertWidget(row, button, 0, Qt.AlignmentFlag.AlignHCenter)


def scrolled(part: QWidget) -> QScrollArea:
    """The part as wide as there is room, with a scroll bar where it is higher."""
    scroll = QScrollArea()
    scroll.setWidgetResizable(True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidget(part)
    return scroll


class EmptyState(QStackedWidget):
    """Something to look at, or, as long as there is nothing, `words` that say what to do."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self.words = Words()
        self.addWidget(content)
        self.addWidget(self.words)

    def tell(self, words: str | Nothing) -> None:
        """Shows why there is nothing; without words, what there is."""
        nothing = words if isinstance(words, Nothing) else Nothing(words)
        self.words.show_nothing(nothing)
        self.setCurrentWidget(self.words if nothing.text else self._content)


class ShortLabel(QLabel):
    """A line of text that takes the room that is left, and ends in `…` where that is not enough."""

    def __init__(self, role: str = "dim") -> None:
        super().__init__()
        self.setObjectName(role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws what there is room for, in the style's colours."""
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter = QPainter(self)
        self.style().drawItemText(
            painter,
            self.rect(),
            int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
            self.palette(),
            self.isEnabled(),
            shown,
            self.foregroundRole(),
        )


class Tabs(QTabWidget):
    """Tabs without a frame of their own: what they hold has one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)


def tool_button(icon_name: str, tip: str, on_click: Callable[[], object] | None = None) -> QToolButton:
    """A flat icon button with a tool tip that is also its accessible name."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(scaled(16), scaled(16)))
    button.setToolTip(plain(tip))
    button.setAccessibleName(tip)
    if on_click is not None:
        button.clicked.connect(lambda _checked=False: on_click())
    return button


def fit_height(dialog: QWidget) -> None:
    """As high as its contents are at its least width: texts that wrap ask for no height of their own."""
    width = max(dialog.minimumWidth(), dialog.minimumSizeHint().width())
    dialog.resize(width, dialog.heightForWidth(width))


def slider(name: str, low: int, high: int, value: int, width: int = 80) -> QSlider:
    """A horizontal slider with an accessible name; a double click is left to the caller."""
    widget = QSlider(Qt.Orientation.Horizontal)
    widget.setRange(low, high)
    widget.setValue(value)
    widget.setFixedWidth(width)
    widget.setAccessibleName(name)
    widget.setToolTip(plain(name))
    return widget
