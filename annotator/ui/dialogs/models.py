"""Models: all that the project knows, what each was taught from and measured at, which is active, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QInputDialog,
    QMessageBox,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.errors import AnnotatorError
from annotator.domain.words import listed
from annotator.services.models.known.delete_model import hangs_on
from annotator.services.models.known.known_models import KnownModel
from annotator.session.job.job_board import Job, JobState
from annotator.session.model_work import IMPORT, MEASURE, start_exporting, start_importing, start_measuring
from annotator.session.session import Session
from annotator.ui.common.theme import COLOURS, icon, label, scaled
from annotator.ui.dialogs.job_row import JobRow

_ID = int(Qt.ItemDataRole.UserRole)
_HEADERS = ("", "Model", "Added", "From", "At training", "Measured", "Note")
_MODEL, _NOTE = 1, 6


class ModelsDialog(QDialog):
    """Chooses the active model; older ones stay one click away."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Models")
        self.resize(scaled(980), scaled(560))
        self._session = session
        self._known: dict[str, KnownModel] = {}
        self.table = QTreeWidget()
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Models")
        self.table.setRootIsDecorated(False)
        self.table.setHeaderLabels(_HEADERS)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for section in (_MODEL, _NOTE):
            self.table.header().setSectionResizeMode(section, QHeaderView.ResizeMode.Stretch)
        self.table.header().setStretchLastSection(False)
        self.table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.table.setColumnWidth(0, 34)
        self.details = label("", "dim")
        self.details.setWordWrap(True)
        self.details.setMinimumHeight(scaled(104))
        self.details.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.details.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.table, 1)
        column.addWidget(self.details)
        self.job_row = JobRow(session.jobs)
        column.addWidget(self.job_row)
        column.addLayout(self._build_buttons())
        self.table.currentItemChanged.connect(lambda _new, _old: self._show_details())
        self.table.itemDoubleClicked.connect(lambda _item, _column: self._guarded(self._use))
        session.models.changed.connect(self._fill)
        session.jobs.ended.connect(self._on_job)
        running = session.jobs.active(MEASURE, session.store.identity) if session.is_open else None
        if running is not None:
            self.job_row.follow(running)
        self.finished.connect(lambda _code: session.jobs.ended.disconnect(self._on_job))
        self._fill()

    def _build_buttons(self) -> QHBoxLayout:
        self.use = QPushButton(icon("check"), "Use this model")
        self.use.setObjectName("primary")
        self.back = QPushButton(icon("clock-counter-clockwise"), "Back to the one before")
        self.measure, self.note = QPushButton("Measure all"), QPushButton("Note…")
        self.bring, self.export = QPushButton("Import…"), QPushButton("Export…")
        self.delete = QPushButton("Delete…")
        self.measure.setToolTip(
            "Measure every model on the frames that no training sees, where people placed points"
        )
        row = QHBoxLayout()
        for button, work in (
            (self.use, self._use),
            (self.back, lambda: roll_back(self._session)),
            (self.measure, self._measure),
            (self.note, self._write_note),
            (self.bring, self._import),
            (self.export, self._export),
            (self.delete, self._delete),
        ):
            button.setAutoDefault(False)
            button.clicked.connect(partial(self._guarded, work))
            row.addWidget(button)
        row.addStretch(1)
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close.rejected.connect(self.reject)
        row.addWidget(close)
        return row

    # ---- what is shown
    def _fill(self) -> None:
        if not self._session.is_open:
            return
        chosen = self._chosen
        cards = {model.id: model.card for model in self._session.models.all()}
        known = self._session.models.known()
        self._known = {model.id: model for model in known}
        self.table.clear()
        for model in known:
            added = model.added.astimezone().strftime("%d %b %Y %H:%M")
            trained, note = _trained(cards[model.id].metrics), model.note.partition("\n")[0]
            texts = ["", model.title, added, model.parent or "", trained, _error(model), note]
            item = QTreeWidgetItem(self.table, texts)
            item.setData(0, _ID, model.id)
            if model.active:
                item.setIcon(0, icon("check-circle", "good"))
                item.setToolTip(0, "Active")
            if model.active if chosen is None or chosen.id not in self._known else model.id == chosen.id:
                self.table.setCurrentItem(item)
        self.back.setEnabled(previous_model(self._session) is not None)
        self._show_details()

    @property
    def _chosen(self) -> KnownModel | None:
        item = self.table.currentItem()
        return None if item is None else self._known.get(item.data(0, _ID))

    def _show_details(self) -> None:
        model, writable = self._chosen, not self._session.store.read_only
        self.use.setEnabled(model is not None and not model.active)
        for button in (self.note, self.delete):
            button.setEnabled(model is not None and writable)
        self.export.setEnabled(model is not None and model.there)
        measuring = self._session.jobs.active(MEASURE, self._session.store.identity)
        self.measure.setEnabled(bool(self._known) and writable and measuring is None)
        self.bring.setEnabled(writable)
        self.details.setStyleSheet("")
        if model is None:
            self.details.setText(
                "" if self._known else "This project knows no model yet. Import one, or retrain."
            )
            return
        self.details.setText(
            "\n".join(_facts(model, next((own for own in self._known.values() if own.active), None)))
        )

    def _say(self, text: str, is_error: bool = False) -> None:
        self.details.setStyleSheet(f"color: {COLOURS.bad if is_error else COLOURS.text};")
        self.details.setText(text)

    # ---- what a person does
    def _use(self) -> None:
        if self._chosen is not None:
            self._session.models.set_active(self._chosen.id)

    def _measure(self) -> None:
        self.job_row.follow(start_measuring(self._session))
        self.measure.setEnabled(False)
        self._say("Measuring… You can close this; the figures come into the table. What is measured stays.")

    def _write_note(self) -> None:
        model = self._chosen
        if model is None:
            return
        text, taken = QInputDialog.getMultiLineText(
            self, "Note", f"What is to be known of {model.title}", model.note
        )
        if taken:
            self._session.models.set_note(model.id, text.strip())

    def _import(self) -> None:
        path = QFileDialog.getExistingDirectory(self, "Import a model folder", str(self._session.path.parent))
        if path:
            self.job_row.follow(start_importing(self._session, Path(path)))
            self._say(f"Checking {path}…")

    def _export(self) -> None:
        model = self._chosen
        if model is None:
            return
        start = str(self._session.path.with_name(model.id))
        path, _ = QFileDialog.getSaveFileName(self, "Export the model as a new folder", start)
        if path:
            start_exporting(self._session, model.id, Path(path))
            self._say(f"Writing {path}…")

    def _delete(self) -> None:
        model = self._chosen
        if model is None:
            return
        against = hangs_on(model)
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Warning if against else QMessageBox.Icon.Question)
        box.setWindowTitle("Delete model")
        box.setText(f"Delete {model.title}?")
        kept = "Its proposals go; points that people set, the ledger and the history stay."
        goes = "Its folder goes, too." if model.own else "Its folder stays, as it is not the project's own."
        why = f"Mind: {listed(against)}. " if against else ""
        box.setInformativeText(f"{why}{kept} {goes} This cannot be undone.")
        do = box.addButton(
            "Delete all the same" if against else "Delete", QMessageBox.ButtonRole.DestructiveRole
        )
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.exec()
        if box.clickedButton() is do:
            self._say(self._session.models.delete(model.id, force=True))

    def _on_job(self, job: Job) -> None:
        if job.project != (self._session.store.identity if self._session.is_open else ""):
            return
        if job.kind in (MEASURE, IMPORT):
            self._session.models.changed.emit()
        if job.state is JobState.CANCELLED and job.kind == MEASURE:
            self._say("Stopped. What was measured stays.")
        elif "model" in job.kind and job.state is not JobState.CANCELLED:
            self._say(job.message, job.state is JobState.FAILED)

    def _guarded(self, work: Callable[[], object], _on: bool = False) -> None:
        try:
            work()
        except AnnotatorError as error:
            self._say(str(error), is_error=True)


