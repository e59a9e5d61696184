"""Opening one project in place of another, from wherever it was chosen."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QMessageBox

from annotator.domain.errors import AnnotatorError
from annotator.session.project.project_lock import ProjectLockedError
from annotator.ui.commands.command import Command
from annotator.ui.commands.desk import Desk
from annotator.ui.common.plain import plain
from annotator.ui.common.recent import MOST, forget_lost_projects, recent_projects


def open_path(desk: Desk, path: Path) -> None:
    """Opens a project in place of the present one; asks where another window has it open."""
    close_present(desk)
    try:
        desk.session.open_project(path)
    except ProjectLockedError as error:
        ask_locked(desk, path, error)


def ask_locked(desk: Desk, path: Path, error: ProjectLockedError) -> None:
    """Says who has a project open, without stopping the window, and opens it in the way that is chosen."""
    box = QMessageBox(desk.window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("Open project")
    box.setText(plain(str(error)))
    read = box.addButton("Open for reading only", QMessageBox.ButtonRole.AcceptRole)
    anyway = None
    if error.can_take_over:
        box.setInformativeText(
            "Nobody can tell whether that window is still there. If you know that it is gone, open the project anyway."
        )
        anyway = box.addButton("Open anyway", QMessageBox.ButtonRole.DestructiveRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(read)

    def answered(button: QAbstractButton) -> None:
        if button is read or button is anyway:
            desk.guarded(
                lambda: desk.session.open_project(path, read_only=button is read, take_over=button is anyway)
            )

    box.buttonClicked.connect(answered)
    box.open()


def close_present(desk: Desk) -> None:
    """Closes the open project, if there is one; raises `AnnotatorError` while its edits could not be saved."""
    if desk.session.is_open and not desk.session.close_project():
        state = desk.session.annotations.save_state
        raise AnnotatorError(f"Solve this first, or save as another file (File ▸ Save as): {state}")


def _open_recent(desk: Desk, number: int) -> None:
    path = recent_projects(desk.settings)[number]
    if path not in forget_lost_projects(desk.settings):
        raise AnnotatorError(f"{path} is not there any more. File ▸ Open project… finds it where it is now.")
    open_path(desk, path)


def _recent_text(desk: Desk, number: int) -> str:
    known = recent_projects(desk.settings)
    return f"{known[number].stem}    {known[number].parent}" if number < len(known) else ""


RECENT: tuple[Command, ...] = tuple(
    Command(
        f"open_recent_{number + 1}",
        "File/Open recent",
        f"Recent project {number + 1}",
        run=partial(_open_recent, number=number),
        text_now=partial(_recent_text, number=number),
    )
    for number in range(MOST)
)
