"""New project: where its file lies, which landmarks it holds, and where the captures are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.schemes.scheme_file import available_schemes, load_scheme
from annotator.services.models.registry import available_models
from annotator.ui.common.theme import label

SUFFIX = ".annotator"


@dataclass(frozen=True)
class NewProject:
    """What the artist chose."""

    path: Path
    scheme: str
    capture_root: Path


class PathField(QWidget):
    """A line for a path with a button that opens the chooser."""

    def __init__(self, name: str, choose: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choose, self._name = choose, name
        self.line = QLineEdit()
        self.line.setAccessibleName(name)
        self.line.setMinimumWidth(340)
        button = QPushButton("Choose…")
        button.setAccessibleName(f"Choose: {name}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.line, 1)
        row.addWidget(button)
        button.clicked.connect(self._browse)

    @property
    def path(self) -> Path | None:
        """The path in the line, None while it is empty."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    def _browse(self) -> None:
        start = self.line.text()
        if self._choose == "folder":
            chosen = QFileDialog.getExistingDirectory(self, self._name, start)
        else:
            chosen = QFileDialog.getSaveFileName(self, self._name, start, f"Projects (*{SUFFIX})")[0]
        if chosen:
            self.line.setText(chosen)


class NewProjectDialog(QDialog):
    """Asks for the three things that a project needs."""

    def __init__(self, parent: QWidget | None = None, captures: Path | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("New project")
        self.captures = PathField("Captures folder", "folder")
        self.file = PathField("Project file", "save")
        self.scheme = QComboBox()
        self.scheme.setAccessibleName("Landmark scheme")
        known = {model.card.scheme for model in available_models()}
        for name in available_schemes():
            scheme = load_scheme(name)
            self.scheme.addItem(scheme.title, name)
            if scheme.id in known:  # landmarks that a model proposes at once
                self.scheme.setCurrentIndex(self.scheme.count() - 1)
        self.captures.line.textChanged.connect(self._suggest_file)
        form = QFormLayout()
        form.addRow(label("Captures", "dim"), self.captures)
        form.addRow(label("Project file", "dim"), self.file)
        form.addRow(label("Landmarks", "dim"), self.scheme)
        self.problem = label("", "dim")
        self.problem.setWordWrap(True)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setText("Make project")
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(12)
        hint = label(
            "A project is one small file. Captures are only referenced, never copied or changed.", "dim"
        )
        column.addWidget(hint)
        column.addLayout(form)
        column.addWidget(self.problem)
        column.addWidget(self.buttons)
        for field in (self.captures, self.file):
            field.line.textChanged.connect(self._check)
        if captures is not None:
            self.captures.line.setText(str(captures))
        self._check()

    def result_value(self) -> NewProject:
        """What was chosen; only meaningful after the dialog was accepted."""
        assert self.file.path is not None
        assert self.captures.path is not None
        path = self.file.path
        path = path if path.suffix == SUFFIX else path.with_name(path.name + SUFFIX)
        return NewProject(path, str(self.scheme.currentData()), self.captures.path)

    def _suggest_file(self, text: str) -> None:
        folder = Path(text).expanduser()
        if text and folder.is_dir() and not self.file.line.isModified():
            self.file.line.setText(str(folder.parent / f"{folder.name}{SUFFIX}"))

    def _check(self) -> None:
        problem = ""
        if self.captures.path is None:
            problem = "Choose the folder that holds the captures."
        elif not self.captures.path.is_dir():
            problem = f"{self.captures.path} is not a folder."
        elif self.file.path is None:
            problem = "Choose where the project file shall lie."
        elif self.file.path.exists():
            problem = f"{self.file.path.name} exists already: open it instead, or choose another name."
        self.problem.setText(problem)
        self.buttons.button(QDialogButtonBox.StandardButton.Ok).setEnabled(not problem)
