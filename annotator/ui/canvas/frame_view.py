"""The frame view: one tiled picture and its landmarks, with pan, zoom at the pointer, selection and dragging.

It knows no session: `show_*` methods set what is seen, signals say what the artist asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from annotator.ui.canvas.compare_item import CompareItem
from annotator.ui.canvas.frame_gestures import ContextMenu, DragBox, Gesture, Pan
from annotator.ui.canvas.handles.soft_item import SoftItem
from annotator.ui.canvas.handles.transform_item import TransformItem
from annotator.ui.canvas.overlay.data import OverlayData
from annotator.ui.canvas.overlay.item import OverlayItem
from annotator.ui.canvas.presses import HIT_RADIUS, Presses
from annotator.ui.canvas.suggestion_item import SuggestionItem
from annotator.ui.canvas.tiled_item import TiledItem
from annotator.ui.common.stylus import StylusPan
from annotator.ui.common.view_options import Options
from annotator.ui.common.zoom_view import ZoomView

_LEFT = Qt.MouseButton.LeftButton


class FrameView(ZoomView):
    """Scene units are frame pixels; zoom 1 shows a frame pixel as one logical pixel."""

    select_requested = Signal(tuple, str)  # landmark indices; "set", "add" or "toggle"
    gesture_started = Signal()  # before anything is previewed: remember whose frame this is
    gesture_cancelled = Signal()
    drag_started = Signal()
    points_held = Signal(
        tuple, object
    )  # indices [K], float64 [K, 2], at each move of a drag; none: they rest again
    points_dropped = Signal(tuple, object, str)  # indices, float64 [K, 2] frame px, a label (empty: a move)
    radius_dropped = Signal(float)  # of the soft selection, frame px
    place_requested = Signal(float, float)
    box_dropped = Signal(int, object)  # number of the region, float64 [4] x0 y0 x1 y1 frame px
    hovered = Signal(int)
    cursor_moved = Signal(float, float)
    cursor_left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Frame view")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.tiles, self.overlay = TiledItem(), OverlayItem()
        self.scene().addItem(self.tiles)
        self.scene().addItem(self.overlay)
        self.suggestions, self.soft, self.transform_box = (
            SuggestionItem(),
            SoftItem(self.overlay),
            TransformItem(),
        )
        for item in (self.suggestions, self.soft, self.transform_box):
            self.add_mark(item)
        self.is_radius_held: Callable[[], bool] = lambda: (
            False
        )  # the key that changes the soft radius is down
        self.compare = CompareItem(self.scene())
        self._gesture: Gesture | None = None
        self._gesture_at = QPointF()  # where the pointer is in it, in view pixels
        self._button = Qt.MouseButton.NoButton  # the one that the gesture ends with
        self._pressed = 0  # the key that went down here last
        self.key_repeats = False  # whether the last key stroke here is a repetition of a held key
        self._space = False
        self._placing = False
        self._busy_with_points = False
        self.menu: ContextMenu | None = None  # what the right button opens
        self._pointer_inside = False
        self.last_pointer: QPointF | None = None  # where it was last seen, in view pixels
        self._presses = Presses(self, lambda: self.is_radius_held())
        self._stylus = StylusPan(self, self)
        self.zoom_changed.connect(lambda _zoom: self._follow_pointer())
        self.place_changed.connect(lambda *_place: self._look_again())

    # ---- what is shown
    def show_image(self, levels: Sequence[NDArray[Any]], width: int, height: int) -> None:
        """Shows a frame's pyramid or preview; the view is kept between frames of one size, else fitted."""
        self.tiles.set_levels(levels, width, height)
        if (width, height) != self._size:
            self.set_size(width, height)
            self.overlay.set_bounds(self.sceneRect())
            for item in (self.suggestions, self.soft, self.transform_box):
                item.set_bounds(self.sceneRect())
            self.compare.set_bounds(self.sceneRect(), width)

    def show_points(self, data: OverlayData) -> None:
        """Shows these landmarks."""
        self.overlay.show_data(data, self.zoom)
        self.soft.follow()
        self._look_again()

    def set_options(self, options: Options) -> None:
        """Applies toggles and display settings."""
        self.overlay.set_options(options)
        self.tiles.set_display(options.display)
        self.tiles.set_nearest(options.nearest)
        self.compare.set_options(options)
        self.soft.take(options.soft, options.soft_radius)

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
        """True while points or a box follow the pointer: they must not be put elsewhere now."""
        return self._busy_with_points or isinstance(self._gesture, DragBox)

    def keep_held(self, data: OverlayData) -> None:
        """Puts what follows the pointer into data that will be shown, where the hand has it."""
        self.overlay.keep_held(data, self._gesture.number if isinstance(self._gesture, DragBox) else -1)

    def begin_preview(self, indices: Sequence[int]) -> None:
        """Points start to follow the pointer."""
        self._busy_with_points = True
        self.overlay.hold(indices, self.zoom)
        self.drag_started.emit()

    def preview(self, indices: Sequence[int], xy: NDArray[np.float64]) -> None:
        """Shows points elsewhere without telling anyone."""
        self.overlay.move_points(indices, xy, self.zoom)
        self.soft.follow()
        self.points_held.emit(tuple(indices), xy)

    def end_preview(self) -> None:
        """The points rest again."""
        self._busy_with_points = False
        self.overlay.hold((), self.zoom)
        self.points_held.emit((), np.empty((0, 2)))

    def cancel_gesture(self) -> bool:
        """Gives up what the mouse is doing, as if it had not begun; False if it does nothing."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.cancel()
            self.gesture_cancelled.emit()
        return gesture is not None

    def finish_gesture(self) -> None:
        """Ends what the mouse is doing as if the button went up where the pointer is; held on, it does nothing more."""
        gesture, self._gesture = self._gesture, None
        if gesture is not None:
            gesture.release(self._gesture_at)

    def _begin(self, gesture: Gesture, position: QPointF, button: Qt.MouseButton) -> None:
        self._gesture, self._gesture_at, self._button = gesture, position, button
        self.gesture_started.emit()

    def _follow_pointer(self) -> None:
        """What is held stays under the pointer when the picture moves below it."""
        if self._gesture is not None and not isinstance(self._gesture, Pan):
            self._gesture.move(self._gesture_at)

    @property
    def pointer_inside(self) -> QPointF | None:
        """Where the pointer is in the view, in its pixels; None while it is elsewhere."""
        return self.last_pointer if self._pointer_inside else None

    def _look_again(self) -> None:
        """Something else lies under a pointer that rests: says so, as if it had moved."""
        at = self.pointer_inside
        if at is None or not self._size[0]:
            return
        place = self.frame_at(at)
        if self._gesture is None:
            self.hovered.emit(self.overlay.hit(place.x(), place.y(), HIT_RADIUS / self.zoom))
        self.cursor_moved.emit(place.x(), place.y())

    def restore_cursor(self) -> None:
        """The pointer's shape for what a click would do now."""
        plain = Qt.CursorShape.CrossCursor if self._placing else Qt.CursorShape.ArrowCursor
        shape = Qt.CursorShape.OpenHandCursor if self._space else plain
        self.viewport().setCursor(shape)

    def _show_grip(self, position: QPointF, hit: int) -> None:
        """The pointer tells what a press would take hold of."""
        shape = None if self._space or self._placing else self._presses.cursor(position, hit)
        if shape is None:
            self.restore_cursor()
        else:
            self.viewport().setCursor(shape)

    # ---- events
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Opens the menu for the landmark under the pointer, or for the frame."""
        if self.menu is not None and self._gesture is None:
            place = self.frame_at(event.pos().toPointF())
            hit = self.overlay.hit(place.x(), place.y(), HIT_RADIUS / self.zoom)
            self.menu.show(hit, event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Starts the gesture that fits button, keys and place."""
        if self._gesture is not None or not self._size[0]:
            return
        position, button = event.position(), event.button()
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        left = button == _LEFT
        if button == Qt.MouseButton.MiddleButton or (left and (alt or self._space)):
            self._begin(Pan(self, position), position, button)
        elif left:
            self._press_left(position, event.modifiers())

    def _press_left(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        place = self.frame_at(position)
        on_line = self.compare.is_on_line(place.x(), self.zoom)
        if not on_line and self.compare.covers(place.x()):
            return  # what lies below it is not seen
        if not on_line and self._placing:
            self.place_requested.emit(place.x(), place.y())
            return
        gesture = self._presses.begin(position, modifiers)
        if gesture is not None:
            self._begin(gesture, position, _LEFT)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Feeds the gesture; without one, says what lies under the pointer."""
        position = event.position()
        self._pointer_inside, self.last_pointer = True, position
        self.forget_wheel_anchor()
        place = self.frame_at(position)
        if self._gesture is not None and not event.buttons() & self._button:
            self.finish_gesture()  # the button went up where nobody saw it
        if self._gesture is not None:
            self._gesture_at = position
            self._gesture.move(position)
            if isinstance(self._gesture, Pan):
                return  # it told what lies under the pointer by now
        else:
            hit = self.overlay.hit(place.x(), place.y(), HIT_RADIUS / self.zoom)
            self._show_grip(position, hit)
            self.hovered.emit(hit)
        self.cursor_moved.emit(place.x(), place.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends the gesture, if it is its button that went up."""
        if self._gesture is not None and event.button() == self._button:
            self._gesture_at = event.position()
            self.finish_gesture()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A quick second press is a press."""
        self.mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms at the pointer."""
        self.overlay.hurry()
        super().wheelEvent(event)

    def event(self, event: QEvent) -> bool:
        """Notes whether a key is held, before its command runs; one that went down elsewhere does nothing here."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            self.key_repeats = event.isAutoRepeat()
            if self.key_repeats and event.key() != self._pressed:
                event.accept()
                return True
            self._pressed = event.key()
        return super().event(event)

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
        """A key or button that goes up elsewhere is not seen here."""
        self._release_space()
        self.finish_gesture()
        super().focusOutEvent(event)

    def _release_space(self) -> None:
        self._space = False
        self.restore_cursor()

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page: what was held stays where it is."""
        self._pressed = 0
        self.finish_gesture()
        super().hideEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer left: nothing is hovered."""
        self._pointer_inside = False
        self.hovered.emit(-1)
        self.cursor_left.emit()
        super().leaveEvent(event)
