"""Import captures: a folder, a pattern, and what it would take before anything is done."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.errors import AnnotatorError
from annotator.domain.words import counted
from annotator.services.project.captures.capture_preview import ImportPreview, preview_import
from annotator.ui.common.theme import colour, label
from annotator.ui.dialogs.new_project import PathField

_EXAMPLES = (
    "",
    "{subject}/{take}/{camera}/{frame}.jpg",
    "{subject}/{expression}/{camera}.jpg",
    "{subject}/{camera}.jpg",
    "{subject}_{camera}_####.exr",
)
_SHOWN = 200
_GAPS = 3
_PAUSE_MS = 250


class ImportCapturesDialog(QDialog):
    """Shows live what the folder and pattern match; the look at the disk happens in a thread."""

    _previewed = Signal(int, object)

    def __init__(self, folder: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import captures")
        self.resize(860, 600)
        self._ticket = 0
        self._preview: ImportPreview | None = None
        self._thread = ThreadPoolExecutor(1, "import-preview")
        self.folder = PathField("Folder", "folder")
        self.pattern = QComboBox()
        self.pattern.setEditable(True)
        self.pattern.setAccessibleName("Pattern")
        self.pattern.addItems(_EXAMPLES)
        line = QLineEdit()
        line.setPlaceholderText("Guess from folders and names")
        self.pattern.setLineEdit(line)
        self.summary = label("", "title")
        self.note = label("", "dim")
        self.note.setWordWrap(True)
        self.table = QTreeWidget()
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Files that match")
        self.table.setHeaderLabels(["File", "Subject", "Take", "Camera", "Frame"])
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.header().setStretchLastSection(False)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.import_button = self.buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        self.import_button.setObjectName("primary")
        self._lay_out()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self._previewed.connect(self._show, Qt.ConnectionType.QueuedConnection)
        self.folder.line.textChanged.connect(lambda _text: self._pause.start())
        self.pattern.editTextChanged.connect(lambda _text: self._pause.start())
        self.finished.connect(lambda _code: self._thread.shutdown(wait=False, cancel_futures=True))
        if folder is not None:
            self.folder.line.setText(str(folder))
        self._show(self._ticket, None)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(label("Folder", "dim"), self.folder)
        form.addRow(label("Pattern", "dim"), self.pattern)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(
            label(
                "Fields in braces: {subject} {take} {camera} {frame};  #### digits;  * any text;  ** folders",
                "dim",
            )
        )
        column.addLayout(form)
        column.addWidget(self.summary)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)
        column.addWidget(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    @property
    def chosen_folder(self) -> Path:
        """The folder to import."""
        return self.folder.path or Path()

    @property
    def chosen_pattern(self) -> str:
        """The pattern, empty for the guess."""
        return self.pattern.currentText().strip()

    def _look(self) -> None:
        """Starts a look at the disk; only the newest answer counts."""
        self._ticket += 1
        folder, pattern, ticket = self.folder.path, self.chosen_pattern, self._ticket
        self.import_button.setEnabled(False)
        if folder is None:
            self._show(ticket, None)
            return
        self.summary.setText("Looking…")
        self._thread.submit(self._work, ticket, folder, pattern)

    def _work(self, ticket: int, folder: Path, pattern: str) -> None:
        try:
            result: object = preview_import(folder, pattern or None)
        except AnnotatorError as error:
            result = str(error)
        self._previewed.emit(ticket, result)

    def _show(self, ticket: int, result: object) -> None:
        if ticket != self._ticket:
            return
        self.table.clear()
        self._preview = result if isinstance(result, ImportPreview) else None
        self.import_button.setEnabled(self._preview is not None and bool(self._preview.matched))
        if self._preview is None:
            self.summary.setText(
                "Choose the folder that holds the captures" if result is None else "Nothing to import"
            )
            self.note.setText(str(result or ""))
            return
        self._show_preview(self._preview)

    def _show_preview(self, preview: ImportPreview) -> None:
        count = len(preview.matched)
        fields = [(len(preview.values(f)), f) for f in ("subject", "take", "camera")]
        parts = [counted(number, name) for number, name in fields if number]
        self.summary.setText(" · ".join([preview.counts, *parts]))
        self.import_button.setText(f"Import {count:,}" if count else "Import")
        for match in preview.matched[:_SHOWN]:
            QTreeWidgetItem(self.table, [match.path, match.subject, match.take, match.camera, match.frame])
        for miss in preview.unmatched:
            item = QTreeWidgetItem(self.table, [f"{miss.path}   left out: {miss.reason}"])
            item.setForeground(0, colour("warning"))
        notes = [preview.note] if preview.note else []
        if count > _SHOWN:
            notes.append(f"The first {_SHOWN} are shown.")
        notes.extend(f"{gap}." for gap in preview.gaps[:_GAPS])
        if len(preview.gaps) > _GAPS:
            notes.append(f"{len(preview.gaps) - _GAPS} more sequences lack frames.")
        if preview.unmatched_count:
            notes.append(f"{preview.unmatched_count:,} images are left out.")
        if preview.other_files:
            notes.append(f"{preview.other_files:,} other files are no images.")
        self.note.setText("  ".join(notes))

    def closeEvent(self, event: QCloseEvent) -> None:
        """The thread ends with the dialog."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        super().closeEvent(event)
