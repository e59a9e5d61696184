"""What is drawn in parts or later, to be quick, looks as if it had been drawn at once."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from ui_helpers import drag, grab, point_of, wheel

from annotator.domain import edits
from annotator.session.session import Session
from annotator.ui.canvas.overlay import marks
from annotator.ui.canvas.overlay.boxes import free_corner
from annotator.ui.canvas.overlay.painter import OverlayPainter
from annotator.ui.canvas.overlay.shapes import place_label
from annotator.ui.common.view_options import Labels, Options
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def paint_anew(window: MainWindow) -> None:
    """Nothing that was painted is kept; titles stay where they are."""
    before = window.view.overlay._painter
    window.view.overlay._painter = OverlayPainter()
    window.view.overlay._painter.titles = before.titles


@pytest.mark.parametrize(
    "options", [Options(), Options(ellipses=True, moved=True, labels=Labels.ALL)], ids=["plain", "all"]
)
def test_a_pan_shows_what_a_new_painting_would(window: MainWindow, session: Session, options) -> None:
    session.annotations.submit(
        session.frames.current_id, edits.move((4, 60), [[400.0, 333.0], [500.0, 200.0]])
    )
    window.options.update(
        ellipses=options.ellipses, moved=options.moved, labels=options.labels, crosshair=False
    )
    window.view.zoom_to(2.3)
    grab(window)
    for dx, dy in ((35, -20), (-90, 60), (500, 300)):
        window.view.pan_by(dx, dy)
        kept = grab(window)
        paint_anew(window)
        off = np.abs(kept.astype(int) - grab(window))
        assert off.max() <= 8  # edges round differently by a part of a pixel
        assert (off > 4).mean() < 1e-3


def test_labels_at_the_edge_of_the_view_are_whole(window: MainWindow, monkeypatch) -> None:
    """Wherever the view is moved to: those near its edge stand on the other side, or are left out."""
    boxes: list[QRectF] = []

    def note(*given, **named):
        box = place_label(*given, **named)
        boxes.extend([] if box is None else [box])
        return box

    monkeypatch.setattr(marks, "place_label", note)
    window.options.update(labels=Labels.ALL)
    window.view.zoom_to(2.3)
    for dx, dy in ((0, 0), (35, -20), (-90, 60), (3, 1)):
        boxes.clear()
        window.view.pan_by(dx, dy)
        grab(window)
        room = QRectF(window.view.viewport().rect())
        assert boxes
        assert all(room.contains(box) for box in boxes)


def test_a_drag_shows_what_a_new_painting_would(window: MainWindow) -> None:
    window.options.update(crosshair=False)
    start = point_of(window, 40)
    drag(window.view.viewport(), start, start + QPoint(25, 14), release=False)
    QTest.mouseMove(window.view.viewport(), start + QPoint(31, 22))
    kept = grab(window)
    paint_anew(window)
    np.testing.assert_array_equal(kept, grab(window))
    QTest.mouseRelease(window.view.viewport(), Qt.MouseButton.LeftButton, pos=start + QPoint(31, 22))


def test_shapes_look_the_same_while_the_wheel_turns_and_after(qtbot, window: MainWindow) -> None:
    window.options.update(crosshair=False)
    at = QPointF(window.view.viewport().rect().center())
    wheel(window.view.viewport(), at, 1)
    turning = grab(window)
    qtbot.waitUntil(lambda: not window.view.overlay._rest.isActive())
    full = grab(window)
    differs = np.abs(turning.astype(int) - full).max(-1) > 4
    assert differs.mean() < 0.005  # dashes begin elsewhere, a kept picture is blended once more
    paint_anew(window)
    np.testing.assert_array_equal(full, grab(window))


def test_the_title_of_a_box_stands_where_it_hides_no_landmark() -> None:
    box = QRectF(100, 100, 200, 150)
    upper = [90.0, 90.0], [110.0, 92.0], [200.0, 92.0]
    free = free_corner(box, 40, 16, np.array([[500.0, 500.0], [np.nan, np.nan]]))
    assert (free.left(), free.bottom()) == (100, 99)
    assert free_corner(box, 40, 16, np.array(upper)).right() == 300
    below = free_corner(box, 40, 16, np.array([*upper, [280.0, 80.0]]))
    assert (below.left(), below.top()) == (100, 251)
    lower = [110.0, 260.0], [200.0, 260.0], [280.0, 260.0]
    within = free_corner(box, 40, 16, np.array([*upper, [280.0, 80.0], *lower]))
    assert (within.left(), within.top()) == (100, 101)
    everywhere = np.stack(np.meshgrid(np.arange(80.0, 330, 10), np.arange(70.0, 290, 10)), -1).reshape(-1, 2)
    most = free_corner(box, 40, 16, everywhere)
    over, beside_it = box.adjusted(-1, -20, 1, 20), box.adjusted(-42, 0, 42, 0)
    assert over.contains(most) or beside_it.contains(most), "at the box, though it hides something"
    beside = free_corner(box, 40, 16, np.empty((0, 2)), [free])
    assert not beside.intersects(free), "nor does a title hide another one"
