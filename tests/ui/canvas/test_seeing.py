"""CompareCommands: loupe, comparing and wiping, warnings, entropy, pixels as squares; nothing of it changes what is stored."""

import sys

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QInputDialog
from ui_fakes import make_proposal
from ui_helpers import WIDTH, drag, grab, has_pixels, key, picture

from annotator.domain import edits
from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.proposal import Heatmap
from annotator.session.session import Session
from annotator.ui.canvas.comparison import Against
from annotator.ui.canvas.frame_warnings import frame_warnings, near_edge
from annotator.ui.canvas.loupe import value_text
from annotator.ui.common.view_options import HeatOptions, HeatScale
from annotator.ui.heatmaps.heat_maths import HeatStack
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(autouse=True)
def _all_off(window: MainWindow):
    yield
    window.comparing.compare_with(Against.PROPOSAL)
    for name in ("compare", "wipe", "loupe"):
        window.actions_by_id[name].setChecked(False)


# ---- loupe


def test_a_tap_keeps_the_loupe_at_the_pointer_with_the_stored_values(qtbot, window: MainWindow) -> None:
    at = window.view.view_at(123.5, 77.5).toPoint()
    QTest.mouseMove(window.view.viewport(), at)
    key(window.view, Qt.Key.Key_2)
    loupe = window.comparing.loupe
    assert loupe.isVisible()
    assert not loupe.geometry().contains(at)
    place = window.view.frame_at(at.toPointF())
    pixels = window.frame_panel._loaded.levels[0]
    red, green, blue = pixels[int(place.y()), int(place.x())]
    assert f"R {red}   G {green}   B {blue}" in loupe.text
    qtbot.waitUntil(lambda: window.comparing.holds["loupe"].is_settled)
    key(window.view, Qt.Key.Key_2)
    assert not loupe.isVisible()


def test_the_loupe_ends_when_a_held_key_goes_up(qtbot, window: MainWindow) -> None:
    QTest.mouseMove(window.view.viewport(), QPoint(300, 200))
    QTest.keyPress(window.view, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: window.comparing.holds["loupe"].is_held)
    assert window.comparing.loupe.isVisible()
    QTest.keyRelease(window.view, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: not window.comparing.loupe.isVisible())


def test_a_held_key_that_the_screen_repeats_is_no_new_stroke(qtbot, window: MainWindow) -> None:
    hold = window.comparing.holds["compare"]
    QTest.keyPress(window.view, Qt.Key.Key_Q)
    for _ in range(3):  # early repetitions, which Qt did not know for such
        QTest.keyRelease(window.view, Qt.Key.Key_Q)
        QTest.keyPress(window.view, Qt.Key.Key_Q)
        assert window.view.compare.isVisible()
    qtbot.waitUntil(lambda: hold.is_held)
    for _ in range(3):
        QTest.keyRelease(window.view, Qt.Key.Key_Q)
        QTest.keyPress(window.view, Qt.Key.Key_Q)
    assert hold.is_settled
    assert window.view.compare.isVisible()
    QTest.keyRelease(window.view, Qt.Key.Key_Q)
    qtbot.waitUntil(lambda: not window.view.compare.isVisible())


def test_the_loupe_keeps_inside_the_view_and_says_where_no_pixel_is(window: MainWindow) -> None:
    key(window.view, Qt.Key.Key_2)
    area = window.view.viewport().rect()
    for corner in (area.bottomRight() - QPoint(3, 3), area.topLeft() + QPoint(3, 3)):
        QTest.mouseMove(window.view.viewport(), corner)
        assert window.view.rect().contains(window.comparing.loupe.geometry())
    window.comparing.loupe.show_at(-5.0, 3.0, QPointF(10, 10), np.empty((0, 2)))
    assert "no pixel here" in window.comparing.loupe.text


def test_values_are_the_stored_ones() -> None:
    assert value_text(np.array([0.5, 2.25, 1e-3], np.float16)).startswith("R 0.5000   G 2.2500   B 0.0010")
    assert value_text(np.array([65535, 0, 7], np.uint16)) == "R 65535   G 0   B 7"


# ---- comparing


