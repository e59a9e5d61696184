"""The heatmap panes: one a network, linked with the frame view both ways."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from ui_fakes import make_proposal
from ui_helpers import drag, key, point_of, wheel

from annotator.domain.schemes.scheme_file import load_scheme
from annotator.session.session import Session
from annotator.ui.common.colormaps import colormap_names, colour_table, heat_image
from annotator.ui.common.view_options import HeatOptions, HeatScale, HeatSource, ViewOptions
from annotator.ui.heatmaps.heat_maths import HeatStack
from annotator.ui.heatmaps.heat_memory import restore_heat, save_heat
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def test_one_pane_a_region_and_the_global_one(window: MainWindow, scheme) -> None:
    titles = [pane.content.title for pane in window.heatmaps.panes]
    assert titles == ["Global", *(region.title for region in scheme.regions)]
    assert all(
        pane.content.base is not None and pane.content.heat is not None for pane in window.heatmaps.panes
    )


def test_the_pointer_in_the_frame_shows_in_every_pane(window: MainWindow, places) -> None:
    at = point_of(window, 50)
    QTest.mouseMove(window.view.viewport(), at)
    place = window.view.frame_at(at.toPointF())
    for pane in window.heatmaps.panes:
        expected = pane.widget_at(place.x(), place.y())
        shown = pane.transform().map(pane.content.cursor)
        assert (shown.x(), shown.y()) == pytest.approx((expected.x(), expected.y()), abs=1e-6)


def test_the_pointer_in_a_pane_shows_in_the_frame(
    qtbot, window: MainWindow, session: Session, places
) -> None:
    pane = window.heatmaps.panes[1]
    centre = QPoint(pane.width() // 2, pane.height() // 2)
    with qtbot.waitSignal(session.pointer.moved, check_params_cb=lambda x, y: np.isfinite(x)) as seen:
        QTest.mouseMove(pane, centre)
    x, y = seen.args
    assert (pane.widget_at(x, y) - centre.toPointF()).manhattanLength() < 1e-6
    assert window.statusBar().pixel.text().startswith("x")
    assert window.view.cursor_mark is not None
    assert (window.view.cursor_mark.x(), window.view.cursor_mark.y()) == pytest.approx((x, y))


def test_a_click_in_a_pane_selects(window: MainWindow, session: Session, scheme, places) -> None:
    pane, landmark = window.heatmaps.panes[4], scheme.regions[3].indices[7]
    QTest.mouseClick(pane, Qt.MouseButton.LeftButton, pos=pane.widget_at(*places[landmark]).toPoint())
    assert session.selection.indices == (landmark,)
    assert pane.content.active
    assert not window.heatmaps.panes[3].content.active
    other = scheme.regions[3].indices[9]
    at = pane.widget_at(*places[other]).toPoint()
    QTest.mouseClick(pane, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, at)
    assert session.selection.indices == (landmark, other)


def test_panes_zoom_at_the_pointer_and_pan(window: MainWindow) -> None:
    pane = window.heatmaps.panes[2]
    at = QPointF(40, 60)
    before = pane.transform().inverted()[0].map(at)
    wheel(pane, at, 4)
    after = pane.transform().inverted()[0].map(at)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()))
    drag(pane, QPoint(60, 60), QPoint(80, 50), Qt.MouseButton.MiddleButton)
    moved = pane.transform().map(before)
    assert (moved.x() - at.x(), moved.y() - at.y()) == pytest.approx((20, -10))


def test_heat_of_the_selected_landmark_peaks_at_its_place(scheme) -> None:
    places = np.stack([100 + 60 * (np.arange(89) % 11), 70 + 60 * (np.arange(89) // 11)], 1).astype(float)
    proposal = make_proposal(scheme, places, np.zeros((640, 800, 3), np.uint8), "m")
    stack = HeatStack(proposal.heatmaps[1])
    landmark = scheme.regions[0].indices[4]
    heat = stack.heat(HeatOptions(source=HeatSource.SELECTED), {landmark})
    row, column = np.unravel_index(heat.argmax(), heat.shape)
    frame = stack.heatmap.frame_from_heatmap @ [column + 0.5, row + 0.5, 1]
    cell = stack.heatmap.frame_from_heatmap[0, 0]
    assert np.abs(frame - places[landmark]).max() <= cell
    assert stack.heat(HeatOptions(source=HeatSource.SELECTED), {0}) is None, "not of this region"
    everything = stack.heat(HeatOptions(source=HeatSource.ALL), {landmark})
    assert (everything >= heat - 1e-6).all()
    assert everything.sum() > 2 * heat.sum()


def test_probability_is_softmax_over_its_peak_and_latent_keeps_the_raw_shape() -> None:
    scheme = load_scheme("studio-89")
    places = np.stack([100 + 60 * (np.arange(89) % 11), 70 + 60 * (np.arange(89) // 11)], 1).astype(float)
    heatmap = make_proposal(scheme, places, np.zeros((640, 800, 3), np.uint8), "m").heatmaps[2]
    stack = HeatStack(heatmap)
    probability = heatmap.probability()
    expected = probability / probability.max((1, 2), keepdims=True)
    np.testing.assert_allclose(stack.maps(HeatScale.PROBABILITY), expected, rtol=1e-5, atol=1e-7)
    raw = stack.maps(HeatScale.LATENT)
    assert raw.min() == 0
    assert raw.max() == 1
    order = heatmap.logits[0].ravel().argsort(kind="stable")
    assert (np.diff(raw[0].ravel()[order]) >= 0).all()


def test_controls_change_what_the_panes_show(window: MainWindow, session: Session) -> None:
    pane = window.heatmaps.panes[1]
    before = pane.grab().toImage()
    window.heatmaps.colormap.setCurrentText("Viridis")
    window.heatmaps.colormap.textActivated.emit("Viridis")
    assert window.options.value.heat.colormap == "Viridis"
    coloured = pane.grab().toImage()
    assert coloured != before
    window.heatmaps.opacity.setValue(0)
    assert pane.grab().toImage() != coloured
    window.heatmaps.contours.click()
    assert pane.content.heat_values is not None


def test_colour_tables_are_premultiplied_and_clear_at_zero() -> None:
    for name in colormap_names():
        table = colour_table(name, 0.8).astype(int)
        assert table[0].tolist() == [0, 0, 0, 0]
        assert (table[:, :3] <= table[:, 3:]).all()
        assert table[-1, 3] == 204
    image = heat_image(np.array([[0.0, 1.0]]), "Inferno", 1.0)
    assert image.pixelColor(0, 0).alpha() == 0
    assert image.pixelColor(1, 0).getRgb() == (252, 255, 164, 255)


def test_the_active_pane_can_have_all_the_room(window: MainWindow, session: Session, scheme) -> None:
    session.selection.select(scheme.regions[1].indices[0])
    window.heatmaps.enlarge()
    assert [pane.isVisible() for pane in window.heatmaps.panes] == [False, False, True, False, False]
    window.heatmaps.enlarge()
    assert all(pane.isVisible() for pane in window.heatmaps.panes)


def test_heat_on_the_frame_follows_the_selection(window: MainWindow, session: Session, scheme) -> None:
    key(window.view, Qt.Key.Key_H)
    assert window.view.overlay.data_shown.heat is None
    session.selection.select(scheme.regions[2].indices[0])
    assert window.view.overlay.data_shown.heat is not None


def test_without_heatmaps_the_panes_say_why(qtbot, window: MainWindow, session: Session) -> None:
    session.close_project()
    assert all(pane.content.base is None for pane in window.heatmaps.panes)
    assert window.heatmaps.panes[0].content.empty_text == "Choose a frame"


def test_the_panes_do_not_wait_for_a_model_that_is_gone(
    qtbot, empty_window: MainWindow, session: Session, project: Path, inference, monkeypatch
) -> None:
    monkeypatch.setattr(
        inference, "request", lambda frame_id, *_: inference.failed.emit(frame_id, "it is gone")
    )
    session.open_project(project)
    panes = empty_window.heatmaps.panes
    qtbot.waitUntil(lambda: panes[0].content.empty_text.startswith("No heatmap"))
    monkeypatch.setattr(inference, "request", lambda *_: None)
    session.models.set_active("two")
    assert panes[0].content.empty_text == "Waiting for the model…"


def test_a_pane_has_contrast_and_colours_of_its_own(window: MainWindow, session: Session) -> None:
    first, second = window.heatmaps.panes[1:3]
    looks = [pane.grab().toImage() for pane in (first, second)]
    window.heatmaps.active_pane = second
    key(window.view, Qt.Key.Key_BracketRight, Qt.KeyboardModifier.AltModifier)
    assert window.options.value.heat_of(second.name).contrast == pytest.approx(2**0.25)
    assert window.options.value.heat_of(first.name).contrast == 1.0
    assert second.grab().toImage() != looks[1]
    assert first.grab().toImage() == looks[0]
    key(window.view, Qt.Key.Key_C, Qt.KeyboardModifier.AltModifier)
    assert window.options.value.heat_of(second.name).colormap == colormap_names()[1]
    assert window.heatmaps.controls.pane.currentData() == second.name
    assert window.heatmaps.colormap.currentText() == colormap_names()[1]
    key(window.view, Qt.Key.Key_Backslash, Qt.KeyboardModifier.AltModifier)
    assert [pane.grab().toImage() for pane in (first, second)] == looks


def test_the_wheel_with_alt_turns_a_panes_contrast_within_bounds(window: MainWindow) -> None:
    pane = window.heatmaps.panes[3]
    zoom = pane.zoom
    for _ in range(20):
        event = QWheelEvent(
            QPointF(20, 20), QPointF(20, 20), QPoint(), QPoint(120, 0), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.AltModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        pane.wheelEvent(event)
    assert (window.options.value.heat_of(pane.name).contrast, pane.zoom) == (4.0, zoom)


def test_how_heat_looks_is_remembered_and_nonsense_is_not_taken(tmp_path: Path) -> None:
    settings = QSettings(str(tmp_path / "w.ini"), QSettings.Format.IniFormat)
    options, again = ViewOptions(), ViewOptions()
    options.update_heat(colormap="Turbo", contrast=2.0, scale=HeatScale.ENTROPY, contours=True)
    options.update_pane("mouth", colormap="Ice", contrast=0.5)
    save_heat(settings, options)
    restore_heat(settings, again)
    assert again.value == options.value
    for nonsense in ("{", "[]", '{"all": {"colormap": "Turbo"}, "own": {}}', "7"):
        settings.setValue("view/heat", nonsense)
        restore_heat(settings, again)
        assert again.value == options.value
