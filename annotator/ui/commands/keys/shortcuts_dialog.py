"""Help: every shortcut and every mouse gesture, built from the same table as the menus."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.commands.keys.keymap import Keys
from annotator.ui.commands.table import COMMANDS

_MOUSE = (
    ("Middle drag, Alt + drag, Space + drag", "Pan"),
    ("Wheel", "Zoom at the pointer"),
    ("Click, Shift + click, Ctrl + click", "Select a landmark, add it, take it out"),
    ("Drag a landmark", "Move it and all that are selected"),
    ("Click again on one place", "Go through landmarks that lie on each other"),
    ("Drag on the picture", "Select by a box"),
    ("Drag a region box by its title or a corner", "Run that region's network again on it"),
    ("Right button", "Menu of the landmark, or of the frame"),
    ("Esc while dragging", "Put it back"),
    ("Click a point in a heatmap pane", "Select it"),
    ("Double click in a heatmap pane", "Show the whole crop"),
    ("Double click a missing landmark in the list", "Place it by the next click"),
)


class ShortcutsDialog(QDialog):
    """A searchable list."""

    def __init__(self, keys: Mapping[str, Keys], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setWindowTitle("Keyboard shortcuts")
        self.resize(560, 680)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search")
        self.search.setAccessibleName("Search shortcuts")
        self.table = QTreeWidget()
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Shortcuts")
        self.table.setHeaderLabels(["Command", "Keys"])
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.table.header().setStretchLastSection(False)
        self._fill()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        for widget in (self.search, self.table, buttons):
            column.addWidget(widget)
        self.search.textChanged.connect(self._filter)

    def _fill(self) -> None:
        self._groups: dict[str, QTreeWidgetItem] = {}
        groups = self._groups

        def group(title: str) -> QTreeWidgetItem:
            if title not in groups:
                groups[title] = QTreeWidgetItem(self.table, [title])
                groups[title].setExpanded(True)
            return groups[title]

        native = QKeySequence.SequenceFormat.NativeText
        for command in COMMANDS:
            keys = ", ".join(QKeySequence(key).toString(native) for key in self._keys[command.id])
            if keys:
                QTreeWidgetItem(group(command.menu.replace("/", " ▸ ")), [command.title, keys])
        for gesture, result in _MOUSE:
            QTreeWidgetItem(group("Mouse"), [result, gesture])

    def _filter(self, text: str) -> None:
        wanted = text.casefold()
        for parent in self._groups.values():
            visible = 0
            for row in range(parent.childCount()):
                child = parent.child(row)
                if child is None:
                    continue
                matches = wanted in f"{child.text(0)} {child.text(1)}".casefold()
                child.setHidden(not matches)
                visible += matches
            parent.setHidden(not visible)
