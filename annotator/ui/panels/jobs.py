"""The jobs panel: what runs beside the window, how far it is, and a button to stop it."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QScrollArea, QVBoxLayout, QWidget

from annotator.session.job.job_board import Job, JobState
from annotator.session.session import Session
from annotator.ui.common.plain import plain
from annotator.ui.common.theme import COLOURS, icon, label, scaled
from annotator.ui.common.widgets import tool_button

_ICONS = {
    "propose": "sparkle",
    "train": "graduation-cap",
    "export": "export",
    "import": "download-simple",
    "import annotations": "download-simple",
    "take back": "arrow-u-up-left",
}
_TELLS_AFTER = 3.0  # seconds
_ENDS = {JobState.DONE: "Done", JobState.FAILED: "Failed", JobState.CANCELLED: "Stopped"}


def time_left(job: Job, now: float) -> str:
    """How long a job still takes if it goes on as it did, `now` in seconds since the epoch; empty while that is a guess."""
    took = now - job.started
    if job.state is not JobState.RUNNING or not 0 < job.done < job.total or took < _TELLS_AFTER:
        return ""
    left = took / job.done * (job.total - job.done)
    if left < 60:
        return "less than a minute left"
    minutes = round(left / 60)
    return f"about {minutes} min left" if minutes < 90 else f"about {minutes / 60:.1f} h left"


class JobRow(QFrame):
    """One job."""

    def __init__(self, session: Session, job: Job, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 5, 8, 5)
        row.setSpacing(10)
        picture = label("")
        picture.setPixmap(icon(_ICONS.get(job.kind, "gear"), "dim").pixmap(16, 16))
        self.title = label(job.title)
        self.title.setMinimumWidth(scaled(190))
        self.bar = QProgressBar()
        self.bar.setFixedWidth(200)
        self.bar.setAccessibleName(f"Progress of {job.title}")
        self.message = label("", "dim")
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.stop = tool_button("x", f"Stop: {job.title}", lambda: session.jobs.cancel(job.id))
        for widget, stretch in (
            (picture, 0),
            (self.title, 0),
            (self.bar, 0),
            (self.message, 1),
            (self.stop, 0),
        ):
            row.addWidget(widget, stretch)
        self.show_job(job)

    def show_job(self, job: Job) -> None:
        """Takes over a newer snapshot."""
        self.bar.setVisible(job.is_active)
        self.bar.setRange(0, job.total)
        self.bar.setValue(job.done)
        self.bar.setFormat(f"{job.done} / {job.total}" if job.total else "")
        end = _ENDS.get(job.state, "")
        text = f"{end}: {job.message}" if end and job.message else end or job.message
        text = " · ".join(each for each in (text, time_left(job, time.time())) if each)
        self.message.setText(text)
        self.message.setToolTip(plain(text))
        colours = f"color: {COLOURS.bad};" if job.state is JobState.FAILED else ""
        if colours != self.message.styleSheet():  # a style sheet takes a while to take effect
            self.message.setStyleSheet(colours)
        self.stop.setEnabled(job.state is JobState.RUNNING)
        self.stop.setVisible(job.is_active)


class JobsPanel(QScrollArea):
    """The jobs that the session remembers, the newest on top; what it forgets loses its row."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rows: dict[int, JobRow] = {}
        self.setAccessibleName("Jobs")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 4, 0, 4)
        self._column.setSpacing(0)
        self._empty = label("Nothing runs. Proposals, training, imports and exports appear here.", "faint")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setMinimumHeight(60)
        self._column.addWidget(self._empty)
        self._column.addStretch(1)
        self.setWidget(content)
        session.jobs.changed.connect(self._on_job)
        session.jobs.forgotten.connect(self._forget)
        for job in session.jobs.all:
            self._on_job(job)

    def row(self, job_id: int) -> JobRow:
        """The row of a job; raises KeyError where there is none."""
        return self._rows[job_id]

    def _on_job(self, job: Job) -> None:
        self._empty.hide()
        if job.id in self._rows:
            self._rows[job.id].show_job(job)
            return
        self._rows[job.id] = JobRow(self._session, job)
        self._column.insertWidget(0, self._rows[job.id])

    def _forget(self, job_id: int) -> None:
        row = self._rows.pop(job_id, None)
        if row is not None:
            self._column.removeWidget(row)
            row.deleteLater()
