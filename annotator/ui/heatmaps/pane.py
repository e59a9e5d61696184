"""One heatmap pane: the network's own input with its latent heatmap on it, zoomable, with the linked cross-hair.

Coordinates inside are the crop's pixels; the affine that came with the proposal leads to the frame and back.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QEnterEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTransform,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from annotator.domain.coords import apply_affine, compose, invert_affine
from annotator.ui.common.display import DisplaySettings, to_qimage
from annotator.ui.common.view_options import HeatScale, Options
from annotator.ui.heatmaps.crop_place import CropPlace, FramePlace
from annotator.ui.heatmaps.heat_maths import HeatStack, subdued
from annotator.ui.heatmaps.pane_layers import Layer, PaneLayers
from annotator.ui.heatmaps.pane_painter import PaneContent, paint_pointer

_HIT = 9.0


class HeatmapPane(QWidget):
    """Shows one network's view. Signals carry frame pixels and landmark indices; nothing is written back."""

    selected = Signal(int, bool)  # landmark, True: add to the selection
    hovered = Signal(int)
    cursor_moved = Signal(float, float)  # frame px
    cursor_left = Signal()
    entered = Signal()  # the pointer came
    contrast_turned = Signal(int)  # notches of the wheel with Alt
    enlarge_wanted = Signal()
    place_wanted = Signal(
        float, float, float
    )  # while it follows the frame: its middle in frame px, and the frame's zoom

    def __init__(self, title: str, tint: str, parent: QWidget | None = None, name: str = "") -> None:
        super().__init__(parent)
        self.name, self.title = name, title  # the name is "global", or the region's
        self.setAccessibleName(f"Heatmap: {title}")
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # the panels below need not be painted
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.content = PaneContent(title=title, tint=tint)
        self._stack: HeatStack | None = None
        self.about: NDArray[np.float64] | None = None
        self._place = CropPlace()
        self._pan_from: QPointF | None = None
        self._layers = PaneLayers()
        self._heat_key: Hashable = None
        self._points_key: Hashable = None

    def sizeHint(self) -> QSize:
        """A comfortable size."""
        return QSize(190, 190)

    # ---- what is shown
    def set_stack(
        self, stack: HeatStack | None, empty_text: str = "", about: NDArray[np.float64] | None = None
    ) -> None:
        """The heatmaps to show, or none with a line that says why.

        Args: `about`: the places [N, 2] in frame pixels that it shows large where it is fitted; None: the whole crop.
        """
        self._stack, self.about = stack, about
        self._heat_key = self._points_key = None
        self.content.empty_text = empty_text
        self.content.base = self.content.heat = None
        self._place.set_crop(None, QSize())
        if stack is not None:
            heatmap = stack.heatmap
            self.content.base = to_qimage(subdued(heatmap.crop), DisplaySettings())
            self._place.set_crop(heatmap.frame_from_crop, self.content.base.size(), about)
            crop_from_frame = invert_affine(heatmap.frame_from_crop)
            (a, b, tx), (c, d, ty) = compose(crop_from_frame, heatmap.frame_from_heatmap).tolist()
            self.content.crop_from_heat = QTransform(a, c, b, d, tx, ty)
            self._place.settle(self.size())
        self._changed()

    def set_title(self, text: str) -> None:
        """Says something else in the corner than the region's title."""
        if text != self.content.title:
            self.content.title = text
            self._changed(Layer.MARKS)

    def set_heat(self, options: Options, selected: Collection[int]) -> None:
        """Which landmarks' heat is shown, and how; nothing is painted where this pane looks as before."""
        before, self.content.options = self.content.options, options
        heat = options.heat_of(self.name)
        here = () if self._stack is None else tuple(i for i in sorted(selected) if self._stack.has(i))
        key = (heat, options.points, options.rois, options.nearest, here)
        if key == self._heat_key:
            return
        self._heat_key = key
        self.content.heat = None if self._stack is None else self._stack.image(heat, selected)
        values = None if self._stack is None else self._stack.heat(heat, selected)
        self.content.heat_values = values if heat.contours else None
        self.content.active = bool(here)
        self.content.note = ""
        if self._stack is not None:
            bits = self._stack.entropy(here[0]) if len(here) == 1 else math.nan
            measured = heat.scale is HeatScale.ENTROPY and math.isfinite(bits)
            self.content.note = f"{bits:.1f} bits" if measured else f"{len(self._stack.heatmap.indices)} pts"
        if before.nearest != options.nearest:
            self._changed()
        else:
            self._changed(
                Layer.HEAT if (before.points, before.rois) == (options.points, options.rois) else Layer.MARKS
            )

    def set_points(
        self, xy: NDArray[np.float64], state: NDArray[np.uint8], selected: Collection[int]
    ) -> None:
        """The landmarks [L, 2] in frame pixels; those that this network places are marked."""
        if self._stack is None or self._place.crop_from_frame is None:
            self.content.points, self.content.indices = np.empty((0, 2)), []
            return
        indices = self._stack.heatmap.indices.tolist()
        here = frozenset(i for i in selected if self._stack.has(i))
        key = (xy[indices].tobytes(), state[indices].tobytes())
        if key == self._points_key and here == self.content.selected:
            return
        least = Layer.HEAT if key == self._points_key else Layer.MARKS
        self._points_key = key
        self.content.indices = indices
        self.content.points = apply_affine(self._place.crop_from_frame, xy[indices])
        self.content.states = state[indices]
        self.content.selected = here
        self._changed(least)

    def set_boxes(self, boxes: NDArray[np.float64], tints: list[str]) -> None:
        """Region boxes [R, 4] in frame pixels to draw on the global pane."""
        if self._place.crop_from_frame is None:
            return
        corners = apply_affine(self._place.crop_from_frame, boxes.reshape(-1, 2, 2)).reshape(-1, 4)
        if not np.array_equal(corners, self.content.boxes, equal_nan=True):
            self.content.boxes, self.content.box_tints = corners, tints
            self._changed(Layer.MARKS)

    def set_cursor(self, x: float, y: float) -> None:
        """The linked pointer in frame pixels; NaN hides it."""
        before, self.content.cursor = self.content.cursor, None
        if self._place.crop_from_frame is not None and math.isfinite(x):
            at = apply_affine(self._place.crop_from_frame, np.array([x, y]))
            self.content.cursor = QPointF(float(at[0]), float(at[1]))
        if self.content.options.crosshair and before != self.content.cursor:
            self._update_hairs(before)
            self._update_hairs(self.content.cursor)

    def set_hover(self, landmark: int) -> None:
        """The landmark under the pointer in any view, -1 for none."""
        if landmark != self.content.hover:
            self.content.hover = landmark
            self.update()

    def _update_hairs(self, cursor: QPointF | None) -> None:
        """Has the two strips painted again where the hairs of a pointer (crop pixels) are, if they are seen."""
        at = self.transform().map(cursor) if cursor is not None else None
        if at is not None and self.rect().contains(at.toPoint()):
            self.update(0, round(at.y()) - 2, self.width(), 4)
            self.update(round(at.x()) - 2, 0, 4, self.height())

    # ---- geometry
    @property
    def zoom(self) -> float:
        """Logical pixels a crop pixel."""
        return self._place.zoom

    def transform(self) -> QTransform:
        """From crop pixels to widget pixels."""
        return self._place.transform()

    def widget_at(self, x: float, y: float) -> QPointF:
        """Widget position of a point in frame pixels; raises ValueError while the pane is empty."""
        return self._place.widget_at(x, y)

    def fit(self) -> None:
        """Shows what it is about as large as it can."""
        self._place.fit(self.size())
        self._changed()

    def follow(self, place: FramePlace | None) -> None:
        """Shows what the frame view shows; None: follows it no more, and what is shown stays."""
        self._place.followed = place
        if place is not None:
            self._place.follow(place, self.size())
            self._changed()

    def _moved_by_hand(self) -> None:
        """Zoomed or panned here: the frame comes along where this pane follows it."""
        self._changed()
        place = self._place.shown(self.size())
        if self._place.followed is not None and place is not None:
            self.place_wanted.emit(*place)

    def _hit(self, position: QPointF) -> int:
        points = self.content.points
        if not len(points):
            return -1
        at = self._place.crop_at(position)
        distance = np.hypot(*(points - (at.x(), at.y())).T) * self.zoom
        distance[~np.isfinite(distance)] = np.inf
        nearest = int(distance.argmin())
        return self.content.indices[nearest] if distance[nearest] <= _HIT else -1

    # ---- events
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the cross-hair over everything else, which is kept as a picture until it changes."""
        kept = self._layers.joined(self.size(), self.devicePixelRatioF(), self.content, self.transform())
        painter = QPainter(self)
        painter.drawPixmap(0, 0, kept)
        paint_pointer(painter, QRectF(self.rect()), self.content, self.transform())
        painter.end()

    def _changed(self, least: Layer = Layer.PICTURE) -> None:
        """Has the layers painted again from the lowest one that changed."""
        self._layers.forget(least)
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keeps a fitted pane fitted, and one that follows the frame with it."""
        self._place.settle(self.size())
        self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zooms at the pointer; with Alt, more or less contrast."""
        units = event.angleDelta().y() or event.angleDelta().x()
        if units and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.contrast_turned.emit(1 if units > 0 else -1)
        elif units and self.content.base is not None:
            self._place.zoom_at(event.position(), units, self.size())
            self._moved_by_hand()
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Selects a landmark, or starts to pan where there is none."""
        hit = self._hit(event.position()) if event.button() == Qt.MouseButton.LeftButton else -1
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if hit >= 0 and not alt:
            keys = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier
            self.selected.emit(hit, bool(event.modifiers() & keys))
        else:
            self._pan_from = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pans, or tells where the pointer is."""
        if not event.buttons():
            self.end_pan()  # the button went up where nobody saw it
        if self._pan_from is not None:
            self._place.pan(event.position() - self._pan_from)
            self._pan_from = event.position()
            self._moved_by_hand()
            return
        place = self._place.frame_at(event.position())
        if place is not None:
            self.hovered.emit(self._hit(event.position()))
            self.cursor_moved.emit(*place)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends a pan."""
        self.end_pan()

    def end_pan(self) -> None:
        """Ends a pan where it is; held on, the button does nothing more."""
        self._pan_from = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """All the room for this pane, or back."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.enlarge_wanted.emit()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Keys are about this pane now."""
        self.entered.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer left."""
        self.hovered.emit(-1)
        self.cursor_left.emit()
