"""Frames of a take get their previews before anybody comes to them, so that scrubbing shows pictures."""

from pathlib import Path

import numpy as np
import pytest
from moving_take import moving_take
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from annotator.session.session import Session
from annotator.session.time.read_ahead import in_order
from annotator.ui.shell.main_window import MainWindow
from annotator.ui.timeline.painter import lanes

pytestmark = pytest.mark.gui
WAIT = 60_000


def test_a_take_that_nobody_looked_at_can_be_scrubbed(
    qtbot: QtBot, session: Session, empty_window: MainWindow, tmp_path: Path
) -> None:
    session.open_project(moving_take(tmp_path, 30))
    qtbot.waitUntil(lambda: session.time.take.state is not None, timeout=WAIT)
    ids = session.time.take.state.sequence.frame_ids.tolist()
    qtbot.waitUntil(lambda: not session.store.previews.lacking(ids), timeout=WAIT)
    strip = empty_window.pages.timeline.strip
    spot = QPoint(round(strip.axis.middle(27)), lanes()["tracked"][0])
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=spot)
    assert "No preview" not in empty_window.frame_panel.badges.state.text()
    assert session.frames.image(27) is not None
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=spot)


def test_what_comes_next_comes_first(take: MainWindow, session: Session) -> None:
    session.time.take.set_range(2, 9)
    state = session.time.take.state
    numbers = state.sequence.numbers[[state.places[i] for i in in_order(state, 3)]]
    assert numbers.tolist() == [4, 5, 6, 9, 3, 2]
    assert np.isin(in_order(state, 0), state.sequence.frame_ids).all()
