"""Settings: the few things that are set once, with a word on what each does; and on what needs no setting."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from annotator.session.pixels.frame_loader import default_budget
from annotator.ui.common.preferences import DEVICES, SCALES, Preferences
from annotator.ui.common.theme import icon, label, scaled
from annotator.ui.common.widgets import fit_height

_SAVING = (
    "Saving needs no setting: every edit is on disk when the mouse is released, and the ledger keeps every state that a frame "
    "ever had. If the disk is full, edits wait in the window and a bar says so."
)


class SettingsDialog(QDialog):
    """Edits `Preferences`; `value` tells the result."""

    def __init__(
        self, value: Preferences, keys: QPushButton | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setMinimumWidth(scaled(540))
        self.scale = QComboBox()
        self.scale.setAccessibleName("Size of texts")
        for percent in SCALES:
            self.scale.addItem(f"{percent} %", percent)
        self.scale.setCurrentIndex(self.scale.findData(value.scale))
        machine = default_budget() >> 20
        self.memory = _spin(
            "Memory for pictures", 0, 1 << 20, value.memory_mb, " MB", f"automatic ({machine:,} MB)"
        )
        self.memory.setSingleStep(256)
        self.ahead = _spin("Frames read ahead", 0, 16, value.ahead, " each way", "none")
        self.device = QComboBox()
        self.device.setAccessibleName("Device of the model")
        for title, name in DEVICES.items():
            self.device.addItem(title, name)
        self.device.setCurrentIndex(self.device.findData(value.device))
        self.threads = _spin("Threads of the model", 0, 256, value.threads, "", "all cores but one")
        self.keys = keys or QPushButton(icon("keyboard"), "Change the keys…")
        self.keys.setAutoDefault(False)
        form = QFormLayout()
        form.setVerticalSpacing(10)
        for title, widget, told in (
            ("Size of texts", self.scale, ""),
            ("Memory for pictures", self.memory, "Frames, heatmaps, tiles, patches and thumbnails together."),
            ("Frames read ahead", self.ahead, "Neighbours that are decoded before you come to them."),
            ("Model runs on", self.device, "From the next start of the program."),
            ("Threads", self.threads, "Of the model, from the next start; fewer leave more to the window."),
            ("Keyboard", self.keys, ""),
        ):
            form.addRow(label(title, "dim"), _with_note(widget, told) if told else widget)
        text = label(_SAVING, "dim")
        text.setWordWrap(True)
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Ok | standard.Cancel | standard.RestoreDefaults)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.buttons.button(standard.RestoreDefaults).clicked.connect(lambda _on: self._show(Preferences()))
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(14)
        column.addLayout(form)
        column.addWidget(text)
        column.addWidget(self.buttons)
        fit_height(self)

    def value(self) -> Preferences:
        """What is chosen."""
        return Preferences(
            self.scale.currentData(),
            self.memory.value(),
            self.ahead.value(),
            self.device.currentData(),
            self.threads.value(),
        )

    def _show(self, value: Preferences) -> None:
        self.scale.setCurrentIndex(self.scale.findData(value.scale))
        self.memory.setValue(value.memory_mb)
        self.ahead.setValue(value.ahead)
        self.device.setCurrentIndex(self.device.findData(value.device))
        self.threads.setValue(value.threads)


def _with_note(widget: QWidget, told: str) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(3)
    column.addWidget(widget)
    column.addWidget(label(told, "faint"))
    return column


def _spin(name: str, least: int, most: int, value: int, unit: str, none: str) -> QSpinBox:
    box = QSpinBox()
    box.lineEdit().setTextMargins(4, 0, 0, 0)  # in line with choosers
    box.setAccessibleName(name)
    box.setRange(least, most)
    box.setSuffix(unit)
    box.setSpecialValueText(none)
    box.setValue(value)
    return box
