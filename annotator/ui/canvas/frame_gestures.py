"""What the mouse does in the frame view: pan, drag points, select by a box, place a missing point.

A gesture lives from press to release. It previews on the view alone and reports once, at the end, through the view's
signals; `cancel` leaves everything as it was. What it holds is known in frame pixels, so that it stays under the pointer
when the view is zoomed or scrolled meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, Qt, SignalInstance
from PySide6.QtWidgets import QRubberBand, QWidget

from annotator.ui.canvas.compare_item import CompareItem
from annotator.ui.canvas.handles.soft_item import SoftItem
from annotator.ui.canvas.handles.transform_item import TransformItem
from annotator.ui.canvas.overlay.item import OverlayItem

_LEAST_BOX = 8.0  # frame pixels
DRAG_THRESHOLD = 2.0  # logical pixels that the pointer must move before a click becomes a drag


class GestureView(Protocol):
    """What a gesture needs of the view that it happens in."""

    overlay: OverlayItem
    compare: CompareItem
    select_requested: SignalInstance  # landmark indices; "set", "add" or "toggle"
    soft: SoftItem
    transform_box: TransformItem
    points_dropped: (
        SignalInstance  # indices [K], float64 [K, 2] frame px, what the history calls it (empty: a move)
    )
    radius_dropped: SignalInstance  # reach of the soft selection, frame px
    box_dropped: SignalInstance  # number of the region, float64 [4] x0 y0 x1 y1 frame px

    @property
    def zoom(self) -> float:
        """Logical pixels a frame pixel."""

    def viewport(self) -> QWidget:
        """The widget that the mouse is over."""

    def frame_at(self, position: QPointF) -> QPointF:
        """Frame pixels of a viewport position."""

    def view_at(self, x: float, y: float) -> QPointF:
        """Viewport position of a frame point."""

    def pan_by(self, dx: int, dy: int) -> None:
        """Scrolls by logical pixels."""

    def restore_cursor(self) -> None:
        """The pointer's usual shape."""

    def begin_preview(self, indices: Sequence[int]) -> None:
        """Points start to follow the pointer."""

    def preview(self, indices: Sequence[int], xy: NDArray[np.float64]) -> None:
        """Shows points elsewhere."""

    def end_preview(self) -> None:
        """The points rest again."""


class ContextMenu(Protocol):
    """Something that opens a menu for a landmark (-1: for the frame) at a place on the screen."""

    def show(self, landmark: int, position: QPoint) -> None:
        """Opens it and waits for the choice."""


class Gesture(Protocol):
    """One press-to-release interaction."""

    def move(self, position: QPointF) -> None:
        """The pointer is at a viewport position."""

    def release(self, position: QPointF) -> None:
        """The button went up: report the result."""

    def cancel(self) -> None:
        """Undo the preview."""


class Pan:
    """The picture follows the pointer."""

    def __init__(self, view: GestureView, position: QPointF) -> None:
        self._view, self._last = view, position
        view.overlay.settle()
        view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, position: QPointF) -> None:
        """Scrolls by whole pixels and keeps the rest for the next event."""
        step = (position - self._last).toPoint()
        self._view.pan_by(-step.x(), -step.y())
        self._last += QPointF(step)

    def release(self, position: QPointF) -> None:
        """Ends where it is."""
        self._view.restore_cursor()

    def cancel(self) -> None:
        """Ends where it is."""
        self._view.restore_cursor()


class DragLine:
    """Moves the line between the two sides of a wipe."""

    def __init__(self, view: GestureView, position: QPointF) -> None:
        self._view, self._start = view, view.frame_at(position).x()

    def move(self, position: QPointF) -> None:
        """The line follows the pointer."""
        self._view.compare.set_line(self._view.frame_at(position).x())

    def release(self, position: QPointF) -> None:
        """It stays where it is."""

    def cancel(self) -> None:
        """Puts it back."""
        self._view.compare.set_line(self._start)


