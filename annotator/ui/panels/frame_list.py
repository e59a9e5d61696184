"""The frame list: thumbnails, names, review state, and a filter box."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QSignalBlocker, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QWidget,
)

from annotator.domain.annotation import ReviewState
from annotator.domain.words import counted
from annotator.session.pixels.memory import Cache
from annotator.session.session import Session
from annotator.store.lists.frame_filter import FrameFilter
from annotator.ui.common.theme import COLOURS, REVIEW_TITLES, icon
from annotator.ui.common.thumbnails import Thumbnails
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.common.widgets import NO_PROJECT, EmptyState, Nothing, Panel, tool_button
from annotator.ui.panels.filter_text import HELP, parse_filter
from annotator.ui.panels.frame_rows import FrameDelegate, FrameRows
from annotator.ui.panels.lost_files import LostFiles
from annotator.ui.panels.row_delegate import THUMB, row_list

_TYPING_PAUSE_MS = 150


class FrameListPanel(Panel):
    """Shows the session's listed frames; a click goes to one."""

    opened = Signal()  # Enter in the filter box: the frame shall be seen

    def __init__(self, session: Session, options: ViewOptions, parent: QWidget | None = None) -> None:
        super().__init__("Frames", parent, in_tab=True)
        self._session = session
        self._build_filter()
        self.thumbnails = Thumbnails(self._preview, THUMB, self.devicePixelRatioF(), self)
        thumbnails = self.thumbnails
        session.memory.add(Cache("thumbnails", lambda: thumbnails.nbytes, thumbnails.set_budget, 0.02))
        self._lacking: dict[int, None] = {}  # frames seen without a thumbnail, in the order of seeing
        self._asking = QTimer(self)
        self._asking.setSingleShot(True)
        self._asking.setInterval(_TYPING_PAUSE_MS)
        self.rows = FrameRows(session, self)
        self.list = row_list("Frames")
        self.list.setModel(self.rows)
        self.list.setItemDelegate(FrameDelegate(session, self.thumbnails, options.value.doubt, self))
        self.stack = EmptyState(self.list)
        self.body.setContentsMargins(0, 2, 0, 2)
        self.body.addWidget(self.stack, 1)
        self.lost = LostFiles(self.rows.states)
        self.body.addWidget(self.lost)
        self._connect()
        self._on_list()

    def _build_filter(self) -> None:
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter   state:fix   conf<0.8")
        self.filter.setAccessibleName("Filter frames")
        self.filter.setToolTip(HELP)
        self.filter.setClearButtonEnabled(True)
        self.filter.addAction(icon("magnifying-glass", "faint"), QLineEdit.ActionPosition.LeadingPosition)
        self.review = QComboBox()
        self.review.setAccessibleName("Review state to list")
        self.review.addItem("All states", None)
        for state in ReviewState:
            self.review.addItem(REVIEW_TITLES[state], state)
        self.order = tool_button("chart-line-up", "Least certain first")
        self.order.setCheckable(True)
        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.addWidget(self.filter)
        second = QHBoxLayout()
        second.setContentsMargins(8, 0, 8, 2)
        second.addWidget(self.review, 1)
        second.addWidget(self.order)
        self.body.addLayout(row)
        self.body.addLayout(second)
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.setInterval(_TYPING_PAUSE_MS)
        self._typing.timeout.connect(self.apply_filter)
        self.filter.textEdited.connect(lambda _text: self._typing.start())
        self.filter.textChanged.connect(lambda text: None if text else self._typing.start())
        self.filter.returnPressed.connect(self._open_first)
        self.review.activated.connect(lambda _row: self.apply_filter())
        self.order.toggled.connect(lambda _on: self.apply_filter())

    def _connect(self) -> None:
        session = self._session
        self.list.selectionModel().currentChanged.connect(self._on_row)
        self.thumbnails.ready.connect(self.rows.refresh)
        session.project_opened.connect(self._on_project)
        session.project_closed.connect(self._on_project)
        session.frames.list_changed.connect(self._on_list)
        session.people.changed.connect(self._on_people)
        session.frames.current_changed.connect(self._on_frame)
        session.frames.summary_changed.connect(self._on_summary)
        session.frames.preview_ready.connect(self._on_preview)
        self.thumbnails.lacking.connect(self._on_lacking)
        self._asking.timeout.connect(lambda: session.frames.request_previews(list(reversed(self._lacking))))

    # ---- asking the session
    def apply_filter(self) -> None:
        """Lists what the box, the state and the order ask for."""
        self._typing.stop()
        if not self._session.is_open:
            return
        wanted, problem = parse_filter(self.filter.text())
        review = self.review.currentData()
        changes = {"review": review} if review is not None else {}
        if self.order.isChecked():
            changes["least_certain_first"] = True
        self.filter.setToolTip(problem or HELP)
        self.filter.setStyleSheet(f"border-color: {COLOURS.warning};" if problem else "")
        values = {name: getattr(wanted, name) for name in FrameFilter.__dataclass_fields__} | changes
        self._session.frames.set_filter(FrameFilter(**values))

    def clear_filter(self) -> None:
        """Lists all frames in their order."""
        self._forget_filter()
        self.apply_filter()

    def _forget_filter(self) -> None:
        with QSignalBlocker(self.filter):
            self.filter.clear()
        self.review.setCurrentIndex(0)
        with QSignalBlocker(self.order):
            self.order.setChecked(False)

    def _open_first(self) -> None:
        """Enter: opens the first frame that the filter lets through, unless the current one is among them."""
        self.apply_filter()
        frames = self._session.frames
        if self._session.is_open and len(frames.listed):
            if frames.current_row < 0:
                frames.go_to_row(0)
            self.opened.emit()

    def _preview(self, frame_id: int) -> bytes | None:
        return self._session.frames.preview(frame_id) if self._session.is_open else None

    def _on_lacking(self, frame_id: int) -> None:
        self._lacking.pop(frame_id, None)
        self._lacking[frame_id] = None
        self._asking.start()

    def _on_preview(self, frame_id: int) -> None:
        self._lacking.pop(frame_id, None)
        self.thumbnails.forget(frame_id)

    def _on_row(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if current.isValid() and current.row() != self._session.frames.current_row:
            self._session.frames.go_to_row(current.row())

    # ---- following the session
    def _on_project(self) -> None:
        self._forget_filter()
        self.thumbnails.forget()
        self._lacking.clear()
        self._on_list()

    def _on_people(self) -> None:
        """Something was assigned: a list of somebody's frames is another one."""
        if self._session.is_open and self._session.frames.filter.person is not None:
            self._session.frames.reload()

    def _on_list(self) -> None:
        with QSignalBlocker(self.list.selectionModel()):  # while rows come and go none of them is chosen
            self.rows.reset()
        count = self.rows.rowCount()
        self.told.setText(counted(count, "frame") if self._session.is_open else "")
        self.stack.tell(Nothing("") if count else self._empty_text())
        self._on_frame(self._session.frames.current_id if self._session.is_open else 0)

    def _empty_text(self) -> Nothing:
        if not self._session.is_open:
            return NO_PROJECT
        if self._session.frames.filter != FrameFilter():
            return Nothing("No frame matches the filter.", (("clear_filter", "Show all frames"),))
        return Nothing("This project has no frames yet.", (("import_captures", "Import captures…"),))

    def _on_frame(self, frame_id: int) -> None:
        row = self._session.frames.listed.row_of(frame_id) if frame_id else -1
        self.list.setCurrentIndex(self.rows.index(row, 0) if row >= 0 else QModelIndex())
        if row >= 0:
            self.list.scrollTo(self.rows.index(row, 0))
        self.list.viewport().update()

    def _on_summary(self, frame_id: int) -> None:
        self.rows.refresh(frame_id)
