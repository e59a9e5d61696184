"""The timeline by real events: what it shows, scrubbing, playing, keys, in and out, tracking with one undo step."""

from pathlib import Path

import numpy as np
import pytest
from moving_take import SCHEME, truth
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from ui_helpers import HEIGHT, WIDTH, drag, has_pixels, key

from annotator.domain.annotation import LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.takes.track import Merge
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.common.theme import colour
from annotator.ui.dialogs.track import TrackDialog
from annotator.ui.shell.main_window import MainWindow
from annotator.ui.timeline.painter import lanes

pytestmark = pytest.mark.gui
WAIT = 60_000
SOME = [4, 5, 6]


def at(window: MainWindow, number: int) -> QPoint:
    strip = window.pages.timeline.strip
    return QPoint(round(strip.axis.middle(number)), lanes()["tracked"][0])


def number_of(session: Session) -> int:
    state = session.time.take.state
    return int(state.sequence.numbers[session.time.take.place])


def test_it_comes_up_with_a_take_and_shows_keys_and_gaps(take: MainWindow, session: Session) -> None:
    panel = take.pages.timeline
    assert panel.isVisible()
    assert "missing 7 to 8" in panel.told.text()
    state = session.time.take.state
    assert np.flatnonzero(state.is_key).tolist() == [2]
    assert state.human.tolist() == [0, 0, 3, 0, 0, 0, 0, 0]
    picture = panel.strip.grab().toImage()
    ratio, top = picture.devicePixelRatio(), lanes()["keys"]
    middle = top[0] + top[1] / 2
    x = panel.strip.axis.middle(3)
    spots = [(x + across, middle + down) for across in range(-6, 7) for down in range(-6, 7)]
    around = [picture.pixelColor(round(a * ratio), round(b * ratio)).lightness() for a, b in spots]
    assert max(around) > colour("border").lightness() + 100, "the outline of a diamond"
    assert QColor(
        picture.pixelColor(round(panel.strip.axis.middle(5) * ratio), round(middle * ratio))
    ) == colour("canvas")


def test_an_edit_makes_a_key_at_once(take: MainWindow, session: Session) -> None:
    from annotator.domain import edits

    session.annotations.submit(5, edits.move([1], truth(5)[[1]]))
    assert np.flatnonzero(session.time.take.state.is_key).tolist() == [2, 4]
    session.annotations.undo()
    assert np.flatnonzero(session.time.take.state.is_key).tolist() == [2]


def test_a_drag_passes_frames_by_and_rests_on_the_last(
    take: MainWindow, session: Session, qtbot: QtBot
) -> None:
    strip, seen = take.pages.timeline.strip, []
    session.time.take.glanced.connect(seen.append)
    drag(strip, at(take, 2), at(take, 6), release=False)
    assert session.frames.current_id == 1, "frames only pass by"
    assert number_of(session) == 6
    assert take.frame_panel.glance.is_on
    assert "0006" in take.frame_panel.badges.name.text()
    shown = take.view.overlay.data_shown.xy
    assert np.allclose(shown, session.annotations.shown(6).xy)
    QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=at(take, 6))
    assert session.frames.current_id == 6
    assert seen[-1] == 0
    assert not take.frame_panel.glance.is_on
    qtbot.waitUntil(lambda: has_pixels(session), timeout=WAIT)


def test_in_a_gap_the_frame_before_it_is_seen(take: MainWindow, session: Session) -> None:
    QTest.mouseClick(take.pages.timeline.strip, Qt.MouseButton.LeftButton, pos=at(take, 8))
    assert number_of(session) == 6


