"""What the dialogs that refine and solve rigs share: a job with its progress, a table of cameras, a button that keeps them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from annotator.domain.errors import AnnotatorError
from annotator.session.job.job_board import Job, JobState
from annotator.session.session import Session
from annotator.store.rigs import ProjectRig
from annotator.ui.common.theme import COLOURS, label, scaled
from annotator.ui.dialogs.job_row import JobRow


class RigJobDialog(QDialog):
    """Above what may be chosen, below what came of it. Closing it stops the work; nothing is kept but by its button."""

    def __init__(
        self, session: Session, title: str, start: str, columns: Sequence[str], parent: QWidget | None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(scaled(760), scaled(560))
        self._session, self._job_id = session, 0
        self.chosen = QWidget()
        self.start = QPushButton(start)
        self.start.setObjectName("primary")
        self.job_row = JobRow(session.jobs)
        self.bar, self.stop, self.doing = self.job_row.bar, self.job_row.stop, self.job_row.doing
        self.table = QTreeWidget()
        self.table.setObjectName("framed")
        self.table.setAccessibleName("Cameras")
        self.table.setRootIsDecorated(False)
        self.table.setHeaderLabels(list(columns))
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.told = label("")
        self.told.setWordWrap(True)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.keep = self.buttons.addButton("Keep", QDialogButtonBox.ButtonRole.ActionRole)
        self._lay_out()
        self.start.clicked.connect(lambda _on: self._begin())
        self.keep.clicked.connect(lambda _on: self._keep())
        self.buttons.rejected.connect(self.reject)
        self.finished.connect(lambda _code: self.job_row.cancel())
        session.jobs.ended.connect(self._on_end)
        self._show_work(False)
        self.keep.hide()

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.start)
        row.addWidget(self.job_row, 1)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 16, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.chosen)
        column.addLayout(row)
        column.addWidget(self.table, 1)
        column.addWidget(self.told)
        column.addWidget(self.buttons)

    # ---- what the two dialogs are: they say how to start, to show what came of it, and to keep it

    def begin(self) -> Job:
        """Starts the job; raises `AnnotatorError` for a choice that cannot be."""
        raise NotImplementedError

    def show_result(self, result: object) -> None:
        """Shows what came of the job and offers to keep it."""
        raise NotImplementedError

    def keep_result(self) -> ProjectRig:
        """Keeps it; raises `AnnotatorError` where that cannot be."""
        raise NotImplementedError

    def tell(self, text: str, tint: str = "") -> None:
        """Says something below the table; `tint` names a colour of the theme."""
        self.told.setStyleSheet(f"color: {getattr(COLOURS, tint)};" if tint else "")
        self.told.setText(text)

    def offer(self, text: str, good: bool) -> None:
        """Shows the button that keeps the result; one that is not good is not proposed."""
        self.keep.setText(text)
        for button, first in ((self.keep, good), (self.start, not good)):
            button.setObjectName("primary" if first else "")
            button.style().polish(button)
        self.keep.setEnabled(not self._session.store.read_only)
        self.keep.show()

    def row(self, texts: Sequence[str], tip: str = "") -> None:
        """Adds a camera to the table."""
        QTreeWidgetItem(self.table, list(texts)).setToolTip(0, tip)

    # ---- the job

    def _begin(self) -> None:
        self.table.clear()
        self.tell("")
        self.keep.hide()
        self._guarded(self._start_job)

    def _start_job(self) -> None:
        job = self.begin()
        self._job_id = job.id
        self._show_work(True)
        self.job_row.follow(job)

    def _on_end(self, job: Job) -> None:
        if job.id != self._job_id:
            return
        self._job_id = 0
        self._show_work(False)
        if job.state is JobState.DONE:
            self.show_result(job.result)
        elif job.state is JobState.FAILED:
            self.tell(job.message, "bad")
        else:
            self.tell("Stopped. All is as it was.")

    def _show_work(self, on: bool) -> None:
        self.chosen.setEnabled(not on)
        self.start.setVisible(not on)

    def _keep(self) -> None:
        self._guarded(self._keep_now)

    def _keep_now(self) -> None:
        kept = self.keep_result()
        self._session.rigs_changed.emit()
        self._session.message.emit("info", f"Kept as {kept.label}")
        self.accept()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except AnnotatorError as error:
            self.tell(str(error), "bad")
