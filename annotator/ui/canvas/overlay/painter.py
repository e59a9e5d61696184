"""Paints an overlay's parts, back to front: heat, region boxes, curves, ellipses, moves from the proposal, marks, labels.

What rarely changes comes from a `CachedLayer`; what follows the pointer, marks and labels are drawn each time.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QTransform

from annotator.domain.scheme import LandmarkScheme
from annotator.ui.canvas.overlay.boxes import CORNER, Titles, paint_titles
from annotator.ui.canvas.overlay.curves import CurvePaths
from annotator.ui.canvas.overlay.data import OverlayData
from annotator.ui.canvas.overlay.layer import CachedLayer
from annotator.ui.canvas.overlay.marks import MANY, MarkCache, labelled, paint_labels
from annotator.ui.canvas.overlay.shapes import ellipses_path
from annotator.ui.common.theme import colour
from annotator.ui.common.view_options import Options

_FEW = 12  # more labels than these are kept as a picture


class OverlayPainter:
    """Draws an `OverlayData`; keeps pictures of its shapes and its many labels between two paints."""

    def __init__(self) -> None:
        self._shapes, self._labels, self._marks = CachedLayer(), CachedLayer(), MarkCache()
        self.titles = Titles()
        self._resting, self._moving = CurvePaths(touched=False), CurvePaths(touched=True)

    def paint(
        self,
        painter: QPainter,
        data: OverlayData,
        options: Options,
        device_from_frame: QTransform,
        visible: QRectF,
        exposed: QRectF,
        hurried: bool = False,
        changed: QRectF | None = None,
    ) -> None:
        """Draws the overlay.

        Args:
            painter: in view pixels. device_from_frame: a scale and a shift.
            visible, exposed: what the view shows, and what of it must be painted now, in view pixels.
            hurried: every paint has another scale, so no picture of the shapes is made to be kept.
            changed: where alone shapes differ from the last paint, in frame pixels; None: anywhere.
        """
        scheme = data.scheme
        if scheme is None:
            return
        scale = device_from_frame.m11()
        origin = QPointF(device_from_frame.dx(), device_from_frame.dy())
        shift = np.array([origin.x(), origin.y()])
        if options.frame_heat and data.heat is not None:
            _paint_heat(painter, data, options, device_from_frame)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        places = data.xy * scale + shift
        if hurried:
            self._paint_shapes(painter, data, options, device_from_frame)
        else:
            self._shapes.paint(
                painter,
                _shapes_key(data, options),
                scale,
                _reach(data, options, places, scale, shift),
                visible,
                origin,
                lambda brush: self._paint_shapes(brush, data, options, device_from_frame),
                None if changed is None else QRectF(device_from_frame.mapRect(changed).toAlignedRect()),
            )
        titles = self.titles.find(data, device_from_frame, visible) if options.rois else []
        paint_titles(painter, scheme, titles)
        if len(data.xy):
            if data.dragged:
                if options.curves:
                    self._moving.paint(painter, scheme, data.xy, data.dragged, device_from_frame)
                if options.moved and len(data.proposed_xy):
                    held = sorted(data.dragged)
                    _paint_moves(painter, places[held], data.proposed_xy[held] * scale + shift)
            if options.points:
                self._marks.paint(painter, data, options, places, exposed)
                taken = [*self.titles.taken, *(title.place for title in titles)]
                self._paint_labels(painter, data, options, places, scale, origin, visible, taken)
        if options.crosshair and data.cursor is not None:
            _paint_cursor(painter, device_from_frame.map(data.cursor))

    def _paint_shapes(
        self,
        painter: QPainter,
        data: OverlayData,
        options: Options,
        device_from_frame: QTransform,
    ) -> None:
        """Boxes, curves, ellipses and suggestions, but for those that follow the pointer."""
        assert data.scheme is not None
        scale = device_from_frame.m11()
        shift = np.array([device_from_frame.dx(), device_from_frame.dy()])
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if options.rois:
            _paint_rois(painter, data.rois * scale + np.tile(shift, 2), data.scheme)
        if not len(data.xy):
            return
        if options.curves:
            self._resting.paint(painter, data.scheme, data.xy, data.dragged, device_from_frame)
        if options.ellipses and len(data.covariance):
            _paint_ellipses(painter, data, scale, shift)
        if options.moved and len(data.proposed_xy):
            resting = [i for i in range(len(data.xy)) if i not in data.dragged]
            _paint_moves(painter, data.xy[resting] * scale + shift, data.proposed_xy[resting] * scale + shift)

    def _paint_labels(
        self,
        painter: QPainter,
        data: OverlayData,
        options: Options,
        places: NDArray[np.float64],
        scale: float,
        origin: QPointF,
        visible: QRectF,
        taken: Sequence[QRectF],
    ) -> None:
        indices = labelled(data, options)
        if len(indices) <= _FEW:
            paint_labels(painter, data, options, places, indices, visible, taken)
            return
        # labels stay within the view, so that a pan lays them out anew
        key = (
            tuple(indices),
            data.xy.tobytes(),
            data.confidence.tobytes(),
            options.doubt,
            visible.translated(-origin).getRect(),
            tuple(place.getRect() for place in taken),
        )
        self._labels.paint(
            painter,
            key,
            scale,
            visible,
            visible,
            origin,
            lambda brush: paint_labels(brush, data, options, places, indices, visible, taken),
        )


def _shapes_key(data: OverlayData, options: Options) -> Hashable:
    """All that a picture of the shapes depends on."""
    proposed = options.moved or options.ellipses
    return (
        data.scheme,
        data.dragged,
        options.curves,
        _resting(data).tobytes(),
        data.rois.tobytes() if options.rois else b"",
        data.proposed_xy.tobytes() if proposed else b"",
        options.moved,
        (data.covariance.tobytes(), data.selected) if options.ellipses else None,
    )


def _resting(data: OverlayData) -> NDArray[np.float64]:
    """float64 [L, 2]: the landmarks' places, NaN for those that are dragged just now."""
    if not data.dragged:
        return data.xy
    resting = data.xy.copy()
    resting[list(data.dragged)] = np.nan
    return resting


