"""The keyboard: presets, every command with its keys, conflicts in amber, files to share with colleagues."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.ui.commands.keys.keymap import (
    PRESETS,
    Keymap,
    KeymapError,
    Keys,
    conflicts,
    normal,
    preset,
    preset_title,
    read_keymap,
    write_keymap,
)
from annotator.ui.commands.table import COMMANDS
from annotator.ui.common.theme import COLOURS, icon, label

_ID = int(Qt.ItemDataRole.UserRole)
_TEXTS = {command.id: command.title for command in COMMANDS}


class KeymapDialog(QDialog):
    """Edits a copy of the keymap; *Use these keys* takes it over, Cancel leaves everything as it was."""

    def __init__(self, keymap: Keymap, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard")
        self.resize(720, 760)
        self._keymap = keymap
        self._keys: dict[str, Keys] = keymap.keys
        self._build_head()
        self._build_table()
        self._build_editor()
        self.note = label("", "dim")
        self.note.setWordWrap(True)
        self.note.setAccessibleName("Conflicts")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        use = self.buttons.addButton("Use these keys", QDialogButtonBox.ButtonRole.AcceptRole)
        use.setObjectName("primary")
        self.buttons.accepted.connect(self._use)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(9)
        for part in (self._head, self.search, self.table, self._editor, self.note, self.buttons):
            if isinstance(part, QHBoxLayout):
                column.addLayout(part)
            else:
                column.addWidget(part)
        self.search.setFocus()
        self._fill()

    # ---- building
    def _build_head(self) -> None:
        self.presets = QComboBox()
        self.presets.setAccessibleName("Preset")
        for name in PRESETS:
            self.presets.addItem(preset_title(name), name)
        self.presets.setCurrentIndex(self.presets.findData(self._keymap.preset))
        self.presets.activated.connect(lambda _row: self._take(preset(self.presets.currentData())))
        self.importing = QPushButton(icon("download-simple"), "Import…")
        self.exporting = QPushButton(icon("export"), "Export…")
        self.reset = QPushButton(icon("arrow-counter-clockwise"), "Reset to the preset")
        self.importing.clicked.connect(lambda _on: self._import())
        self.exporting.clicked.connect(lambda _on: self._export())
        self.reset.clicked.connect(lambda _on: self._take(preset(self.presets.currentData())))
        self._head = QHBoxLayout()
        self._head.addWidget(label("Preset", "dim"))
        self._head.addWidget(self.presets)
        self._head.addStretch(1)
        for button in (self.reset, self.importing, self.exporting):
            button.setAutoDefault(False)
            self._head.addWidget(button)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search a command or a key")
        self.search.setAccessibleName("Search a command or a key")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)

    def _build_table(self) -> None:
        self.table = QTreeWidget()
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Commands and their keys")
        self.table.setHeaderLabels(["Command", "Keys", "Menu"])
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.header().setStretchLastSection(False)
        self.table.setColumnWidth(1, 190)
        self.table.setColumnWidth(2, 130)
        self.items: dict[str, QTreeWidgetItem] = {}
        for command in COMMANDS:
            item = QTreeWidgetItem(self.table, [command.title, "", command.menu.replace("/", " ▸ ")])
            item.setData(0, _ID, command.id)
            self.items[command.id] = item
        self.table.currentItemChanged.connect(lambda _new, _old: self._show_editor())

    def _build_editor(self) -> None:
        self.recorder = QKeySequenceEdit()
        self.recorder.setMaximumSequenceLength(1)
        self.recorder.setAccessibleName("New key")
        self.recorder.setToolTip("Click here and press the new key")
        self.recorder.keySequenceChanged.connect(lambda _keys: self._show_editor())
        self.add = QPushButton(icon("plus"), "Add")
        self.take_over = QPushButton(icon("arrow-bend-up-left"), "Take over")
        self.take_over.setToolTip("Give this key to the chosen command alone")
        self.clear = QPushButton(icon("trash"), "No keys")
        self.standard = QPushButton(icon("arrow-counter-clockwise"), "As in the preset")
        for button, handler in (
            (self.add, lambda: self._assign(alone=False)),
            (self.take_over, lambda: self._assign(alone=True)),
            (self.clear, lambda: self._set(())),
            (self.standard, lambda: self._set(preset(self.presets.currentData())[self._chosen()])),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(lambda _on, handler=handler: handler())
        self._editor = QHBoxLayout()
        self._editor.addWidget(label("New key", "dim"))
        for widget in (self.recorder, self.add, self.take_over, self.clear, self.standard):
            self._editor.addWidget(widget)

    # ---- what is shown
    def _fill(self) -> None:
        clashing = conflicts(self._keys)
        native = QKeySequence.SequenceFormat.NativeText
        for name, item in self.items.items():
            item.setText(1, ", ".join(QKeySequence(key).toString(native) for key in self._keys[name]))
            warn = any(name in users for users in clashing.values())
            item.setForeground(1, QColor(COLOURS.warning if warn else COLOURS.text))
        self._show_editor()
        self._filter(self.search.text())

    def _show_editor(self) -> None:
        chosen, key = self._chosen(), self._recorded()
        others = self._others(key)
        for button in (self.clear, self.standard):
            button.setEnabled(bool(chosen))
        self.add.setEnabled(bool(chosen and key) and key not in self._keys.get(chosen, ()) and not others)
        self.take_over.setEnabled(bool(chosen and key and others))
        clashing = conflicts(self._keys)
        if key and others:
            names = ", ".join(_TEXTS[name] for name in others)
            text = f"{key} is used by: {names}. Take it over, or press another key."
        elif clashing:
            users = (
                f"{found} ({', '.join(_TEXTS[name] for name in names)})" for found, names in clashing.items()
            )
            text = f"These keys do nothing, because commands share them: {'; '.join(users)}."
        else:
            text = "Choose a command, click into the field and press a key. No two commands share a key."
        self.note.setText(text)
        self.note.setStyleSheet(f"color: {COLOURS.warning};" if others or clashing else "")

    def _filter(self, text: str) -> None:
        wanted = text.casefold().strip()
        for item in self.items.values():
            item.setHidden(wanted not in f"{item.text(0)} {item.text(1)} {item.text(2)}".casefold())

    # ---- changing
    def _chosen(self) -> str:
        item = self.table.currentItem()
        return str(item.data(0, _ID)) if item is not None else ""

    def _recorded(self) -> str:
        return normal(self.recorder.keySequence().toString(QKeySequence.SequenceFormat.PortableText))

    def _others(self, key: str) -> list[str]:
        return [name for name, keys in self._keys.items() if key and key in keys and name != self._chosen()]

    def _assign(self, alone: bool) -> None:
        key, chosen = self._recorded(), self._chosen()
        if not key or not chosen:
            return
        for name in self._others(key) if alone else ():
            self._keys[name] = tuple(other for other in self._keys[name] if other != key)
        self.recorder.clear()
        self._set((*(old for old in self._keys[chosen] if old != key), key))

    def _set(self, keys: Keys) -> None:
        if self._chosen():
            self._keys[self._chosen()] = keys
            self._fill()

    def _take(self, keys: dict[str, Keys]) -> None:
        self._keys = keys
        self._fill()

    def _use(self) -> None:
        self._keymap.use(self._keys, self.presets.currentData())
        self.accept()

    # ---- files
    def _import(self) -> None:
        chosen = QFileDialog.getOpenFileName(self, "Import a keymap", "", "Keymaps (*.toml)")[0]
        if chosen:
            self._guard(lambda: self._take(read_keymap(Path(chosen))))

    def _export(self) -> None:
        chosen = QFileDialog.getSaveFileName(self, "Export the keymap", "keymap.toml", "Keymaps (*.toml)")[0]
        if chosen:
            self._guard(
                lambda: write_keymap(Path(chosen), self._keys, f"{self.presets.currentText()}, changed")
            )

    def _guard(self, work: Callable[[], None]) -> None:
        try:
            work()
        except KeymapError as error:
            self.note.setText(str(error))
            self.note.setStyleSheet(f"color: {COLOURS.bad};")
