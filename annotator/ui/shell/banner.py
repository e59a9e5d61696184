"""Bars under the menu: edits that are not on disk yet (stays until solved), an offer; and messages that float over the picture
and go away by themselves."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from annotator.domain.errors import AnnotatorError
from annotator.domain.words import counted
from annotator.services.project.captures.picture_sizes import PointsRule, SizeChange
from annotator.session.convention_offer import ENOUGH, ConventionOffer
from annotator.session.job.job_board import Job, JobState
from annotator.session.picture_sizes import PictureSizes
from annotator.session.rigs.rig_work import REFINE, SOLVE
from annotator.session.session import Session
from annotator.ui.common.theme import COLOURS, icon, label
from annotator.ui.common.widgets import tool_button
from annotator.ui.shell.offer_bar import OfferBar
from annotator.ui.shell.rig_bar import RigBar
from annotator.ui.shell.toast import Toast

_NOTICE_MS = 8000

_QUIET = ("queues", "train")  # the training's panel says more
_IN_DIALOG = (REFINE, SOLVE)  # their dialogs say what came of them


class Banners(QWidget):
    """Five bars and a toast, hidden while there is nothing to say."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.pending, row = _bar("banner", "Unsaved edits")
        self.pending_text = label("")
        self.pending_text.setWordWrap(True)
        self.save_as = QPushButton("Save as…")
        self.retry = QPushButton(icon("arrow-clockwise"), "Try again")
        picture = label("")
        picture.setPixmap(icon("warning", "warning").pixmap(18, 18))
        row.addWidget(picture)
        row.addWidget(self.pending_text, 1)
        row.addWidget(self.save_as)
        row.addWidget(self.retry)
        self.notice = Toast()
        self.notice_text = self.notice.text
        self.offer, row = _bar("notice", "Offer")
        told = label(
            f"{ENOUGH} frames or more have your landmarks. In seconds the model can learn how you place points, for better "
            "proposals on all the others; you can go on working."
        )
        told.setWordWrap(True)
        row.addWidget(told, 1)
        self.learn, self.not_now = QPushButton(icon("graduation-cap"), "Learn now"), QPushButton("Not now")
        row.addWidget(self.learn)
        row.addWidget(self.not_now)
        offer = ConventionOffer(session, self)
        offer.changed.connect(self.offer.setVisible)
        self.learn.clicked.connect(lambda _on: offer.accept())
        self.not_now.clicked.connect(lambda _on: offer.decline())
        self.sizes, self.rigs = SizeBar(session, self), RigBar(session, self)
        self.work = OfferBar(session, self)
        column.addWidget(self.pending)
        column.addWidget(self.sizes.bar)
        column.addWidget(self.rigs)
        column.addWidget(self.offer)
        column.addWidget(self.work)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.notice.hide)
        self.retry.clicked.connect(lambda _on: self._try_again())
        session.annotations.pending_changed.connect(lambda _count: self._show_pending())
        session.annotations.save_state_changed.connect(lambda _text: self._show_pending())
        session.project_closed.connect(self._show_pending)
        session.message.connect(self.show_message)
        session.jobs.ended.connect(self._tell_end)

    def _show_pending(self) -> None:
        annotations = self._session.annotations
        self.pending.setVisible(bool(len(annotations.pending) or annotations.trouble))
        if not self.pending.isHidden():
            if annotations.trouble:
                todo = "Save the project as another file, or put the file back and try again."
            elif annotations.pending.waits_for_program:
                todo = "They are written by themselves as soon as it is done."
            else:
                todo = "Free some space or make the project writable; it is tried again by itself."
            kept = "All work is kept in this window and shown; do not close it before it is saved."
            self.pending_text.setText(f"{annotations.save_state.rstrip('.')}.\n{kept} {todo}")

    def _try_again(self) -> None:
        try:
            self._session.keeper.try_again()
        except AnnotatorError as error:
            self.show_message("error", str(error))

    def _tell_end(self, job: Job) -> None:
        """The list of jobs is mostly out of sight; looking for doubts goes on by itself, and only its failure matters."""
        if job.kind in _IN_DIALOG:
            return
        if job.state is JobState.FAILED:
            self.show_message("error", f"{job.title} failed: {job.message}")
        elif job.kind not in _QUIET:
            end = "done" if job.state is JobState.DONE else "stopped"
            self.show_message("info", f"{job.title}: {job.message or end}")

    def show_message(self, level: str, text: str) -> None:
        """Shows a line; errors stay until dismissed. What the bar of unsaved edits says is not said twice."""
        if level == "error" and self._session.is_open and text == self._session.annotations.save_state:
            return
        ink = {"error": COLOURS.bad, "warning": COLOURS.warning}.get(level, "#cfe3f4")
        self.notice_text.setStyleSheet(f"color: {ink};")
        self.notice.tell(text)
        if level == "error":
            self._timer.stop()
        else:
            self._timer.start(_NOTICE_MS)


class SizeBar(QObject):
    """A bar that tells of pictures of another size, with a button for each way to take it."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent)
        self.sizes = PictureSizes(session, self)
        self._session = session
        self._changes: tuple[SizeChange, ...] = ()
        self.bar, row = _bar("banner", "Pictures of another size")
        self.text = label("")
        self.text.setWordWrap(True)
        row.addWidget(self.text, 1)
        self.scale = QPushButton("Scale the landmarks")
        self.scale.setToolTip("The same picture in another resolution: its landmarks move with it")
        self.needs_work = QPushButton("Set to needs work")
        self.needs_work.setToolTip(
            "Another crop or picture: its landmarks stay where they are, to be looked at"
        )
        for button, points in ((self.scale, PointsRule.SCALE), (self.needs_work, PointsRule.NEEDS_WORK)):
            row.addWidget(button)
            button.clicked.connect(lambda _on, points=points: self._take(points))
        row.addWidget(tool_button("x", "Dismiss", self.bar.hide))
        self.sizes.differ.connect(self._show)

    def look(self) -> None:
        """Look at the pictures of all frames; what is found shows here."""
        self.sizes.look()

    def _show(self, changes: tuple[SizeChange, ...]) -> None:
        self._changes = changes
        self.bar.setVisible(bool(changes))
        if changes:
            more = f", and {counted(len(changes) - 1, 'frame')} more" if len(changes) > 1 else ""
            self.text.setText(
                f"{changes[0].text}{more}. Landmarks would lie in the wrong places: put the old picture back, or take the new "
                "size. What models proposed there is dropped."
            )
            self.scale.setEnabled(any(change.keeps_shape for change in changes))

    def _take(self, points: PointsRule) -> None:
        changes, self._changes = self._changes, ()
        self.bar.hide()
        try:
            self.sizes.take(changes, points)
        except AnnotatorError as error:
            self._session.message.emit("error", str(error))


def _bar(name: str, spoken: str) -> tuple[QFrame, QHBoxLayout]:
    bar = QFrame()
    bar.setObjectName(name)
    bar.setAccessibleName(spoken)
    row = QHBoxLayout(bar)
    row.setContentsMargins(14, 6, 8, 6)
    row.setSpacing(10)
    bar.hide()
    return bar, row
