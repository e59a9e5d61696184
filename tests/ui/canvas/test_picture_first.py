"""Nothing covers or moves the picture: toasts that float, boxes held where they are drawn, values that follow the hand."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from ui_helpers import drag, key, point_of, wheel

from annotator.session.session import Session
from annotator.ui.canvas.overlay.boxes import title_places
from annotator.ui.canvas.overlay.shapes import place_label
from annotator.ui.shell.main_window import MainWindow

pytestmark = pytest.mark.gui


def test_a_message_floats_and_the_picture_stays(window: MainWindow) -> None:
    view = window.view
    before = view.mapToGlobal(QPoint(0, 0)), view.size(), view.view_at(0, 0)
    key(view, Qt.Key.Key_6)
    toast = window.banners.notice
    assert toast.isVisible()
    assert (view.mapToGlobal(QPoint(0, 0)), view.size(), view.view_at(0, 0)) == before
    place = QRectF(QPointF(toast.mapToGlobal(QPoint(0, 0))), toast.size().toSizeF())
    assert QRectF(QPointF(before[0]), before[1].toSizeF()).contains(place)
    window.resize(1300, 800)
    assert window.rect().contains(toast.geometry().translated(toast.parentWidget().pos()))
    window.resize(1500, 900)
    toast.hide()


def test_the_inspector_follows_what_is_held(window: MainWindow, session: Session) -> None:
    session.selection.select(30)
    rested = window.inspector.values["position"].text()
    start = point_of(window, 30)
    drag(window.view.viewport(), start, start + QPoint(40, 0), release=False)
    held = window.inspector.values["position"].text()
    assert held != rested
    x = window.view.overlay.data_shown.xy[30, 0]
    assert held.startswith(f"{x:.2f}")
    key(window.view, Qt.Key.Key_Escape)
    assert window.inspector.values["position"].text() == rested
    QTest.mouseRelease(window.view.viewport(), Qt.MouseButton.LeftButton, pos=start)


def test_hover_and_loupe_follow_without_a_move_of_the_mouse(
    window: MainWindow, session: Session, places
) -> None:
    view = window.view
    at = point_of(window, 30)
    QTest.mouseMove(view.viewport(), at)
    key(view, Qt.Key.Key_2)
    assert session.pointer.hover == 30
    first = window.comparing.loupe.text
    session.selection.select(30)
    key(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    key(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert session.pointer.hover == -1, "the landmark went away below the pointer"
    view.pan_by(25, 0)
    assert window.comparing.loupe.text != first
    wheel(view.viewport(), QPointF(at), 2)
    key(view, Qt.Key.Key_2)


def test_one_zooms_to_whole_pixels_at_the_pointer(window: MainWindow) -> None:
    view = window.view
    view.zoom_to(0.5)
    at = QPoint(view.viewport().width() // 3, view.viewport().height() // 3)
    QTest.mouseMove(view.viewport(), at)
    before = view.frame_at(QPointF(at))
    key(view, Qt.Key.Key_1)
    assert view.zoom == pytest.approx(1 / view.devicePixelRatioF())
    assert (view.frame_at(QPointF(at)) - before).manhattanLength() < 2


def test_a_regions_box_is_held_by_its_title_sides_and_corners(
    window: MainWindow, session: Session, scheme
) -> None:
    window.options.update(rois=True)
    view, number = window.view, 3
    data, room = view.overlay.data_shown, QRectF(view.viewport().rect())

    def grip(at: QPointF) -> tuple[int, tuple[int, ...]] | None:
        return view.overlay.hit_box(at, view.viewportTransform(), room)

    boxes = [
        [*view.view_at(*box[:2]).toTuple(), *view.view_at(*box[2:]).toTuple()] for box in data.rois.tolist()
    ]
    places = np.array([view.view_at(*point).toTuple() for point in data.xy.tolist()])
    badges = window.frame_panel.badges
    taken = [QRectF(badge.geometry()) for badge in (badges.name, badges.format, badges.warning, badges.zoom)]
    title = next(t for t in title_places(scheme, np.array(boxes), places, room, taken) if t.region == number)
    assert grip(title.place.center()) == (number, (0, 1, 2, 3))
    x0, y0, x1, y1 = boxes[number]
    view.overlay.data_shown.rois = data.rois.copy()
    view.overlay.data_shown.rois[:number] = np.nan
    view.overlay.data_shown.rois[number + 1 :] = np.nan
    assert grip(QPointF(x1 - 1, y1 + 1)) == (number, (2, 3))
    assert grip(QPointF(x0 + 2, (y0 + y1) / 2)) == (number, (0,))
    assert grip(QPointF((x0 + x1) / 2, y1 - 2)) == (number, (3,))
    assert grip(QPointF((x0 + x1) / 2, (y0 + y1) / 2)) is None


def test_a_label_covers_no_landmark_and_goes_away_where_there_is_no_room() -> None:
    at, alone = QPointF(500, 500), np.array([[500.0, 500.0]])
    box = place_label(at, 80, 17, [], alone)
    assert box is not None
    beside = np.concatenate([alone, [[box.center().x(), box.center().y()]]])
    other = place_label(at, 80, 17, [], beside)
    assert other is not None
    assert not other.contains(box.center())
    rows, columns = np.mgrid[300:700:12, 300:700:12]
    crowd = np.stack([columns.ravel(), rows.ravel()], -1).astype(float)
    assert place_label(at, 80, 17, [], crowd) is None
    assert place_label(at, 80, 17, [], crowd, must=True) is not None


def test_titles_of_boxes_are_whole_in_the_view_and_under_no_badge(
    window: MainWindow, session: Session, scheme, qtbot
) -> None:
    """Wherever the picture is dragged to, with the middle button: the title of each box that has a side in the view."""
    window.options.update(rois=True)
    view, panel = window.view, window.frame_panel
    viewport, middle = view.viewport(), view.viewport().rect().center()
    room = QRectF(viewport.rect())
    view.zoom_to(2 * view.fit_zoom)
    seen = 0
    for by in (
        QPoint(0, 0),
        QPoint(260, 0),
        QPoint(0, 240),
        QPoint(-330, -110),
        QPoint(-200, 60),
        QPoint(90, -420),
    ):
        QTest.mousePress(viewport, Qt.MouseButton.MiddleButton, pos=middle)
        QTest.mouseMove(viewport, middle + by)
        QTest.mouseRelease(viewport, Qt.MouseButton.MiddleButton, pos=middle + by)
        panel.show_notice("a line in the corner " * 4)
        badges = panel.badges
        taken = [
            QRectF(badge.geometry()) for badge in (badges.name, badges.format, badges.state, badges.zoom)
        ]
        titles = view.overlay.titles(view.viewportTransform(), room)
        rois = view.overlay.data_shown.rois.tolist()
        boxes = [QRectF(view.view_at(x0, y0), view.view_at(x1, y1)) for x0, y0, x1, y1 in rois]
        in_view = [n for n, box in enumerate(boxes) if box.intersects(room) and not box.contains(room)]
        assert [title.region for title in titles] == in_view
        for title in titles:
            assert room.contains(title.place)
            assert not any(title.place.intersects(other) for other in taken)
            near = title.place.adjusted(-2, -2, 2, 2)
            assert near.intersects(boxes[title.region]), "it stands at its box"
            QTest.mouseMove(viewport, title.place.center().toPoint())
            assert viewport.cursor().shape() == Qt.CursorShape.SizeAllCursor
        seen += len(titles)
    assert seen >= 4
    panel.show_notice("")


def test_a_label_is_whole_within_the_view() -> None:
    room = QRectF(0, 0, 400, 300)
    for x, y in ((396, 150), (3, 150), (200, 2), (200, 298), (398, 2)):
        box = place_label(QPointF(x, y), 80, 17, [], np.array([[x, y]], float), must=True, room=room)
        assert box is not None
        assert room.contains(box)
    assert place_label(QPointF(410, 150), 80, 17, [], np.empty((0, 2)), must=True, room=room) is None


def test_a_label_at_the_edge_of_the_view_leaves_nothing_behind_in_a_pan(
    window: MainWindow, session: Session, qtbot
) -> None:
    """What is on the screen after the picture was scrolled, against a view that is painted from nothing."""

    def on_screen() -> QImage:
        QApplication.processEvents()
        corner = view.viewport().mapTo(window, QPoint(0, 0))
        size = view.viewport().size()
        whole = window.screen().grabWindow(window.winId()).toImage()
        return whole.copy(QRect(corner, size)).convertToFormat(QImage.Format.Format_RGB32)

    view = window.view
    session.selection.select(30)
    view.look_at(*session.annotations.shown(1).xy[30].tolist(), 3.0)
    view.pan_by(-view.viewport().width() // 2 + 20, 0)  # the landmark is near the right edge
    QApplication.processEvents()
    for _ in range(12):
        view.pan_by(25, 0)
        QApplication.processEvents()
    scrolled = on_screen()
    view.viewport().update()
    assert scrolled == on_screen()
    view.fit()


def test_a_long_line_of_state_covers_no_other_badge(window: MainWindow) -> None:
    panel, badges = window.frame_panel, window.frame_panel.badges
    panel.show_notice("what is to be done with this " * 12)
    assert not badges.state.geometry().intersects(badges.zoom.geometry())
    assert window.view.rect().contains(badges.state.geometry())
    panel.show_notice("short")
    assert badges.state.geometry().bottom() == badges.zoom.geometry().bottom()
    panel.show_notice("")
