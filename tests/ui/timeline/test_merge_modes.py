"""Tracking a range anew by the dialog, by keys and mouse: what becomes of older tracks in each mode, undo, in and out, keys."""

import numpy as np
import pytest
from moving_take import SCHEME, truth
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from ui_helpers import key

from annotator.domain import edits
from annotator.domain.takes.track import TrackState
from annotator.session.session import Session
from annotator.ui.dialogs.track import TrackDialog
from annotator.ui.shell.main_window import MainWindow
from annotator.ui.timeline.painter import lanes

pytestmark = pytest.mark.gui
WAIT = 60_000
FILL, REPLACE, KEEP = 0, 1, 2


def retrack(window: MainWindow, session: Session, qtbot: QtBot, mode: int, first: int, last: int) -> None:
    """Opens the dialog by its command, chooses by keys, presses *Track* by mouse, waits for the end."""
    ended: list[object] = []
    session.time.tracking.ended.connect(ended.append)

    def choose() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, TrackDialog)
        for box, number in ((dialog.first, first), (dialog.last, last)):
            box.selectAll()
            QTest.keyClicks(box, str(number))
        for _ in range(mode):
            key(dialog.mode, Qt.Key.Key_Down)
        QTest.mouseClick(dialog.track, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, choose)
    window.actions_by_id["track_range"].trigger()
    qtbot.waitUntil(lambda: bool(ended), timeout=WAIT)


def runs(session: Session) -> dict[int, int]:
    """The run of the first landmark that is tracked in each frame."""
    return {
        frame_id: int(track.run[10]) for frame_id, track in sorted(session.store.tracks.items(range(1, 9)))
    }


def test_each_mode_does_to_older_tracks_what_it_says(
    take: MainWindow, session: Session, qtbot: QtBot
) -> None:
    retrack(take, session, qtbot, FILL, 4, 6)
    first = runs(session)
    assert list(first) == [4, 5, 6]
    run = first[4]
    retrack(take, session, qtbot, KEEP, 3, 6)
    kept = runs(session)
    assert (kept[4], kept[5], kept[6]) == (run, run, run)
    assert kept[3] > run
    retrack(take, session, qtbot, FILL, 4, 6)
    track = session.store.tracks.get(5)
    sure = (track.run == run) & (track.state == TrackState.TRACKED)
    newer = track.run > run
    assert (sure | newer).all(), "what was sure stays, what was not is new"
    retrack(take, session, qtbot, REPLACE, 5, 5)
    replaced = session.store.tracks.get(5)
    assert (replaced.run > kept[3]).all()
    assert session.annotations.human(3).is_human.sum() == 3, "people's points stay"


def test_undo_brings_back_what_was_tracked_before(take: MainWindow, session: Session, qtbot: QtBot) -> None:
    retrack(take, session, qtbot, FILL, 4, 6)
    before = {i: track.xy.copy() for i, track in session.store.tracks.items(range(1, 9))}
    session.annotations.submit(6, edits.move(range(SCHEME.size), truth(6) + (2, 0)))
    retrack(take, session, qtbot, REPLACE, 4, 6)
    after = session.store.tracks.get(5).xy
    assert not np.allclose(after, before[5], atol=1e-3)
    session.annotations.undo()
    qtbot.waitUntil(lambda: np.array_equal(session.store.tracks.get(5).xy, before[5]), timeout=WAIT)
    assert session.annotations.human(6).is_human.all(), "the key is a step of its own"
    session.annotations.redo()
    qtbot.waitUntil(lambda: np.array_equal(session.store.tracks.get(5).xy, after), timeout=WAIT)


def test_the_dialog_begins_with_in_and_out_and_refuses_a_range_that_is_none(
    take: MainWindow, session: Session, qtbot: QtBot
) -> None:
    strip = take.pages.timeline.strip
    for number, letter in ((2, Qt.Key.Key_I), (6, Qt.Key.Key_O)):
        QTest.mouseClick(
            strip, Qt.MouseButton.LeftButton, pos=QPoint(round(strip.axis.middle(number)), lanes()["keys"][0])
        )
        key(strip, letter)
    seen: list[tuple[int, int, bool, bool]] = []

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, TrackDialog)
        was = dialog.first.value(), dialog.last.value(), dialog.track.isEnabled()
        dialog.last.selectAll()
        QTest.keyClicks(dialog.last, "1")
        seen.append((*was, dialog.track.isEnabled()))
        key(dialog, Qt.Key.Key_Escape)

    QTimer.singleShot(0, look)
    take.actions_by_id["track_range"].trigger()
    assert seen == [(2, 6, True, False)]
    assert session.annotations.undo_stack.count() == 0


def test_from_key_to_key_by_the_buttons_of_the_timeline(take: MainWindow, session: Session) -> None:
    session.annotations.submit(6, edits.move([4], truth(6)[[4]]))
    buttons = take.pages.timeline.buttons
    session.frames.go_to(1)
    for name, expected in (("next_key", 3), ("next_key", 6), ("next_key", 6), ("previous_key", 3)):
        QTest.mouseClick(buttons[name], Qt.MouseButton.LeftButton)
        assert session.frames.current_id == expected
