"""Small building blocks shared by panels and dialogs."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSlider, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from annotator.ui.theme import icon, label, scaled


class Panel(QFrame):
    """A framed area with a small heading, a place for controls beside it, and a body."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel")
        self.setAccessibleName(title)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        self.header = QHBoxLayout()
        self.header.setContentsMargins(10, 5, 6, 4)
        self.header.setSpacing(4)
        self.header.addWidget(label(title.upper(), "heading"))
        self.header.addStretch(1)
        column.addLayout(self.header)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(8, 2, 8, 8)
        self.body.setSpacing(6)
        column.addLayout(self.body, 1)


class EmptyState(QStackedWidget):
    """Something to look at, or, as long as there is nothing, `words` that say what to do."""

    def __init__(self, content: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content = content
        self.words = label("", "faint")
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.addWidget(content)
        self.addWidget(self.words)

    def show_content(self) -> None:
        """There is something."""
        self.setCurrentWidget(self._content)

    def show_text(self, text: str) -> None:
        """There is nothing, and this is why."""
        self.words.setText(text)
        self.setCurrentWidget(self.words)


def tool_button(icon_name: str, tip: str, on_click: Callable[[], object] | None = None) -> QToolButton:
    """A flat icon button with a tool tip that is also its accessible name."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setIconSize(QSize(scaled(16), scaled(16)))
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    if on_click is not None:
        button.clicked.connect(lambda _checked=False: on_click())
    return button


def slider(name: str, low: int, high: int, value: int, width: int = 80) -> QSlider:
    """A horizontal slider with an accessible name; a double click is left to the caller."""
    widget = QSlider(Qt.Orientation.Horizontal)
    widget.setRange(low, high)
    widget.setValue(value)
    widget.setFixedWidth(width)
    widget.setAccessibleName(name)
    widget.setToolTip(name)
    return widget
