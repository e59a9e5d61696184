"""One graphics item that paints all landmarks of a frame and finds them under the pointer.

It draws in device pixels, so marks keep their size at every zoom, and repaints only what a drag changes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QTimer
from PySide6.QtGui import QPainter, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget
from shiboken6 import isValid

from annotator.domain.scheme import LandmarkScheme
from annotator.ui.canvas.overlay.boxes import Title, grip_at
from annotator.ui.canvas.overlay.data import OverlayData
from annotator.ui.canvas.overlay.painter import OverlayPainter
from annotator.ui.canvas.overlay.shapes import neighbours
from annotator.ui.common.view_options import Labels, Options

_DIRTY = 28.0  # logical pixels round a moved mark that must be painted again
_LABEL_REACH = (380.0, 110.0)  # and round one whose label comes or goes

_REST_MS = 120  # after the last turn of the wheel
_MANY_RECTANGLES = 24  # more than these cost more than all at once


class OverlayItem(QGraphicsItem):
    """Landmarks, curves, ellipses, region boxes and labels over the frame."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(10)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption, True)
        self.data_shown = OverlayData()
        self._options = Options()
        self._bounds = QRectF()
        self._near: list[tuple[int, ...]] = []
        self._painter = OverlayPainter()
        self._changed: QRectF | None = (
            None  # where shapes differ from the last paint: None anywhere, empty nowhere
        )
        self._rest = QTimer()
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._rested)

    def hurry(self) -> None:
        """The wheel is turning: every step draws all shapes anew, so that to keep a picture of them waits until it rests."""
        self._rest.start()

    def settle(self) -> None:
        """The wheel rests for certain, as the hand does something else: the next paint keeps its picture."""
        self._rest.stop()

    def _rested(self) -> None:
        if isValid(self):  # the scene may be gone before the moment is over
            self.update()

    def _change_all(self) -> None:
        self._changed = None
        self.update()

    def set_bounds(self, bounds: QRectF) -> None:
        """Where points may lie: the frame and a margin round it."""
        self.prepareGeometryChange()
        self._bounds = bounds

    def set_scheme(self, scheme: LandmarkScheme | None) -> None:
        """The scheme whose curves, colours and names are drawn; forgets the points."""
        self.data_shown = OverlayData(scheme=scheme)
        self._near = neighbours(scheme.curves, scheme.size) if scheme else []
        self._change_all()

    def show_data(self, data: OverlayData, scale: float) -> None:
        """Shows other data; where only the selection differs, asks for no more than its surroundings to be painted.

        Args:
            scale: view pixels a frame pixel.
        """
        before, self.data_shown = self.data_shown, data
        plain = not (self._options.ellipses or data.heat or before.heat or self._options.labels is Labels.ALL)
        touched = before.selected | data.selected  # a label that comes may push another one aside
        if not plain or len(touched) > _MANY_RECTANGLES or not _same_but_selection(before, data):
            self._change_all()
            return
        for index in touched:
            self._update_label(index, scale)

    @property
    def shows_curves(self) -> bool:
        """Whether curves and landmarks are drawn, so that they can be taken hold of."""
        return self._options.curves and self._options.points

    def set_options(self, options: Options) -> None:
        """What is drawn."""
        self._options = options
        self._change_all()

    def move_points(self, indices: Sequence[int], xy: NDArray[np.float64], scale: float) -> None:
        """Shows points elsewhere (a drag's preview) and asks for only the touched rectangles to be painted again.

        Args:
            xy: float64 [K, 2] frame pixels. scale: view pixels a frame pixel.
        """
        self._update_round(indices, scale)
        self.data_shown.xy[list(indices)] = xy
        self._update_round(indices, scale)

    def hold(self, indices: Sequence[int], scale: float) -> None:
        """The landmarks that follow the pointer from now on, none: only what meets their curves is painted again."""
        data = self.data_shown
        touched = set(indices) | data.dragged
        data.dragged = frozenset(indices)
        curves = data.scheme.curves if data.scheme is not None else ()
        joined = [i for curve in curves if not touched.isdisjoint(curve.indices) for i in curve.indices]
        points = data.xy[sorted(touched | set(joined))]
        points = points[np.isfinite(points).all(-1)]
        proposed = self._options.moved or self._options.ellipses  # these reach farther than curves do
        if proposed or self._options.labels is not Labels.SELECTED or not len(points):
            self._change_all()
            return
        low, high = points.min(0), points.max(0)
        margin = (
            0.1 * (high - low) + np.array(_LABEL_REACH) / scale
        )  # a smooth curve leaves its landmarks' box a little
        area = QRectF(QPointF(*(low - margin)), QPointF(*(high + margin)))
        self._changed = None if self._changed is None else self._changed.united(area)
        self.update(area)

    def keep_held(self, data: OverlayData, box: int) -> None:
        """Puts what follows the pointer, the landmarks and a region's box (-1: none), into data where the hand has it."""
        shown = self.data_shown
        data.dragged, held = shown.dragged, sorted(shown.dragged)
        data.xy[held] = shown.xy[held]
        if 0 <= box < min(len(data.rois), len(shown.rois)):
            data.rois[box] = shown.rois[box]

    def set_hover(self, landmark: int, scale: float) -> None:
        """The landmark under the pointer, -1 for none: its mark and label are painted again, and those of the last one."""
        for index in {self.data_shown.hover, landmark} - {-1}:
            self._update_label(index, scale)
        self.data_shown.hover = landmark

    def _update_label(self, index: int, scale: float) -> None:
        """Has a landmark's mark and label painted again."""
        if index < len(self.data_shown.xy) and np.isfinite(self.data_shown.xy[index]).all():
            x, y = self.data_shown.xy[index].tolist()
            wide, high = _LABEL_REACH[0] / scale, _LABEL_REACH[1] / scale
            self.update(QRectF(x - wide, y - high, 2 * wide, 2 * high))

    def _update_round(self, indices: Sequence[int], scale: float) -> None:
        if not len(indices):
            return
        group = sorted({other for index in indices for other in self._near[index]})
        points = self.data_shown.xy[group]
        points = points[np.isfinite(points).all(-1)]
        if not len(points):
            return
        (x0, y0), (x1, y1), margin = points.min(0), points.max(0), _DIRTY / scale
        self.update(QRectF(x0 - margin, y0 - margin, x1 - x0 + 2 * margin, y1 - y0 + 2 * margin))

    def hit(self, x: float, y: float, radius: float) -> int:
        """The landmark nearest to (x, y), all in frame pixels, within ``radius``; a selected one wins a tie; else -1."""
        near = self.hits(x, y, radius)
        return near[0] if near else -1

    def hits(self, x: float, y: float, radius: float) -> list[int]:
        """All landmarks within ``radius`` of (x, y), the nearest first; a selected one wins a tie."""
        xy = self.data_shown.xy
        if not len(xy) or not self._options.points:
            return []
        distance = np.hypot(*(xy - (x, y)).T)
        distance[list(self.data_shown.selected)] -= 0.05 * radius
        distance[~np.isfinite(distance)] = np.inf
        order = distance.argsort(kind="stable")
        return [int(index) for index in order[: int((distance <= radius).sum())]]

    def hit_box(
        self, at: QPointF, view_from_frame: QTransform, room: QRectF
    ) -> tuple[int, tuple[int, ...]] | None:
        """The region box whose title, corner or side is at a place of the view, and which of x0 y0 x1 y1 a drag there moves.

        Args:
            view_from_frame: a scale and a shift. room: what the view shows, in view pixels.
        """
        data = self.data_shown
        if not self._options.rois or data.scheme is None:
            return None
        shift = np.array([view_from_frame.dx(), view_from_frame.dy()])
        boxes = data.rois[: len(data.scheme.regions)] * view_from_frame.m11() + np.tile(shift, 2)
        return grip_at(boxes, self.titles(view_from_frame, room), at)

    def titles(self, view_from_frame: QTransform, room: QRectF) -> list[Title]:
        """The titles of region boxes as they are seen; arguments as of `hit_box`."""
        return self._painter.titles.find(self.data_shown, view_from_frame, room)

    def set_covered(self, places: Sequence[QRectF]) -> None:
        """What lies over the view, in its pixels: titles and labels keep out of its way."""
        if tuple(places) != self._painter.titles.taken:
            self._painter.titles.taken = tuple(places)
            self.update()

    def show_box(self, number: int, box: NDArray[np.float64]) -> None:
        """Shows a region's box elsewhere (a drag's preview)."""
        self.data_shown.rois[number] = box
        self._change_all()

    def inside(self, box: QRectF) -> tuple[int, ...]:
        """The landmarks within a box in frame pixels."""
        xy = self.data_shown.xy
        if not len(xy):
            return ()
        x, y = xy.T
        within = (x >= box.left()) & (x <= box.right()) & (y >= box.top()) & (y <= box.bottom())
        return tuple(int(i) for i in np.flatnonzero(within))

    def boundingRect(self) -> QRectF:
        """The frame with its margin."""
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws everything in device pixels."""
        if self.data_shown.scheme is None:
            return
        device_from_frame = painter.worldTransform()
        exposed = device_from_frame.mapRect(option.exposedRect).adjusted(-1, -1, 1, 1)
        visible = QRectF(widget.rect()) if widget is not None else exposed
        painter.save()
        painter.setWorldTransform(QTransform())
        hurried = self._rest.isActive()
        self._painter.paint(
            painter,
            self.data_shown,
            self._options,
            device_from_frame,
            visible,
            exposed,
            hurried,
            self._changed or None,
        )
        if not hurried:
            self._changed = QRectF()
        painter.restore()


def _same_but_selection(before: OverlayData, after: OverlayData) -> bool:
    """True if nothing but the selection differs between two sets of data."""
    arrays = ("xy", "state", "flags", "proposed_xy", "covariance", "confidence", "rois")
    return (
        before.scheme is after.scheme
        and (before.dragged, before.hover, before.cursor) == (after.dragged, after.hover, after.cursor)
        and all(np.array_equal(getattr(before, n), getattr(after, n), equal_nan=True) for n in arrays)
    )
