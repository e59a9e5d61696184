"""Rows of the frame list: a model over the session's listed frames and the delegate that draws one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    Qt,
)
from PySide6.QtGui import QColor, QPainter, QStandardItemModel
from PySide6.QtWidgets import QStyleOptionViewItem

from annotator.domain.annotation import ReviewState
from annotator.session.file_states import FileState, FileStates
from annotator.session.session import Session
from annotator.store.lists.frame_list import FrameSummary
from annotator.ui.common.plain import plain
from annotator.ui.common.theme import REVIEW_COLOURS, REVIEW_TITLES, colour, scaled, ui_font
from annotator.ui.common.thumbnails import Thumbnails
from annotator.ui.panels.frame_names import differing_tokens, fitting_name, row_names
from annotator.ui.panels.row_delegate import RowDelegate, beside_thumbnail

ROW_HEIGHT = 56
SUMMARY_ROLE = int(Qt.ItemDataRole.UserRole) + 1
STATE_ROLE = SUMMARY_ROLE + 1
_WRONG = {FileState.MISSING: "file is missing", FileState.CHANGED: "picture has another size"}
Index = QModelIndex | QPersistentModelIndex


class FrameRows(QStandardItemModel):
    """One row a listed frame; summaries are read only for the rows that are drawn.

    Laying a list out asks for every row's index. Qt's own model, empty of items, answers that without Python: a million
    frames in milliseconds, at 8 bytes each.
    """

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(0, 1, parent)
        self._session = session
        self.states = FileStates(session, self)
        self.differing: frozenset[str] = frozenset()  # tokens that tell frames apart
        self.states.changed.connect(self._repaint)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> Any:
        """The summary, or texts for tool tips and screen readers."""
        if (
            not index.isValid()
            or not self._session.is_open
            or index.row() >= len(self._session.frames.listed)
        ):
            return None
        summary = self._session.frames.listed[index.row()]
        if role == SUMMARY_ROLE:
            return summary
        if role == STATE_ROLE:
            return self.states.of(summary.frame.id)
        if role == Qt.ItemDataRole.DisplayRole:
            return summary.frame.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return tool_tip(summary)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{summary.frame.name}, {REVIEW_TITLES[summary.review]}"
        return None

    def reset(self) -> None:
        """The list is another one. Rows come and go at the end: a view takes seconds to forget a million at once."""
        count = len(self._session.frames.listed) if self._session.is_open else 0
        self.setRowCount(count)
        if count:
            self.differing = differing_tokens(self._session.store.frames.facets())
        self._repaint()

    def _repaint(self) -> None:
        if count := self.rowCount():
            self.dataChanged.emit(self.index(0, 0), self.index(count - 1, 0))

    def refresh(self, frame_id: int) -> None:
        """One frame's row changed."""
        row = self._session.frames.listed.row_of(frame_id)
        if row >= 0:
            self.dataChanged.emit(self.index(row, 0), self.index(row, 0))


def tool_tip(summary: FrameSummary) -> str:
    """What a row does not show."""
    counts = summary.counts
    lines = [
        summary.frame.path,
        f"{summary.frame.width} × {summary.frame.height}",
        f"{REVIEW_TITLES[summary.review]}: {counts.confirmed} confirmed, {counts.corrected} corrected"
        f" of {counts.total}",
    ]
    if summary.mean_confidence is not None and summary.least_confidence is not None:
        lines.append(f"Confidence {summary.mean_confidence:.2f}, least {summary.least_confidence:.2f}")
    return plain("\n".join(lines))


_BESIDE = 24  # px that the dot of the review state takes, beside the name
_EDGE = 9  # px beside the second line
_FIRST, _SECOND, _LINE = 7, 27, 20  # where a row's two lines begin, and their height


class FrameDelegate(RowDelegate):
    """Draws thumbnail, names, progress, confidence and review state."""

    height = ROW_HEIGHT

    def __init__(
        self, session: Session, thumbnails: Thumbnails, doubt: float, parent: QObject | None = None
    ) -> None:
        super().__init__(session, thumbnails, parent)
        self._doubt = doubt

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws one row."""
        summary: FrameSummary | None = index.data(SUMMARY_ROLE)
        if summary is None:  # the project could not be read, which was told
            return
        area = QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        current = self.paint_ground(painter, option, area, summary.frame.id)
        differing: frozenset[str] = getattr(index.model(), "differing", frozenset())
        self._paint_text(
            painter,
            area,
            summary,
            current,
            row_names(summary.frame, differing),
            _WRONG.get(index.data(STATE_ROLE)),
        )
        self._paint_state(painter, area, summary)
        painter.restore()

    def _paint_text(
        self,
        painter: QPainter,
        area: QRectF,
        summary: FrameSummary,
        current: bool,
        names: tuple[str, str],
        wrong: str | None,
    ) -> None:
        left = beside_thumbnail(area)
        room = area.right() - left
        beside = _EDGE if summary.mean_confidence is None else _EDGE + scaled(32)
        first, second = names
        counts = summary.counts
        done = f"{counts.human} of {counts.total} set" if counts.human else REVIEW_TITLES[summary.review]
        metrics_flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        below = wrong or " · ".join(part for part in (second, done) if part)
        bold, bright = (600, "bright") if current else (500, "text")
        for text, short, size, weight, ink, top, width in (
            (first, first, 12, bold, bright, _FIRST, room - _BESIDE),
            (below, wrong or done, 11, 400, "warning" if wrong else "dim", _SECOND, room - beside),
        ):
            painter.setFont(ui_font(size, weight))
            painter.setPen(colour(ink))
            metrics = painter.fontMetrics()
            shown = fitting_name(text if metrics.horizontalAdvance(text) <= width else short, metrics, width)
            line = QRectF(left, area.top() + scaled(top), width, scaled(_LINE))
            painter.drawText(line, metrics_flags, shown)

    def _paint_state(self, painter: QPainter, area: QRectF, summary: FrameSummary) -> None:
        if summary.mean_confidence is not None:
            settled = summary.review in (ReviewState.APPROVED, ReviewState.REJECTED)
            low = summary.mean_confidence < self._doubt and not settled
            painter.setFont(ui_font(11))
            painter.setPen(colour("warning" if low else "dim"))
            left, top = area.right() - _EDGE - scaled(32), area.top() + scaled(_SECOND)
            box = QRectF(left, top, scaled(32), scaled(_LINE))
            flags = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            painter.drawText(box, flags, f"{summary.mean_confidence:.2f}")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(REVIEW_COLOURS[summary.review]))
        middle = area.top() + scaled(_FIRST + _LINE // 2)
        painter.drawEllipse(QPointF(area.right() - 13, middle), 4, 4)
