"""Report a problem: says what goes into the report, asks for names, and lets the person choose where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QDialog, QDialogButtonBox, QFileDialog, QVBoxLayout, QWidget

from annotator.ui.common.theme import label, scaled
from annotator.ui.common.widgets import fit_height

_TEXT = (
    "One zip file with the program's log, the versions of what is installed, and what the doctor finds. It holds no pictures and "
    "no landmarks. Nothing is sent: you choose where the file is written, and whom you give it."
)
_NAME = "annotator-report.zip"


@dataclass(frozen=True)
class Wanted:
    """Where the report is written, and whether names of files and folders go in."""

    target: Path
    with_names: bool


class ReportDialog(QDialog):
    """Asks what may go into the report."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Report a problem")
        self.setMinimumWidth(scaled(480))
        text = label(_TEXT)
        text.setWordWrap(True)
        self.names = QCheckBox("With the names of files and folders, which help to find the cause")
        standard = QDialogButtonBox.StandardButton
        self.buttons = QDialogButtonBox(standard.Save | standard.Cancel)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(14)
        for widget in (text, self.names, self.buttons):
            column.addWidget(widget)
        fit_height(self)


def ask_for_report(parent: QWidget) -> Wanted | None:
    """What the person wants, None where they do not go on."""
    dialog = ReportDialog(parent)
    if not dialog.exec():
        return None
    start = str(Path.home() / _NAME)
    chosen = QFileDialog.getSaveFileName(parent, "Write the report", start, "Zip files (*.zip)")[0]
    return Wanted(Path(chosen), dialog.names.isChecked()) if chosen else None
