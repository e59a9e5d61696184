"""Reads damaged settings, keymaps and projects in the real window: the worker of these kinds for `annotator bench mutations`."""

import os
import sys
import time
from pathlib import Path

from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from annotator.domain.annotation import ReviewState
from annotator.domain.edits import set_review
from annotator.research.bench.mutations.worker import Read, serve
from annotator.session.processes.inference_process import InferenceProcess
from annotator.session.session import Session
from annotator.ui.commands.keys.keymap import read_keymap
from annotator.ui.common.theme import apply_theme
from annotator.ui.shell.main_window import MainWindow

_LOOK_SECONDS = 0.15


class _Silent(InferenceProcess):
    """Answers nothing: what is looked for is what the window does with what is stored."""

    def _post(self, message: tuple[object, ...]) -> None:
        del message


def _window(settings: Path) -> tuple[Session, MainWindow]:
    application = QApplication(sys.argv[:1])
    apply_theme(application)
    session = Session(inference=_Silent())
    window = MainWindow(session, QSettings(str(settings), QSettings.Format.IniFormat))
    window.show()
    _look()
    return session, window


def read_settings(path: Path) -> None:
    """Start the window with these settings."""
    _, window = _window(path)
    window.layout_kept.save()


def read_project_in_window(path: Path) -> None:
    """Open a project and go through it as a hand would: frames, selection, an edit, undo and redo, the other pages."""
    session, window = _window(path.parent / "none.ini")
    session.open_project(path)
    _look()
    for _ in range(4):
        window.actions_by_id["next_frame"].trigger()
        _look()
        if session.frames.current_id:
            session.annotations.submit(session.frames.current_id, set_review(ReviewState.NEEDS_WORK))
            session.annotations.undo()
            session.annotations.redo()
        QTest.keyClick(window.view, Qt.Key.Key_Right)
    for name in ("show_queue", "page_sheet", "page_dashboard"):
        window.actions_by_id[name].trigger()
        _look()
    window.grab()
    session.close_project(discard_pending=True)


def _look() -> None:
    end = time.monotonic() + _LOOK_SECONDS
    while time.monotonic() < end:
        QApplication.processEvents()


def _read_keymap(path: Path) -> None:
    read_keymap(path)


READERS: dict[str, Read] = {
    "settings": read_settings,
    "windows": read_project_in_window,
    "keymaps": _read_keymap,
}

if __name__ == "__main__":
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    serve(READERS)
