"""Frames whose numbers are not those of a plain take: none at all, or times of many digits."""

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
from annotator.ui.dialogs.track import TrackDialog
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


def test_a_range_of_numbers_with_many_digits_is_tracked(
    qtbot: QtBot, session: Session, empty_window: MainWindow, tmp_path: Path
) -> None:
    """As of cameras that name their frames by the time in milliseconds."""
    path = moving_take(tmp_path, 4)
    times = [1_700_000_000_000 + 40 * place for place in range(4)]
    with ProjectStore.open(path) as store:
        store.frames.renumber({place + 1: str(time) for place, time in enumerate(times)})
    session.open_project(path)
    qtbot.waitUntil(lambda: session.time.take.state is not None, timeout=WAIT)
    dialog = TrackDialog(session.time.take.state, (), parent=empty_window)
    qtbot.addWidget(dialog)
    wishes = dialog.wishes()
    assert (wishes.first, wishes.last) == (times[0], times[-1])
    dialog.first.selectAll()
    qtbot.keyClicks(dialog.first, str(times[1]))
    assert dialog.wishes().first == times[1]
