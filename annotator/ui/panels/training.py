"""The training panel: how the run goes, stop, the before/after table, and "Use this model"."""

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
from annotator.session.job_board import Job
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

    retrain_requested = Signal()
    roll_back_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Training")
        self._session = session
        self._is_training = False
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
        self.table.setAccessibleName("NME before and after, by region")
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
        self.use.setObjectName("primary")
        self.retrain = QPushButton(icon("graduation-cap"), "Retrain…")
        buttons = QHBoxLayout()
        self.back = QPushButton(icon("clock-counter-clockwise"), "Back")
        self.back.setToolTip("Make the model before active again")
        self.back.setAccessibleName("Back to the model before")
        for button in (self.retrain, self.stop, self.use, self.back):
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
        self.back.clicked.connect(self.roll_back_requested)
        self.retrain.clicked.connect(self.retrain_requested)
        return column

    # ---- following the session
    def _on_project(self) -> None:
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
        if job.kind == "train" and job.is_active != self._is_training:
            self._on_project()

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
        return "stopped" if told == "running" else told

    def _detail(self, status: str) -> str:
        state = self.state
        if status == "idle":
            return "Retrain fine-tunes the active model on what you corrected and confirmed. Old models are kept."
        if state.rows():
            where = (
                "frames kept out of training"
                if state.held_out
                else "the training frames: too few to keep any back"
            )
            return f"New model {state.model}. NME on {state.frames} {where}; lower is better."
        if status == "running" and state.loss:
            left = f" · about {_duration(state.seconds_left)} left" if state.seconds_left else ""
            return f"Loss {state.trend[-1][1]:.4g} · {_duration(state.seconds)}{left}"
        return state.message or (
            "Preparing…" if status == "running" else "It was cut off, and left no model."
        )

    def _regions(self) -> tuple[Region, ...]:
        return self._session.scheme.regions if self._session.is_open else ()

    def _show_table(self) -> None:
        rows, regions = self.state.rows(), self._regions()
        self.table.setVisible(bool(rows))
        self._room.setVisible(not rows)
        self.table.setRowCount(len(rows))
        for number, (name, before, after) in enumerate(rows):
            texts = [part_title(name, regions), _percent(before), _percent(after), ""]
            if before and after is not None:
                texts[3] = f"{(after / before - 1) * 100:+.1f} %"
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                if column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if column == 3 and before and after is not None:
                    item.setForeground(QColor(COLOURS.good if after <= before else COLOURS.warning))
                self.table.setItem(number, column, item)

    def _show_buttons(self) -> None:
        running = any(job.kind == "train" and job.is_active for job in self._session.jobs.all)
        self._is_training = running
        self.stop.setEnabled(running)
        self.stop.setVisible(running)
        self.retrain.setEnabled(self._session.is_open and not running)
        measured = bool(self.state.rows())
        self.use.setVisible(measured)
        active = self._session.models.active if measured and self._session.is_open else None
        new = self._new_model_id() if measured else None
        self.use.setEnabled(new is not None and (active is None or active.id != new))
        in_use = active is not None and active.id == new
        self.use.setText("In use" if in_use else "Use this model")
        self.back.setVisible(in_use)

    def _new_model_id(self) -> str | None:
        """The id of the model that the run made, once the project knows it."""
        if not self._session.is_open or not self.state.model:
            return None
        return next((known.id for known in self._session.models.all() if known.id == self.state.model), None)

    # ---- asking the session
    def _stop(self) -> None:
        for job in self._session.jobs.all:
            if job.kind == "train" and job.is_active:
                self._session.jobs.cancel(job.id)

    def _use(self) -> None:
        new = self._new_model_id()
        if new is not None:
            self._session.models.set_active(new)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f} %"
