"""Conflicts of two copies on the frame: where each side has the landmark, with names, joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from annotator.ui.common.theme import colour, ui_font

_RADIUS = 7.0
_SHADOW = QColor(8, 9, 10, 190)
_MARGIN = 260.0  # device pixels: a name beside its mark


@dataclass(frozen=True)
class DrawnConflict:
    """A landmark's conflict in frame pixels; a side that took it away has no place. `named`: with the people's names."""

    mine: QPointF | None
    theirs: QPointF | None
    mine_name: str
    theirs_name: str
    named: bool


class ConflictItem(QGraphicsItem):
    """A blue square where mine is, an orange diamond where theirs is, constant in screen size; lets the mouse through."""

    def __init__(self) -> None:
        super().__init__()
        self.setZValue(12)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)
        self.shown: tuple[DrawnConflict, ...] = ()

    def show_conflicts(self, conflicts: Sequence[DrawnConflict]) -> None:
        """Shows others."""
        if tuple(conflicts) != self.shown:
            self.prepareGeometryChange()
            self.shown = tuple(conflicts)
            self.update()

    def boundingRect(self) -> QRectF:
        """Round all marks and names."""
        points = [point for each in self.shown for point in (each.mine, each.theirs) if point is not None]
        if not points:
            return QRectF()
        view = self.scene().views()[0] if self.scene() is not None and self.scene().views() else None
        margin = _MARGIN / (view.transform().m11() if view is not None else 1.0)
        return QPolygonF(points).boundingRect().adjusted(-margin, -margin, margin, margin)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Draws in device pixels."""
        view = painter.worldTransform()
        painter.save()
        painter.setWorldTransform(QTransform())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(ui_font(11, 600))
        for each in self.shown:
            mine, theirs = (None if p is None else view.map(p) for p in (each.mine, each.theirs))
            if mine is not None and theirs is not None:
                for pen in (QPen(_SHADOW, 3.4), QPen(colour("bright", 200), 1.2, Qt.PenStyle.DashLine)):
                    painter.setPen(pen)
                    painter.drawLine(mine, theirs)
            to_left = mine is not None and theirs is not None and mine.x() < theirs.x()
            self._mark(painter, mine, "accent", each.mine_name if each.named else "", to_left)
            self._mark(painter, theirs, "warning", each.theirs_name if each.named else "", not to_left)
        painter.restore()

    def _mark(self, painter: QPainter, at: QPointF | None, tint: str, name: str, to_left: bool) -> None:
        """One side: mine a square, theirs a diamond; the name stands on the side away from the other's mark."""
        if at is None:
            return
        reach = _RADIUS if tint == "warning" else _RADIUS * 0.8
        corners = (
            ((0, -1), (1, 0), (0, 1), (-1, 0)) if tint == "warning" else ((-1, -1), (1, -1), (1, 1), (-1, 1))
        )
        shape = QPolygonF([at + QPointF(x, y) * reach for x, y in corners])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(_SHADOW, 4.2), QPen(colour(tint), 2.0)):
            painter.setPen(pen)
            painter.drawPolygon(shape)
        painter.setPen(QPen(colour(tint), 2.6))
        painter.drawPoint(at)
        if name:
            self._name(painter, at, tint, name, to_left)

    @staticmethod
    def _name(painter: QPainter, at: QPointF, tint: str, name: str, to_left: bool) -> None:
        metrics = painter.fontMetrics()
        text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(_MARGIN - 3 * _RADIUS))
        wide = metrics.horizontalAdvance(text)
        x = at.x() - _RADIUS - 6 - wide if to_left else at.x() + _RADIUS + 6
        area = QRectF(x - 3, at.y() - metrics.height() / 2, wide + 6, metrics.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_SHADOW)
        painter.drawRoundedRect(area, 3, 3)
        painter.setPen(colour(tint))
        painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), text)
