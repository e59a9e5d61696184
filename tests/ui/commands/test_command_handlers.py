"""Every command is triggered once on an open project, with its dialogs answered by Cancel."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QInputDialog, QMessageBox

from annotator.session.session import Session
from annotator.ui.commands.rows import file_commands
from annotator.ui.commands.table import COMMANDS
from annotator.ui.shell import main_window
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
_LAST = (
    "tour",
    "open_samples",
    "close_project",
    "quit",
)  # they change the window or the project under the others


def test_every_command_runs_on_an_open_project(
    window: MainWindow, session: Session, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QDialog, "exec", lambda *_: QDialog.DialogCode.Rejected)
    monkeypatch.setattr(QMessageBox, "exec", lambda *_: QMessageBox.StandardButton.Cancel)
    monkeypatch.setattr(QMessageBox, "about", lambda *_: None)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.setattr(QInputDialog, "getItem", lambda *_: ("", False))
    monkeypatch.setattr(file_commands, "ensure_sample_project", lambda: project)
    monkeypatch.setattr(main_window, "may_quit", lambda *_: True)  # proposals are under way by then
    errors: list[str] = []
    session.message.connect(lambda level, text: errors.append(text) if level == "error" else None)
    names = [command.id for command in COMMANDS]
    for name in [name for name in names if name not in _LAST] + list(_LAST):
        if name not in ("page_sheet", "page_dashboard"):
            window.pages.show_frame()
        session.selection.select(0)
        action = window.actions_by_id[name]
        if name.startswith("open_recent_") and not action.isVisible():
            continue  # so many projects were not opened yet
        assert name in ("undo", "redo") or action.isEnabled(), name
        action.trigger()
        assert errors == [], name
        if name == "open_samples":
            assert session.is_open
    assert not session.is_open
    assert not window.isVisible()