def _error(model: KnownModel) -> str:
    """The mean error on frozen frames; empty where it was not measured."""
    own = model.measured
    return f"{own.regions['all']:.2f} {own.unit}" if own is not None and "all" in own.regions else ""


def _facts(model: KnownModel, active: KnownModel | None) -> list[str]:
    """Lines on a model: where it comes from, its errors by region beside the active one's, where it lies, what is noted."""
    line = " > ".join(model.line)
    taught = f" · taught: {', '.join(model.children)}" if model.children else ""
    found = [
        f"{model.id} · {model.scheme} · licence: {model.licence or 'none'} · version {model.version}: {line}{taught}"
    ]
    own = model.measured
    if own is not None:
        beside = active.measured if active is not None and not model.active else None
        figures = [
            f"{name} {value:.2f}"
            + (f" ({beside.regions[name]:.2f})" if beside and name in beside.regions else "")
            for name, value in own.regions.items()
        ]
        than = " (the active one)" if beside else ""
        kept = (
            "frames kept back from training"
            if own.held_out
            else "frames of the training, as there are too few others"
        )
        found.append(
            f"Error{than}, {own.unit} of the eye distance: " if own.unit == "%" else f"Error{than}, px: "
        )
        found[-1] += f"{', '.join(figures)} · {own.points:,} points of {own.frames} {kept}"
    else:
        found.append("Not measured on this project's frames yet.")
    found.append(f"{model.folder}{'' if model.there else ' (is gone)'}")
    return [*found, *([f"Note: {model.note}"] if model.note else [])]


def previous_model(session: Session) -> str | None:
    """The id of the model that was active before the present one, None if there was none."""
    active = session.models.active
    if active is None:
        return None
    known = {model.id for model in session.models.all()}
    history = sorted(session.models.history(), key=lambda activation: activation.at, reverse=True)
    for activation in history:
        if activation.model_id != active.id and activation.model_id in known:
            return activation.model_id
    return None


def roll_back(session: Session) -> bool:
    """Makes the previously active model active again; False if there is none."""
    previous = previous_model(session)
    if previous is not None:
        session.models.set_active(previous)
    return previous is not None


def _trained(metrics: Mapping[str, Any]) -> str:
    """Before and after of the training that made a model in a project, as its table says; empty for other models."""
    table = metrics.get("project")
    if not isinstance(table, Mapping):
        return ""
    for row in table.get("rows", ()):
        if isinstance(row, Mapping) and row.get("region") == "all":
            before, after = row.get("before"), row.get("after")
            if isinstance(before, float) and isinstance(after, float):
                return f"{before:.2f} → {after:.2f} {table.get('unit', '%')}"
    return ""
