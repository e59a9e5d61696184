"""Hands for the tests: a mouse, a wheel, keys; and the picture that every test frame shows."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from annotator.session.session import Session
from annotator.ui.shell.main_window import MainWindow

WIDTH, HEIGHT = 800, 640


def picture() -> NDArray[np.uint8]:
    """uint8 HxWx3: red grows to the right, green downwards, blue is 128."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    blue = np.full_like(rows, 128)
    return np.stack([columns * 255 // WIDTH, rows * 255 // HEIGHT, blue], 2).astype(np.uint8)


def has_pixels(session: Session) -> bool:
    loaded = session.frames.image(session.frames.current_id)
    return loaded is not None and not loaded.is_preview


def drag(
    widget: QWidget,
    start: QPoint,
    end: QPoint,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    release: bool = True,
) -> None:
    """Presses, moves in four steps and releases, as a hand does."""
    QTest.mousePress(widget, button, keys, start)
    for step in (0.25, 0.5, 0.75, 1.0):
        QTest.mouseMove(widget, start + (end - start) * step)
    if release:
        QTest.mouseRelease(widget, button, keys, end)


def wheel(widget: QWidget, at: QPointF, notches: int) -> None:
    """Turns the wheel over a place of a widget."""
    event = QWheelEvent(
        at,
        widget.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def key(widget: QWidget, code: Qt.Key, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """A key stroke, shortcuts included."""
    QTest.keyClick(widget, code, keys)


def point_of(window: MainWindow, landmark: int) -> QPoint:
    """Where a landmark is seen in the frame view."""
    x, y = window.view.overlay.data_shown.xy[landmark].tolist()
    return window.view.view_at(x, y).toPoint()


def title_of(window: MainWindow, region: int) -> QPoint:
    """Where the title of a region's box is seen in the frame view."""
    view = window.view
    titles = view.overlay.titles(view.viewportTransform(), QRectF(view.viewport().rect()))
    return next(title.place.center().toPoint() for title in titles if title.region == region)


def grab(window: MainWindow) -> NDArray[np.uint8]:
    """uint8 [h, w, 3]: what the frame view shows."""
    image = window.view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()
