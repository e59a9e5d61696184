"""Paints an overlay's parts, back to front: heat, region boxes, curves, ellipses, proposal ghosts, marks, labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QTransform

from annotator.domain.annotation import LandmarkState
from annotator.domain.scheme import LandmarkScheme
from annotator.ui.glyphs import REACH, Mark, mark_pixmap
from annotator.ui.overlay_data import OverlayData
from annotator.ui.overlay_shapes import curve_path, ellipses_path, place_label
from annotator.ui.theme import COLOURS, colour, ui_font
from annotator.ui.view_options import Labels, Options

_MANY = 1000  # above this many landmarks, ellipses and labels are drawn only for the selected
_MAX_LABELS = 120
_NEAR = 13.0  # logical pixels between landmarks below which their marks are drawn small


def paint_overlay(
    painter: QPainter, data: OverlayData, options: Options, device_from_frame: QTransform
) -> None:
    """Draws the overlay; the painter must be in device space, ``device_from_frame`` a scale and a shift."""
    scheme = data.scheme
    if scheme is None:
        return
    scale = device_from_frame.m11()
    shift = np.array([device_from_frame.dx(), device_from_frame.dy()])
    if options.frame_heat and data.heat is not None:
        _paint_heat(painter, data, options, device_from_frame)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if options.rois:
        _paint_rois(painter, data.rois * scale + np.tile(shift, 2), scheme)
    if not len(data.xy):
        return
    places = data.xy * scale + shift
    if options.curves:
        _paint_curves(painter, places, scheme)
    if options.ellipses and len(data.covariance):
        _paint_ellipses(painter, data, scale, shift)
    if options.ghosts and len(data.proposed_xy):
        _paint_ghosts(painter, places, data.proposed_xy * scale + shift)
    if options.points:
        _paint_marks(painter, data, options, places)
        _paint_labels(painter, data, options, places)
    if options.crosshair and data.cursor is not None:
        _paint_cursor(painter, device_from_frame.map(data.cursor))


def region_tints(scheme: LandmarkScheme) -> list[str]:
    """``#rrggbb`` of each landmark: its region's colour, or the neutral one outside all regions."""
    return [
        scheme.regions[number].colour if number >= 0 else COLOURS.proposed
        for number in scheme.region_of.tolist()
    ]


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
    """Dashed boxes, and on top of all of them their titles."""
    painter.setFont(ui_font(11, 500))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    placed = [
        (region, QRectF(QPointF(*box[:2]), QPointF(*box[2:])))
        for region, box in zip(scheme.regions, boxes.tolist(), strict=False)
        if np.isfinite(box).all()
    ]
    for region, box in placed:
        tint = QColor(region.colour)
        tint.setAlpha(220)
        pen = QPen(tint, 1.2)
        pen.setDashPattern([5, 4])
        for line in (QPen(QColor(0, 0, 0, 60), 2.2), pen):
            painter.setPen(line)
            painter.drawRect(box)
    for region, box in placed:
        width = painter.fontMetrics().horizontalAdvance(region.title) + 10
        title = QRectF(box.left(), box.top() - 17, width, 16)
        painter.fillRect(title, QColor(12, 13, 14, 170))
        painter.setPen(QColor(region.colour))
        painter.drawText(title, Qt.AlignmentFlag.AlignCenter, region.title)


def _paint_curves(painter: QPainter, places: NDArray[np.float64], scheme: LandmarkScheme) -> None:
    tints = region_tints(scheme)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for curve in scheme.curves:
        path = curve_path(places, curve)
        tint = QColor(tints[curve.indices[0]])
        tint.setAlpha(215)
        for pen in (QPen(QColor(0, 0, 0, 90), 3.0), QPen(tint, 1.4)):
            painter.setPen(pen)
            painter.drawPath(path)


def _paint_ellipses(painter: QPainter, data: OverlayData, scale: float, shift: NDArray[np.float64]) -> None:
    """One and two sigma of every proposed landmark, at the place that the model proposed."""
    selected = np.zeros(len(data.covariance), bool)
    selected[sorted(data.selected)] = True
    others = ~selected & (len(selected) <= _MANY)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    # Pens up to one pixel wide take the raster engine's quick way; wider ones cost ten times as much here.
    for chosen, tint, alphas in ((others, "warning", (60, 150)), (selected, "accent", (200, 255))):
        centres = data.proposed_xy[chosen] * scale + shift
        covariances = data.covariance[chosen] * scale * scale
        for sigmas, alpha in zip((2.0, 1.0), alphas, strict=True):
            painter.setPen(QPen(colour(tint, alpha), 1.0))
            painter.drawPath(ellipses_path(centres, covariances, sigmas))


