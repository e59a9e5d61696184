"""Points in the frame view by mouse and keyboard: select, drag, nudge, accept, flag, clear, place, undo."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from ui_helpers import drag, key, point_of

from annotator.domain.annotation import Flag, LandmarkState, ReviewState
from annotator.session.session import Session
from annotator.store.project_store import ProjectStore
from annotator.ui.canvas.overlay.marks import label_text
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
SHIFT, CTRL, ALT = (
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
)


def on_disk(session: Session) -> tuple[np.ndarray, np.ndarray]:
    """xy and state as another program would read them now."""
    with ProjectStore.open(session.path, read_only=True) as store:
        value = store.annotations.get(session.frames.current_id)
    return value.xy, value.state


def test_drag_previews_then_commits_on_release(window: MainWindow, session: Session, places) -> None:
    view = window.view.viewport()
    start, offset = point_of(window, 30), QPoint(40, -25)
    zoom = window.view.zoom
    drag(view, start, start + offset, release=False)
    assert session.annotations.shown(1).state[30] == LandmarkState.PROPOSED, "a preview writes nothing"
    shown = window.view.overlay.data_shown.xy[30]
    np.testing.assert_allclose(shown, places[30] + np.array([40, -25]) / zoom, atol=1e-3)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start + offset)
    xy, state = on_disk(session)
    np.testing.assert_allclose(xy[30], places[30] + np.array([40, -25]) / zoom, atol=1e-2)
    assert state[30] == LandmarkState.CORRECTED
    assert (state[:30] == LandmarkState.MISSING).all(), "only the dragged landmark became human"


def test_a_label_tells_confidence_until_a_person_sets_the_point(window: MainWindow, session: Session) -> None:
    name = session.scheme.names[0]
    session.selection.select(0)
    assert label_text(window.view.overlay.data_shown, 0) == f"{name}  0.20"
    key(window.view, Qt.Key.Key_A)
    assert label_text(window.view.overlay.data_shown, 0) == name
    session.annotations.undo_stack.undo()


def test_undo_and_redo_of_a_drag(window: MainWindow, session: Session, places) -> None:
    start = point_of(window, 12)
    drag(window.view.viewport(), start, start + QPoint(30, 30))
    moved = session.annotations.shown(1).xy[12].copy()
    key(window.view, Qt.Key.Key_Z, CTRL)
    np.testing.assert_allclose(session.annotations.shown(1).xy[12], places[12], atol=1e-3)
    assert session.annotations.shown(1).state[12] == LandmarkState.PROPOSED
    key(window.view, Qt.Key.Key_Z, CTRL | SHIFT)
    np.testing.assert_allclose(session.annotations.shown(1).xy[12], moved)
    key(window.view, Qt.Key.Key_Z, CTRL)
    key(window.view, Qt.Key.Key_Y, CTRL)
    np.testing.assert_allclose(on_disk(session)[0][12], moved)


def test_escape_gives_a_drag_up(window: MainWindow, session: Session, places) -> None:
    start = point_of(window, 12)
    drag(window.view.viewport(), start, start + QPoint(30, 30), release=False)
    key(window.view, Qt.Key.Key_Escape)
    QTest.mouseRelease(window.view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(30, 30))
    np.testing.assert_allclose(window.view.overlay.data_shown.xy[12], places[12])
    assert session.annotations.undo_stack.count() == 0


def test_a_click_selects_and_moves_nothing(window: MainWindow, session: Session) -> None:
    QTest.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=point_of(window, 44))
    assert session.selection.indices == (44,)
    QTest.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, SHIFT, point_of(window, 45))
    assert session.selection.indices == (44, 45)
    QTest.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, CTRL, point_of(window, 44))
    assert session.selection.indices == (45,)
    assert session.annotations.undo_stack.count() == 0


def test_box_selects_and_the_group_moves_together(window: MainWindow, session: Session, places) -> None:
    view, gap = window.view.viewport(), QPoint(14, 14)
    drag(view, point_of(window, 11) - gap, point_of(window, 24) + gap)
    assert session.selection.indices == (11, 12, 13, 22, 23, 24)
    start = point_of(window, 23)
    drag(view, start, start + QPoint(20, 10))
    moved = session.annotations.shown(1).xy[[11, 12, 13, 22, 23, 24]] - places[[11, 12, 13, 22, 23, 24]]
    np.testing.assert_allclose(moved, np.tile(np.array([20, 10]) / window.view.zoom, (6, 1)), atol=1e-2)
    assert session.annotations.undo_stack.count() == 1


def test_a_click_on_nothing_clears_the_selection(window: MainWindow, session: Session) -> None:
    session.selection.set((1, 2))
    QTest.mouseClick(
        window.view.viewport(), Qt.MouseButton.LeftButton, pos=point_of(window, 1) + QPoint(28, 28)
    )
    assert session.selection.indices == ()


@pytest.mark.parametrize(
    ("keys", "size"),
    [(Qt.KeyboardModifier.NoModifier, 1.0), (SHIFT, 10.0), (CTRL, 0.1), (ALT, 0.1)],
)
def test_arrows_nudge(window: MainWindow, session: Session, places, keys, size: float) -> None:
    session.selection.select(40)
    key(window.view, Qt.Key.Key_Right, keys)
    key(window.view, Qt.Key.Key_Up, keys)
    expected = places[40] + np.array([size, -size])
    np.testing.assert_allclose(on_disk(session)[0][40], expected, atol=1e-3)


def test_quick_nudges_are_one_undo_step(window: MainWindow, session: Session, places) -> None:
    session.selection.select(40)
    for _ in range(5):
        key(window.view, Qt.Key.Key_Left)
    assert session.annotations.undo_stack.count() == 1
    key(window.view, Qt.Key.Key_Z, CTRL)
    np.testing.assert_allclose(session.annotations.shown(1).xy[40], places[40], atol=1e-3)


def test_tab_goes_through_the_landmarks(window: MainWindow, session: Session) -> None:
    session.selection.select(5)
    key(window.view, Qt.Key.Key_Tab)
    assert session.selection.indices == (6,)
    key(window.view, Qt.Key.Key_Backtab, SHIFT)
    key(window.view, Qt.Key.Key_Backtab, SHIFT)
    assert session.selection.indices == (4,)


def test_accept_landmark_region_and_frame(window: MainWindow, session: Session, scheme, places) -> None:
    mouth = list(scheme.region("mouth").indices)
    session.selection.select(mouth[3])
    key(window.view, Qt.Key.Key_A)
    assert on_disk(session)[1].tolist().count(LandmarkState.CONFIRMED) == 1
    key(window.view, Qt.Key.Key_A, SHIFT)
    state = on_disk(session)[1]
    assert np.flatnonzero(state == LandmarkState.CONFIRMED).tolist() == mouth
    key(window.view, Qt.Key.Key_Return, CTRL)
    xy, state = on_disk(session)
    assert (state == LandmarkState.CONFIRMED).all()
    np.testing.assert_allclose(xy, places, atol=1e-3)
    assert session.annotations.shown(1).review is ReviewState.APPROVED
    key(window.view, Qt.Key.Key_Z, CTRL)
    assert np.flatnonzero(on_disk(session)[1]).tolist() == mouth
    assert session.annotations.shown(1).review is ReviewState.UNREVIEWED


def test_accept_and_go_on(window: MainWindow, session: Session) -> None:
    key(window.view, Qt.Key.Key_Return, CTRL | SHIFT)
    assert session.annotations.shown(1).review is ReviewState.APPROVED
    assert session.frames.current_id == 2


def test_flags_toggle(window: MainWindow, session: Session) -> None:
    session.selection.set((7, 8))
    key(window.view, Qt.Key.Key_O)
    key(window.view, Qt.Key.Key_P)
    assert session.annotations.shown(1).flags[7] == Flag.OCCLUDED | Flag.OUT_OF_FRAME
    key(window.view, Qt.Key.Key_O)
    assert session.annotations.shown(1).flags[[7, 8]].tolist() == [Flag.OUT_OF_FRAME] * 2


def test_clear_goes_back_to_the_proposal(window: MainWindow, session: Session, places) -> None:
    start = point_of(window, 20)
    drag(window.view.viewport(), start, start + QPoint(15, 0))
    key(window.view, Qt.Key.Key_Delete)
    assert session.annotations.shown(1).state[20] == LandmarkState.PROPOSED
    assert on_disk(session)[1][20] == LandmarkState.MISSING
    np.testing.assert_allclose(session.annotations.shown(1).xy[20], places[20], atol=1e-3)


def test_missing_landmarks_are_placed_one_after_the_other(qtbot, window, session, inference, places) -> None:
    gone = places.copy()
    gone[[3, 50]] = np.nan
    inference.places["right.jpg"] = gone
    session.frames.go_to(2)
    with qtbot.waitSignal(session.proposals.arrived, check_params_cb=lambda frame: frame == 2):
        session.proposals.request(2, force=True)
    assert session.annotations.shown(2).state[[3, 50]].tolist() == [LandmarkState.MISSING] * 2
    key(window.view, Qt.Key.Key_C)
    assert window.frame_panel.placing.landmark == 3
    assert scheme_name(window, 3) in window.frame_panel.badges.state.text()
    target = window.view.view_at(333, 222).toPoint()
    QTest.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=target)
    expected = window.view.frame_at(target.toPointF())
    np.testing.assert_allclose(session.annotations.shown(2).xy[3], [expected.x(), expected.y()], atol=1e-2)
    assert window.frame_panel.placing.landmark == 50
    QTest.mouseClick(window.view.viewport(), Qt.MouseButton.LeftButton, pos=target + QPoint(30, 30))
    assert window.frame_panel.placing.landmark == -1, "nothing is missing any more"
    assert not window.actions_by_id["place"].isChecked()
    key(window.view, Qt.Key.Key_Z, CTRL)
    key(window.view, Qt.Key.Key_Z, CTRL)
    assert session.annotations.shown(2).state[[3, 50]].tolist() == [LandmarkState.MISSING] * 2


def scheme_name(window: MainWindow, landmark: int) -> str:
    scheme = window.view.overlay.data_shown.scheme
    assert scheme is not None
    return scheme.names[landmark]


def test_undo_goes_to_the_frame_that_it_changes(window: MainWindow, session: Session) -> None:
    session.selection.select(10)
    key(window.view, Qt.Key.Key_Right)
    key(window.view, Qt.Key.Key_PageDown)
    assert session.frames.current_id == 2
    key(window.view, Qt.Key.Key_Z, CTRL)
    assert session.frames.current_id == 1
    assert session.annotations.shown(1).state[10] == LandmarkState.PROPOSED


def test_a_proposal_that_arrives_during_a_drag_takes_nothing_out_of_the_hand(qtbot, window, session) -> None:
    start = point_of(window, 30)
    drag(window.view.viewport(), start, start + QPoint(40, 0), release=False)
    held = window.view.overlay.data_shown.xy[30].copy()
    with qtbot.waitSignal(session.proposals.arrived):
        session.proposals.request(1, force=True)
    np.testing.assert_array_equal(window.view.overlay.data_shown.xy[30], held)
    QTest.mouseRelease(window.view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(40, 0))
    np.testing.assert_allclose(session.annotations.shown(1).xy[30], held, atol=1e-3)
