"""Panes and their room: arrangement by shape, all the room for one, windows of their own, following the frame."""

from pathlib import Path

import numpy as np
import pyqtgraph.functions as pg_functions
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform
from PySide6.QtTest import QTest
from ui_helpers import drag, key, wheel

from annotator.domain import edits
from annotator.session.session import Session
from annotator.ui.common.view_options import Options
from annotator.ui.heatmaps.arrangement import arrange
from annotator.ui.heatmaps.pane_grid import other_screen
from annotator.ui.heatmaps.pane_layers import PaneLayers
from annotator.ui.heatmaps.pane_painter import PaneContent, paint_pointer
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui
LEFT = Qt.MouseButton.LeftButton


def shown_area(cells: list[QRect]) -> int:
    return sum(min(cell.width(), cell.height()) ** 2 for cell in cells)


@given(st.integers(60, 3000), st.integers(60, 3000), st.integers(1, 7))
def test_panes_lie_side_by_side_in_any_room(width: int, height: int, count: int) -> None:
    cells = arrange(width, height, count)
    room = QRect(0, 0, width, height)
    assert len(cells) == count
    assert all(room.contains(cell) for cell in cells)
    assert not any(a.intersects(b) for i, a in enumerate(cells) for b in cells[:i])


@pytest.mark.parametrize(("width", "height"), [(400, 700), (1600, 300), (900, 900), (300, 1400), (420, 640)])
def test_pictures_fill_the_room_whatever_its_shape(width: int, height: int) -> None:
    """The most that five equal squares can cover of such a room, and not much less."""
    cells = arrange(width, height, 5)
    assert shown_area(cells) > 0.5 * width * height
    assert min(cells[0].width(), cells[0].height()) >= max(min(c.width(), c.height()) for c in cells[1:]) - 1


def test_a_wide_room_has_a_strip_and_a_narrow_one_a_column() -> None:
    wide, narrow = arrange(2000, 330, 5), arrange(300, 1600, 5)
    assert len({cell.top() for cell in wide}) == 1
    assert len({cell.left() for cell in narrow}) == 1


# ---- all the room, windows
@pytest.mark.parametrize("by", ["key", "double click"])
def test_the_pane_under_the_pointer_gets_all_the_room(
    window: MainWindow, session: Session, scheme, by
) -> None:
    panes = window.heatmaps.panes
    session.selection.select(scheme.regions[1].indices[0])  # of another pane

    def act() -> None:
        QTest.mouseMove(panes[3], QPoint(8, 8))
        if by == "key":
            key(window.view, Qt.Key.Key_3)
        else:
            QTest.mouseDClick(panes[3], LEFT, pos=QPoint(8, 8))

    act()
    assert [pane.isVisible() for pane in panes] == [False, False, False, True, False]
    assert panes[3].size() == window.heatmaps.grid.size()
    act()
    assert all(pane.isVisible() for pane in panes)


