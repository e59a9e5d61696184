"""What the mouse does to many landmarks as one: handles of a transform box, a curve between its points, the soft radius."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF

from annotator.domain.coords import Affine
from annotator.domain.shaping.curve_edits import Grip
from annotator.domain.shaping.transform import angle_between, carried, shift, stretch, turn
from annotator.domain.words import counted
from annotator.ui.canvas.frame_gestures import DRAG_THRESHOLD, GestureView
from annotator.ui.canvas.handles.transform_item import CORNERS, MOVE, SIDES, TURN

TRANSFORM = "Transform"
"""How the label of a transform box's edits begins."""
_LEAST_RADIUS = 2.0  # frame pixels


class DragHandle:
    """Moves, turns or scales landmarks by a handle of their box.

    A corner keeps the proportions, a side stretches one way; both leave the opposite side where it is, or the middle.
    """

    def __init__(
        self,
        view: GestureView,
        position: QPointF,
        handle: str,
        indices: tuple[int, ...],
        weights: NDArray[np.float64],
        round_middle: bool,
    ) -> None:
        self._view, self._handle, self._indices, self._weights = view, handle, indices, weights
        self._round_middle = round_middle
        self._press, self._start = position, _array(view.frame_at(position))
        self._place = view.transform_box.place
        self._axes = view.transform_box.axes
        self._origin = view.overlay.data_shown.xy[list(indices)].copy()
        self._moving = False

    def move(self, position: QPointF) -> None:
        """Previews landmarks and box."""
        if not self._moving:
            if _is_click(position - self._press):
                return
            self._moving = True
            self._view.begin_preview(self._indices)
        affine = self._affine(_array(self._view.frame_at(position)))
        self._view.transform_box.carry(self._place, affine)
        self._view.preview(self._indices, carried(self._origin, self._weights, affine))

    def release(self, position: QPointF) -> None:
        """Reports the new places once."""
        if self._moving:
            _drop(self._view, self._indices, f"{TRANSFORM} {counted(len(self._indices), 'landmark')}")

    def cancel(self) -> None:
        """Puts landmarks and box back."""
        if self._moving:
            self._view.transform_box.set_place(self._place)
            self._view.preview(self._indices, self._origin)
            self._view.end_preview()

    def _affine(self, now: NDArray[np.float64]) -> Affine:
        middle, half = self._place[0], self._place[1:]
        if self._handle == MOVE:
            return shift(now - self._start)
        if self._handle == TURN:
            return turn(middle, angle_between(middle, self._start, now))
        way = np.array({**SIDES, **CORNERS}[self._handle], np.float64)
        fixed = middle if self._round_middle else middle - way @ half
        reach = self._axes @ (self._start - fixed)
        share = (self._axes @ (now - fixed)) / np.where(np.abs(reach) < 1e-6, 1e-6, reach)
        if self._handle in CORNERS:  # along the diagonal, so that the corner stays near the hand
            both = float((now - fixed) @ (self._start - fixed)) / max(float(reach @ reach), 1e-9)
            share = np.array([both, both])
        return stretch(fixed, self._axes, np.where(way != 0, share, 1.0))


class DragCurve:
    """Pulls a curve between two of its landmarks; a click there does what a click on nothing does."""

    def __init__(self, view: GestureView, position: QPointF, grip: Grip) -> None:
        self._view, self._press, self._grip = view, position, grip
        self._start = _array(view.frame_at(position))
        self._indices = tuple(grip.indices.tolist())
        self._moving = False

    def move(self, position: QPointF) -> None:
        """Previews the landmarks that come along."""
        if not self._moving:
            if _is_click(position - self._press) or not self._indices:
                return
            self._moving = True
            self._view.begin_preview(self._indices)
        by = _array(self._view.frame_at(position)) - self._start
        self._view.preview(self._indices, self._grip.pulled(by))

    def release(self, position: QPointF) -> None:
        """Reports the new places once."""
        if self._moving:
            _drop(self._view, self._indices, f"Pull curve: {counted(len(self._indices), 'landmark')}")
        else:
            self._view.select_requested.emit((), "set")

    def cancel(self) -> None:
        """Puts the landmarks back."""
        if self._moving:
            self._view.preview(self._indices, self._grip.origin)
            self._view.end_preview()


class DragRadius:
    """Changes how far soft selection reaches: to the right is farther."""

    def __init__(self, view: GestureView, position: QPointF, radius: float) -> None:
        self._view, self._press, self._radius = view, position, radius
        self._before = view.soft.radius
        view.soft.centre = view.frame_at(position)
        view.soft.set_radius(radius)

    def move(self, position: QPointF) -> None:
        """Shows the new reach."""
        by = (position.x() - self._press.x()) / self._view.zoom
        self._view.soft.set_radius(max(self._radius + by, _LEAST_RADIUS))

    def release(self, position: QPointF) -> None:
        """Reports it once."""
        self._view.soft.centre = None
        self._view.radius_dropped.emit(self._view.soft.radius)

    def cancel(self) -> None:
        """The reach as it was."""
        self._view.soft.centre = None
        self._view.soft.set_radius(self._before)


def _drop(view: GestureView, indices: tuple[int, ...], label: str) -> None:
    moved = view.overlay.data_shown.xy[list(indices)].copy()
    view.end_preview()
    view.points_dropped.emit(indices, moved, label)


def _is_click(offset: QPointF) -> bool:
    return bool(np.hypot(offset.x(), offset.y()) < DRAG_THRESHOLD)


def _array(point: QPointF) -> NDArray[np.float64]:
    return np.array([point.x(), point.y()])
