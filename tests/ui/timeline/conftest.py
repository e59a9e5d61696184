"""A window on a short take."""

from pathlib import Path

import pytest
from moving_take import moving_take, set_key
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_helpers import has_pixels

from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

WAIT = 60_000
SOME = [4, 5, 6]


@pytest.fixture
def take(qtbot: QtBot, session: Session, empty_window: MainWindow, tmp_path: Path) -> MainWindow:
    """Frames 1..10 without 7 and 8; frame 3 is a key of three landmarks."""
    path = moving_take(tmp_path, 10, gap=(7, 8))
    with ProjectStore.open(path) as store:
        set_key(store, 3, 3, SOME)
    session.open_project(path)
    qtbot.waitUntil(lambda: session.time.take.state is not None and has_pixels(session), timeout=WAIT)
    for frame_id in range(1, 9):  # so that frames can pass by at once
        session.frames.go_to(frame_id)
        qtbot.waitUntil(lambda: has_pixels(session), timeout=WAIT)
    session.frames.go_to(1)
    QApplication.processEvents()
    return empty_window
