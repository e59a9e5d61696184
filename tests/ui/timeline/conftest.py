"""A window on a short take."""

import shutil
from pathlib import Path

import pytest
from moving_take import moving_take, set_key
from pytestqt.qtbot import QtBot
from ui_helpers import has_pixels

from annotator.imaging.pyramid import preview_jpeg
from annotator.imaging.reader import read_frame
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

WAIT = 60_000
SOME = [4, 5, 6]


@pytest.fixture(scope="session")
def made_take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `take` is a copy of, with the previews that let frames pass by at once."""
    path = moving_take(tmp_path_factory.mktemp("take"), 10, gap=(7, 8))
    with ProjectStore.open(path) as store:
        set_key(store, 3, 3, SOME)
        for frame_id in range(1, 9):
            store.previews.save(frame_id, preview_jpeg(read_frame(store.frames.path(frame_id))))
    return path


@pytest.fixture
def take(
    qtbot: QtBot, session: Session, empty_window: MainWindow, tmp_path: Path, made_take: Path
) -> MainWindow:
    """Frames 1..10 without 7 and 8; frame 3 is a key of three landmarks."""
    shutil.copytree(made_take.parent, tmp_path, dirs_exist_ok=True)
    session.open_project(tmp_path / made_take.name)
    qtbot.waitUntil(lambda: session.time.take.state is not None and has_pixels(session), timeout=WAIT)
    return empty_window