class DragPoints:
    """Moves landmarks with the pointer, each by its weight; a click without movement narrows the selection to one."""

    def __init__(
        self,
        view: GestureView,
        position: QPointF,
        indices: tuple[int, ...],
        hit: int,
        narrow_to: int | None,
        weights: NDArray[np.float64],
    ) -> None:
        self._view, self._start, self._narrow_to = view, position, narrow_to
        self._held_at = view.overlay.data_shown.xy[hit].astype(np.float64)
        # the hand is a little beside the point, by as much of the screen at every zoom
        self._beside = position - view.view_at(*self._held_at.tolist())
        self._indices, self._weights = indices, weights[:, None]
        self._origin = view.overlay.data_shown.xy[list(indices)].copy()
        self._moving = False

    def move(self, position: QPointF) -> None:
        """Previews the points at the pointer's offset."""
        if not self._moving:
            offset = position - self._start
            if np.hypot(offset.x(), offset.y()) < DRAG_THRESHOLD:
                return
            self._moving = True
            self._view.begin_preview(self._indices)
        by = _array(self._view.frame_at(position - self._beside)) - self._held_at
        self._view.preview(self._indices, self._origin + self._weights * by)

    def release(self, position: QPointF) -> None:
        """Reports the new places once."""
        if not self._moving:
            if self._narrow_to is not None:
                self._view.select_requested.emit((self._narrow_to,), "set")
            return
        moved = self._view.overlay.data_shown.xy[list(self._indices)].copy()
        self._view.end_preview()
        self._view.points_dropped.emit(self._indices, moved, "")

    def cancel(self) -> None:
        """Puts the points back."""
        if self._moving:
            self._view.preview(self._indices, self._origin)
            self._view.end_preview()


class DragBox:
    """Moves or resizes a region's box; the region's network then looks at it anew. A click on a side is one on nothing."""

    def __init__(self, view: GestureView, position: QPointF, number: int, sides: tuple[int, ...]) -> None:
        self._view, self.number, self._sides = view, number, list(sides)
        self._press, self._moving = position, False
        self._held_at = _array(view.frame_at(position))
        self._origin = view.overlay.data_shown.rois[number].copy()

    def move(self, position: QPointF) -> None:
        """Previews the box at the pointer's offset, never smaller than a few pixels."""
        way = position - self._press
        self._moving = self._moving or bool(np.hypot(way.x(), way.y()) >= DRAG_THRESHOLD)
        if not self._moving:
            return
        offset = _array(self._view.frame_at(position)) - self._held_at
        box = self._origin.copy()
        box[self._sides] += np.tile(offset, 2)[self._sides]
        if (box[2:] - box[:2] >= _LEAST_BOX).all():
            self._view.overlay.show_box(self.number, box)

    def release(self, position: QPointF) -> None:
        """Reports the new box once, if it changed."""
        box = self._view.overlay.data_shown.rois[self.number].copy()
        if not np.array_equal(box, self._origin):
            self._view.box_dropped.emit(self.number, box)
        elif not self._moving and len(self._sides) == 1:
            self._view.select_requested.emit((), "set")

    def cancel(self) -> None:
        """Puts the box back."""
        self._view.overlay.show_box(self.number, self._origin)


class BoxSelect:
    """Selects what a rubber band encloses; a click on nothing clears the selection."""

    def __init__(self, view: GestureView, position: QPointF, mode: str) -> None:
        self._view, self._start, self._mode = view, view.frame_at(position), mode
        self._band = QRubberBand(QRubberBand.Shape.Rectangle, view.viewport())

    def move(self, position: QPointF) -> None:
        """Stretches the band."""
        self._band.setGeometry(self._box(position))
        self._band.show()

    def release(self, position: QPointF) -> None:
        """Reports the landmarks inside."""
        box = self._box(position)
        self.cancel()
        found: tuple[int, ...] = ()
        if max(box.width(), box.height()) > DRAG_THRESHOLD:
            first = self._view.frame_at(QPointF(box.topLeft()))
            last = self._view.frame_at(QPointF(box.bottomRight() + QPoint(1, 1)))
            found = self._view.overlay.inside(QRectF(first, last))
        if found or self._mode == "set":
            self._view.select_requested.emit(found, self._mode)

    def cancel(self) -> None:
        """Takes the band away."""
        self._band.hide()
        self._band.deleteLater()

    def _box(self, position: QPointF) -> QRect:
        """The band in view pixels: from where the press lies now to the pointer."""
        start = self._view.view_at(self._start.x(), self._start.y())
        return QRect(start.toPoint(), position.toPoint()).normalized()


def _array(point: QPointF) -> NDArray[np.float64]:
    return np.array([point.x(), point.y()])
