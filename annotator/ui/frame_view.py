"""The frame view: one tiled picture and its landmarks, with pan, zoom at the pointer, selection and dragging.

It knows no session: `show_*` methods set what is seen, signals say what the artist asked for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QCursor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QWidget

from annotator.ui.frame_gestures import BoxSelect, DragPoints, Gesture, Pan
from annotator.ui.overlay_item import OverlayData, OverlayItem
from annotator.ui.theme import colour
from annotator.ui.tiled_item import TiledItem
from annotator.ui.view_options import Options

MAX_ZOOM = 32.0
HIT_RADIUS = 10.0  # logical pixels
_NOTCH = 1.25  # zoom factor of one wheel notch (120 units)


class FrameView(QGraphicsView):
    """Scene units are frame pixels; zoom 1 shows a frame pixel as one logical pixel."""

    select_requested = Signal(tuple, str)  # landmark indices; "set", "add" or "toggle"
    drag_started = Signal()
    points_dropped = Signal(tuple, object)  # indices [K], float64 [K, 2] frame px
    place_requested = Signal(float, float)
    hovered = Signal(int)
    cursor_moved = Signal(float, float)
    cursor_left = Signal()
    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Frame view")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setResizeAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setOptimizationFlag(QGraphicsView.OptimizationFlag.DontAdjustForAntialiasing)
        self.setBackgroundBrush(colour("canvas"))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setScene(QGraphicsScene(self))
        self.tiles, self.overlay = TiledItem(), OverlayItem()
        self.scene().addItem(self.tiles)
        self.scene().addItem(self.overlay)
        self._size = (0, 0)
        self._fitted = True
        self._gesture: Gesture | None = None
        self._space = False
        self._placing = False
        self._busy_with_points = False
        self._pointer_inside = False
        self._wheel_anchor: tuple[QPointF, QPointF] | None = None  # viewport, frame

    # ---- what is shown
    def show_image(self, levels: Sequence[NDArray[Any]], width: int, height: int) -> None:
        """Shows a frame's pyramid or preview; the view is kept between frames of one size, else fitted."""
        changed = (width, height) != self._size
        self._size = (width, height)
        self.tiles.set_levels(levels, width, height)
        if changed:
            margin = max(width, height, 1)
            bounds = QRectF(0, 0, width, height).adjusted(-margin, -margin, margin, margin)
            self.scene().setSceneRect(bounds)
            self.overlay.set_bounds(bounds)
            self.fit()

    def show_points(self, data: OverlayData) -> None:
        """Shows these landmarks."""
        self.overlay.data_shown = data
        self.overlay.update()

    def set_options(self, options: Options) -> None:
        """Applies toggles and display settings."""
        self.overlay.set_options(options)
        self.tiles.set_display(options.display)

    @property
    def cursor_mark(self) -> QPointF | None:
        """Where the linked pointer of another view is drawn, in frame pixels."""
        return self.overlay.data_shown.cursor

    def set_cursor_mark(self, x: float, y: float) -> None:
        """The pointer of any view; drawn unless it is here, NaN hides it."""
        mark = None if self._pointer_inside or not math.isfinite(x) else QPointF(x, y)
        if mark != self.overlay.data_shown.cursor:
            self.overlay.data_shown.cursor = mark
            self.overlay.update()

    def set_placing(self, on: bool) -> None:
        """In placing mode a left click asks for a point to be put there."""
        self._placing = on
        self.restore_cursor()

    @property
    def is_dragging(self) -> bool:
        """True while points follow the pointer: what is shown must not be replaced now."""
        return self._busy_with_points

    def begin_preview(self, indices: Sequence[int]) -> None:
        """Points start to follow the pointer."""
        self._busy_with_points = True
        self.overlay.data_shown.dragged = frozenset(indices)
        self.overlay.update()
        self.drag_started.emit()

    def preview(self, indices: Sequence[int], xy: NDArray[np.float64]) -> None:
        """Shows points elsewhere without telling anyone."""
        self.overlay.move_points(indices, xy, self.zoom)

    def end_preview(self) -> None:
        """The points rest again."""
        self._busy_with_points = False
        self.overlay.data_shown.dragged = frozenset()
        self.overlay.update()

    def cancel_gesture(self) -> bool:
        """Gives up what the mouse is doing, as if it had not begun; False if it does nothing."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
        return gesture is not None

    # ---- pan and zoom
    @property
    def zoom(self) -> float:
        """Logical pixels a frame pixel."""
        return self.transform().m11()

    @property
    def fit_zoom(self) -> float:
        """The zoom that shows the whole frame."""
        width, height = self._size
        area = self.viewport().size()
        return max(min(area.width() / max(width, 1), area.height() / max(height, 1)), 1e-4)

    def fit(self) -> None:
        """Shows the whole frame, and keeps doing so when the view is resized."""
        self._fitted = True
        width, height = self._size
        self._look_at(QPointF(width / 2, height / 2), self.fit_zoom)

    def zoom_to(self, zoom: float, anchor: QPointF | None = None) -> None:
        """Sets the zoom, within fit..32; the frame point under ``anchor`` (viewport; None: the centre) stays there."""
        anchor = QPointF(self.viewport().rect().center()) if anchor is None else anchor
        self._zoom_round(zoom, anchor, self.frame_at(anchor))

    def _zoom_round(self, zoom: float, anchor: QPointF, kept: QPointF) -> None:
        self._fitted = False
        self._look_at(kept, min(max(zoom, min(self.fit_zoom, 1.0)), MAX_ZOOM), anchor)

    def show_box(self, box: QRectF, margin: float = 0.35) -> None:
        """Zooms so that a box in frame pixels fills the view, with a margin (share of its size) round it."""
        area = self.viewport().size()
        side_x, side_y = max(box.width(), 8) * (1 + 2 * margin), max(box.height(), 8) * (1 + 2 * margin)
        self._fitted = False
        self._look_at(box.center(), min(area.width() / side_x, area.height() / side_y, MAX_ZOOM))

    def _look_at(self, point: QPointF, zoom: float, anchor: QPointF | None = None) -> None:
        anchor = QPointF(self.viewport().rect().center()) if anchor is None else anchor
        self.setTransform(QTransform.fromScale(zoom, zoom))
        exact = self.viewportTransform().map(point)
        self.scroll_by(round(exact.x() - anchor.x()), round(exact.y() - anchor.y()))
        self.viewport().update()
        self.zoom_changed.emit(zoom)

    def scroll_by(self, dx: int, dy: int) -> None:
        """Moves the window over the frame by logical pixels."""
        if dx or dy:
            self._fitted = False if self._gesture else self._fitted
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() + dx)
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() + dy)

    def reveal(self, x: float, y: float) -> None:
        """Scrolls a frame point into view, to the middle, if it is outside or close to the edge."""
        inner = self.viewport().rect().adjusted(60, 60, -60, -60)
        if math.isfinite(x) and not inner.contains(self.view_at(x, y).toPoint()):
            self._fitted = False
            self._look_at(QPointF(x, y), self.zoom)

    def frame_at(self, position: QPointF) -> QPointF:
        """Frame pixels of a viewport position, exactly."""
        return self.viewportTransform().inverted()[0].map(position)

    def view_at(self, x: float, y: float) -> QPointF:
        """Viewport position of a frame point."""
        return self.viewportTransform().map(QPointF(x, y))

    def restore_cursor(self) -> None:
        """The pointer's shape for what a click would do now."""
        shape = Qt.CursorShape.ArrowCursor
        if self._space:
            shape = Qt.CursorShape.OpenHandCursor
        elif self._placing:
            shape = Qt.CursorShape.CrossCursor
        self.viewport().setCursor(QCursor(shape))

    # ---- events
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Starts the gesture that fits button, keys and place."""
        if self._gesture is not None or not self._size[0]:
            return
        position, button = event.position(), event.button()
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        left = button == Qt.MouseButton.LeftButton
        if button == Qt.MouseButton.MiddleButton or (left and (alt or self._space)):
            self._gesture = Pan(self, position)
        elif left:
            self._press_left(position, event.modifiers())

    def _press_left(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        place = self.frame_at(position)
        if self._placing:
            self.place_requested.emit(place.x(), place.y())
            return
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        toggle = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        hit = self.overlay.hit(place.x(), place.y(), HIT_RADIUS / self.zoom)
        if hit < 0:
            self._gesture = BoxSelect(self, position, "toggle" if toggle else "add" if shift else "set")
            return
        if toggle:
            self.select_requested.emit((hit,), "toggle")
            return
        if hit not in self.overlay.data_shown.selected:
            self.select_requested.emit((hit,), "add" if shift else "set")
        selected = self.overlay.data_shown.selected | {hit}
        xy = self.overlay.data_shown.xy
        held = tuple(i for i in sorted(selected) if np.isfinite(xy[i]).all())
        self._gesture = DragPoints(self, position, held, None if shift else hit)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Feeds the gesture; without one, says what lies under the pointer."""
        position = event.position()
        self._wheel_anchor, self._pointer_inside = None, True
        place = self.frame_at(position)
        if self._gesture is not None:
            self._gesture.move(position)
        else:
            self.hovered.emit(self.overlay.hit(place.x(), place.y(), HIT_RADIUS / self.zoom))
        self.cursor_moved.emit(place.x(), place.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends the gesture."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.release(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A quick second press is a press."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms at the pointer."""
        units = event.angleDelta().y() or event.angleDelta().x()
        if units and self._size[0]:
            # Scroll bars move by whole pixels: turning on over one place must not add up their roundings.
            if self._wheel_anchor is None or self._wheel_anchor[0] != event.position():
                self._wheel_anchor = (event.position(), self.frame_at(event.position()))
            self._zoom_round(self.zoom * math.pow(_NOTCH, units / 120), *self._wheel_anchor)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space pans while held; the rest belongs to the window's actions."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = True
            self.restore_cursor()
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space let go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._release_space()
        else:
            event.ignore()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key that goes up elsewhere is not seen here."""
        self._release_space()
        super().focusOutEvent(event)

    def _release_space(self) -> None:
        self._space = False
        self.restore_cursor()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer left: nothing is hovered."""
        self._pointer_inside = False
        self.hovered.emit(-1)
        self.cursor_left.emit()
        super().leaveEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps a fitted frame fitted."""
        super().resizeEvent(event)
        if self._fitted and self._size[0]:
            self.fit()
