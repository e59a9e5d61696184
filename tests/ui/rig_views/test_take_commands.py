"""Taking from the other views by keys and buttons: one step over all frames, and why nothing was taken."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from rig_shoot import Shoot, make_shoot, wait
from ui_fakes import FakeInference
from ui_helpers import has_pixels, key

from annotator.domain import edits
from annotator.domain.annotation import Flag
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
ALT, SHIFT, CTRL = (
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
)


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    return make_shoot(tmp_path)


@pytest.fixture
def taking(
    qtbot: QtBot, empty_window: MainWindow, session: Session, inference: FakeInference, shoot: Shoot
) -> Iterator[MainWindow]:
    """On frame 1; landmark 30 was put right in frames 1 and 2, and is selected."""
    inference.places.update(shoot.places())
    session.open_project(shoot.path)
    session.frames.go_to(1)
    rigs = empty_window.rig.rigs
    wait(
        qtbot,
        lambda: has_pixels(session) and rigs.outlook is not None and rigs.outlook.seen.votes.all(),
    )
    for view in (0, 1):
        session.annotations.submit(view + 1, edits.move([30], shoot.truth[view, [30]]))
    wait(qtbot, lambda: int(rigs.outlook.seen.trusted.sum()) == 2)
    session.selection.select(30)
    empty_window.view.setFocus()
    yield empty_window
    empty_window.layout_kept.reset()


def set_by_people(shoot: Shoot) -> dict[int, int]:
    with ProjectStore.open(shoot.path, read_only=True) as store:
        found = {i: int(value.is_human.sum()) for i, value in store.annotations.items()}
    return {i: count for i, count in found.items() if count}


def test_the_selected_landmark_is_taken_in_all_other_views_and_undone_at_once(
    taking: MainWindow, session: Session, shoot: Shoot
) -> None:
    key(taking.view, Qt.Key.Key_A, ALT)
    assert set_by_people(shoot) == {1: 1, 2: 1, 3: 1, 4: 1}
    for view in (2, 3):
        there = session.annotations.shown(view + 1).xy[30]
        np.testing.assert_allclose(there, shoot.truth[view, 30], atol=0.5)
    assert "Take 2 landmarks from the other views, 2 views" in session.annotations.undo_stack.undoText()
    key(taking.view, Qt.Key.Key_Z, CTRL)
    assert set_by_people(shoot) == {1: 1, 2: 1}


def test_region_face_and_moment(taking: MainWindow, session: Session, shoot: Shoot) -> None:
    region = session.scheme.region_of
    members = int((region == region[30]).sum())
    key(taking.view, Qt.Key.Key_A, ALT | SHIFT)
    assert set_by_people(shoot) == dict.fromkeys((1, 2, 3, 4), members)
    key(taking.view, Qt.Key.Key_Return, ALT)
    assert set_by_people(shoot) == {1: 89, 2: members, 3: members, 4: members}
    QTest.mouseClick(taking.rig.panel.takes["take_moment"], Qt.MouseButton.LeftButton)
    assert set_by_people(shoot) == dict.fromkeys((1, 2, 3, 4), 89)
    np.testing.assert_allclose(session.annotations.shown(1).xy[30], shoot.truth[0, 30], atol=1e-3)
    for _ in range(3):
        key(taking.view, Qt.Key.Key_Z, CTRL)
    assert set_by_people(shoot) == {1: 1, 2: 1}


def test_the_moment_by_key(taking: MainWindow, shoot: Shoot) -> None:
    key(taking.view, Qt.Key.Key_Return, ALT | SHIFT)
    assert set_by_people(shoot) == dict.fromkeys((1, 2, 3, 4), 89)


def test_ones_own_point_moves_only_by_its_own_command(
    qtbot: QtBot, taking: MainWindow, session: Session, shoot: Shoot
) -> None:
    for view in (1, 2, 3):
        session.annotations.submit(view + 1, edits.move([30], shoot.truth[view, [30]]))
    session.annotations.submit(1, edits.move([30], shoot.truth[0, [30]] + 20))
    rigs = taking.rig.rigs
    wait(qtbot, lambda: int(rigs.outlook.seen.trusted.sum()) == 4)
    wait(qtbot, lambda: bool(rigs.outlook.seen.xy[0, 30, 0] > shoot.truth[0, 30, 0] + 19))
    steps = session.annotations.undo_stack.count()
    with qtbot.waitSignal(taking.rig.hint) as told:
        key(taking.view, Qt.Key.Key_A, ALT)
    assert "Nothing to take" in told.args[0]
    assert session.annotations.undo_stack.count() == steps
    key(taking.view, Qt.Key.Key_A, ALT | CTRL)
    np.testing.assert_allclose(session.annotations.shown(1).xy[30], shoot.truth[0, 30], atol=0.5)
    session.selection.set((30, 31))
    with qtbot.waitSignal(taking.rig.hint):
        key(taking.view, Qt.Key.Key_A, ALT | CTRL)


def test_what_the_camera_cannot_see_is_marked_by_one_key(
    qtbot: QtBot, taking: MainWindow, session: Session
) -> None:
    hidden = np.flatnonzero(taking.rig.rigs.outlook.hidden[0])
    assert len(hidden)
    session.selection.clear()
    key(taking.view, Qt.Key.Key_O, ALT)
    flagged = np.flatnonzero(session.annotations.shown(1).flags & int(Flag.OCCLUDED))
    np.testing.assert_array_equal(flagged, hidden)
    with qtbot.waitSignal(taking.rig.hint) as told:
        key(taking.view, Qt.Key.Key_O, ALT)
    assert "expected to be hidden" in told.args[0]


def test_without_other_views_a_line_says_so(qtbot: QtBot, taking: MainWindow, session: Session) -> None:
    session.frames.go_to(5)
    session.selection.select(3)
    for code, keys in ((Qt.Key.Key_A, ALT), (Qt.Key.Key_Return, ALT), (Qt.Key.Key_PageDown, ALT)):
        with qtbot.waitSignal(taking.rig.hint) as told:
            key(taking.view, code, keys)
        assert "no other views" in told.args[0]
    session.frames.go_to(1)
    session.selection.clear()
    with qtbot.waitSignal(taking.rig.hint) as told:
        key(taking.view, Qt.Key.Key_A, ALT)
    assert "Select a landmark" in told.args[0]