def test_a_pane_has_a_window_of_its_own_and_comes_back(window: MainWindow, session: Session, scheme) -> None:
    heatmaps, pane = window.heatmaps, window.heatmaps.panes[2]
    QTest.mouseMove(pane, QPoint(8, 8))
    key(window.view, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    own = heatmaps.grid.window_of(pane)
    assert own is not None
    assert own.isVisible()
    assert pane.window() is own
    assert all(other.isVisible() for other in heatmaps.panes)
    landmark = scheme.regions[1].indices[3]
    x, y = session.annotations.shown(1).xy[landmark].tolist()
    QTest.mouseClick(pane, LEFT, pos=pane.widget_at(x, y).toPoint())
    assert session.selection.indices == (landmark,), "it is linked as before"
    own.close()
    assert heatmaps.grid.window_of(pane) is None
    assert pane.window() is window
    assert all(each.isVisible() for each in heatmaps.panes)


def test_a_pane_in_a_window_fills_its_screen_by_the_same_key(window: MainWindow) -> None:
    heatmaps, pane = window.heatmaps, window.heatmaps.panes[1]
    QTest.mouseMove(pane, QPoint(8, 8))
    key(window.view, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    own = heatmaps.grid.window_of(pane)
    assert own is not None
    key(pane, Qt.Key.Key_3)
    assert own.isFullScreen()
    assert pane.size() == own.size()
    key(pane, Qt.Key.Key_3)
    assert not own.isFullScreen()
    key(pane, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert pane.window() is window


def test_a_second_monitor_is_taken_where_there_is_one() -> None:
    own, other = object(), object()
    assert other_screen(own, [own]) is None
    assert other_screen(own, [own, other]) is other
    assert other_screen(other, [own, other]) is own


def test_panes_in_windows_are_remembered_and_reset(
    window: MainWindow, session: Session, project: Path
) -> None:
    grid = window.heatmaps.grid
    grid.detach(window.heatmaps.panes[1])
    window.layout_kept.save()
    name = window.heatmaps.panes[1].name
    session.close_project(discard_pending=True)
    session.open_project(project)
    assert list(grid.places()) == [name], "another project, the same panes"
    window.actions_by_id["reset_layout"].trigger()
    assert grid.places() == {}
    assert all(pane.window() is window for pane in window.heatmaps.panes)
    window.layout_kept.restore()
    assert list(grid.places()) == [name]
    grid.restore_places({})
    window.layout_kept.save()


# ---- following
def places(pane, window: MainWindow) -> tuple[QPointF, QPointF]:
    """Where two frame pixels lie from the middle of the pane, and from the middle of the frame view."""
    x, y, _ = middle_of(window)
    step = 20.0
    here = pane.widget_at(x + step, y) - pane.widget_at(x, y)
    there = window.view.view_at(x + step, y) - window.view.view_at(x, y)
    return here, there


def middle_of(window: MainWindow) -> tuple[float, float, float]:
    middle = window.view.frame_at(QPointF(window.view.viewport().rect().center()))
    return middle.x(), middle.y(), window.view.zoom


def test_panes_that_follow_show_the_same_pixels(window: MainWindow, session: Session, scheme) -> None:
    pane = window.heatmaps.panes[1]
    xy = session.annotations.shown(1).xy[scheme.regions[0].indices[5]]
    window.options.update(panes_follow=True)
    window.view.look_at(*xy.tolist(), 3.0)
    here, there = places(pane, window)
    assert here.x() == pytest.approx(there.x(), abs=1e-6)
    x, y, _ = middle_of(window)
    centre = pane.widget_at(x, y)
    assert (centre.x(), centre.y()) == pytest.approx((pane.width() / 2, pane.height() / 2), abs=1)
    # the other way round: zoomed and panned in the pane
    wheel(pane, QPointF(pane.rect().center()), 3)
    here, there = places(pane, window)
    assert here.x() == pytest.approx(there.x(), rel=1e-3)
    assert window.view.zoom > 3.0
    before = middle_of(window)
    drag(pane, QPoint(60, 60), QPoint(40, 70), Qt.MouseButton.MiddleButton)
    after = middle_of(window)
    moved = (after[0] - before[0]) * window.view.zoom, (after[1] - before[1]) * window.view.zoom
    assert moved == pytest.approx((20, -10), abs=1.5)
    window.options.update(panes_follow=False)
    assert pane.zoom == pytest.approx(min(pane.width(), pane.height()) / pane.content.base.width(), rel=0.05)


def test_a_pane_whose_crop_is_not_seen_shows_all_of_it(window: MainWindow) -> None:
    window.options.update(panes_follow=True)
    window.view.look_at(2.0, 2.0, 6.0)
    mouth = window.heatmaps.panes[4]
    assert mouth.zoom == pytest.approx(
        min(mouth.width(), mouth.height()) / mouth.content.base.width(), rel=0.05
    )
    window.options.update(panes_follow=False)


# ---- what is painted
def content(**changes) -> PaneContent:
    base = QImage(40, 20, QImage.Format.Format_RGB888)
    base.fill(QColor(0, 0, 0))
    return PaneContent(title="", tint="#ffffff", base=base, **changes)


def painted(paint, side: int = 200) -> np.ndarray:
    picture = QImage(side, side, QImage.Format.Format_RGB888)
    picture.fill(QColor(0, 0, 0))
    painter = QPainter(picture)
    paint(painter)
    painter.end()
    data = np.frombuffer(picture.constBits(), np.uint8).reshape(side, picture.bytesPerLine())
    return data[:, : side * 3].reshape(side, side, 3).astype(int)


def paint_layers(painter: QPainter, side: int, what: PaneContent, at: QTransform) -> None:
    painter.drawPixmap(0, 0, PaneLayers().joined(QSize(side, side), 1.0, what, at))


def test_contours_lie_round_the_peak_of_the_heat() -> None:
    """A peak on the centre of heat pixel (12, 9) of a map whose pixels are 10 wide."""
    y, x = np.mgrid[:20, :20]
    heat = np.exp(-((x - 12) ** 2 + (y - 9) ** 2) / 8).astype(np.float32)
    shown = content(
        heat_values=heat, options=Options(points=False), crop_from_heat=QTransform.fromScale(10, 10)
    )
    shown.base = QImage(200, 200, QImage.Format.Format_RGB888)
    shown.base.fill(QColor(0, 0, 0))
    pixels = painted(lambda p: paint_layers(p, 200, shown, QTransform())).sum(-1)
    pixels[:30] = 0  # the title's shade
    pixels[[0, -1]] = pixels[:, [0, -1]] = 0
    rows, columns = np.nonzero(pixels > 100)
    assert columns.min() + columns.max() + 1 == pytest.approx(250, abs=2)
    assert rows.min() + rows.max() + 1 == pytest.approx(190, abs=2)
    assert pg_functions.isocurve(heat.T, 0.9), "there is such a line"


def test_the_cross_hair_ends_where_the_picture_ends() -> None:
    shown = content(cursor=QPointF(20, 10))
    at = QTransform.fromTranslate(0, 60).scale(5, 5)  # 200 x 100, in the middle of the height
    pixels = painted(lambda p: paint_pointer(p, QRectF(0, 0, 200, 200), shown, at)).sum(-1)
    assert pixels[60:160, 100].any()
    assert not pixels[:58].any()
    assert not pixels[162:].any()


@pytest.mark.parametrize("selected", [False, True])
def test_a_mark_leaves_the_place_itself_free(selected: bool) -> None:
    shown = content(
        indices=[3],
        points=np.array([[20.0, 12.0]]),
        states=np.array([1], np.uint8),
        selected=frozenset({3} if selected else ()),
        hover=3,
    )
    at = QTransform.fromScale(5, 5)

    def paint(painter: QPainter) -> None:
        paint_layers(painter, 200, shown, at)

    pixels = painted(paint).sum(-1)
    assert not pixels[59:62, 99:102].any()
    assert pixels[45:75, 85:115].any()


@pytest.mark.parametrize(("side", "has_room"), [(200, True), (70, False)])
def test_a_note_stands_beside_the_title_only_where_there_is_room(side: int, has_room: bool) -> None:
    def shown(note: str) -> np.ndarray:
        what = PaneContent(title="Right eye", tint="#ffffff", note=note)
        return painted(lambda p: paint_layers(p, side, what, QTransform()), side)

    assert (shown("22 pts") != shown("")).any() == has_room


def test_what_a_pane_keeps_is_never_older_than_what_it_shows(
    window: MainWindow, session: Session, scheme
) -> None:
    """Whatever changes, a pane looks as one that is painted from nothing."""
    pane = window.heatmaps.panes[1]
    first, second = scheme.regions[0].indices[:2]
    options = window.options

    def settled() -> bool:
        fresh = PaneLayers().joined(pane.size(), pane.devicePixelRatioF(), pane.content, pane.transform())
        alike = QImage.Format.Format_RGB32
        return bool(pane.grab().toImage().convertToFormat(alike) == fresh.toImage().convertToFormat(alike))

    changes = [
        lambda: session.selection.select(first),
        lambda: session.selection.select(second),
        lambda: session.annotations.submit(session.frames.current_id, edits.move([second], [[40.0, 30.0]])),
        lambda: session.selection.clear(),
        lambda: options.update(points=False),
        lambda: options.update(points=True, nearest=True),
        lambda: wheel(pane, QPointF(30, 30), 2),
        lambda: session.annotations.undo(),
    ]
    assert settled()
    for change in changes:
        change()
        assert settled()
