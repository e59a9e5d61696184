"""The history panel: this window's undo steps, and the project's ledger of the current frame."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QPushButton,
    QTabWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QUndoView,
    QVBoxLayout,
    QWidget,
)

from annotator.session.session import Session
from annotator.ui.theme import icon

_ID = int(Qt.ItemDataRole.UserRole)
_SHOWN = 200


class HistoryPanel(QTabWidget):
    """Undo steps (click one to go there) and everything that was ever done to the frame (revert to any point)."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setDocumentMode(True)
        self.steps = QUndoView(session.undo_stack)
        self.steps.setEmptyLabel("Start of this session")
        self.steps.setAccessibleName("Undo steps")
        self.addTab(self.steps, "Undo steps")
        self.ledger = QTreeWidget()
        self.ledger.setAccessibleName("Ledger of this frame")
        self.ledger.setHeaderLabels(["When", "What", "Who"])
        self.ledger.setRootIsDecorated(False)
        self.ledger.setUniformRowHeights(True)
        self.ledger.setColumnWidth(0, 110)
        self.ledger.setColumnWidth(1, 170)
        self.revert = QPushButton(icon("clock-counter-clockwise"), "Revert the frame to here")
        self.revert.setEnabled(False)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.ledger, 1)
        column.addWidget(self.revert)
        self.addTab(page, "This frame")
        self.ledger.currentItemChanged.connect(lambda item, _old: self.revert.setEnabled(item is not None))
        self.revert.clicked.connect(self._revert)
        self.currentChanged.connect(lambda _tab: self._refresh())
        session.frame_changed.connect(lambda _frame: self._refresh())
        session.annotation_changed.connect(lambda _frame: self._refresh())
        session.project_opened.connect(self._refresh)
        session.project_closed.connect(self._refresh)

    def showEvent(self, event: QShowEvent) -> None:
        """Reads the ledger when it comes into view."""
        super().showEvent(event)
        self._refresh()

    def _refresh(self) -> None:
        if not self.isVisible() or self.currentIndex() != 1:
            return
        self.ledger.clear()
        frame_id = self._session.current_id if self._session.is_open else 0
        if not frame_id:
            return
        for entry in list(self._session.ledger(frame_id))[:_SHOWN]:
            when = entry.at.astimezone().strftime("%d %b %H:%M:%S")
            item = QTreeWidgetItem(self.ledger, [when, entry.label, entry.user])
            item.setData(0, _ID, entry.id)
        start = QTreeWidgetItem(self.ledger, ["", "Before anything was set", ""])
        start.setData(0, _ID, 0)

    def _revert(self) -> None:
        item = self.ledger.currentItem()
        if item is not None:
            self._session.revert_to(self._session.current_id, int(item.data(0, _ID)))
