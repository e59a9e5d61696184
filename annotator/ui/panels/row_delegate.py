"""What the lists of frames share: how a list looks, and a row's ground, thumbnail and size."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from annotator.session.session import Session
from annotator.ui.common.theme import COLOURS, colour, scaled
from annotator.ui.common.thumbnails import Thumbnails

THUMB = 44
"""Side of a row's thumbnail in pixels, which grows with the texts."""
_BESIDE = 10  # px on both sides of the thumbnail


class RowDelegate(QStyledItemDelegate):
    """Draws the ground of a row and its thumbnail; `height` pixels a row."""

    height = 0

    def __init__(self, session: Session, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._thumbnails = session, thumbnails

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All rows are alike."""
        return QSize(180, scaled(self.height))

    def paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, area: QRectF, frame_id: int
    ) -> bool:
        """Ground and thumbnail of a frame's row; whether it is the current frame's."""
        current = frame_id == self._session.frames.current_id
        if current or bool(option.state & QStyle.StateFlag.State_MouseOver):
            painter.fillRect(area, QColor(COLOURS.selected_row) if current else colour("hover", 90))
        if current:
            painter.fillRect(QRectF(area.left(), area.top(), 2, area.height()), colour("accent"))
        self._paint_thumbnail(painter, area, frame_id)
        return current

    def _paint_thumbnail(self, painter: QPainter, area: QRectF, frame_id: int) -> None:
        side = scaled(THUMB)
        box = QRectF(area.left() + _BESIDE, area.top() + (area.height() - side) / 2, side, side)
        outline = QPainterPath()
        outline.addRoundedRect(box, 3, 3)
        pixmap = self._thumbnails.get(frame_id)
        if pixmap is None:
            painter.fillPath(outline, colour("raised"))
            return
        painter.save()
        painter.setClipPath(outline)
        painter.drawPixmap(box, pixmap, QRectF(pixmap.rect()))
        painter.restore()


def beside_thumbnail(area: QRectF) -> float:
    """Where the texts of a row begin, in pixels."""
    return area.left() + scaled(THUMB) + 2 * _BESIDE


def row_list(name: str) -> QListView:
    """An empty list for such rows; `name` is what screen readers say."""
    rows = QListView()
    rows.setAccessibleName(name)
    rows.setUniformItemSizes(True)
    rows.setMouseTracking(True)
    rows.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return rows