def test_keys_of_time_act_while_the_timeline_has_the_keyboard(take: MainWindow, session: Session) -> None:
    strip = take.pages.timeline.strip
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at(take, 2))
    assert strip.hasFocus()
    key(strip, Qt.Key.Key_Right)
    assert number_of(session) == 3
    key(strip, Qt.Key.Key_End)
    assert number_of(session) == 10
    key(strip, Qt.Key.Key_Home)
    assert number_of(session) == 1
    key(strip, Qt.Key.Key_L)
    key(strip, Qt.Key.Key_L)
    assert session.time.playback.speed == 2
    key(strip, Qt.Key.Key_J)
    assert session.time.playback.speed == -1
    key(strip, Qt.Key.Key_K)
    assert session.time.playback.speed == 0
    key(strip, Qt.Key.Key_Space)
    assert session.time.playback.speed == 1
    key(strip, Qt.Key.Key_Space)
    assert session.time.playback.speed == 0
    assert session.frames.current_id == session.time.take.seen_id


def test_the_letters_stay_with_the_picture_while_it_has_the_keyboard(
    take: MainWindow, session: Session
) -> None:
    take.view.setFocus()
    key(take.view, Qt.Key.Key_L)
    assert session.time.playback.speed == 0
    assert take.actions_by_id["labels_selected"].isChecked()


def test_playing_goes_round_between_in_and_out_and_shows_the_time_it_is(
    take: MainWindow, session: Session
) -> None:
    strip, playback = take.pages.timeline.strip, session.time.playback
    for number, letter in ((2, Qt.Key.Key_I), (5, Qt.Key.Key_O)):
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=at(take, number))
        key(strip, letter)
    settings = session.store.takes.get("ada", "talk")
    assert (settings.first, settings.last) == (2, 5)
    clock = _Clock()
    playback._clock = clock
    playback.play(1)  # from the end: it begins anew
    assert number_of(session) == 2
    for milliseconds, number in ((50, 3), (100, 4), (140, 5), (170, 2)):
        clock.now = milliseconds
        playback.tick()
        assert number_of(session) == number, milliseconds
    playback.stop()
    assert session.frames.current_id == 2
    take.actions_by_id["clear_range"].trigger()
    assert session.store.takes.get("ada", "talk").first is None


class _Clock:
    now = 0

    def restart(self) -> int:
        self.now = 0
        return 0

    def elapsed(self) -> int:
        return self.now


def test_a_press_in_the_picture_stops_playing_and_holds_what_is_seen(
    take: MainWindow, session: Session
) -> None:
    session.time.playback.play(1)
    session.time.take.pass_by(4)
    x, y = take.view.overlay.data_shown.xy[SOME[0]].tolist()
    spot = take.view.view_at(x, y).toPoint()
    drag(take.view.viewport(), spot, spot + QPoint(12, 0))
    assert session.time.playback.speed == 0
    assert session.frames.current_id == 5
    assert session.annotations.human(5).state[SOME[0]] == LandmarkState.CORRECTED
    assert not session.annotations.human(1).is_human.any()