def _paint_ghosts(painter: QPainter, places: NDArray[np.float64], proposed: NDArray[np.float64]) -> None:
    """Where the model would put the points that a person moved, joined to where they are now."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for (x, y), (px, py) in zip(places.tolist(), proposed.tolist(), strict=True):
        if not np.isfinite((x, y, px, py)).all() or abs(x - px) + abs(y - py) < 1:
            continue
        for pen in (QPen(QColor(0, 0, 0, 120), 3), QPen(colour("proposed", 200), 1.1)):
            painter.setPen(pen)
            painter.drawLine(QPointF(x, y), QPointF(px, py))
            painter.drawEllipse(QPointF(px, py), 2.5, 2.5)


def _paint_marks(painter: QPainter, data: OverlayData, options: Options, places: NDArray[np.float64]) -> None:
    assert data.scheme is not None
    ratio = painter.device().devicePixelRatio()
    tints = region_tints(data.scheme)
    doubtful = _doubtful(data, options)
    crowded = _crowded(places)
    order = sorted(range(len(places)), key=lambda i: (i in data.selected, i == data.hover))
    for index in order:
        x, y = places[index].tolist()
        if not np.isfinite(x):
            continue
        mark = Mark(
            int(data.state[index]),
            int(data.flags[index]),
            tints[index],
            bool(doubtful[index]),
            index in data.selected,
            index == data.hover,
            index in data.dragged,
            bool(crowded[index]) and index not in data.selected and index != data.hover,
        )
        painter.drawPixmap(QPointF(x - REACH, y - REACH), mark_pixmap(mark, ratio))


def _crowded(places: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool [L]: another landmark is so near on the screen that full marks would cover each other."""
    if len(places) > _MANY:
        return np.ones(len(places), bool)
    apart = np.abs(places[:, None] - places[None]).max(-1)
    np.fill_diagonal(apart, np.inf)
    near = np.nan_to_num(apart, nan=np.inf).min(1, initial=np.inf)
    return np.asarray(near < _NEAR)


def _doubtful(data: OverlayData, options: Options) -> NDArray[np.bool_]:
    """bool [L]: proposed, and with less confidence than the limit."""
    if not len(data.confidence):
        return np.zeros(len(data.xy), bool)
    return np.asarray((data.confidence < options.doubt) & (data.state == LandmarkState.PROPOSED))


def _labelled(data: OverlayData, options: Options) -> list[int]:
    """The landmarks that carry a label, the most important first."""
    wanted: dict[int, None] = {}
    if data.hover >= 0:
        wanted[data.hover] = None
    if options.labels is not Labels.NONE and len(data.selected) <= 12:
        wanted.update(dict.fromkeys(sorted(data.selected)))
    if options.labels in (Labels.DOUBTFUL, Labels.ALL):
        wanted.update(dict.fromkeys(np.flatnonzero(_doubtful(data, options)).tolist()))
    if options.labels is Labels.ALL and len(data.xy) <= _MANY:
        wanted.update(dict.fromkeys(range(len(data.xy))))
    return [i for i in wanted if i not in data.dragged][:_MAX_LABELS]


def _paint_labels(
    painter: QPainter, data: OverlayData, options: Options, places: NDArray[np.float64]
) -> None:
    assert data.scheme is not None
    font = ui_font(11, 500)
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    taken: list[QRectF] = []
    doubtful = _doubtful(data, options)
    for index in _labelled(data, options):
        x, y = places[index].tolist()
        if not np.isfinite(x):
            continue
        text = data.scheme.names[index]
        if len(data.confidence) and np.isfinite(data.confidence[index]):
            text += f"  {data.confidence[index]:.2f}"
        box = place_label(QPointF(x, y), metrics.horizontalAdvance(text) + 10, 17, taken)
        if box is None:
            continue
        taken.append(box)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(12, 13, 14, 205))
        painter.drawRoundedRect(box, 3, 3)
        painter.setPen(colour("warning") if doubtful[index] else colour("bright"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
