"""Import a rig: a calibration file, what of it fits the project, and which camera is which, before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.errors import AnnotatorError
from annotator.domain.words import counted
from annotator.services.rigs.preview import CameraFit, RigPreview, RigWishes, preview_rigs
from annotator.store.project_store import ProjectStore
from annotator.ui.common.plain import plain
from annotator.ui.common.theme import colour, label, scaled

Ask = Callable[[Callable[[ProjectStore], object], Callable[[object], None]], None]
"""Asks something of the project in a thread, and hands the answer to the second in the window's."""

_PAUSE_MS = 250
_MOST_SHOWN = 20


class ImportRigDialog(QDialog):
    """Shows live what a calibration would bring; the look at it happens in a thread."""

    def __init__(self, ask: Ask, cameras: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Import rig")
        self.resize(scaled(860), scaled(600))
        self._ask, self._cameras = ask, [camera for camera in cameras if camera]
        self._ticket, self._mapping = 0, dict[str, str]()
        self.file, self.name, self.takes = _line("File"), _line("Name"), _line("Takes")
        self.name.setPlaceholderText("As the file is called")
        self.takes.setPlaceholderText("All, or patterns with commas between: ada/*, ben/smile")
        self.scale = QCheckBox("Scale a calibration of the same pictures in another size")
        self.summary = label("", "title")
        self.table = QTreeWidget()
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Cameras of the file")
        self.table.setHeaderLabels(
            ["In the file", "In the project", "Calibrated at", "Frames", "Off by px", "Points"]
        )
        self.table.setRootIsDecorated(False)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.note = label("", "dim")
        self.note.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.import_button = self.buttons.addButton("Import", QDialogButtonBox.ButtonRole.AcceptRole)
        self.import_button.setObjectName("primary")
        self._lay_out()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self.file.textChanged.connect(self._start_anew)
        for line in (self.name, self.takes):
            line.textChanged.connect(self._wait)
        self.scale.toggled.connect(self._wait)
        self.finished.connect(self._close)
        self._show(self._ticket, None)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.file, 1)
        for text, choose in (("File…", self._choose_file), ("Folder…", self._choose_folder)):
            button = QPushButton(text)
            button.setAutoDefault(False)
            button.clicked.connect(choose)
            row.addWidget(button)
        form = QFormLayout()
        form.addRow(label("Calibration", "dim"), row)
        form.addRow(label("Name", "dim"), self.name)
        form.addRow(label("Takes", "dim"), self.takes)
        form.addRow(label("", "dim"), self.scale)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        kinds = "OpenCV, Anipose, COLMAP text, Agisoft XML, a rendered set's calibration.json, or Annotator's own JSON"
        column.addWidget(label(kinds, "dim"))
        column.addLayout(form)
        column.addWidget(self.summary)
        column.addWidget(self.table, 1)
        column.addWidget(self.note)
        column.addWidget(self.buttons)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    @property
    def path(self) -> Path | None:
        """The chosen file or folder, None while there is none."""
        text = self.file.text().strip()
        return Path(text).expanduser() if text else None

    def wishes(self) -> RigWishes:
        """Name, takes, which camera is which, and whether to scale."""
        takes = tuple(part.strip() for part in self.takes.text().split(",") if part.strip())
        return RigWishes(self.name.text().strip() or None, takes, dict(self._mapping), self.scale.isChecked())

    def _choose_file(self) -> None:
        chosen = QFileDialog.getOpenFileName(self, "Calibration", self.file.text())[0]
        if chosen:
            self.file.setText(chosen)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder of calibrations", self.file.text())
        if chosen:
            self.file.setText(chosen)

    def _start_anew(self) -> None:
        self._mapping.clear()
        self._wait()

    def _wait(self) -> None:
        """What was shown holds no longer, and nothing of it can be imported until it was looked at anew."""
        self._ticket += 1
        self.import_button.setEnabled(False)
        self._pause.start()

    def _look(self) -> None:
        path, wishes, ticket = self.path, self.wishes(), self._ticket
        if path is None:
            self._show(ticket, None)
            return
        self.summary.setText("Looking…")

        def work(store: ProjectStore) -> object:
            try:
                return preview_rigs(store, path, wishes)
            except AnnotatorError as error:
                return str(error)

        try:
            self._ask(work, lambda result: self._show(ticket, result))
        except AnnotatorError as error:
            self._show(ticket, str(error))

    def _close(self) -> None:
        self._pause.stop()
        self._ticket += 1

    def _show(self, ticket: int, result: object) -> None:
        if ticket != self._ticket:
            return
        self.table.clear()
        preview = result if isinstance(result, RigPreview) else None
        self.import_button.setEnabled(preview is not None and bool(preview.importable))
        if preview is None:
            nothing = "Choose a calibration" if result is None else "Nothing to import"
            self.summary.setText(nothing)
            self.note.setText(str(result or ""))
            return
        frames = sum(fit.frames for fit in preview.fits if fit.rig is not None)
        good = len(preview.importable)
        self.summary.setText(
            f"{preview.format} · {counted(good, 'rig')} for {counted(frames, 'frame')}"
            if good
            else "Nothing to import"
        )
        for fit in preview.fits[:_MOST_SHOWN]:
            if len(preview.fits) > 1:
                self._row([fit.name], "" if fit.rig is not None else "warning")
            for camera in fit.cameras:
                self._camera_row(camera)
            for name in fit.uncalibrated:
                self._row(["", name, "not calibrated"], "dim")
        left_out = {name: why for fit in preview.fits for name, why in fit.left_out.items()}
        notes = [*preview.refusals, *(f"{name}: {why}." for name, why in left_out.items())]
        notes += [*(note for fit in preview.fits for note in fit.notes), *preview.notes]
        if preview.elsewhere:
            notes.append(f"{counted(preview.elsewhere, 'rig')} of takes that the project does not have.")
        self.note.setText("\n".join(dict.fromkeys(notes[:_MOST_SHOWN])))

    def _row(self, texts: Sequence[str], tint: str = "") -> QTreeWidgetItem:
        item = QTreeWidgetItem(self.table, list(texts))
        for column in range(len(texts) if tint else 0):
            item.setForeground(column, colour(tint))
        return item

    def _camera_row(self, camera: CameraFit) -> None:
        found, frames = camera.reprojection, camera.frame_size
        texts = [
            camera.named,
            "",
            f"{camera.size[0]} × {camera.size[1]}",
            f"{frames[0]} × {frames[1]}" if frames else "",
            f"{found.median:.2f}" if found else "",
            f"{found.points:,}" if found else "",
        ]
        item = self._row(texts, "" if camera.camera else "warning")
        item.setToolTip(0, plain(camera.why))
        box = QComboBox()
        box.setAccessibleName(f"{camera.named} in the project")
        box.addItem("By name" if camera.camera else "None", "")
        for known in self._cameras:
            box.addItem(known, known)
        box.setCurrentIndex(max(0, box.findData(camera.camera)))
        box.activated.connect(lambda _row: self._mean(camera.named, str(box.currentData())))
        self.table.setItemWidget(item, 1, box)

    def _mean(self, named: str, camera: str) -> None:
        """A person says which of the project's cameras is meant; who else stood for it is known by name again."""
        self._mapping = {
            other: known for other, known in self._mapping.items() if known != camera and other != named
        }
        if camera:
            self._mapping[named] = camera
        self._wait()


def _line(name: str) -> QLineEdit:
    line = QLineEdit()
    line.setAccessibleName(name)
    return line