def test_holding_q_shows_the_proposal_over_the_annotation(
    qtbot, window: MainWindow, session: Session, places
) -> None:
    session.annotations.submit(session.frames.current_id, edits.move((4,), [[400.0, 333.0]]))
    count = session.annotations.undo_stack.count()
    QTest.keyPress(window.view, Qt.Key.Key_Q)
    item = window.view.compare
    assert item.isVisible()
    np.testing.assert_allclose(item.overlay.data_shown.xy[4], places[4], atol=1e-3)
    np.testing.assert_allclose(window.view.overlay.data_shown.xy[4], [400, 333])
    assert "Proposal" in window.frame_panel.badges.state.text()
    qtbot.waitUntil(lambda: window.comparing.holds["compare"].is_held)
    QTest.keyRelease(window.view, Qt.Key.Key_Q)
    qtbot.waitUntil(lambda: not item.isVisible())
    assert "Proposal" not in window.frame_panel.badges.state.text()
    assert session.annotations.undo_stack.count() == count


def test_the_other_sides_follow_one_another(window: MainWindow, session: Session) -> None:
    session.annotations.submit(session.frames.current_id, edits.move((4,), [[400.0, 333.0]]))
    window.actions_by_id["compare"].setChecked(True)
    key(window.view, Qt.Key.Key_Q, Qt.KeyboardModifier.AltModifier)
    shown = window.view.compare.overlay.data_shown
    assert np.flatnonzero(np.isfinite(shown.xy).all(1)).tolist() == [4]  # what people set
    assert window.actions_by_id["compare_people"].isChecked()
    key(window.view, Qt.Key.Key_Q, Qt.KeyboardModifier.AltModifier)
    assert not window.view.compare.isVisible()  # model "two" proposed nothing
    assert "No other model" in window.frame_panel.badges.state.text()


def test_another_models_proposal_is_shown(window: MainWindow, session: Session, scheme, places) -> None:
    other = make_proposal(scheme, places + 9, picture(), "two").without_heatmaps()
    session.store.proposals.save(session.frames.current_id, other)
    session.reload()
    window.actions_by_id["compare_model"].trigger()
    np.testing.assert_allclose(window.view.compare.overlay.data_shown.xy, places + 9, atol=1e-3)
    assert "Model two" in window.frame_panel.badges.state.text()


def test_the_camera_before_shows_its_pixels_and_points(qtbot, window: MainWindow, session: Session) -> None:
    session.frames.go_to(2)  # ada, right
    qtbot.waitUntil(lambda: has_pixels(session))
    window.actions_by_id["compare_camera"].trigger()
    qtbot.waitUntil(lambda: session.frames.image(1) is not None and not session.frames.image(1).is_preview)
    assert "ada" in window.frame_panel.badges.state.text()
    assert window.view.compare.tiles.boundingRect().width() == WIDTH
    session.frames.go_to(3)  # ben, left: compared with the one camera that is there, ben's right
    assert session.frames.camera_before(3) == 4
    window.actions_by_id["compare_frame"].trigger()
    assert session.store.frames.get(2).name in window.frame_panel.badges.state.text()


