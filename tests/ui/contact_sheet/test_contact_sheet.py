"""The contact sheet: upright patches of one landmark over the frames, corrected by mouse and keys right there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sheet_helpers import MOUTH, frames, middle, proposed_sheet
from ui_helpers import HEIGHT, WIDTH, drag, key, wheel

from annotator.domain.annotation import Flag, LandmarkState
from annotator.domain.scheme import LandmarkScheme
from annotator.session.pixels.patches import PatchJob, PatchLoader
from annotator.session.session import Session
from annotator.store.frame_keys import frame_key
from annotator.store.project_store import ProjectStore
from annotator.ui.common.theme import COLOURS, scaled
from annotator.ui.contact_sheet.layout import CAPTION, GAP, SIDES, fitting_side
from annotator.ui.contact_sheet.sheet import ContactSheet
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


sheet = pytest.fixture(proposed_sheet)


def fine(sheet: ContactSheet, number: int) -> bool:
    patch = sheet.patches.get(sheet.grid.key_of(number))
    return patch is not None and not patch.coarse


def test_it_opens_on_the_selected_landmark_the_farthest_first(sheet: ContactSheet) -> None:
    assert sheet.landmarks() == (MOUTH,)
    assert frames(sheet) == [2, 4, 3, 1]
    assert sheet.told.text() == "4 patches · 4 frames"
    assert sheet.grid.current == 0


def test_patches_show_the_frame_round_the_point(qtbot: QtBot, sheet: ContactSheet) -> None:
    qtbot.waitUntil(lambda: all(fine(sheet, number) for number in range(4)))
    patch = sheet.patches.get(sheet.grid.key_of(0))
    x, y = sheet.grid.cells[0].xy
    side = patch.pixels.shape[0]
    seen = patch.pixels[side // 2 - 4 : side // 2 + 4, side // 2 - 4 : side // 2 + 4].mean((0, 1))
    np.testing.assert_allclose(seen, [x * 255 / WIDTH, y * 255 / HEIGHT, 128], atol=3)
    shown = sheet.grid.grab().toImage()
    at = middle(sheet, 0) + QPoint(30, 30)
    assert shown.pixelColor(at).name() not in (COLOURS.raised, COLOURS.canvas)


def test_a_drag_moves_the_point_on_disk_and_undo_brings_it_back(
    qtbot: QtBot, sheet: ContactSheet, session: Session, places: NDArray[np.float64]
) -> None:
    number, frame_id = 2, 3
    scale = np.linalg.norm(sheet.grid.affine(number)[:, 0])
    linear = sheet.grid.affine(number)[:, :2]
    drag(sheet.grid.viewport(), middle(sheet, number), middle(sheet, number) + QPoint(12, -6))
    expected = places[MOUTH] + linear @ [12, -6]
    assert scale > 0
    np.testing.assert_allclose(session.annotations.shown(frame_id).xy[MOUTH], expected, atol=0.01)
    with ProjectStore.open(session.path, read_only=True) as other:
        np.testing.assert_allclose(other.annotations.get(frame_id).xy[MOUTH], expected, atol=0.01)
        assert other.ledger.entries(frame_id)[-1].label == "Move 1 landmark"
    cell = sheet.grid.cells[number]
    assert (cell.state, frames(sheet)) == (LandmarkState.CORRECTED, [2, 4, 3, 1])  # the order rests
    key(sheet.grid, Qt.Key.Key_Z, CONTROL)
    np.testing.assert_allclose(sheet.grid.cells[number].xy, places[MOUTH], atol=1e-4)
    assert session.annotations.shown(frame_id).state[MOUTH] == LandmarkState.PROPOSED


@pytest.mark.parametrize("leave", [Qt.Key.Key_F2, Qt.Key.Key_F4])
def test_a_drag_ends_on_its_patch_before_another_page_is_shown(
    sheet: ContactSheet,
    session: Session,
    empty_window: MainWindow,
    places: NDArray[np.float64],
    leave: Qt.Key,
) -> None:
    at, linear = middle(sheet, 2), sheet.grid.affine(2)[:, :2]
    drag(sheet.grid.viewport(), at, at + QPoint(12, -6), release=False)
    key(empty_window, leave)
    expected = places[MOUTH] + linear @ [12, -6]
    np.testing.assert_allclose(session.annotations.shown(3).xy[MOUTH], expected, atol=0.01)
    QTest.mouseRelease(sheet.grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert session.annotations.undo_stack.count() == 1


def test_another_order_of_patches_gets_nothing_of_a_drag(
    sheet: ContactSheet, session: Session, places: NDArray[np.float64]
) -> None:
    at, linear = middle(sheet, 2), sheet.grid.affine(2)[:, :2]
    drag(sheet.grid.viewport(), at, at + QPoint(12, -6), release=False)
    sheet.grid.show_cells(sheet.grid.cells[::-1])
    QTest.mouseRelease(sheet.grid.viewport(), Qt.MouseButton.LeftButton, pos=at)
    np.testing.assert_allclose(
        session.annotations.shown(3).xy[MOUTH], places[MOUTH] + linear @ [12, -6], atol=0.01
    )
    for other in (1, 2, 4):
        assert session.annotations.shown(other).state[MOUTH] == LandmarkState.PROPOSED


def test_a_click_chooses_a_cell_and_changes_nothing(sheet: ContactSheet, session: Session) -> None:
    QTest.mouseClick(
        sheet.grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle(sheet, 3)
    )
    assert sheet.grid.current == 3
    assert session.annotations.undo_stack.count() == 0


def test_keys_walk_nudge_confirm_flag_and_clear(
    sheet: ContactSheet, session: Session, places: NDArray[np.float64]
) -> None:
    grid = sheet.grid
    key(grid, Qt.Key.Key_Right)
    assert grid.current == 1  # frame 4
    for _ in range(3):
        key(grid, Qt.Key.Key_Right, SHIFT)
    key(grid, Qt.Key.Key_Down, CONTROL)
    linear = grid.affine(1)[:, :2]
    expected = places[MOUTH] + linear @ [3, 0.1] / np.linalg.norm(linear[:, 0])
    np.testing.assert_allclose(session.annotations.shown(4).xy[MOUTH], expected, atol=1e-3)
    assert session.annotations.undo_stack.count() == 1  # one gesture
    key(grid, Qt.Key.Key_A)
    assert session.annotations.shown(4).state[MOUTH] == LandmarkState.CONFIRMED
    assert grid.current == 2
    key(grid, Qt.Key.Key_O)
    assert session.annotations.shown(3).flags[MOUTH] == Flag.OCCLUDED
    key(grid, Qt.Key.Key_Left)
    key(grid, Qt.Key.Key_Delete)
    assert session.annotations.shown(4).state[MOUTH] == LandmarkState.PROPOSED
    assert session.frames.current_id == 1  # none of this turned to another frame


def test_enter_opens_the_frame_with_the_landmark_selected(
    sheet: ContactSheet, session: Session, empty_window: MainWindow
) -> None:
    session.selection.clear()
    key(sheet.grid, Qt.Key.Key_Return)
    assert session.frames.current_id == 2
    assert session.selection.indices == (MOUTH,)
    assert empty_window.frame_panel.isVisible()


def test_states_can_be_chosen_and_corrections_stay_when_they_are(sheet: ContactSheet) -> None:
    key(sheet.grid, Qt.Key.Key_Space)
    sheet.state.setCurrentText("Confirmed")
    sheet.state.activated.emit(sheet.state.currentIndex())
    assert frames(sheet) == [2]
    sheet.state.setCurrentText("Corrected")
    sheet.state.activated.emit(sheet.state.currentIndex())
    assert frames(sheet) == []
    assert "in that state" in sheet.stack.words.text()
    sheet.state.setCurrentText("All states")
    sheet.state.activated.emit(0)
    key(sheet.grid, Qt.Key.Key_Right)
    key(sheet.grid, Qt.Key.Key_O)
    sheet.state.setCurrentText("Occluded")
    sheet.state.activated.emit(sheet.state.currentIndex())
    assert frames(sheet) == [4]


def test_a_whole_region_and_scrolling(qtbot: QtBot, sheet: ContactSheet, scheme: LandmarkScheme) -> None:
    sheet.show_region("mouth")
    count = 4 * len(scheme.region("mouth").indices)
    qtbot.waitUntil(lambda: len(sheet.grid.cells) == count)
    before = sheet.grid.visible()
    wheel(sheet.grid.viewport(), QPointF(100, 100), -10)
    after = sheet.grid.visible()
    assert after.start > before.start
    qtbot.waitUntil(lambda: all(fine(sheet, number) for number in after))
    key(sheet.grid, Qt.Key.Key_PageDown)
    assert sheet.grid.current in sheet.grid.visible()


def test_without_points_it_teaches(qtbot: QtBot, window: MainWindow, session: Session) -> None:
    session.selection.clear()
    key(window.view, Qt.Key.Key_F3)
    sheet = window.pages.sheet
    qtbot.waitUntil(lambda: sheet.told.text().startswith("0 patches"))
    assert "Propose all" in sheet.stack.words.text()
    window.pages.show_frame()


def test_patches_stay_within_their_budget_and_a_missing_file_is_told(qtbot: QtBot, project: Path) -> None:
    side, each = 32, 32 * 32 * 3
    loader = PatchLoader(budget=3 * each)
    affine = np.array([[1.0, 0, 100], [0, 1, 100]])
    with ProjectStore.open(project, read_only=True) as store:
        key = frame_key(store, 1).now()
    gone = replace(key, path=str(project.parent / "gone.jpg"))
    cuts = tuple(((1, number), affine) for number in range(6))
    with qtbot.waitSignals([loader.ready] * 6):
        loader.want(project, [PatchJob(key, cuts, side)])
    assert loader.nbytes == 3 * each
    assert loader.get((1, 0)) is None
    assert loader.get((1, 5)) is not None
    with qtbot.waitSignal(loader.failed) as told:
        loader.want(project, [PatchJob(gone, (((2, 0), affine),), side)])
    assert told.args[0] == 1
    loader.shutdown()


def test_few_patches_are_shown_larger() -> None:
    row = scaled(CAPTION) + GAP
    assert fitting_side(6, 1200, 2 * (280 + row) + GAP) == 280, "four a row, two rows"
    assert fitting_side(6, 1200, 2 * (280 + row) + GAP - 1) == 210
    assert fitting_side(600, 1200, 900) == SIDES[-1]
    assert fitting_side(0, 1200, 900) == 280
    assert fitting_side(3, 10, 10) == SIDES[-1]