def _reach(
    data: OverlayData,
    options: Options,
    places: NDArray[np.float64],
    scale: float,
    shift: NDArray[np.float64],
) -> QRectF:
    """What the shapes may touch, in view pixels."""
    groups = [places] if options.curves or options.moved else []
    margin = np.full(2, 48.0)  # corners of boxes; curves leave the box of their landmarks a little
    if options.rois:
        groups.append(data.rois.reshape(-1, 2) * scale + shift)
    if len(data.proposed_xy) and (options.moved or options.ellipses):
        groups.append(data.proposed_xy * scale + shift)
        if options.ellipses:
            variance = np.nan_to_num(data.covariance[:, (0, 1), (0, 1)], posinf=0.0)
            margin = margin + 2 * scale * np.sqrt(variance.max(0, initial=0.0))
    points = np.concatenate(groups) if groups else np.empty((0, 2))
    points = points[np.isfinite(points).all(1)]
    if not len(points):
        return QRectF()
    low, high = points.min(0), points.max(0)
    margin = margin + 0.1 * (high - low)
    return QRectF(QPointF(*(low - margin)), QPointF(*(high + margin)))


def _paint_cursor(painter: QPainter, at: QPointF) -> None:
    """Hairs over the whole view with a gap in the middle."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    reach, gap = 20000.0, 7.0
    for pen in (QPen(QColor(0, 0, 0, 50), 3), QPen(QColor(255, 255, 255, 140), 1)):
        painter.setPen(pen)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            step = QPointF(dx, dy)
            painter.drawLine(at + step * gap, at + step * reach)


def _paint_heat(
    painter: QPainter, data: OverlayData, options: Options, device_from_frame: QTransform
) -> None:
    assert data.heat is not None
    assert data.frame_from_heat is not None
    (a, b, tx), (c, d, ty) = data.frame_from_heat.tolist()
    painter.save()
    painter.setTransform(QTransform(a, c, b, d, tx, ty) * device_from_frame)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, options.heat.smooth)
    painter.drawImage(QPointF(0, 0), data.heat)
    painter.restore()


def _paint_rois(painter: QPainter, boxes: NDArray[np.float64], scheme: LandmarkScheme) -> None:
    """Dashed boxes with strong corners."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    placed = [
        (region, QRectF(QPointF(*box[:2]), QPointF(*box[2:])))
        for region, box in zip(scheme.regions, boxes.tolist(), strict=False)
        if np.isfinite(box).all()
    ]
    # Straight lines on whole pixels are crisp without antialiasing, and a third of the cost.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    for region, box in placed:
        line = QRectF(box.toRect())
        tint = QColor(region.colour)
        tint.setAlpha(230)
        pen = QPen(tint, 1.0)
        pen.setDashPattern([6, 5])
        for stroke in (QPen(QColor(0, 0, 0, 90), 1.0), pen):
            painter.setPen(stroke)
            painter.drawRect(line)
        painter.setPen(QPen(tint, 3.0))
        reach = min(CORNER, line.width() / 3, line.height() / 3)
        for x, y, right, down in (
            (line.left(), line.top(), 1, 1),
            (line.right(), line.top(), -1, 1),
            (line.left(), line.bottom(), 1, -1),
            (line.right(), line.bottom(), -1, -1),
        ):
            painter.drawLine(QPointF(x, y), QPointF(x + right * reach, y))
            painter.drawLine(QPointF(x, y), QPointF(x, y + down * reach))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)


def _paint_ellipses(painter: QPainter, data: OverlayData, scale: float, shift: NDArray[np.float64]) -> None:
    """One and two sigma of every proposed landmark, at the place that the model proposed."""
    selected = np.zeros(len(data.covariance), bool)
    selected[sorted(data.selected)] = True
    others = ~selected & (len(selected) <= MANY)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    # Pens up to one pixel wide take the raster engine's quick way; wider ones cost ten times as much here.
    for chosen, tint, alphas in ((others, "warning", (130, 200)), (selected, "accent", (210, 255))):
        centres = data.proposed_xy[chosen] * scale + shift
        covariances = data.covariance[chosen] * scale * scale
        for sigmas, alpha in zip((2.0, 1.0), alphas, strict=True):
            painter.setPen(
                QPen(QColor(0, 0, 0, alpha // 2), 1.0)
            )  # a dark seam, so that it reads on light skin, too
            painter.drawPath(ellipses_path(centres, covariances, sigmas, grow=1.0))
            painter.setPen(QPen(colour(tint, alpha), 1.0))
            painter.drawPath(ellipses_path(centres, covariances, sigmas))


def _paint_moves(painter: QPainter, places: NDArray[np.float64], proposed: NDArray[np.float64]) -> None:
    """Where the model would put the points that a person moved, joined to where they are now."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for (x, y), (px, py) in zip(places.tolist(), proposed.tolist(), strict=True):
        if not np.isfinite((x, y, px, py)).all() or abs(x - px) + abs(y - py) < 1:
            continue
        for pen in (QPen(QColor(0, 0, 0, 120), 3), QPen(colour("proposed", 200), 1.1)):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, y), QPointF(px, py))
            painter.drawEllipse(QPointF(px, py), 2.5, 2.5)
