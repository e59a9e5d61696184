"""How one cell of the contact sheet looks: the patch, the ellipse, the cross-hair at the point, a line of text."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from annotator.domain.annotation import Flag, LandmarkState
from annotator.domain.coords import Affine, apply_affine, apply_covariance, invert_affine
from annotator.services.project.contact_sheet import SheetCell
from annotator.session.pixels.patches import Patch
from annotator.ui.common.theme import colour, scaled, ui_font
from annotator.ui.contact_sheet.layout import CAPTION

_STATE_INKS = {
    LandmarkState.PROPOSED: "proposed",
    LandmarkState.CORRECTED: "bright",
    LandmarkState.CONFIRMED: "good",
    LandmarkState.TRACKED: "accent",
}
_SHADOW = QColor(8, 9, 10, 170)
_FAR = 3.0  # sigmas from which a value is written in amber


def patch_point(frame_from_patch: Affine, xy: np.ndarray) -> QPointF:
    """Where a frame point lies in the patch, in patch pixels."""
    x, y = apply_affine(invert_affine(frame_from_patch), xy).tolist()
    return QPointF(x, y)


def frame_point(frame_from_patch: Affine, point: QPointF) -> tuple[float, float]:
    """Frame pixels of a place in the patch."""
    x, y = apply_affine(frame_from_patch, np.array([point.x(), point.y()])).tolist()
    return x, y


def nudged(frame_from_patch: Affine, xy: np.ndarray, dx: float, dy: float) -> tuple[float, float]:
    """A frame point shifted by frame pixels, in the directions of the patch as it is seen."""
    linear = frame_from_patch[:, :2]
    x, y = (xy + linear @ np.array([dx, dy]) / np.linalg.norm(linear[:, 0])).tolist()
    return x, y


def paint_cell(
    painter: QPainter,
    area: QRectF,
    cell: SheetCell,
    patch: Patch | None,
    frame_from_patch: Affine,
    point: QPointF,
    title: str = "",
    problem: str = "",
) -> None:
    """Draws a cell; `point` is in patch pixels, of which `area`'s width holds as many as the affine says. `title` stands in
    place of the frame's name, `problem` where a patch could not be cut."""
    box = QRectF(area.left(), area.top(), area.width(), area.width())
    painter.save()
    painter.setClipRect(box)
    if patch is None:
        painter.fillRect(box, colour("raised"))
        if problem:
            painter.setPen(colour("bad"))
            painter.setFont(ui_font(10))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(box.adjusted(6, 6, -6, -6), int(flags), problem)
    else:
        height, width = patch.pixels.shape[:2]
        image = QImage(patch.pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(box, image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(box.topLeft())
    _paint_ellipse(painter, cell, frame_from_patch, point)
    _paint_sight(painter, cell, point)
    painter.restore()
    _paint_caption(painter, area, cell, title)


def _paint_ellipse(painter: QPainter, cell: SheetCell, frame_from_patch: Affine, point: QPointF) -> None:
    """One and two sigmas of the proposal, where it is; a thin line leads to a point that a person put elsewhere."""
    if not np.isfinite(cell.covariance).all() or not np.isfinite(cell.proposed).all():
        return
    inside = apply_covariance(invert_affine(frame_from_patch), cell.covariance)
    values, vectors = np.linalg.eigh(inside)
    if values[0] <= 0:
        return
    proposed = cell.state == LandmarkState.PROPOSED
    centre = point if proposed else patch_point(frame_from_patch, cell.proposed)
    ink = colour("warning" if cell.confidence < 0.5 else "proposed", 230 if proposed else 150)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if not proposed:
        for pen in (QPen(_SHADOW, 2.4), QPen(ink, 1)):
            painter.setPen(pen)
            painter.drawLine(centre, point)
    painter.save()
    painter.translate(centre)
    painter.rotate(math.degrees(math.atan2(vectors[1, 1], vectors[0, 1])))
    for sigmas in (1, 2):
        across, along = (sigmas * math.sqrt(value) for value in values)
        for pen in (QPen(_SHADOW, 2.6), QPen(ink, 1.2 if sigmas == 1 else 0.7)):
            painter.setPen(pen)
            painter.drawEllipse(QPointF(0, 0), along, across)
    painter.restore()


def _paint_sight(painter: QPainter, cell: SheetCell, point: QPointF) -> None:
    """A cross-hair with an open middle, so that the pixel under the point is seen."""
    ink = colour(_STATE_INKS.get(LandmarkState(cell.state), "faint"))
    for pen in (QPen(_SHADOW, 3.2), QPen(ink, 1.4)):
        painter.setPen(pen)
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            painter.drawLine(point + QPointF(3 * dx, 3 * dy), point + QPointF(11 * dx, 11 * dy))
        if cell.flags & Flag.OCCLUDED:
            painter.drawLine(point + QPointF(-8, 8), point + QPointF(8, -8))


def _paint_caption(painter: QPainter, area: QRectF, cell: SheetCell, title: str) -> None:
    line = QRectF(area.left(), area.top() + area.width() + 2, area.width(), scaled(CAPTION) - 4)
    value = "" if math.isnan(cell.apart) else f"{cell.apart:.1f}σ"
    painter.setFont(ui_font(10))
    painter.setPen(colour("warning" if value and cell.apart >= _FAR else "dim"))
    painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), value)
    width = painter.fontMetrics().horizontalAdvance(value) + 6
    left = line.adjusted(14, 0, -width, 0)
    name = title or " · ".join(cell.frame.parts)
    shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(left.width()))
    painter.setPen(colour("dim"))
    painter.drawText(left, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
    _paint_state(painter, QPointF(line.left() + 5, line.center().y()), LandmarkState(cell.state))


def _paint_state(painter: QPainter, at: QPointF, state: LandmarkState) -> None:
    """Hollow is proposed, solid is a person's, a tick is confirmed: as in the frame view."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = colour(_STATE_INKS.get(state, "faint"))
    painter.setPen(QPen(ink, 1.4))
    hollow = state in (LandmarkState.PROPOSED, LandmarkState.TRACKED)
    painter.setBrush(Qt.BrushStyle.NoBrush if hollow else ink)
    painter.drawEllipse(at, 3.4, 3.4)
    if state == LandmarkState.CONFIRMED:
        tick = QPainterPath(QPointF(-1.6, 0.1))
        tick.lineTo(-0.4, 1.4)
        tick.lineTo(1.8, -1.4)
        painter.setPen(QPen(QColor("#0e1f16"), 1.1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(QTransform.fromTranslate(at.x(), at.y()).map(tick))
    painter.restore()
