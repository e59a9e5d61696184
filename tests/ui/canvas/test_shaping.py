"""A transform box, soft selection, curves pulled and evened out, and a locked view: by mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from ui_helpers import drag, key, point_of

from annotator.domain import edits
from annotator.domain.annotation import Flag, LandmarkState
from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
CTRL = Qt.KeyboardModifier.ControlModifier
SQUARE = (24, 26, 46, 48)  # two columns of the grid of landmarks, two apart in both directions


def box_up(window: MainWindow, session: Session, indices=SQUARE) -> None:
    session.selection.set(indices)
    window.view.setFocus()
    key(window.view, Qt.Key.Key_6)
    assert window.view.transform_box.is_up


def handle(window: MainWindow, name: str) -> QPoint:
    return window.view.transform_box.handles(window.view.viewportTransform())[name].toPoint()


def placed(session: Session, indices) -> np.ndarray:
    return session.annotations.shown(session.frames.current_id).xy[list(indices)].astype(float)


def key_is_up(window: MainWindow) -> None:
    """Waits until a stroke of the key counts as a new one."""
    while window.view.is_radius_held():
        QTest.qWait(5)


def test_the_box_moves_turns_and_scales_as_one_step(window: MainWindow, session: Session, places) -> None:
    box_up(window, session)
    view, before = window.view.viewport(), placed(session, SQUARE)
    middle = window.view.view_at(*window.view.transform_box.middle).toPoint()
    drag(view, middle, middle + QPoint(40, 20))
    moved = placed(session, SQUARE)
    np.testing.assert_allclose(
        moved - before, np.tile(np.array([40, 20]) / window.view.zoom, (4, 1)), atol=0.05
    )
    drag(view, handle(window, "se"), handle(window, "se") + QPoint(30, 30))
    grown = placed(session, SQUARE)
    assert np.ptp(grown[:, 0]) > 1.05 * np.ptp(moved[:, 0])
    assert np.ptp(grown[:, 0]) == pytest.approx(np.ptp(grown[:, 1]), rel=1e-3), (
        "a corner keeps the proportions"
    )
    start = handle(window, "turn")
    middle = window.view.view_at(*window.view.transform_box.middle).toPoint()
    drag(view, start, QPoint(middle.x() + middle.y() - start.y(), middle.y()))
    turned = placed(session, SQUARE)
    np.testing.assert_allclose(
        turned[0], grown[1], atol=1.5 / window.view.zoom, err_msg="a quarter to the right"
    )
    assert (session.annotations.shown(1).state[list(SQUARE)] == LandmarkState.CORRECTED).all()
    others = np.setdiff1d(np.arange(len(places)), SQUARE)
    np.testing.assert_allclose(placed(session, others), places[others], atol=1e-3)
    assert session.annotations.undo_stack.count() == 1
    key(window.view, Qt.Key.Key_Return)
    assert not window.view.transform_box.is_up
    np.testing.assert_allclose(placed(session, SQUARE), turned)
    key(window.view, Qt.Key.Key_Z, CTRL)
    np.testing.assert_allclose(placed(session, SQUARE), before)


def test_escape_gives_up_the_drag_then_the_box_with_all_that_it_did(
    window: MainWindow, session: Session
) -> None:
    box_up(window, session)
    before = placed(session, SQUARE)
    drag(window.view.viewport(), handle(window, "e"), handle(window, "e") + QPoint(50, 0))
    wider = placed(session, SQUARE)
    assert np.ptp(wider[:, 0]) > np.ptp(before[:, 0])
    assert np.ptp(wider[:, 1]) == pytest.approx(np.ptp(before[:, 1])), "a side stretches one way"
    at = handle(window, "turn")
    drag(window.view.viewport(), at, at + QPoint(60, 0), release=False)
    key(window.view, Qt.Key.Key_Escape)
    QTest.mouseRelease(window.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    np.testing.assert_allclose(placed(session, SQUARE), wider)
    assert window.view.transform_box.is_up
    key(window.view, Qt.Key.Key_Escape)
    assert not window.view.transform_box.is_up
    np.testing.assert_allclose(placed(session, SQUARE), before)
    assert session.selection.indices == SQUARE


def test_the_box_ends_with_its_frame_and_its_drag_is_saved_there(
    window: MainWindow, session: Session
) -> None:
    session.annotations.submit(
        1, edits.set_flags(session.annotations.shown(1), (24,), Flag.OCCLUDED, on=True)
    )
    box_up(window, session)
    before, at = placed(session, SQUARE), handle(window, "sw")
    drag(window.view.viewport(), at, at + QPoint(-30, 30), release=False)
    key(window.view, Qt.Key.Key_PageDown)
    assert session.frames.current_id == 2
    assert not window.view.transform_box.is_up
    QTest.mouseRelease(window.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    after = session.annotations.shown(1)
    assert np.abs(after.xy[list(SQUARE)] - before).max() > 5
    assert after.flags[24] == Flag.OCCLUDED
    assert not session.annotations.human(2).is_human.any()


def test_one_landmark_has_no_box(window: MainWindow, session: Session) -> None:
    session.selection.select(30)
    key(window.view, Qt.Key.Key_6)
    assert not window.view.transform_box.is_up
    assert "Select two landmarks" in window.banners.notice_text.text()


def test_soft_selection_takes_neighbours_along_and_b_dragged_changes_its_reach(
    window: MainWindow, session: Session, places
) -> None:
    view = window.view
    QTest.keyPress(view, Qt.Key.Key_B)
    at = QPoint(20, view.viewport().height() - 30)
    drag(view.viewport(), at, at + QPoint(60, 0))
    QTest.keyRelease(view, Qt.Key.Key_B)
    key_is_up(window)
    assert window.options.value.soft
    assert window.options.value.soft_radius == pytest.approx(120 + 60 / view.zoom, abs=1)
    window.options.update(soft_radius=100.0)
    start = point_of(window, 30)
    drag(view.viewport(), start, start + QPoint(30, 0))
    by = (placed(session, range(89)) - places)[:, 0] * view.zoom
    share = 60 / 100
    assert by[30] == pytest.approx(30, abs=0.1)
    assert by[31] == by[29] == pytest.approx(30 * (1 - share**2 * (3 - 2 * share)), abs=0.1)
    assert by[33] == 0
    assert session.annotations.undo_stack.count() == 1
    key(view, Qt.Key.Key_Z, CTRL)
    np.testing.assert_allclose(placed(session, range(89)), places, atol=1e-3)
    key_is_up(window)
    key(view, Qt.Key.Key_B)
    assert not window.options.value.soft, "a tap switches it off"


def eye_shaped(window: MainWindow, session: Session, scheme) -> tuple[int, ...]:
    """The left eye's outline as an ellipse, unevenly spaced; nothing else is near."""
    eye = next(curve for curve in scheme.curves if curve.name == "eye_left").indices
    angle = np.array([0, 0.2, 0.5, 1.2, 1.9, 2.8, np.pi, 3.6, 3.9, 4.7, 5.2, 5.9])
    session.annotations.submit(
        1, edits.move(eye, np.stack([400 + 150 * np.cos(angle), 560 + 60 * np.sin(angle)], -1))
    )
    session.selection.clear()
    return eye


