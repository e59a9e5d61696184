"""The line below the list of frames that tells of pictures that are missing or changed, with the cure beside."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from annotator.session.file_states import FileState, FileStates
from annotator.ui.common.theme import COLOURS, label

_CURES = (
    (FileState.MISSING, "relink", "Relink…", "Say where the captures are now"),
    (FileState.CHANGED, "update_sizes", "Update…", "Take the new sizes of pictures that were replaced"),
)


class LostFiles(QWidget):
    """Hidden while all pictures that were looked at are as the project knows them."""

    wanted = Signal(str)  # id of a command

    def __init__(self, states: FileStates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._states = states
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 4, 8, 4)
        self.buttons: dict[FileState, QPushButton] = {}
        self.texts = {}
        for state, command, text, tip in _CURES:
            told, button = label(""), QPushButton(text)
            told.setStyleSheet(f"color: {COLOURS.warning};")
            button.setToolTip(tip)
            button.clicked.connect(lambda _on, command=command: self.wanted.emit(command))
            self.texts[state], self.buttons[state] = told, button
            row.addWidget(told)
            row.addWidget(button)
        row.addStretch(1)
        states.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Counts anew."""
        counts = {state: self._states.count(state) for state in self.buttons}
        for state, count in counts.items():
            self.texts[state].setText(f"{count} {state.value}")
            self.texts[state].setVisible(bool(count))
            self.buttons[state].setVisible(bool(count))
        self.setVisible(any(counts.values()))
