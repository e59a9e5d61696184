"""The status bar: pixel inspector on the left, what the model and the disk do on the right."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QStatusBar, QWidget

from annotator.session.job.job_board import Job
from annotator.session.session import Session
from annotator.ui.common.theme import label, scaled
from annotator.ui.panels.jobs import time_left

_INFERENCE = {
    "off": "Model is not started",
    "starting": "Starting the model…",
    "loading": "Loading the model…",
    "crashed": "The model crashed",
}
_MEMORY_MS = 2000  # between two looks


class StatusLine(QStatusBar):
    """Follows cursor, jobs and saving."""

    def __init__(
        self, session: Session, pixel_text: Callable[[float, float], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.setSizeGripEnabled(False)
        self.pixel = label("")
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(scaled(11))
        self.pixel.setFont(fixed)
        self.pixel.setAccessibleName("Pixel under the pointer")
        self.jobs, self.model, self.saved = label(""), label(""), label("")
        self.jobs.setAccessibleName("Running jobs")
        self.model.setAccessibleName("Model state")
        self.saved.setAccessibleName("Save state")
        self.addWidget(self.pixel, 1)
        self.memory = label("")
        self.memory.setAccessibleName("Memory in use")
        for widget in (self.jobs, self.memory, self.model, self.saved):
            self.addPermanentWidget(widget)
        self._looking = QTimer(self)
        self._looking.setInterval(_MEMORY_MS)
        self._looking.timeout.connect(self._show_memory)
        self._looking.start()
        session.memory.changed.connect(self._show_memory)
        session.pointer.moved.connect(lambda x, y: self.pixel.setText(pixel_text(x, y)))
        session.annotations.save_state_changed.connect(self.saved.setText)
        session.jobs.changed.connect(self._on_job)
        for signal in (session.frames.current_changed, session.proposals.arrived):
            signal.connect(lambda _frame: self._show_model())
        session.models.changed.connect(self._show_model)
        session.proposals.state_changed.connect(lambda _state: self._show_model())
        session.proposals.failed.connect(lambda _frame, _text: self._show_model())
        session.project_opened.connect(self._on_project)
        session.project_closed.connect(self._on_project)
        self._on_project()
        self._show_memory()

    def _show_memory(self) -> None:
        """What all caches take of their budget, and which of them takes how much."""
        memory = self._session.memory
        used = memory.used()
        self.memory.setText(f"{_mb(sum(used.values()))} of {_mb(memory.total)} MB")
        lines = [f"{title}: {_mb(each)} MB" for title, each in used.items()]
        budget = f"Memory for pictures, {_mb(memory.total)} MB at most (Edit ▸ Settings)"
        self.memory.setToolTip("\n".join((budget, *lines)))

    def _on_project(self) -> None:
        self.saved.setText(self._session.annotations.save_state if self._session.is_open else "")
        self._show_model()

    def _on_job(self, _job: Job) -> None:
        active = [job for job in self._session.jobs.all if job.is_active]
        self.jobs.setText("   ".join(_job_text(job) for job in active[:2]))

    def _show_model(self) -> None:
        if not self._session.is_open:
            self.model.setText("")
            return
        active = self._session.models.active
        if active is None:
            self.model.setText("No active model")
            return
        frame_id = self._session.frames.current_id
        if frame_id and self._session.proposals.is_asked(frame_id):
            self.model.setText(_INFERENCE.get(self._session.proposals.state, "Proposing…"))
        else:
            known = bool(frame_id) and self._session.proposals.get(frame_id) is not None
            self.model.setText("Proposal ready" if known else "No proposal")


def _job_text(job: Job) -> str:
    if not job.total:
        return job.title
    left = time_left(job, time.time())
    return f"{job.title} {job.done:,} of {job.total:,}" + (f", {left}" if left else "")


def _mb(nbytes: int) -> str:
    return f"{nbytes / 2**20:,.0f}"