def test_a_curve_is_pulled_between_its_points(window: MainWindow, session: Session, scheme) -> None:
    eye = eye_shaped(window, session, scheme)
    before = placed(session, eye)
    line = window.view.view_at(400, 620).toPoint()  # between points 3 and 4
    drag(window.view.viewport(), line, line + QPoint(0, 24))
    after = placed(session, eye)
    by = (after - before)[:, 1] * window.view.zoom
    assert by[3] == pytest.approx(24, abs=6)
    assert by[4] == pytest.approx(24, abs=6)
    assert by[3] > by[2] >= 0
    assert by[0] == by[6] == 0, "the corners stay"
    assert (by[7:] == 0).all(), "the other lid stays"
    assert session.annotations.undo_stack.undoText().startswith("Pull curve")
    assert session.annotations.undo_stack.count() == 2
    key(window.view, Qt.Key.Key_Z, CTRL)
    np.testing.assert_allclose(placed(session, eye), before)


def test_points_are_evened_out_between_the_corners(window: MainWindow, session: Session, scheme) -> None:
    eye = eye_shaped(window, session, scheme)
    before = placed(session, eye)
    session.selection.select(eye[3])
    key(window.view, Qt.Key.Key_7)
    after = placed(session, eye)
    gaps = np.hypot(*np.diff(after[:7], axis=0).T)
    assert (
        gaps.max() / gaps.min()
        < 1.1
        < (lambda g: g.max() / g.min())(np.hypot(*np.diff(before[:7], axis=0).T))
    )
    np.testing.assert_allclose(after[[0, 6, 7, 8, 9, 10, 11]], before[[0, 6, 7, 8, 9, 10, 11]])
    assert session.annotations.undo_stack.undoText() == "Even out 5 landmarks"
    key(window.view, Qt.Key.Key_7)
    assert session.annotations.undo_stack.count() <= 3
    session.selection.clear()
    key(window.view, Qt.Key.Key_7)
    assert "Nothing to even out" in window.banners.notice_text.text()


def test_a_locked_view_follows_its_region_to_the_next_frame(
    window: MainWindow, session: Session, scheme, places
) -> None:
    eye = scheme.region("left_eye").indices
    session.annotations.submit(2, edits.move(eye, places[list(eye)] * 0.5 + (300, 120)))
    session.selection.select(eye[0])
    key(window.view, Qt.Key.Key_Z)
    window.view.zoom_to(2.0)
    key(window.view, Qt.Key.Key_8)
    first = [window.view.view_at(*places[i]) for i in eye]
    key(window.view, Qt.Key.Key_PageDown)
    second = [window.view.view_at(*(places[i] * 0.5 + (300, 120))) for i in eye]
    assert window.view.zoom == pytest.approx(4.0, rel=1e-3)
    assert max((a - b).manhattanLength() for a, b in zip(first, second, strict=True)) < 3
    key(window.view, Qt.Key.Key_8)
    key(window.view, Qt.Key.Key_PageUp)
    assert window.view.zoom == pytest.approx(4.0, rel=1e-3), "let go, the view stays"
