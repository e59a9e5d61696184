"""The history panel: this window's undo steps, and the ledger of the frame or of the project, with a look before a revert."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QUndoView,
    QVBoxLayout,
    QWidget,
)

from annotator.session.session import Session
from annotator.ui.common.theme import icon
from annotator.ui.common.widgets import Tabs

_ID = int(Qt.ItemDataRole.UserRole)
_FRAME = _ID + 1
_SHOWN = 200


class HistoryPanel(Tabs):
    """Undo steps (click one to go there) and everything that was ever done (look at any state, revert to it)."""

    looked_at = Signal(
        object, str
    )  # an Annotation to show in place of the present one, and a word on it; None: no more

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._looking = False
        self.addTab(self._build_steps(), "Undo steps")
        self.addTab(self._build_ledger(), "Ledger")
        self.currentChanged.connect(lambda _tab: self._refresh())
        session.frames.current_changed.connect(lambda _frame: self._refresh())
        session.annotations.changed.connect(lambda _frame: self._refresh())
        session.project_opened.connect(self._refresh)
        session.project_closed.connect(self._refresh)
        session.annotations.undo_stack.indexChanged.connect(lambda _index: self._filter_steps())
        session.frames.current_changed.connect(lambda _frame: self._filter_steps())

    # ---- building
    def _build_steps(self) -> QWidget:
        self.steps = QUndoView(self._session.annotations.undo_stack)
        self.steps.setEmptyLabel("Start of this session")
        self.steps.setAccessibleName("Undo steps")
        self.only_frame = QCheckBox("Only of this frame")
        self.only_frame.toggled.connect(lambda _on: self._filter_steps())
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(6, 6, 6, 6)
        column.addWidget(self.steps, 1)
        column.addWidget(self.only_frame)
        return page

    def _build_ledger(self) -> QWidget:
        self.scope = QComboBox()
        self.scope.setAccessibleName("Whose history")
        self.scope.addItems(["This frame", "All frames"])
        self.scope.activated.connect(lambda _row: self._refresh())
        self.ledger = QTreeWidget()
        self.ledger.setAccessibleName("Ledger")
        self.ledger.setHeaderLabels(["When", "What", "Who"])
        self.ledger.setRootIsDecorated(False)
        self.ledger.setUniformRowHeights(True)
        header = self.ledger.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        self.revert = QPushButton(icon("clock-counter-clockwise"), "Revert the frame to here")
        self.revert.setEnabled(False)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(6, 6, 6, 6)
        row = QHBoxLayout()
        row.addWidget(self.scope)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.ledger, 1)
        column.addWidget(self.revert)
        self.ledger.currentItemChanged.connect(lambda item, _old: self._on_entry(item))
        self.revert.clicked.connect(self._revert)
        return page

    # ---- following
    def showEvent(self, event: QShowEvent) -> None:
        """Reads the ledger when it comes into view."""
        super().showEvent(event)
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Out of sight, nothing is looked at."""
        self._look_away()
        super().hideEvent(event)

    def _filter_steps(self) -> None:
        """Hides the steps of other frames where only this frame's are wanted; the start stays."""
        stack, frame_id = (
            self._session.annotations.undo_stack,
            self._session.frames.current_id if self._session.is_open else 0,
        )
        for step in range(stack.count()):
            other = frame_id not in getattr(stack.command(step), "frame_ids", [frame_id])
            self.steps.setRowHidden(step + 1, self.only_frame.isChecked() and other)

    def _refresh(self) -> None:
        if not self.isVisible() or self.currentIndex() != 1:
            self._look_away()
            return
        self.ledger.clear()
        frame_id = self._session.frames.current_id if self._session.is_open else 0
        if not frame_id:
            return
        whole = self.scope.currentIndex() == 1
        self.ledger.setHeaderLabels(["When", "What", "Frame" if whole else "Who"])
        for entry in list(self._session.annotations.history(None if whole else frame_id))[:_SHOWN]:
            when = entry.at.astimezone().strftime("%d %b %H:%M:%S")
            last = self._session.store.frames.listed(entry.frame_id).name if whole else entry.user
            item = QTreeWidgetItem(self.ledger, [when, entry.label, last])
            item.setData(0, _ID, entry.id)
            item.setData(0, _FRAME, entry.frame_id)
        if not whole:
            start = QTreeWidgetItem(self.ledger, ["", "Before anything was set", ""])
            start.setData(0, _ID, 0)
            start.setData(0, _FRAME, frame_id)

    def _on_entry(self, item: QTreeWidgetItem | None) -> None:
        """Shows the frame as it was then; the entry of another frame is only reverted to."""
        self.revert.setEnabled(item is not None)
        if item is None:
            self._look_away()
            return
        entry, frame_id, what = int(item.data(0, _ID)), int(item.data(0, _FRAME)), item.text(1)
        if frame_id != self._session.frames.current_id:
            self._look_away()
            return
        self._looking = True
        value = self._session.annotations.at(frame_id, entry)
        self.looked_at.emit(value, f"Just after: {what}" if entry else what)

    def _look_away(self) -> None:
        if self._looking:
            self._looking = False
            self.looked_at.emit(None, "")

    def _revert(self) -> None:
        item = self.ledger.currentItem()
        if item is not None:
            entry, frame_id = int(item.data(0, _ID)), int(item.data(0, _FRAME))
            self._look_away()
            self._session.annotations.revert_to(frame_id, entry)
