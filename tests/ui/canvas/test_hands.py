"""Suggestions, nudges along the ellipse, mirroring, crowded landmarks: by mouse and keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from ui_helpers import drag, key, point_of

from annotator.domain.annotation import LandmarkState
from annotator.domain.faces.propagation import LEAST_EXPLAINED
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.commands.fine_edits import axis_steps
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


def correct(window: MainWindow, landmark: int, by: QPoint) -> None:
    start = point_of(window, landmark)
    drag(window.view.viewport(), start, start + by)


@pytest.fixture
def lid(scheme) -> int:
    """A landmark of the upper lid of the left eye."""
    return scheme.index("eye_left_upper_3")


def test_a_correction_shows_ghosts_and_enter_accepts_them(
    window: MainWindow, session: Session, lid, scheme
) -> None:
    assert len(window.fine_edits.suggestions.current) == 0
    correct(window, lid, QPoint(30, 24))
    shown = window.view.suggestions.shown
    assert 0 < len(shown) < 22
    assert set(shown.indices.tolist()) <= set(scheme.region("left_eye").indices) - {lid}
    assert (shown.explained >= LEAST_EXPLAINED).all()
    assert "Return accepts" in window.frame_panel.badges.state.text()
    with ProjectStore.open(session.path, read_only=True) as store:
        assert store.annotations.get(1).is_human.sum() == 1, "suggestions are in nobody's project"
    key(window.view, Qt.Key.Key_Return)
    np.testing.assert_allclose(session.annotations.shown(1).xy[shown.indices], shown.xy, atol=1e-3)
    assert (session.annotations.shown(1).state[shown.indices] == LandmarkState.CORRECTED).all()
    assert len(window.view.suggestions.shown) == 0, "accepted suggestions raise no others"
    assert session.annotations.undo_stack.undoText() == f"Accept {len(shown)} suggestions"
    key(window.view, Qt.Key.Key_Z, CTRL)
    assert (session.annotations.shown(1).state[shown.indices] == LandmarkState.PROPOSED).all()
    assert session.annotations.shown(1).state[lid] == LandmarkState.CORRECTED


def test_ghosts_follow_the_next_drag_and_leave_what_people_set(window, session, lid, places) -> None:
    correct(window, lid, QPoint(30, 24))
    first = window.view.suggestions.shown
    neighbour = int(first.indices[0])
    correct(window, neighbour, QPoint(-12, 4))
    second = window.view.suggestions.shown
    assert neighbour not in second.indices
    kept = np.intersect1d(first.indices, second.indices)
    assert len(kept)
    assert np.abs(first.only(kept.tolist()).xy - second.only(kept.tolist()).xy).max() > 0.1


def test_escape_ignores_ghosts_then_clears_the_selection(window: MainWindow, session: Session, lid) -> None:
    correct(window, lid, QPoint(30, 24))
    key(window.view, Qt.Key.Key_Escape)
    assert len(window.view.suggestions.shown) == 0
    assert session.selection.indices == (lid,)
    assert window.frame_panel.badges.state.isHidden() or not window.frame_panel.badges.state.text()
    key(window.view, Qt.Key.Key_Escape)
    assert session.selection.indices == ()
    assert session.annotations.undo_stack.count() == 1
    session.frames.go_to(2)
    session.frames.go_to(1)
    assert len(window.fine_edits.suggestions.current) == 0, "coming back raises none"
    correct(window, lid, QPoint(10, 0))
    assert len(window.view.suggestions.shown) > 0, "a new correction does"


def test_one_suggestion_alone_can_be_taken(window: MainWindow, session: Session, lid) -> None:
    correct(window, lid, QPoint(30, 24))
    shown = window.view.suggestions.shown
    session.selection.select(int(shown.indices[0]))
    key(window.view, Qt.Key.Key_Return, SHIFT)
    assert session.annotations.shown(1).is_human.sum() == 2
    assert len(window.view.suggestions.shown) > 0


def test_ghosts_can_be_switched_off(window: MainWindow, session: Session, lid) -> None:
    key(window.view, Qt.Key.Key_Y)
    correct(window, lid, QPoint(30, 24))
    assert len(window.view.suggestions.shown) == 0
    key(window.view, Qt.Key.Key_Y)
    assert len(window.view.suggestions.shown) > 0
    key(window.view, Qt.Key.Key_PageDown)
    key(window.view, Qt.Key.Key_Return)
    assert "No suggestions" in window.banners.notice_text.text()


def test_ghosts_are_painted_where_they_are(window: MainWindow, lid) -> None:
    correct(window, lid, QPoint(60, 48))
    shown = window.view.suggestions.shown
    x, y = shown.xy[0].tolist()
    at = window.view.view_at(x, y).toPoint()
    picture = window.view.viewport().grab().toImage()
    ink = picture.pixelColor(at * window.view.devicePixelRatioF())
    assert ink.blue() > ink.red() + 40, "the middle of a suggestion is of the accent colour"


def test_axis_steps_by_hand() -> None:
    turned = np.array([[50.0, 50.0], [50.0, 50.0]]) + np.diag([4.0, 4.0])
    covariance = np.stack([np.diag([64.0, 16.0]), np.diag([16.0, 64.0]), turned, np.full((2, 2), np.nan)])
    np.testing.assert_allclose(axis_steps(covariance, 1)[:2], [[2, 0], [0, 2]], atol=1e-9)
    np.testing.assert_allclose(axis_steps(covariance, 0)[:2], [[0, 1], [1, 0]], atol=1e-9)
    np.testing.assert_allclose(axis_steps(covariance, 1)[2], np.sqrt(104 / 2) * 0.25 * np.ones(2), atol=1e-9)
    assert axis_steps(covariance, 1)[3].tolist() == [0, 0]
    assert axis_steps(np.zeros((1, 2, 2)), 1)[0].max() == pytest.approx(0.1)


def test_nudges_along_and_across_the_ellipse(window: MainWindow, session: Session, places) -> None:
    session.selection.set((40, 41))
    key(window.view, Qt.Key.Key_D)
    key(window.view, Qt.Key.Key_T, SHIFT)
    key(window.view, Qt.Key.Key_T, SHIFT)
    moved = session.annotations.shown(1).xy[[40, 41]] - places[[40, 41]]
    np.testing.assert_allclose(moved, [[1.5, -1.5]] * 2, atol=1e-3)
    assert session.annotations.undo_stack.count() == 1, "quick nudges are one step"
    key(window.view, Qt.Key.Key_Z, CTRL)
    assert session.annotations.shown(1).state[40] == LandmarkState.PROPOSED


def test_the_other_side_is_mirrored(qtbot, window, session, inference, places, scheme) -> None:
    face = places.copy()
    for index, other in enumerate(scheme.mirror):
        if other > index:
            face[other] = [800 - face[index][0], face[index][1]]
        elif other == index:
            face[index][0] = 400
    inference.places["right.jpg"] = face
    session.frames.go_to(2)
    with qtbot.waitSignal(session.proposals.arrived, check_params_cb=lambda frame: frame == 2):
        session.proposals.request(2, force=True)
    pupil = scheme.index("pupil_left")
    session.selection.select(pupil)
    for _ in range(3):
        key(window.view, Qt.Key.Key_Right, SHIFT)
    key(window.view, Qt.Key.Key_M, CTRL | SHIFT)
    np.testing.assert_allclose(
        session.annotations.shown(2).xy[scheme.mirror[pupil]], face[scheme.mirror[pupil]] - [30, 0], atol=0.01
    )
    assert session.annotations.undo_stack.undoText() == "Mirror 1 landmarks"


def test_clicks_on_one_place_go_through_crowded_landmarks(qtbot, window, session, inference, places) -> None:
    crowd = places.copy()
    crowd[[30, 31, 32]] = [430, 340]
    crowd[31] += 1
    inference.places["right.jpg"] = crowd
    session.frames.go_to(2)
    with qtbot.waitSignal(session.proposals.arrived, check_params_cb=lambda frame: frame == 2):
        session.proposals.request(2, force=True)
    at, view = window.view.view_at(430, 340).toPoint(), window.view.viewport()
    seen = []
    for _ in range(4):
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
        seen.append(session.selection.primary)
    assert sorted(seen[:3]) == [30, 31, 32]
    assert seen[3] == seen[0]
    drag(view, at, at + QPoint(50, 0))
    assert np.flatnonzero(session.annotations.shown(2).is_human).tolist() == [seen[3]], (
        "a drag moves the chosen one"
    )
    QTest.mouseMove(view, at)
    before = session.selection.primary
    key(window.view, Qt.Key.Key_I)
    assert session.selection.primary in {30, 31, 32} - {before}
