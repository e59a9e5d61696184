"""Asks before the window closes on work that is under way, and says what of it will be kept."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QMessageBox, QWidget

from annotator.session.job.job_board import Job
from annotator.session.session import Session
from annotator.ui.common.plain import plain
from annotator.ui.dialogs.unsaved import may_discard


def may_quit(jobs: Iterable[Job], parent: QWidget) -> bool:
    """Whether the artist ends what is under way; asks only where something is, and going on is the default."""
    ending = [job for job in jobs if job.is_active and job.if_ended]
    if not ending:
        return True
    box = QMessageBox(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setText("Work is under way that ends with the window.")
    box.setInformativeText(plain("\n\n".join(_about(job) for job in ending)))
    stay = box.addButton("Keep the window open", QMessageBox.ButtonRole.RejectRole)
    leave = box.addButton("Stop it and quit", QMessageBox.ButtonRole.DestructiveRole)
    box.setDefaultButton(stay)
    box.exec()
    return box.clickedButton() is leave


def closed(session: Session, parent: QWidget) -> bool:
    """Closes the project, if one is open; false where edits could not be saved and the artist does not give them up."""
    if not session.is_open or session.close_project():
        return True
    discard = may_discard(session.keeper.unsaved, parent)
    return discard and session.close_project(discard_pending=True)


def _about(job: Job) -> str:
    far = f" ({job.done:,} of {job.total:,})" if job.total else ""
    return f"{job.title}{far}: {job.if_ended}"
