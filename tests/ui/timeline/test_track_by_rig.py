"""Tracking from the window where the take has a rig: all cameras at once, one undo step, and how to say no, by real events."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from rigged_take import FRAMES, NAMES, SCHEME, TRUTH, frame_id, rigged_take
from ui_helpers import has_pixels, key

from annotator.domain.annotation import LandmarkState
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.services.takes import track_rig
from annotator.services.takes.track import looked_at
from annotator.services.takes.track_rig import IN_SPACE
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.takes.observations import Observations
from annotator.ui.dialogs.track import TrackDialog
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
WAIT = 60_000
OWN = set(range(2, FRAMES + 1))
"""Frames of the first camera behind its key."""
OTHERS = {frame_id(camera, number) for camera in (0, 1, 2) for number in range(2, FRAMES + 1)}


@pytest.fixture
def movies() -> bool:
    return False


@pytest.fixture
def before_rig(
    qtbot: QtBot, session: Session, empty_window: MainWindow, tmp_path: Path, movies: bool
) -> MainWindow:
    """On the first frame of the first camera, a key."""
    session.open_project(rigged_take(tmp_path, movies))
    session.frames.go_to(frame_id(0, 1))
    qtbot.waitUntil(lambda: session.time.take.state is not None and has_pixels(session), timeout=WAIT)
    empty_window.view.setFocus()
    return empty_window


def tracked(session: Session) -> set[int]:
    with ProjectStore.open(session.path, read_only=True) as store:
        return store.tracks.frame_ids()


def test_a_bracket_tracks_all_cameras_and_one_undo_takes_them_back(
    before_rig: MainWindow, session: Session, qtbot: QtBot
) -> None:
    told: list[str] = []
    session.message.connect(lambda _level, text: told.append(text))
    stack = session.annotations.undo_stack
    key(before_rig.view, Qt.Key.Key_BracketRight)
    qtbot.waitUntil(lambda: stack.count() == 1, timeout=WAIT)
    assert OTHERS - {frame_id(2, 1)} <= tracked(session)
    assert {run.maker for run in session.store.tracks.runs()} == {IN_SPACE}
    shown = session.annotations.shown(frame_id(2, 3))  # nobody set anything in that view
    inner = ~view_dependent(SCHEME)
    assert (shown.state[inner] == LandmarkState.TRACKED).all()
    assert np.linalg.norm(shown.xy - TRUTH[2, 2], axis=-1)[inner].mean() < 2  # of 5
    assert any(f"{len(NAMES)} cameras" in text for text in told)
    key(before_rig.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not tracked(session), timeout=WAIT)
    qtbot.waitUntil(lambda: not session.time.take.state.tracked.any(), timeout=WAIT)
    assert session.annotations.human(frame_id(0, 1)).is_human.all(), "keys stay"
    key(
        before_rig.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    qtbot.waitUntil(lambda: tracked(session) >= OTHERS - {frame_id(2, 1)}, timeout=WAIT)


def test_a_switch_of_the_menu_keeps_to_one_camera(
    before_rig: MainWindow, session: Session, qtbot: QtBot
) -> None:
    switch = before_rig.actions_by_id["track_in_space"]
    assert switch.isChecked()
    switch.trigger()
    key(before_rig.view, Qt.Key.Key_BracketRight)
    qtbot.waitUntil(lambda: session.annotations.undo_stack.count() == 1, timeout=WAIT)
    assert tracked(session) <= OWN
    assert IN_SPACE not in {run.maker for run in session.store.tracks.runs()}


def test_the_dialog_offers_the_rig_and_remembers_a_no(
    before_rig: MainWindow, session: Session, qtbot: QtBot
) -> None:
    ended: list[object] = []
    session.time.tracking.ended.connect(ended.append)

    def say_no() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, TrackDialog)
        assert dialog.in_space.isVisible()
        assert "3 cameras of dome" in dialog.in_space.text()
        dialog.in_space.setFocus()
        key(dialog.in_space, Qt.Key.Key_Space)
        QTest.mouseClick(dialog.track, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, say_no)
    before_rig.actions_by_id["track_range"].trigger()
    qtbot.waitUntil(lambda: bool(ended), timeout=WAIT)
    assert tracked(session) <= OWN
    assert not before_rig.actions_by_id["track_in_space"].isChecked()

    def say_yes() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, TrackDialog)
        assert not dialog.in_space.isChecked()
        dialog.in_space.setFocus()
        key(dialog.in_space, Qt.Key.Key_Space)
        QTest.mouseClick(dialog.track, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, say_yes)
    before_rig.actions_by_id["track_range"].trigger()
    qtbot.waitUntil(lambda: len(ended) == 2, timeout=WAIT)
    assert tracked(session) == OTHERS | {frame_id(2, 1)}
    assert session.annotations.undo_stack.count() == 2


def test_stopped_tracking_leaves_every_view_as_it_was(
    before_rig: MainWindow, session: Session, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The looking at pictures lasts until it is stopped."""

    def wait_for_stop(*given: Any) -> Observations:
        until, stop = time.monotonic() + 60, given[-1]
        while not stop() and time.monotonic() < until:
            time.sleep(0.01)
        return looked_at(*given)

    monkeypatch.setattr(track_rig, "looked_at", wait_for_stop)
    key(before_rig.view, Qt.Key.Key_BracketRight)
    (job,) = session.jobs.all[-1:]
    session.jobs.cancel(job.id)
    qtbot.waitUntil(lambda: session.jobs.active("track", session.store.identity) is None, timeout=WAIT)
    assert tracked(session) == set()
    assert session.annotations.undo_stack.count() == 0


def test_what_is_taken_from_the_views_after_tracking_is_undone_by_itself(
    before_rig: MainWindow, session: Session, qtbot: QtBot
) -> None:
    stack, rigs = session.annotations.undo_stack, before_rig.rig.rigs
    key(before_rig.view, Qt.Key.Key_BracketRight)
    qtbot.waitUntil(lambda: stack.count() == 1, timeout=WAIT)
    session.frames.go_to(frame_id(2, 3))
    qtbot.waitUntil(lambda: rigs.outlook is not None and rigs.row == 2 and has_pixels(session), timeout=WAIT)
    before = session.annotations.shown(frame_id(2, 3))
    session.selection.set((30,))
    before_rig.view.setFocus()
    key(before_rig.view, Qt.Key.Key_A, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: stack.count() == 2, timeout=WAIT)
    assert session.annotations.human(frame_id(2, 3)).is_human.sum() == 1
    key(before_rig.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.annotations.shown(frame_id(2, 3)) == before
    assert session.annotations.shown(frame_id(2, 3)).state[30] == LandmarkState.TRACKED
    key(before_rig.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: not tracked(session), timeout=WAIT)
    qtbot.waitUntil(
        lambda: session.annotations.shown(frame_id(2, 3)).state[30] == LandmarkState.PROPOSED, timeout=WAIT
    )


@pytest.mark.parametrize("movies", [True])
def test_the_views_may_be_movies(before_rig: MainWindow, session: Session, qtbot: QtBot) -> None:
    key(before_rig.view, Qt.Key.Key_BracketRight)
    qtbot.waitUntil(lambda: session.annotations.undo_stack.count() == 1, timeout=WAIT)
    assert OTHERS - {frame_id(2, 1)} <= tracked(session)
    before_rig.rig.panel.refresh()
    assert [frame.camera for frame in before_rig.rig.rigs.moment.frames.values()] == list(NAMES)
