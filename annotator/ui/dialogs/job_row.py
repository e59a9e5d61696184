"""What a dialog shows of a job of its own: how far it is, what it does, and a button that stops it."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QWidget

from annotator.session.job.job_board import Job, JobState
from annotator.session.job.jobs import Jobs
from annotator.ui.common.theme import label


class JobRow(QWidget):
    """Hidden unless it follows a job that runs."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs, self._job_id = jobs, 0
        self.bar, self.stop, self.doing = QProgressBar(), QPushButton("Stop"), label("", "dim")
        self.bar.setAccessibleName("Progress")
        self.stop.setAutoDefault(False)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for widget, stretch in ((self.bar, 1), (self.doing, 2), (self.stop, 0)):
            row.addWidget(widget, stretch)
        self.stop.clicked.connect(lambda _on: self.cancel())
        jobs.changed.connect(self._on_job)
        self.hide()

    def follow(self, job: Job) -> None:
        """Show this job until it ends."""
        self._job_id = job.id
        self._on_job(job)

    def cancel(self) -> None:
        """Ask the job to stop, where one runs."""
        if self._job_id:
            self._jobs.cancel(self._job_id)

    def _on_job(self, job: Job) -> None:
        if job.id != self._job_id:
            return
        if not job.is_active:
            self._job_id = 0
        self.setVisible(job.is_active)
        self.bar.setRange(0, job.total)
        self.bar.setValue(job.done)
        self.bar.setTextVisible(job.total > 0)
        self.doing.setText(job.message)
        self.stop.setEnabled(job.state is JobState.RUNNING)