def test_from_key_to_key(take: MainWindow, session: Session) -> None:
    take.view.setFocus()
    key(take.view, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert number_of(session) == 3
    told: list[str] = []
    take.edits.hint.connect(told.append)
    key(take.view, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert number_of(session) == 3
    assert "No later frame" in told[0]
    session.frames.go_to(6)
    key(take.view, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert number_of(session) == 3


def test_a_bracket_tracks_and_one_undo_takes_all_frames_back(
    take: MainWindow, session: Session, qtbot: QtBot
) -> None:
    session.frames.go_to(3)
    take.view.setFocus()
    key(take.view, Qt.Key.Key_BracketRight)
    stack = session.annotations.undo_stack
    qtbot.waitUntil(lambda: stack.count() == 1, timeout=WAIT)
    qtbot.waitUntil(
        lambda: session.time.take.state.tracked.tolist() == [0, 0, 0, 3, 3, 3, 3, 3], timeout=WAIT
    )
    shown = session.annotations.shown(5)
    assert np.flatnonzero(shown.state == LandmarkState.TRACKED).tolist() == SOME
    assert np.linalg.norm(shown.xy - truth(5), axis=-1)[SOME].max() < 1.5
    session.annotations.undo()
    qtbot.waitUntil(lambda: not session.time.take.state.tracked.any(), timeout=WAIT)
    assert session.annotations.human(3).is_human.sum() == 3
    session.annotations.redo()
    qtbot.waitUntil(lambda: session.time.take.state.tracked.sum() == 15, timeout=WAIT)


def test_a_bracket_without_a_key_says_what_to_do(take: MainWindow, session: Session, qtbot: QtBot) -> None:
    session.frames.go_to(1)
    take.view.setFocus()
    told: list[str] = []
    session.message.connect(lambda _level, text: told.append(text))
    key(take.view, Qt.Key.Key_BracketRight)
    qtbot.waitUntil(lambda: any("set them here first" in text for text in told), timeout=WAIT)
    assert session.annotations.undo_stack.count() == 0


def test_a_range_is_tracked_as_the_dialog_says(take: MainWindow, session: Session, qtbot: QtBot) -> None:
    dialog = TrackDialog(session.time.take.state, (4, 5), parent=take)
    qtbot.addWidget(dialog)
    assert dialog.wishes().landmarks == (4, 5)
    dialog.landmarks.setCurrentIndex(0)
    dialog.first.setValue(4)
    dialog.last.setValue(5)
    dialog.mode.setCurrentIndex(1)
    wishes = dialog.wishes()
    assert (wishes.landmarks, wishes.first, wishes.last, wishes.mode) == (None, 4, 5, Merge.REPLACE)
    session.time.tracking.over_range(wishes)
    qtbot.waitUntil(lambda: session.annotations.undo_stack.count() == 1, timeout=WAIT)
    qtbot.waitUntil(lambda: session.time.take.state.tracked.tolist()[3:5] == [SCHEME.size] * 2, timeout=WAIT)
    assert session.time.take.state.tracked.sum() == 2 * SCHEME.size
    dialog.last.setValue(1)
    assert not dialog.track.isEnabled()


def test_trail_and_onion_skin_show_the_frames_round_this_one(take: MainWindow, session: Session) -> None:
    session.frames.go_to(4)
    session.selection.set((4,))
    take.view.setFocus()
    key(take.view, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
    trail = take.trail.item.shown
    assert (trail.ways.shape, trail.here) == ((1, 8, 2), 3)
    assert np.flatnonzero(trail.is_key[0]).tolist() == [2]
    assert np.allclose(trail.ways[0, 2], truth(3)[4], atol=1e-3)
    assert not len(trail.before)
    key(take.view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    trail = take.trail.item.shown
    assert np.allclose(trail.before, session.annotations.shown(3).xy)
    assert np.allclose(trail.after, session.annotations.shown(5).xy)
    take.options.update(trail=False, onion=False)
    assert not len(take.trail.item.shown.points())


def test_a_narrow_window_stays_as_narrow_with_a_take(take: MainWindow) -> None:
    before = take.size()
    take.resize(1280, 720)
    assert take.pages.timeline.isVisible()
    assert take.minimumSizeHint().width() <= 1280
    take.resize(before)


def test_numbers_that_are_of_people_bring_no_timeline(
    qtbot: QtBot, session: Session, empty_window: MainWindow, tmp_path: Path, jpeg: bytes, scheme
) -> None:
    names = (3, 8, 10, 19, 20, 22, 24, 25)
    for number in names:
        (tmp_path / f"{number:03}f.jpg").write_bytes(jpeg)
    path = tmp_path / "portraits.annotator"
    with ProjectStore.create(path, scheme, tmp_path) as store:
        store.frames.add(
            [Frame(0, f"{n:03}f.jpg", "faces", "", "", f"{n:03}f", WIDTH, HEIGHT) for n in names]
        )
    found = []
    empty_window.pages.timeline.take_found.connect(lambda: found.append(1))
    session.open_project(path)
    qtbot.waitUntil(lambda: session.time.take.state is not None, timeout=WAIT)
    assert found == []
