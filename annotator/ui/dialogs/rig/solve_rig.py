"""Solve a rig: where there is no calibration, from what people set; what is known before, and how well it fits."""

from __future__ import annotations

from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from annotator.services.rigs.solve_rig import RigSolved, SolveWishes, keep_solved
from annotator.session.job.job_board import Job
from annotator.session.rigs.rig_work import start_solving
from annotator.session.session import Session
from annotator.store.rigs import ProjectRig
from annotator.ui.common.theme import label
from annotator.ui.dialogs.rig.rig_job import RigJobDialog

_EXPLAINED = (
    "Finds how the cameras stood from landmarks that people corrected or confirmed; proposals do not count. Whole faces of three "
    "moments or more, in all cameras, are a good start. Lenses are taken to be without distortion."
)


class SolveRigDialog(RigJobDialog):
    """Makes a new rig, or the next version of one of that name."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, "Solve rig", "Solve", ("Camera", "Off by, px", "Focal length, px"), parent)
        self._found: RigSolved | None = None
        self.name, self.takes = QLineEdit("solved"), QLineEdit()
        self.takes.setPlaceholderText("All, or patterns with commas between: ada/*, ben/smile")
        self.focal, self.length = QDoubleSpinBox(), QDoubleSpinBox()
        self.first, self.second = QComboBox(), QComboBox()
        for box, most, suffix in ((self.focal, 1e6, " px"), (self.length, 1e4, " mm")):
            box.lineEdit().setTextMargins(4, 0, 0, 0)  # in line with choosers
            box.setRange(0, most)
            box.setDecimals(1)
            box.setSuffix(suffix)
            box.setSpecialValueText("not known")
        names = session.scheme.names
        for combo in (self.first, self.second):
            combo.addItems(list(names))
        outer = [row for row, name in enumerate(names) if "eye" in name and "outer" in name]
        if len(outer) > 1:
            self.first.setCurrentIndex(outer[0])
            self.second.setCurrentIndex(outer[1])
        for widget, spoken in (
            (self.name, "Name"),
            (self.takes, "Takes"),
            (self.focal, "Focal length of all cameras"),
            (self.first, "From landmark"),
            (self.second, "To landmark"),
            (self.length, "Millimetres between them"),
        ):
            widget.setAccessibleName(spoken)
        self._fill()

    def _fill(self) -> None:
        explained = label(_EXPLAINED, "dim")
        explained.setWordWrap(True)
        row = QHBoxLayout()
        for widget, stretch in ((self.first, 1), (label("to", "dim"), 0), (self.second, 1), (self.length, 1)):
            row.addWidget(widget, stretch)
        form = QFormLayout()
        form.addRow(label("Name", "dim"), self.name)
        form.addRow(label("Takes", "dim"), self.takes)
        form.addRow(label("Focal length", "dim"), self.focal)
        form.addRow(label("Known length", "dim"), row)
        column = QVBoxLayout(self.chosen)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(explained)
        column.addLayout(form)

    def wishes(self) -> SolveWishes:
        """What was entered; 0 means not known."""
        takes = tuple(part.strip() for part in self.takes.text().split(",") if part.strip())
        focal = {"": self.focal.value()} if self.focal.value() else {}
        known = (self.first.currentText(), self.second.currentText(), self.length.value())
        return SolveWishes(self.name.text(), takes, focal, known if self.length.value() else None)

    def begin(self) -> Job:
        """Starts to solve."""
        return start_solving(self._session, self.wishes())

    def show_result(self, result: object) -> None:
        """How far each camera's points are off, and the focal lengths that were found."""
        if not isinstance(result, RigSolved):
            return
        self._found = result
        for name, off in result.solution.by_camera.items():
            self.row([name, f"{off:.2f}", f"{result.rig.cameras[name].matrix[0, 0]:,.0f}"])
        for name, why in result.left_out.items():
            self.row([name, "left out", ""], why)
        left_out = [f"{name} is left out: {why}." for name, why in result.left_out.items()]
        self.tell("\n".join([result.text, *left_out]), "warning" if left_out else "")
        known = self._session.store.rigs.versions(result.rig.name)
        version = f" as version {known[-1].version + 1}" if known else ""
        self.offer(f"Keep {result.rig.name}{version}", True)

    def keep_result(self) -> ProjectRig:
        """Keeps it."""
        assert self._found is not None
        return keep_solved(self._session.store, self._found)
