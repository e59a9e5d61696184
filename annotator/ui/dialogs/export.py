"""Export: format, file and filters, with the format's own pixel convention told."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.annotation import ReviewState
from annotator.domain.words import counted
from annotator.formats.base import Format, WriteOptions
from annotator.formats.registry import export_formats
from annotator.services.project.export_filter import ExportFilter
from annotator.ui.common.theme import label, scaled
from annotator.ui.common.widgets import fit_height

Count = Callable[[ExportFilter, WriteOptions, Callable[[int, str], None]], None]
"""Counts what filters and options would write, and tells it: frames, and why where there is none."""


class ExportDialog(QDialog):
    """Asks what to write and where."""

    def __init__(
        self,
        facets: Mapping[str, Sequence[str]],
        parent: QWidget | None = None,
        project: Path | None = None,
        count: Count | None = None,
    ) -> None:
        """`project`: what the file is named after. `count`: tells in a while how many frames would be written."""
        super().__init__(parent)
        self._project, self._count, self._frames = project, count, -1
        self.setWindowTitle("Export")
        self.setMinimumWidth(scaled(560))
        self._formats: dict[str, Format] = export_formats()
        self.format = QComboBox()
        self.format.setAccessibleName("Format")
        for name, known in self._formats.items():
            self.format.addItem(known.title, name)
        self.convention = label("", "dim")
        self.convention.setWordWrap(True)
        self.file = QLineEdit()
        self.file.setAccessibleName("File")
        browse = QPushButton("Choose…")
        browse.clicked.connect(self._browse)
        self.subject, self.take, self.camera = (
            _facet_box(name, facets) for name in ("Subject", "Take", "Camera")
        )
        self.human, self.confirmed = QRadioButton("Corrected and confirmed"), QRadioButton("Confirmed only")
        self.everything = QRadioButton("Everything, open proposals too")
        self.human.setChecked(True)
        self._group = QButtonGroup(self)
        for button in (self.human, self.confirmed, self.everything):
            self._group.addButton(button)
        self.approved = QCheckBox("Approved frames only")
        self.ibug = QCheckBox("Only the landmarks of the 68-point markup")
        self.replace = QCheckBox("Replace files that are there")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = self.buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self.export_button.setObjectName("primary")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(self.file, 1)
        row.addWidget(browse)
        form = QFormLayout()
        form.setVerticalSpacing(9)
        form.addRow(label("Format", "dim"), self.format)
        form.addRow(label("", "dim"), self.convention)
        form.addRow(label("File", "dim"), row)
        for title, widget in (
            ("Landmarks", self.human),
            ("", self.confirmed),
            ("", self.everything),
            ("", self.ibug),
            ("Subject", self.subject),
            ("Take", self.take),
            ("Camera", self.camera),
            ("Frames", self.approved),
            ("", self.replace),
        ):
            form.addRow(label(title, "dim"), widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        self.told = label("", "dim")
        self.told.setAccessibleName("What is exported")
        self.told.setWordWrap(True)
        column.addLayout(form)
        column.addWidget(self.told)
        column.addWidget(self.buttons)
        self.format.currentIndexChanged.connect(lambda _row: self._show_format())
        self.file.textChanged.connect(lambda _text: self._show_state())
        for choice in (self.human, self.confirmed, self.everything, self.approved, self.ibug):
            choice.toggled.connect(lambda _on: self._ask())
        for box in (self.subject, self.camera):
            box.currentIndexChanged.connect(lambda _row: self._ask())
        self._show_format()
        self._ask()

    @property
    def format_name(self) -> str:
        """Name of the chosen format."""
        return str(self.format.currentData())

    @property
    def path(self) -> Path:
        """Where to write; a single file gets the format's extension if it has none."""
        path = Path(self.file.text().strip()).expanduser()
        chosen = self._formats[self.format_name]
        if not chosen.writes_folder and not path.suffix:
            path = path.with_suffix(chosen.extensions[0])
        return path

    def filters(self) -> ExportFilter:
        """Which frames and landmarks to write."""
        subject, take, camera = (str(box.currentData()) for box in (self.subject, self.take, self.camera))
        return ExportFilter(
            include="confirmed" if self.confirmed.isChecked() else "human",
            proposals=self.everything.isChecked(),
            tracks=self.everything.isChecked(),
            subjects=(subject,) if subject else (),
            takes=(take,) if take else (),
            cameras=(camera,) if camera else (),
            reviews=(ReviewState.APPROVED,) if self.approved.isChecked() else (),
        )

    def options(self) -> WriteOptions:
        """How to write them."""
        return WriteOptions(ibug68=self.ibug.isChecked(), overwrite=self.replace.isChecked())

    def _show_format(self) -> None:
        chosen = self._formats[self.format_name]
        self.convention.setText(chosen.convention)
        fit_height(self)  # the line wraps
        if self._project is not None and not self.file.isModified():
            ending = "-pts" if chosen.writes_folder else chosen.extensions[0]
            self.file.setText(str(self._project.with_name(f"{self._project.stem}{ending}")))

    def _ask(self) -> None:
        """Has the frames counted that the filters take."""
        self._frames, self._why = -1, ""
        if self._count is not None:
            self._count(self.filters(), self.options(), self._show_count)
        self._show_state()

    def _show_count(self, frames: int, why: str) -> None:
        self._frames, self._why = frames, why
        self._show_state()

    def _show_state(self) -> None:
        """What would be written; where the button is grey, why."""
        why = self._why if self._frames == 0 else ""
        if not self.file.text().strip():
            why = "Choose a file."
        written = counted(self._frames, "frame") if self._frames > 0 else "Counting…" if self._count else ""
        self.told.setText(why[:1].upper() + why[1:] or written)
        self.export_button.setEnabled(not why)
        self.export_button.setText(f"Export {self._frames:,}" if self._frames > 0 and not why else "Export")

    def _browse(self) -> None:
        chosen = self._formats[self.format_name]
        if chosen.writes_folder:
            path = QFileDialog.getExistingDirectory(self, "Export to folder", self.file.text())
        else:
            kinds = f"{chosen.title} ({' '.join('*' + ending for ending in chosen.extensions)})"
            path = QFileDialog.getSaveFileName(self, "Export to file", self.file.text(), kinds)[0]
            self.replace.setChecked(Path(path).is_file())  # that chooser has asked already
        if path:
            self.file.setText(path)
            self.file.setModified(True)


def _facet_box(title: str, facets: Mapping[str, Sequence[str]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(title)
    box.addItem("All", "")
    for value in facets.get(title.lower(), ()):
        if value:
            box.addItem(value, value)
    return box
