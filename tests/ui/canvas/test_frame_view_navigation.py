"""Zoom, pan and display in the frame view; what the eye sees never changes what is stored."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QStyleOptionGraphicsItem
from ui_helpers import HEIGHT, WIDTH, drag, has_pixels, key, picture, point_of, wheel

from annotator.session.session import Session
from annotator.ui.canvas import tiled_item
from annotator.ui.canvas.tiled_item import TiledItem
from annotator.ui.common.display import Channel, DisplaySettings, display_table, to_qimage
from annotator.ui.common.view_options import Labels
from annotator.ui.common.zoom_view import MAX_ZOOM
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def test_fit_shows_the_whole_frame(window: MainWindow) -> None:
    window.view.zoom_to(3.0)
    key(window.view, Qt.Key.Key_F)
    first, last = window.view.view_at(0, 0), window.view.view_at(WIDTH, HEIGHT)
    area = window.view.viewport().rect()
    assert first.x() >= -1
    assert first.y() >= -1
    assert last.x() <= area.width() + 1
    assert last.y() <= area.height() + 1
    assert max(last.x() - first.x() - area.width(), last.y() - first.y() - area.height()) == pytest.approx(
        0, abs=1
    )


def test_wheel_zooms_at_the_pointer(window: MainWindow) -> None:
    at = QPointF(300.0, 200.0)
    before = window.view.frame_at(at)
    for _ in range(9):
        wheel(window.view.viewport(), at, 1)
        after = window.view.frame_at(at)
        off = (after - before) * window.view.zoom
        assert abs(off.x()) <= 1.01
        assert abs(off.y()) <= 1.01


def test_zoom_stays_between_fit_and_3200_percent(window: MainWindow) -> None:
    wheel(window.view.viewport(), QPointF(300, 300), 60)
    assert window.view.zoom == MAX_ZOOM == 32
    wheel(window.view.viewport(), QPointF(300, 300), -120)
    assert window.view.zoom == pytest.approx(min(window.view.fit_zoom, 1.0))


def test_one_shows_100_percent(window: MainWindow) -> None:
    key(window.view, Qt.Key.Key_1)
    assert window.view.zoom == pytest.approx(1.0)
    assert window.frame_panel.badges.zoom.text() == "100 %"


@pytest.mark.parametrize(
    ("button", "keys"),
    [
        (Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier),
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier),
    ],
)
def test_drag_pans(window: MainWindow, session: Session, button, keys) -> None:
    window.view.zoom_to(2.0)
    start = QPoint(400, 300)
    before = window.view.frame_at(start.toPointF())
    drag(window.view.viewport(), start, start + QPoint(50, -30), button, keys)
    after = window.view.frame_at(QPointF(450, 270))
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=0.01)
    assert session.annotations.undo_stack.count() == 0


def test_space_drag_pans_even_from_a_point(window: MainWindow, session: Session, places) -> None:
    window.view.zoom_to(2.0)
    start = point_of(window, 38)
    QTest.keyPress(window.view, Qt.Key.Key_Space)
    drag(window.view.viewport(), start, start + QPoint(40, 40))
    QTest.keyRelease(window.view, Qt.Key.Key_Space)
    assert point_of(window, 38) == start + QPoint(40, 40)
    np.testing.assert_allclose(session.annotations.shown(1).xy[38], places[38], atol=1e-3)


def test_zoom_to_selection_fills_the_view(window: MainWindow, session: Session) -> None:
    session.selection.set((60, 61, 72))
    key(window.view, Qt.Key.Key_Z)
    assert window.view.zoom > 2 * window.view.fit_zoom
    area = window.view.viewport().rect()
    assert all(area.contains(point_of(window, i)) for i in (60, 61, 72))


def test_the_view_is_kept_between_frames(qtbot, window: MainWindow, session: Session) -> None:
    window.view.zoom_to(3.0, QPointF(100, 100))
    before = (window.view.zoom, window.view.view_at(200, 200))
    key(window.view, Qt.Key.Key_PageDown)
    assert session.frames.current_id == 2
    qtbot.waitUntil(lambda: has_pixels(session))
    assert (window.view.zoom, window.view.view_at(200, 200)) == before


def grey_under(window: MainWindow, x: float, y: float) -> tuple[int, int, int]:
    """What is painted where a frame pixel lies."""
    image = window.view.viewport().grab().toImage()
    at = window.view.view_at(x, y).toPoint()
    return image.pixelColor(at).getRgb()[:3]


def test_from_200_percent_pixels_stay_pixels(window: MainWindow) -> None:
    window.options.update(points=False, curves=False, rois=False)
    window.view.zoom_to(16.0)
    centre = window.view.frame_at(QPointF(window.view.viewport().rect().center()))
    column, row = int(centre.x()), int(centre.y())
    seen = {grey_under(window, column + dx, row + 0.5) for dx in (0.1, 0.3, 0.5, 0.7, 0.9)}
    assert len(seen) == 1, "one frame pixel is one flat square"


def test_display_controls_change_the_picture_and_nothing_else(window: MainWindow, session: Session) -> None:
    window.options.update(points=False, curves=False, rois=False)
    stored = session.frames.image(1).levels[0].copy()
    plain = grey_under(window, 400.5, 320.5)
    key(window.view, Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier)
    key(window.view, Qt.Key.Key_BracketRight, Qt.KeyboardModifier.ControlModifier)
    assert window.options.value.display.exposure == 0.5
    bright = grey_under(window, 400.5, 320.5)
    assert all(after > before for after, before in zip(bright, plain, strict=True))
    key(window.view, Qt.Key.Key_R, Qt.KeyboardModifier.ShiftModifier)
    red = grey_under(window, 400.5, 320.5)
    assert red[0] == red[1] == red[2] == bright[0]
    np.testing.assert_array_equal(session.frames.image(1).levels[0], stored)
    key(window.view, Qt.Key.Key_Backslash)
    assert window.options.value.display == DisplaySettings()
    assert grey_under(window, 400.5, 320.5) == plain


def test_sliders_show_what_the_keys_did(window: MainWindow) -> None:
    window.options.update_display(exposure=1.5, gamma=1.2)
    assert window.toolbar.exposure.value() == 15
    assert window.toolbar.gamma.value() == 24
    window.toolbar.exposure.setValue(-20)
    assert window.options.value.display.exposure == -2.0


def test_the_status_bar_reads_the_stored_pixel(window: MainWindow) -> None:
    window.options.update_display(exposure=3.0)
    at = window.view.view_at(400.5, 320.5).toPoint()
    QTest.mouseMove(window.view.viewport(), at)
    place = window.view.frame_at(at.toPointF())
    values = window.frame_panel._loaded.levels[0][int(place.y()), int(place.x())]
    text = window.statusBar().pixel.text()
    assert f"R {values[0]}   G {values[1]}   B {values[2]}" in text
    assert abs(int(values[0]) - int(picture()[320, 400, 0])) <= 3


def test_tables_of_integers_and_half_floats() -> None:
    assert display_table("uint8", 0.0, 1.0).tolist() == list(range(256))
    sixteen = display_table("uint16", 0.0, 1.0)
    assert sixteen[[0, 257 * 100, 65535]].tolist() == [0, 100, 255]
    half = display_table("float16", 0.0, 1.0)
    codes = np.array([0.0, 0.2159, 1.0, 7.0, np.inf, np.nan, -1.0], np.float16).view(np.uint16)
    assert half[codes].tolist() == [0, 128, 255, 255, 255, 0, 0]
    # One stop up doubles linear light: linear 0.25 shows as linear 0.5 did.
    quarter, double = np.array([0.25, 0.5], np.float16).view(np.uint16)
    assert display_table("float16", 1.0, 1.0)[quarter] == half[double]


def test_channels_and_order_of_bytes() -> None:
    pixels = np.array([[[200, 100, 50], [1, 2, 3]]], np.uint8)
    shown = to_qimage(pixels, DisplaySettings())
    assert shown.pixelColor(0, 0).getRgb()[:3] == (200, 100, 50)
    green = to_qimage(pixels, DisplaySettings(channel=Channel.GREEN))
    assert green.pixelColor(1, 0).getRgb()[:3] == (2, 2, 2)
    luma = to_qimage(pixels, DisplaySettings(channel=Channel.LUMA))
    assert luma.pixelColor(0, 0).red() == round(0.2126 * 200 + 0.7152 * 100 + 0.0722 * 50)


def test_toggles_by_key_and_menu_agree(window: MainWindow) -> None:
    for code, name in ((Qt.Key.Key_E, "ellipses"), (Qt.Key.Key_S, "curves"), (Qt.Key.Key_V, "points")):
        before = getattr(window.options.value, name)
        key(window.view, code)
        assert getattr(window.options.value, name) is not before
        assert window.actions_by_id[name].isChecked() is not before
    window.actions_by_id["labels_all"].trigger()
    assert window.options.value.labels is Labels.ALL
    assert not window.actions_by_id["labels_selected"].isChecked()


def test_hover_names_the_landmark_everywhere(window: MainWindow, session: Session) -> None:
    QTest.mouseMove(window.view.viewport(), point_of(window, 33))
    assert session.pointer.hover == 33
    assert all(pane.content.hover == 33 for pane in window.heatmaps.panes)
    QTest.mouseMove(window.view.viewport(), point_of(window, 33) + QPoint(30, 30))
    assert session.pointer.hover == -1


def test_tiles_stay_within_their_budget(window: MainWindow) -> None:
    tiles = window.view.tiles
    budget = 3 * 514 * 514 * 4
    tiles.set_cache_bytes(budget)
    tiles.set_levels([np.zeros((4096, 4096, 3), np.uint8)], 4096, 4096)
    window.view.zoom_to(1.0)
    window.view.viewport().grab()
    assert 0 < tiles.cached_bytes <= budget


def _paint_tiles(tiles: TiledItem, scale: float) -> np.ndarray:
    """uint8 [64, 64, 3]: what the item paints of its first corner at a scale."""
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    painter.scale(scale, scale)
    option = QStyleOptionGraphicsItem()
    option.exposedRect = QRectF(0, 0, 64 / scale, 64 / scale)
    tiles.paint(painter, option)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint8).reshape(64, 64, 4)[..., 2::-1].copy()


@pytest.mark.parametrize("seen_at", [0.25, 1.0])
def test_a_level_that_is_not_ready_is_drawn_from_the_one_beside_it(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, seen_at: float
) -> None:
    levels = [np.full((2048 >> k, 2048 >> k, 3), 40 * (k + 1), np.uint8) for k in range(4)]
    tiles = TiledItem()
    tiles.set_levels(levels, 2048, 2048)
    seen = _paint_tiles(tiles, seen_at)[0, 0, 0]  # all that this shows is in the cache now
    monkeypatch.setattr(tiled_item, "_MORE_SECONDS", -1.0)
    if seen_at == 1.0:  # all four tiles that a tile of the next level stands for
        for y in range(2):
            for x in range(2):
                tiles._make(0, x, y)
    assert (_paint_tiles(tiles, 0.5) == seen).all()  # no time: the next finer or coarser level stands in
    monkeypatch.setattr(tiled_item, "_MORE_SECONDS", 1.0)
    assert (_paint_tiles(tiles, 0.5) == 80).all()  # and is refined by the next paint


def test_a_picture_without_any_tile_is_drawn_from_its_coarsest_level(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiles = TiledItem()
    tiles.set_levels(
        [np.full((2048 >> k, 2048 >> k, 3), 40 * (k + 1), np.uint8) for k in range(4)], 2048, 2048
    )
    monkeypatch.setattr(tiled_item, "_FIRST_SECONDS", -1.0)
    assert (_paint_tiles(tiles, 1.0) == 160).all()


def test_a_drag_draws_the_same_as_drawing_all_anew(window: MainWindow, session: Session) -> None:
    """The first and last step of a drag redraw a part of the kept picture of the curves."""
    view = window.view
    view.viewport().grab()
    place = point_of(window, 33)
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    QTest.mouseMove(view.viewport(), place + QPoint(9, 6))
    QTest.mouseMove(view.viewport(), place + QPoint(14, 8))
    partly = view.viewport().grab().toImage()
    view.overlay._change_all()
    wholly = view.viewport().grab().toImage()
    view.cancel_gesture()
    assert partly == wholly
    back = view.viewport().grab().toImage()
    view.overlay._change_all()
    assert back == view.viewport().grab().toImage()
