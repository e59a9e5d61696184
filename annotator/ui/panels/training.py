"""The training panel: how the run goes, stop, the table of before and after, and which model to go on with."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QProgressBar,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.scheme import Region
from annotator.domain.words import counted
from annotator.session.job.job_board import Job, JobState
from annotator.session.session import Session
from annotator.ui.common.theme import COLOURS, icon, label, scaled
from annotator.ui.panels.training_curves import TrainingCurves, part_title
from annotator.ui.panels.training_state import TrainingState

_REDRAW_MS = 100  # events that come together are drawn once
_STATUS = {
    "idle": "No training yet",
    "running": "Training",
    "done": "Training is done",
    "stopped": "Training was stopped",
    "error": "Training failed",
}


class TrainingPanel(QWidget):
    """Follows the session's training events."""

    command_wanted = Signal(str)  # its id
    compare_wanted = Signal(str)  # the model to show beside the active one

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self._session = session
        self._is_training = False
        self._job_end: Job | None = None  # of the run that is shown, where this window saw it end
        self._kept = ""  # the new model that the artist chose not to use
        self.state = TrainingState()
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_REDRAW_MS)
        self._later.timeout.connect(self._show)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 8, 10, 8)
        row.setSpacing(12)
        row.addLayout(self._build_side(), 0)
        self.curves = TrainingCurves()
        row.addWidget(self.curves, 1)
        session.jobs.training_event.connect(self._on_event)
        session.project_opened.connect(self._on_project)
        session.models.changed.connect(self._show_buttons)
        session.jobs.changed.connect(self._on_job)
        self._on_project()

    def _build_side(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(6)
        self.title = label("", "title")
        self.detail = label("", "dim")
        self.detail.setWordWrap(True)
        self.detail.setFixedWidth(scaled(330))
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Training progress")
        self.table = QTableWidget(0, 4)
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Error before and after, by region")
        for number, title in enumerate(("Region", "Before", "After", "Change")):
            heading = QTableWidgetItem(title)
            side = Qt.AlignmentFlag.AlignRight if number else Qt.AlignmentFlag.AlignLeft
            heading.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
            self.table.setHorizontalHeaderItem(number, heading)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(scaled(22))
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.stop = QPushButton(icon("stop"), "Stop")
        self.use = QPushButton(icon("check"), "Use this model")
        self.keep = QPushButton(icon("prohibit"), "Keep the present model")
        self.keep.setToolTip("Change nothing; the new model stays under Model ▸ Models")
        self.retrain = QPushButton(icon("graduation-cap"), "Retrain…")
        self._buttons = buttons = QHBoxLayout()
        self.back = QPushButton(icon("clock-counter-clockwise"), "Back")
        self.back.setToolTip("Make the model before active again")
        self.back.setAccessibleName("Back to the model before")
        self.compare = QPushButton(icon("columns"), "Side by side")
        self.compare.setToolTip(
            "The heat of both models on the present frame, before and after the retraining"
        )
        for button in (self.retrain, self.stop, self.keep, self.use, self.back, self.compare):
            buttons.addWidget(button)
        buttons.addStretch(1)
        for widget in (self.title, self.detail, self.bar):
            column.addWidget(widget)
        self._room = QWidget()  # takes the table's place while there is none
        column.addWidget(self.table, 1)
        column.addWidget(self._room, 1)
        column.addLayout(buttons)
        self.stop.clicked.connect(self._stop)
        self.use.clicked.connect(self._use)
        self.keep.clicked.connect(self._keep)
        self.back.clicked.connect(lambda _on: self.command_wanted.emit("roll_back"))
        self.retrain.clicked.connect(lambda _on: self.command_wanted.emit("retrain"))
        self.compare.clicked.connect(lambda _on: self.compare_wanted.emit(self._other_model_id()))
        return column

    # ---- following the session
    def _on_project(self) -> None:
        self._job_end, self._kept = None, ""
        self.state = TrainingState.from_events(
            self._session.jobs.training_events if self._session.is_open else ()
        )
        self._show()

    def _on_event(self, event: dict[str, object]) -> None:
        self.state = self.state.after_event(event)
        if self.state.status != "running":
            self._show()
        elif self.isVisible() and not self._later.isActive():
            self._later.start()

    def _on_job(self, job: Job) -> None:
        if job.kind != "train":
            return
        if not self._session.is_open or job.project != self._session.keys.project:
            self._show_buttons()  # another project's: no other may begin meanwhile
        elif job.is_active != self._is_training:
            self._on_project()
            self._job_end = None if job.is_active else job
            self._show()

    def showEvent(self, event: QShowEvent) -> None:
        """Draws what came while the panel was hidden."""
        self._show()

    def _show(self) -> None:
        self._later.stop()
        self._show_buttons()
        state, status = self.state, self._status()
        self.title.setText(_STATUS[status])
        self.bar.setVisible(status == "running")
        # a model whose networks stayed as they were has no curves
        self.curves.setVisible(bool(state.loss) or status != "done")
        self.bar.setRange(0, 1000)  # of the budget, which may be minutes
        self.bar.setValue(round(1000 * state.share))
        self.bar.setFormat(f"step {state.step}  ·  {state.share:.0%}")
        self.detail.setText(self._detail(status))
        self.curves.show_state(state, self._regions())
        self._show_table()

    def _status(self) -> str:
        """The run's, as its events tell; one that was cut off tells nothing of its end, and a new one nothing at first."""
        told = self.state.status
        if self._is_training:
            return "running" if told == "idle" else told
        if told in ("idle", "running") and self._job_end is not None:
            return "error" if self._job_end.state is JobState.FAILED else "stopped"
        return "stopped" if told == "running" else told

    def _detail(self, status: str) -> str:
        state = self.state
        if status == "idle":
            return "Retrain fine-tunes the active model on what you corrected and confirmed. Old models are kept."
        if status == "running":
            if not state.loss:
                return state.message or "Preparing…"
            left = f" · about {_duration(state.seconds_left)} left" if state.seconds_left else ""
            return f"Loss {state.trend[-1][1]:.4g} · {_duration(state.seconds)}{left}"
        if state.model:
            return result_text(state, kept=self._kept == state.model)
        ended = self._job_end.message if self._job_end is not None else ""
        return state.message or ended or "It was cut off before its end; no new model came of it."

    def _regions(self) -> tuple[Region, ...]:
        return self._session.scheme.regions if self._session.is_open else ()

    def _show_table(self) -> None:
        rows, regions = self.state.rows(), self._regions()
        accepted = self.state.accepted
        self.table.setVisible(bool(rows) or accepted is not None)
        self._room.setHidden(self.table.isVisibleTo(self))
        self.table.setRowCount(len(rows) + (accepted is not None))
        if accepted is not None:
            rows = [*rows, ("", accepted[1], accepted[2])]
        for number, (name, before, after) in enumerate(rows):
            title = part_title(name, regions) if name else "Accepted, apart"
            texts = [title, self._figure(before), self._figure(after), ""]
            if name and before and after is not None:
                texts[3] = f"{(after / before - 1) * 100:+.1f} %"
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if column == 3 and texts[3] and before and after is not None:
                    item.setForeground(QColor(COLOURS.good if after <= before else COLOURS.warning))
                self.table.setItem(number, column, item)

    def _show_buttons(self) -> None:
        session = self._session
        project = session.keys.project if session.is_open else ""
        running = session.is_open and session.jobs.active("train", project) is not None
        elsewhere = session.jobs.active_elsewhere("train", project) is not None
        self._is_training = running
        self.stop.setEnabled(running)
        self.stop.setVisible(running)
        self.retrain.setEnabled(session.is_open and not running and not elsewhere)
        self.retrain.setToolTip(
            "A training of another project is running; wait for its end" if elsewhere else ""
        )
        new = self._new_model_id()
        active = session.models.active if new is not None else None
        in_use = active is not None and active.id == new
        self.use.setVisible(new is not None)
        self.use.setEnabled(not in_use)
        self.use.setText("In use" if in_use else "Use this model")
        self.keep.setVisible(new is not None and not in_use and self._kept != new)
        self.back.setVisible(in_use)
        self.compare.setVisible(bool(self._other_model_id()))
        self._put_first(self.use if self.state.speaks_for_it else self.keep)

    def _put_first(self, choice: QPushButton) -> None:
        """The choice that the figures speak for stands first and is the default; the other one never looks like it."""
        other = self.keep if choice is self.use else self.use
        self._buttons.removeWidget(other)
        self._buttons.insertWidget(self._buttons.indexOf(choice) + 1, other)
        self.setTabOrder(choice, other)
        for button, name in ((choice, "primary"), (other, "")):
            if button.objectName() != name:
                button.setObjectName(name)
                button.style().unpolish(button)
                button.style().polish(button)
            button.setDefault(button is choice)

    def _new_model_id(self) -> str | None:
        """The id of the model that the run made, once it has ended and the project knows it."""
        if not self._session.is_open or not self.state.model:
            return None
        return next((known.id for known in self._session.models.all() if known.id == self.state.model), None)

    def _other_model_id(self) -> str:
        """The new model while the one before is active, the one before while the new one is; empty where either is gone."""
        new, active = self._new_model_id(), self._session.models.active if self._session.is_open else None
        if new is None or active is None or active.id != new:
            return new or ""
        known = {model.id for model in self._session.models.all()}
        return active.card.parent if active.card.parent in known else ""

    # ---- asking the session
    def _stop(self) -> None:
        job = self._session.jobs.active("train", self._session.keys.project)
        if job is not None:
            self._session.jobs.cancel(job.id)

    def _use(self) -> None:
        new = self._new_model_id()
        if new is not None:
            self._session.models.set_active(new)

    def _keep(self) -> None:
        self._kept = self.state.model
        self._show()

    def _figure(self, value: float | None) -> str:
        return "–" if value is None else f"{value:.3f} {self.state.unit}"


def result_text(state: TrainingState, kept: bool) -> str:
    """What came of a run that left a model, in words that its figures bear out."""
    early = "Stopped early; what was learnt so far is" if state.status == "stopped" else "New model"
    parts = [f"{early} {state.model}."]
    if kept:
        parts.append("The present model stays in use; the new one is under Model ▸ Models.")
    if state.rows():
        unit = "% of the eye distance" if state.unit == "%" else "pixels, as some frames lack eye corners"
        where = (
            "kept out of training"
            if state.held_out
            else "that it learnt from, as there are too few to keep any back"
        )
        which = "points placed by hand" if state.placed_only else "all points"
        parts.append(f"Error in {unit}, {which}, on {counted(state.frames, 'frame')} {where}.")
        if state.verdict == "better":
            parts.append("It is better there." if state.held_out else "That says little of other frames.")
        elif state.verdict == "worse":
            parts.append(_how_worse(state.before.get("all", 0.0), state.after.get("all", 0.0)))
    else:
        parts.append("Nobody moved a point on the measured frames, so nothing says whether it is better.")
    return " ".join(parts)


def _how_worse(before: float, after: float) -> str:
    if after > before:
        return "It is worse."
    return "It moves points that were right." if after < before else "It is no better."


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
