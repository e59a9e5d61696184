"""Rows of the queue: a model over a page of entries and the delegate that draws one with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSizeF,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QTextLayout
from PySide6.QtWidgets import QStyleOptionViewItem

from annotator.services.project.queue.queues import QueueItem
from annotator.ui.common.plain import plain
from annotator.ui.common.theme import REVIEW_COLOURS, REVIEW_TITLES, colour, scaled, ui_font
from annotator.ui.panels.frame_names import name_lines
from annotator.ui.panels.row_delegate import RowDelegate, beside_thumbnail

ROW_HEIGHT = 82
ITEM_ROLE = int(Qt.ItemDataRole.UserRole) + 1
Index = QModelIndex | QPersistentModelIndex


class QueueRows(QAbstractListModel):
    """One row an entry."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.items: tuple[QueueItem, ...] = ()
        self._rows: dict[int, int] = {}

    def show_items(self, items: Sequence[QueueItem]) -> None:
        """Takes over another page."""
        self.beginResetModel()
        self.items = tuple(items)
        self._rows = {item.frame.id: row for row, item in enumerate(self.items)}
        self.endResetModel()

    def row_of(self, frame_id: int) -> int:
        """Row of a frame, -1 where it is not on the page."""
        return self._rows.get(frame_id, -1)

    def refresh(self, frame_id: int) -> None:
        """A frame's thumbnail came."""
        row = self.row_of(frame_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many entries there are."""
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The entry, or texts for tool tips and screen readers."""
        if not index.isValid() or index.row() >= len(self.items):
            return None
        item = self.items[index.row()]
        if role == ITEM_ROLE:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.frame.name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return plain(f"{item.frame.path}\n{item.reason}\n{REVIEW_TITLES[item.review]}")
        return None


class QueueDelegate(RowDelegate):
    """Draws thumbnail, name, reason and review state."""

    height = ROW_HEIGHT

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws one row."""
        item: QueueItem | None = index.data(ITEM_ROLE)
        if item is None:
            return
        area = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = self.paint_ground(painter, option, area, item.frame.id)
        self._paint_text(painter, area, item, current)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(REVIEW_COLOURS[item.review]))
        painter.drawEllipse(QPointF(area.right() - 13, area.top() + scaled(17)), 4, 4)
        painter.restore()

    def _paint_text(self, painter: QPainter, area: QRectF, item: QueueItem, current: bool) -> None:
        frame, left = item.frame, beside_thumbnail(area)
        name = " · ".join(frame.parts)
        painter.setFont(ui_font(12, 600 if current else 500))
        painter.setPen(colour("bright" if current else "text"))
        line = QRectF(left, area.top() + scaled(7), area.right() - left - 26, scaled(20))
        lines, step = name_lines(name, painter.fontMetrics(), line.width()), scaled(16)
        for number, shown in enumerate(lines):
            flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(line.translated(0, number * step), flags, shown)
        down = scaled(28) + (len(lines) - 1) * step
        painter.setFont(ui_font(11))
        painter.setPen(colour("dim"))
        below = QRectF(left, area.top() + down, area.right() - left - 10, area.height() - down - scaled(4))
        step, ascent = painter.fontMetrics().lineSpacing(), painter.fontMetrics().ascent()
        for number, shown in enumerate(fitting_lines(item.reason, painter.font(), below.size())):
            painter.drawText(QPointF(below.left(), below.top() + number * step + ascent), shown)


def fitting_lines(text: str, font: QFont, room: QSizeF) -> list[str]:
    """The lines of a text that is broken between words; the last that there is room for ends in `…` if more would follow."""
    metrics = QFontMetrics(font)
    most = max(1, int((room.height() + metrics.leading()) // metrics.lineSpacing()))
    layout = QTextLayout(text, font)
    layout.beginLayout()
    lines: list[str] = []
    while (line := layout.createLine()).isValid():
        line.setLineWidth(room.width())
        start, length = line.textStart(), line.textLength()
        if len(lines) == most - 1 and start + length < len(text):
            lines.append(metrics.elidedText(text[start:], Qt.TextElideMode.ElideRight, int(room.width())))
            break
        lines.append(text[start : start + length].rstrip())
    layout.endLayout()
    return lines
