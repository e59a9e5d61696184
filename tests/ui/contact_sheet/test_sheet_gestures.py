"""A drag in the contact sheet belongs to the patch where it began, whatever becomes of the sheet."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sheet_helpers import MOUTH, frames, middle, proposed_sheet
from ui_helpers import drag, key, wheel

from annotator.domain.annotation import LandmarkState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.contact_sheet.sheet import ContactSheet
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
LEFT, NO_KEYS, SHIFT = (
    Qt.MouseButton.LeftButton,
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
BY = QPoint(12, -6)
sheet = pytest.fixture(proposed_sheet)


def take(sheet: ContactSheet, number: int) -> tuple[QPoint, np.ndarray]:
    """Drags a patch's point and keeps the button down; tells where the pointer is, and where the point should land."""
    start = middle(sheet, number)
    expected = sheet.grid.cells[number].xy + sheet.grid.affine(number)[:, :2] @ [BY.x(), BY.y()]
    drag(sheet.grid.viewport(), start, start + BY, release=False)
    return start + BY, expected


def touched(session: Session) -> list[int]:
    with ProjectStore.open(session.path, read_only=True) as store:
        return [frame for frame, value in store.annotations.items() if value.is_human.any()]


def test_a_sheet_that_is_sorted_anew_in_the_middle_of_a_drag(qtbot: QtBot, sheet, session: Session) -> None:
    at, expected = take(sheet, 2)
    sheet.order.setCurrentIndex(3)
    sheet.reload()
    qtbot.waitUntil(lambda: frames(sheet) == [1, 2, 3, 4])
    QTest.mouseRelease(sheet.grid.viewport(), LEFT, NO_KEYS, at)
    sheet.order.setCurrentIndex(0)
    assert touched(session) == [3]
    np.testing.assert_allclose(session.annotations.shown(3).xy[MOUTH], expected, atol=0.01)


LEAVES = {
    "frame view": lambda window: key(window.pages.sheet.grid, Qt.Key.Key_F2),
    "page down": lambda window: key(window.pages.sheet.grid, Qt.Key.Key_Down),
    "another frame": lambda window: window.queues._session.frames.go_to(4),
    "scheme and all": lambda window: window.queues._session.close_project(),
}


@pytest.mark.parametrize("leave", LEAVES.values(), ids=LEAVES.keys())
def test_a_drag_ends_at_its_patch(sheet, session: Session, empty_window: MainWindow, project, leave) -> None:
    at, expected = take(sheet, 2)
    leave(empty_window)
    QTest.mouseMove(sheet.grid.viewport(), at + QPoint(30, 30))
    QTest.mouseRelease(sheet.grid.viewport(), LEFT, NO_KEYS, at + QPoint(30, 30))
    if not session.is_open:
        session.open_project(project)
    assert touched(session) == [3]
    np.testing.assert_allclose(session.annotations.shown(3).xy[MOUTH], expected, atol=0.01)


def test_a_double_press_of_another_button_opens_nothing(sheet, session: Session) -> None:
    at, _ = take(sheet, 2)
    QTest.mouseDClick(sheet.grid.viewport(), Qt.MouseButton.RightButton, NO_KEYS, at)
    assert session.frames.current_id == 1
    key(sheet.grid, Qt.Key.Key_Escape)
    QTest.mouseRelease(sheet.grid.viewport(), LEFT, NO_KEYS, at)
    assert touched(session) == []


def test_the_wheel_keeps_the_point_under_the_pointer(qtbot: QtBot, sheet, session: Session, scheme) -> None:
    sheet.show_region("mouth")
    qtbot.waitUntil(lambda: len(sheet.grid.cells) == 4 * len(scheme.region("mouth").indices))
    cell = sheet.grid.cells[0]
    at, expected = take(sheet, 0)
    wheel(sheet.grid.viewport(), QPointF(at), -3)
    QTest.mouseMove(sheet.grid.viewport(), at)
    QTest.mouseRelease(sheet.grid.viewport(), LEFT, NO_KEYS, at)
    np.testing.assert_allclose(
        session.annotations.shown(cell.frame.id).xy[cell.landmark], expected, atol=0.01
    )


def test_a_proposal_that_arrives_in_a_drag_moves_nothing_under_the_hand(
    qtbot: QtBot, sheet, session, inference, places
) -> None:
    moved = places.copy()
    moved[MOUTH] += 80
    inference.places["left.jpg"] = moved
    at, expected = take(sheet, 2)
    with qtbot.waitSignal(session.proposals.arrived, check_params_cb=lambda frame: frame == 3):
        session.proposals.request(3, force=True)
    QTest.mouseRelease(sheet.grid.viewport(), LEFT, NO_KEYS, at)
    np.testing.assert_allclose(session.annotations.shown(3).xy[MOUTH], expected, atol=0.01)


def test_a_held_nudge_does_not_go_over_to_the_frame_view(
    sheet, session: Session, empty_window: MainWindow
) -> None:
    session.selection.select(MOUTH)
    QTest.keyPress(sheet.grid, Qt.Key.Key_Right, SHIFT)
    empty_window.pages.show_frame()
    for _ in range(3):
        QTest.simulateEvent(empty_window.view, True, int(Qt.Key.Key_Right), SHIFT, "", True)
    assert touched(session) == [2]


def test_accept_in_a_drag_confirms_the_moved_point(sheet, session: Session) -> None:
    at, expected = take(sheet, 2)
    key(sheet.grid, Qt.Key.Key_A)
    QTest.mouseRelease(sheet.grid.viewport(), LEFT, NO_KEYS, at)
    assert session.annotations.shown(3).state[MOUTH] == LandmarkState.CONFIRMED
    np.testing.assert_allclose(session.annotations.shown(3).xy[MOUTH], expected, atol=0.01)


def test_a_held_key_confirms_one_patch(sheet, session: Session) -> None:
    QTest.keyPress(sheet.grid, Qt.Key.Key_Space)
    for _ in range(3):
        QTest.simulateEvent(sheet.grid, True, int(Qt.Key.Key_Space), NO_KEYS, " ", True)
    QTest.keyRelease(sheet.grid, Qt.Key.Key_Space)
    assert touched(session) == [2]


def test_a_point_that_another_model_moved_is_seen_before_it_is_confirmed(
    qtbot: QtBot, sheet, session: Session
) -> None:
    """The sheet is read in a thread: until then it shows what the model before said."""
    with ProjectStore.open(session.path) as store:
        for frame_id in (1, 2, 3, 4):
            base = store.proposals.get(frame_id, "one")
            store.proposals.save(frame_id, replace(base, model_id="two", xy=base.xy + 15))
    seen = sheet.grid.cells[0]
    session.models.set_active("two")
    sheet.grid.set_current(0)
    assert sheet.grid.cells[0] is seen, "not read yet"
    key(sheet.grid, Qt.Key.Key_Space)
    assert touched(session) == []
    np.testing.assert_allclose(sheet.grid.cells[0].xy, seen.xy + 15)
    key(sheet.grid, Qt.Key.Key_Space)
    assert touched(session) == [seen.frame.id]
    session.models.set_active("one")
