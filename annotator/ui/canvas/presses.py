"""What the left button would take hold of at a place of the frame view, and the gesture that begins there."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QTransform

from annotator.domain.shaping.curve_edits import Grip, grip
from annotator.domain.shaping.transform import soft_weights
from annotator.ui.canvas.crowd_clicks import CrowdClicks, grip_shape
from annotator.ui.canvas.frame_gestures import (
    BoxSelect,
    DragBox,
    DragLine,
    DragPoints,
    Gesture,
    GestureView,
)
from annotator.ui.canvas.shape_gestures import DragCurve, DragHandle, DragRadius

HIT_RADIUS = 10.0  # logical pixels
_ON_CURVE = 4.0  # logical pixels from a curve at which it is taken hold of
_BOWED = 0.35  # of the way between two landmarks: no curve is farther from the straight line between them


class Presses:
    """Finds what lies under the pointer: a wipe's line, a handle, a landmark, a region's box, a curve, or nothing."""

    def __init__(self, view: GestureView, is_radius_held: Callable[[], bool]) -> None:
        """`is_radius_held`: whether the key of the soft radius is down."""
        self._view, self._is_radius_held = view, is_radius_held
        self._clicks = CrowdClicks()

    def begin(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> Gesture | None:
        """The gesture of a press at a view position; None where it is done with the press."""
        view, place = self._view, self._view.frame_at(position)
        if view.compare.is_on_line(place.x(), view.zoom):
            return DragLine(view, position)
        if self._is_radius_held():
            return DragRadius(view, position, view.soft.kept_radius)
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        toggle = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
        handle = "" if shift else self._handle(position)
        if handle:
            held = tuple(sorted(view.overlay.data_shown.selected))
            indices, weights = self._with_followers(held)
            return DragHandle(view, position, handle, indices, weights, round_middle=toggle)
        near = view.overlay.hits(place.x(), place.y(), HIT_RADIUS / view.zoom)
        hit, following = self._clicks.choose(near, position, view.overlay.data_shown.selected)
        if hit >= 0:
            return self._on_landmark(position, hit, None if shift else following, shift, toggle)
        box = self._box(position)
        if box is not None:
            return DragBox(view, position, *box)
        held_curve = None if shift or toggle else self._curve_at(place)
        if held_curve is not None:
            return DragCurve(view, position, held_curve)
        return BoxSelect(view, position, "toggle" if toggle else "add" if shift else "set")

    def cursor(self, position: QPointF, hit: int) -> Qt.CursorShape | None:
        """The pointer's shape over a view position without a press; `hit`: the landmark there or -1. None: the usual one."""
        place = self._view.frame_at(position)
        if self._view.compare.is_on_line(place.x(), self._view.zoom):
            return Qt.CursorShape.SplitHCursor
        handle = self._handle(position)
        if handle:
            return self._view.transform_box.cursor_for(handle)
        if hit >= 0:
            return None
        box = self._box(position)
        if box is not None:
            return grip_shape(box[1])
        return Qt.CursorShape.PointingHandCursor if self._curve_at(place) is not None else None

    def _on_landmark(
        self, position: QPointF, hit: int, following: int | None, shift: bool, toggle: bool
    ) -> Gesture | None:
        view = self._view
        if toggle:
            view.select_requested.emit((hit,), "toggle")
            return None
        if hit not in view.overlay.data_shown.selected:
            view.select_requested.emit((hit,), "add" if shift else "set")
        data = view.overlay.data_shown
        held = tuple(i for i in sorted(data.selected | {hit}) if np.isfinite(data.xy[i]).all())
        indices, weights = self._with_followers(held)
        return DragPoints(view, position, indices, hit, None if held == (following,) else following, weights)

    def _with_followers(self, held: tuple[int, ...]) -> tuple[tuple[int, ...], np.ndarray]:
        """The landmarks that a drag of some takes along, and by how much of it: 1 for those, less for the soft selection's."""
        xy = self._view.overlay.data_shown.xy
        weights = soft_weights(xy, np.array(held, np.int64), self._view.soft.radius)
        indices = np.flatnonzero(weights > 0)
        return tuple(indices.tolist()), weights[indices]

    def _handle(self, position: QPointF) -> str:
        return self._view.transform_box.hit(position, self._view_from_frame())

    def _box(self, position: QPointF) -> tuple[int, tuple[int, ...]] | None:
        room = QRectF(self._view.viewport().rect())
        return self._view.overlay.hit_box(position, self._view_from_frame(), room)

    def _view_from_frame(self) -> QTransform:
        scale, corner = self._view.zoom, self._view.view_at(0, 0)
        return QTransform(scale, 0, 0, scale, corner.x(), corner.y())

    def _curve_at(self, place: QPointF) -> Grip | None:
        """The curve under a place in frame pixels, taken hold of there."""
        data, overlay = self._view.overlay.data_shown, self._view.overlay
        if data.scheme is None or not len(data.xy) or not overlay.shows_curves:
            return None
        at, reach = np.array([place.x(), place.y()]), _ON_CURVE / self._view.zoom
        found = None
        for curve in data.scheme.curves:
            points = data.xy[list(curve.indices)]
            step = np.roll(points, -1, 0) - points
            square = np.maximum((step * step).sum(-1), 1e-12)
            share = np.clip(((at - points) * step).sum(-1) / square, 0, 1)
            away = np.hypot(*(points + share[:, None] * step - at).T) - _BOWED * np.sqrt(square)
            if not (away <= reach).any():  # NaN is not near
                continue
            taken = grip(data.scheme, curve, data.xy, at)
            if taken is not None and taken[1] <= reach and (found is None or taken[1] < found[1]):
                found = taken
        return found[0] if found is not None else None
