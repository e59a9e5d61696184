"""Snap to heatmap modes, hold against the proposal, context menu, command palette."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from ui_helpers import drag, key, point_of, title_of

from annotator.domain.annotation import LandmarkState
from annotator.domain.proposal import Heatmap
from annotator.session.session import Session
from annotator.ui.dialogs.palette import CommandPalette, rank
from annotator.ui.heatmaps.heat_maths import HeatStack
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def two_peaks() -> Heatmap:
    """Landmark 5: a high peak at cell (10.5, 20.5) and half of it at (40.5, 30.5); landmark 6: one peak. 4 px a cell."""
    rows, columns = np.mgrid[0:64, 0:64]

    def bump(x: int, y: int) -> np.ndarray:
        return np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)

    maps = np.stack([bump(10, 20) + 0.5 * bump(40, 30), bump(3, 60)])
    frame = np.array([[4.0, 0, 100], [0, 4.0, 200]])
    crop = np.zeros((256, 256, 3), np.uint8)
    logits = np.log(maps + 1e-9).astype(np.float32)
    return Heatmap("mouth", np.array([5, 6]), logits, frame, crop, np.array([[1.0, 0, 100], [0, 1, 200]]))


def test_modes_come_highest_first_in_frame_pixels() -> None:
    stack = HeatStack(two_peaks())
    np.testing.assert_allclose(stack.modes(5), [[142, 282], [262, 322]], atol=0.05)
    np.testing.assert_allclose(stack.modes(6), [[114, 442]], atol=0.05)
    assert len(stack.modes(5, least=0.6)) == 1
    assert stack.modes(7).shape == (0, 2)


def test_snap_goes_to_the_mode_and_undoes(window: MainWindow, session: Session, places) -> None:
    start = point_of(window, 70)
    drag(window.view.viewport(), start, start + QPoint(18, 9))
    key(window.view, Qt.Key.Key_K)
    cell = session.proposals.get(1).heatmaps[4].frame_from_heatmap[0, 0]
    assert np.abs(session.annotations.shown(1).xy[70] - places[70]).max() < cell
    assert session.annotations.shown(1).state[70] == LandmarkState.CORRECTED
    steps = session.annotations.undo_stack.count()
    key(window.view, Qt.Key.Key_K)
    assert session.annotations.undo_stack.count() == steps
    assert "one mode only" in window.banners.notice_text.text()
    key(window.view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.abs(session.annotations.shown(1).xy[70] - places[70]).max() > 10


def test_comparing_shows_the_proposal_and_changes_nothing(
    qtbot, window: MainWindow, session: Session, places
) -> None:
    start = point_of(window, 30)
    drag(window.view.viewport(), start, start + QPoint(30, 0))
    moved = session.annotations.shown(1)
    key(window.view, Qt.Key.Key_Q)
    other = window.view.compare.overlay.data_shown
    assert window.view.compare.isVisible()
    np.testing.assert_allclose(other.xy[30], places[30], atol=1e-3)
    assert (other.state == LandmarkState.PROPOSED).all()
    qtbot.waitUntil(lambda: window.comparing.holds["compare"].is_settled)
    key(window.view, Qt.Key.Key_Q)
    assert not window.view.compare.isVisible()
    np.testing.assert_allclose(window.view.overlay.data_shown.xy[30], moved.xy[30])
    assert session.annotations.shown(1) == moved


def test_the_right_button_offers_what_fits_the_place(
    window: MainWindow, session: Session, monkeypatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(window.view.menu, "show", lambda landmark, _place: asked.append(landmark))
    for place in (point_of(window, 33), point_of(window, 33) + QPoint(30, 30)):
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, window.view.mapToGlobal(place))
        QApplication.sendEvent(window.view.viewport(), event)
    assert asked == [33, -1]
    on_landmark, on_frame = window.view.menu.menu(33), window.view.menu.menu(-1)
    assert session.selection.indices == (33,)
    assert {"Accept selected", "Occluded"} <= {action.text() for action in on_landmark.actions()}
    assert "Accept frame" in {action.text() for action in on_frame.actions()}


def test_the_palette_finds_and_runs_a_command(qtbot, window: MainWindow, session: Session) -> None:
    session.selection.select(12)
    palette = CommandPalette(list(window.actions_by_id.values()), window)
    qtbot.addWidget(palette)
    palette.show()
    QTest.keyClicks(palette.search, "occl")
    assert palette.list.item(0).text().startswith("Occluded")
    key(palette.search, Qt.Key.Key_Return)
    assert session.annotations.shown(1).flags[12] == 1
    assert not palette.isVisible()


def test_better_matches_rank_first() -> None:
    assert rank("ocl", "Occluded") is not None
    assert rank("xyz", "Occluded") is None
    assert rank("af", "Accept frame") < rank("af", "Cancel fit")


def test_a_region_box_that_is_dragged_runs_again(qtbot, window, session, inference, scheme) -> None:
    inference.boxes.clear()
    before = window.view.overlay.data_shown.rois[1].copy()
    grip = title_of(window, 1)
    with qtbot.waitSignal(session.proposals.arrived):
        drag(window.view.viewport(), grip, grip + QPoint(20, 10))
    frame, region, box = inference.boxes[0]
    assert (frame, region) == (1, scheme.regions[1].name)
    np.testing.assert_allclose(box - before, np.array([20, 10, 20, 10]) / window.view.zoom, atol=1e-6)
    corner = window.view.view_at(*window.view.overlay.data_shown.rois[1][2:]).toPoint()
    drag(window.view.viewport(), corner, corner + QPoint(-16, -8))
    _, _, box = inference.boxes[1]
    moved = box - before
    assert np.abs(moved[:2]).max() == 0
    np.testing.assert_allclose(moved[2:], np.array([-16, -8]) / window.view.zoom, atol=1e-6)
    assert session.annotations.undo_stack.count() == 0
