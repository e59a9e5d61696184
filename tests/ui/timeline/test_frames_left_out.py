"""A frame that has no place in its take: the keys of the timeline say why they do nothing."""

from pathlib import Path

import pytest
from moving_take import SIDE, moving_take
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from ui_helpers import key

from annotator.domain.capture import Frame
from annotator.domain.takes.take import TakeSettings
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
WAIT = 60_000


@pytest.mark.parametrize("name", ["I", "O", "BracketRight", "BracketLeft"])
def test_it_is_said_why_a_frame_is_left_out(
    qtbot: QtBot, session: Session, empty_window: MainWindow, tmp_path: Path, name: str
) -> None:
    path = moving_take(tmp_path, 4, proposed=False)
    (tmp_path / "captures" / "slate.jpg").write_bytes((tmp_path / "captures" / "f_0001.jpg").read_bytes())
    with ProjectStore.open(path) as store:
        store.frames.add([Frame(0, "slate.jpg", "ada", "talk", "left", "slate", SIDE, SIDE)])
        slate = store.frames.by_path()["slate.jpg"]
    session.open_project(path)
    session.frames.go_to(slate)
    qtbot.waitUntil(lambda: session.time.take.state is not None, timeout=WAIT)
    told: list[str] = []
    session.message.connect(lambda _level, text: told.append(text))
    strip = empty_window.pages.timeline.strip
    strip.setFocus()
    key(strip, Qt.Key[f"Key_{name}"])
    assert told == ["slate.jpg has no number"]
    assert session.store.takes.get("ada", "talk") == TakeSettings()