def test_wipe_shows_the_other_side_right_of_a_line_that_drags(
    window: MainWindow, session: Session, places
) -> None:
    session.annotations.submit(session.frames.current_id, edits.move((4,), [[400.0, 333.0]]))
    before = grab(window)
    key(window.view, Qt.Key.Key_Q, SHIFT)
    item = window.view.compare
    assert item.isVisible()
    area = window.view.viewport().rect()
    line = window.view.view_at(item.line_x, 0).toPoint().x()
    assert abs(line - area.center().x()) <= 1
    selection = session.selection.indices
    drag(window.view.viewport(), QPoint(line, 400), QPoint(line + 90, 400))
    moved = window.view.view_at(item.line_x, 0).x()
    assert moved == pytest.approx(line + 90, abs=1)
    assert session.selection.indices == selection
    after = grab(window)
    left = slice(area.height() // 4, area.height() // 2), slice(60, line - 40)
    np.testing.assert_array_equal(after[left], before[left])
    drag(window.view.viewport(), QPoint(round(moved), 400), QPoint(area.width() + 4000, 400))
    assert item.line_x == WIDTH
    key(window.view, Qt.Key.Key_Q, SHIFT)
    assert not item.isVisible()
    assert item.line_x is None


# ---- warnings


def test_points_at_the_edge_of_their_crop_are_warned_of(scheme) -> None:
    xy = np.full((scheme.size, 2), 50.0)
    rois = np.tile([0.0, 0.0, 100.0, 100.0], (len(scheme.regions), 1))
    first, second, third, fourth = scheme.regions[0].indices[:4]
    xy[first], xy[second], xy[third], xy[fourth] = (3.9, 50), (4.1, 50), (50, 130), (np.nan, np.nan)
    assert np.flatnonzero(near_edge(scheme, xy, rois)).tolist() == sorted([first, third])
    rois[0] = np.nan
    assert not near_edge(scheme, xy, rois).any()


def test_a_badge_tells_of_networks_that_disagree_but_not_of_points_that_people_set(
    window: MainWindow, session: Session, scheme, places
) -> None:
    proposal = make_proposal(scheme, places, picture(), "one")
    landmark = scheme.regions[1].indices[2]
    proposal.global_xy[landmark] += 200
    annotation = Annotation.empty(scheme)
    found = frame_warnings(scheme, annotation, proposal)
    assert found.apart == {landmark}
    assert found.text.startswith("Global and regional network disagree on 1 landmark")
    state = annotation.state.copy()
    state[landmark] = LandmarkState.CONFIRMED
    xy = annotation.xy.copy()
    xy[landmark] = (5, 5)
    set_by_hand = Annotation(scheme.id, xy, state, annotation.flags, annotation.review)
    assert not frame_warnings(scheme, set_by_hand, proposal).apart
    session.proposals._arrive(session.keys.of(session.frames.current_id), proposal)
    assert window.frame_panel.badges.warning.text() == found.text
    assert window.frame_panel.badges.warning.isVisible()
    key(window.view, Qt.Key.Key_E, SHIFT)
    assert not window.frame_panel.badges.warning.isVisible()


# ---- heat and pixels


def test_entropy_is_in_bits_and_lights_up_where_a_map_is_unsure() -> None:
    logits = np.full((2, 8, 8), -40.0, np.float32)
    logits[0, 2, 3] = 0.0  # sure
    logits[1, 1, 1] = logits[1, 6, 6] = 0.0  # one of two: a bit
    step = np.array([[1.0, 0, 0], [0, 1.0, 0]])
    crop = np.zeros((8, 8, 3), np.uint8)
    stack = HeatStack(Heatmap("global", np.array([5, 9]), logits, step, crop, step))
    assert stack.entropy(5) == pytest.approx(0.0, abs=1e-4)
    assert stack.entropy(9) == pytest.approx(1.0, abs=1e-4)
    assert np.isnan(stack.entropy(1))
    heat = stack.heat(HeatOptions(scale=HeatScale.ENTROPY), [9])
    assert heat[1, 1] == heat.max() == pytest.approx(np.sqrt(1 / 6), rel=1e-3)  # of at most log2(64) bits
    assert stack.heat(HeatOptions(scale=HeatScale.ENTROPY), [5]).max() < 0.05


def test_entropy_can_be_chosen_and_the_pane_tells_the_bits(window: MainWindow, session: Session) -> None:
    session.selection.select(10)
    box = window.heatmaps.controls.scale
    box.setCurrentIndex(box.findData(HeatScale.ENTROPY))
    box.activated.emit(box.currentIndex())
    assert window.options.value.heat.scale is HeatScale.ENTROPY
    assert window.heatmaps.panes[0].content.note.endswith("bits")


def test_pixels_as_squares(window: MainWindow) -> None:
    window.view.zoom_to(1.6)
    smooth = grab(window)
    key(window.view, Qt.Key.Key_X, SHIFT)
    assert window.options.value.nearest
    assert (grab(window) != smooth).any()


def test_a_display_transform_changes_the_screen_and_nothing_else(
    monkeypatch, window: MainWindow, session: Session
) -> None:
    pytest.importorskip("PyOpenColorIO")
    monkeypatch.delenv("OCIO", raising=False)
    before, asked = grab(window), []
    stored = session.frames.image(session.frames.current_id).levels[0].copy()

    def choose(_parent, title, text, titles, row, editable):
        asked.append((title, row))
        return (titles[1] if row == 0 else titles[0]), True

    monkeypatch.setattr(QInputDialog, "getItem", choose)
    key(window.view, Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
    view = window.options.value.display.view
    assert view.view in window.frame_panel.badges.format.text()
    assert np.abs(grab(window).astype(int) - before).max() > 10
    np.testing.assert_array_equal(session.frames.image(session.frames.current_id).levels[0], stored)
    key(window.view, Qt.Key.Key_D, Qt.KeyboardModifier.AltModifier)
    assert window.options.value.display.view is None
    assert asked == [("Display transform", 0), ("Display transform", 1)]
    np.testing.assert_array_equal(grab(window), before)


def test_without_opencolorio_a_bar_names_the_extra(monkeypatch, window: MainWindow) -> None:
    monkeypatch.setitem(sys.modules, "PyOpenColorIO", None)
    window.actions_by_id["display_view"].trigger()
    assert window.banners.notice.isVisible()
    assert "annotator-landmarks[ocio]" in window.banners.notice_text.text()
