"""Views of the moment beside the frame: linked, live in a drag, chosen by a click; what they say on the frame itself."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from rig_shoot import SIDE, Shoot, make_shoot, wait
from ui_fakes import FakeInference
from ui_helpers import drag, has_pixels, key, point_of, wheel

from annotator.domain import edits
from annotator.session.session import Session
from annotator.ui.rig_views.panel import ViewsPanel
from annotator.ui.rig_views.view_grid import best_cells
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def shoot(tmp_path: Path) -> Shoot:
    return make_shoot(tmp_path)


@pytest.fixture
def rig_window(
    qtbot: QtBot, empty_window: MainWindow, session: Session, inference: FakeInference, shoot: Shoot
) -> Iterator[MainWindow]:
    """On frame 1, with all views proposed and what they say."""
    yield open_shoot(qtbot, empty_window, session, inference, shoot)
    empty_window.layout_kept.reset()


def open_shoot(
    qtbot: QtBot, window: MainWindow, session: Session, inference: FakeInference, shoot: Shoot
) -> MainWindow:
    inference.places.update(shoot.places())
    window.layout_kept.reset()
    session.open_project(shoot.path)
    session.frames.go_to(1)
    wait(
        qtbot,
        lambda: (
            has_pixels(session)
            and window.rig.rigs.outlook is not None
            and window.rig.rigs.outlook.seen.votes.all()
        ),
    )
    window.view.fit()
    window.view.setFocus()
    return window


def panel_of(window: MainWindow) -> ViewsPanel:
    return window.rig.panel


def follow(window: MainWindow) -> None:
    """All views show what is selected and held."""
    while panel_of(window).is_behind:
        QApplication.processEvents()


def ghost_in(window: MainWindow, frame_id: int) -> np.ndarray:
    follow(window)
    (ghost,) = panel_of(window).views[frame_id].marks.ghosts
    return np.array(ghost.xy)


def settled(qtbot: QtBot, window: MainWindow, trusted: int) -> None:
    wait(
        qtbot,
        lambda: (
            window.rig.rigs.outlook is not None and int(window.rig.rigs.outlook.seen.trusted.sum()) == trusted
        ),
    )


def test_the_views_come_up_with_the_first_moment_in_the_rigs_order(
    rig_window: MainWindow, shoot: Shoot
) -> None:
    panel = panel_of(rig_window)
    assert panel.isVisible()
    assert [view.camera for view in panel.views.values()] == list(shoot.rig.cameras)
    assert [view.current for view in panel.views.values()] == [True, False, False, False]
    assert rig_window.actions_by_id["show_views"].isChecked()


def test_every_view_shows_the_same_part_of_the_face(
    qtbot: QtBot, rig_window: MainWindow, shoot: Shoot
) -> None:
    x, y = shoot.truth[0, 30].tolist()
    rig_window.view.look_at(x, y, 3.0)
    panel = panel_of(rig_window)
    for number, frame_id in enumerate(panel.views):
        there = shoot.truth[number, 30]
        wait(
            qtbot, lambda i=frame_id, t=there: np.hypot(*(np.array(panel.views[i].place[:2]) - t)) < SIDE / 20
        )


def test_a_selected_landmark_is_in_the_middle_of_each_view_with_how_far_it_is_off(
    rig_window: MainWindow, shoot: Shoot
) -> None:
    QTest.mouseClick(rig_window.view.viewport(), LEFT, NO_KEYS, point_of(rig_window, 30))
    follow(rig_window)
    outlook = rig_window.rig.rigs.outlook
    for row, view in enumerate(panel_of(rig_window).views.values()):
        np.testing.assert_allclose(view.place[:2], outlook.expected[row, 30], atol=1e-6)
        off = np.linalg.norm(outlook.expected[row, 30] - shoot.proposed[row, 30])
        assert view.badge.startswith(f"{off:.1f} px")
        assert view.badge in view.accessibleName()
    assert "px from where 4 views see it" in rig_window.inspector.values["views"].text()


def test_a_drag_moves_the_ghosts_of_all_other_views_and_lines_run_to_them(
    qtbot: QtBot, rig_window: MainWindow, session: Session, shoot: Shoot
) -> None:
    session.annotations.submit(2, edits.move([30], shoot.truth[1, [30]]))
    settled(qtbot, rig_window, 1)
    start = point_of(rig_window, 30)
    QTest.mouseClick(rig_window.view.viewport(), LEFT, NO_KEYS, start)
    before = ghost_in(rig_window, 4)
    target = rig_window.view.view_at(*shoot.truth[0, 30]).toPoint()
    with qtbot.waitSignal(rig_window.rig.rigs.held, timeout=60_000):
        drag(rig_window.view.viewport(), start, target + QPoint(4, 0), release=False)
    assert session.annotations.undo_stack.count() == 1, "nothing is set before the hand lets go"
    with qtbot.waitSignal(rig_window.rig.rigs.held, timeout=60_000):
        QTest.mouseMove(rig_window.view.viewport(), target)
    off = np.hypot(*(ghost_in(rig_window, 4) - shoot.truth[3, 30]))
    assert off < 0.8
    assert off < np.hypot(*(before - shoot.truth[3, 30]))
    lines = panel_of(rig_window).views[4].marks.lines
    assert [name for name, _ in lines] == list(shoot.rig.cameras)[:2]
    for _, line in lines:  # both run through the place
        start_at, way = line[0], line[-1] - line[0]
        away = shoot.truth[3, 30] - start_at
        assert abs(way[0] * away[1] - way[1] * away[0]) / np.hypot(*way) < 3
    QTest.mouseRelease(rig_window.view.viewport(), LEFT, NO_KEYS, target)
    settled(qtbot, rig_window, 2)
    assert session.annotations.human(4).is_human.sum() == 0


def test_a_drag_that_is_given_up_leaves_the_ghosts_as_they_were(qtbot: QtBot, rig_window: MainWindow) -> None:
    start = point_of(rig_window, 30)
    QTest.mouseClick(rig_window.view.viewport(), LEFT, NO_KEYS, start)
    before = ghost_in(rig_window, 3)
    with qtbot.waitSignal(rig_window.rig.rigs.held, timeout=60_000):
        drag(rig_window.view.viewport(), start, start + QPoint(60, 10), release=False)
    assert np.hypot(*(ghost_in(rig_window, 3) - before)) > 3
    key(rig_window.view, Qt.Key.Key_Escape)
    wait(qtbot, lambda: np.allclose(ghost_in(rig_window, 3), before, atol=1e-6))
    QTest.mouseRelease(rig_window.view.viewport(), LEFT, NO_KEYS, start)


def test_a_click_on_a_view_makes_it_the_frame_at_the_same_part_of_the_face(
    qtbot: QtBot, rig_window: MainWindow, session: Session, shoot: Shoot
) -> None:
    x, y = shoot.truth[0, 30].tolist()
    rig_window.view.look_at(x, y, 3.0)
    QTest.mouseClick(panel_of(rig_window).views[3], LEFT)
    assert session.frames.current_id == 3
    middle = rig_window.view.frame_at(QPointF(rig_window.view.viewport().rect().center()))
    assert np.hypot(*(shoot.truth[2, 30] - (middle.x(), middle.y()))) < SIDE / 20
    assert rig_window.view.zoom == pytest.approx(3.0, rel=0.1)
    assert rig_window.view.hasFocus()
    assert [view.current for view in panel_of(rig_window).views.values()] == [False, False, True, False]
    key(rig_window.view, Qt.Key.Key_PageDown, ALT)
    assert session.frames.current_id == 4
    key(rig_window.view, Qt.Key.Key_PageUp, ALT)
    assert session.frames.current_id == 3


def test_the_wheel_over_a_view_brings_all_of_them_closer(qtbot: QtBot, rig_window: MainWindow) -> None:
    views = list(panel_of(rig_window).views.values())
    wheel(views[1], QPointF(20, 20), 3)
    wait(qtbot, lambda: all(view.place[2] > 1.5 * view.fit_zoom for view in views))


def test_originals_are_read_for_views_that_are_closer_than_their_previews(
    rig_window: MainWindow,
) -> None:
    view = panel_of(rig_window).views[2]
    view.show_picture([np.zeros((64, 64, 3), np.uint8)], SIDE, SIDE)
    view.show_place((SIDE / 2, SIDE / 2, 0.05))
    assert view.wants_pixels
    view.show_picture([np.zeros((SIDE, SIDE, 3), np.uint8)], SIDE, SIDE)
    assert not view.wants_pixels


def test_the_frame_shows_where_the_others_see_it(
    qtbot: QtBot, rig_window: MainWindow, session: Session, shoot: Shoot
) -> None:
    marks = rig_window.rig.marks
    assert marks.ghosts.marks.ghosts == ()
    session.annotations.submit(3, edits.move([30], shoot.truth[2, [30]]))
    settled(qtbot, rig_window, 1)
    session.selection.select(30)
    assert [ghost.landmark for ghost in marks.ghosts.marks.ghosts] == [30]
    assert [name for name, _ in marks.lines.marks.lines] == [list(shoot.rig.cameras)[2]]
    key(rig_window.view, Qt.Key.Key_H, Qt.KeyboardModifier.ShiftModifier)
    assert marks.lines.marks.lines == ()
    key(rig_window.view, Qt.Key.Key_Y, ALT)
    assert len(marks.ghosts.marks.ghosts) > 80
    session.frames.go_to(5)
    assert marks.ghosts.marks.ghosts == ()


def test_space_turns_by_the_mouse_and_a_camera_in_it_is_chosen(
    rig_window: MainWindow, session: Session
) -> None:
    panel = panel_of(rig_window)
    QTest.mouseClick(panel.in_space, LEFT)
    space = panel.space
    assert space.isVisible()
    before, middle = space.turn.copy(), space.rect().center()
    drag(space, middle, middle + QPoint(30, 10))
    assert np.abs(space.turn - before).max() > 0.05
    np.testing.assert_allclose(space.turn @ space.turn.T, np.eye(3), atol=1e-9)
    QTest.mouseDClick(space, LEFT, NO_KEYS, middle)
    np.testing.assert_allclose(space.turn, before)
    drag(space, middle, middle + QPoint(60, 25))
    outlook = rig_window.rig.rigs.outlook
    tip = space.places(np.array([space._stand_in(outlook.cameras[2])]))[0]
    QTest.mouseClick(space, LEFT, NO_KEYS, QPoint(*map(round, tip)))
    assert session.frames.current_id == 3
    QTest.mouseClick(panel.in_space, LEFT)
    assert not space.isVisible()


def test_without_a_rig_the_panel_offers_to_import_one(
    qtbot: QtBot,
    rig_window: MainWindow,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from annotator.ui.dialogs.rig.import_rig import ImportRigDialog

    panel, asked = panel_of(rig_window), []
    monkeypatch.setattr(ImportRigDialog, "exec", lambda _dialog: asked.append(1) and 0)
    assert not panel.import_button.isVisible()
    session.frames.go_to(5)
    wait(qtbot, lambda: panel.import_button.isVisible())
    assert "Import the calibration" in panel.empty.words.text()
    QTest.mouseClick(panel.import_button, LEFT)
    assert asked
    session.close_project()
    assert "No project" in panel.empty.words.text()


def test_a_view_of_another_size_says_so(
    qtbot: QtBot,
    empty_window: MainWindow,
    session: Session,
    inference: FakeInference,
    tmp_path: Path,
) -> None:
    shoot = make_shoot(tmp_path, other_size=True)
    inference.places.update(shoot.places())
    session.open_project(shoot.path)
    session.frames.go_to(1)
    wait(qtbot, lambda: empty_window.rig.rigs.outlook is not None)
    session.selection.select(30)
    view = panel_of(empty_window).views[4]
    wait(qtbot, lambda: view.note == "320 × 320, but calibrated at 640 × 640")
    assert view.marks.ghosts == ()
    empty_window.layout_kept.reset()


def test_whether_the_views_are_seen_is_the_artists_to_say(
    qtbot: QtBot, rig_window: MainWindow, session: Session
) -> None:
    key(rig_window.view, Qt.Key.Key_5, ALT)
    assert not panel_of(rig_window).isVisible()
    session.frames.go_to(2)
    wait(qtbot, lambda: rig_window.rig.rigs.row == 1)
    assert not panel_of(rig_window).isVisible()
    rig_window.layout_kept.save()
    rig_window.restore_layout()
    assert not panel_of(rig_window).isVisible()
    key(rig_window.view, Qt.Key.Key_5, ALT)
    assert panel_of(rig_window).isVisible()


def test_cells_are_as_large_as_the_room_allows() -> None:
    for width, height, count in ((400, 900, 8), (900, 200, 8), (300, 300, 1), (200, 600, 7)):
        cells = best_cells(width, height, count)
        assert len(cells) == count
        assert all(c.left() >= 0 and c.right() < width and c.bottom() < height for c in cells)
        assert not any(a.intersects(b) for i, a in enumerate(cells) for b in cells[:i])
    assert min(cells[0].width(), cells[0].height()) >= 95
