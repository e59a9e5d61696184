"""The queue panel: what to look at next and why; a click opens the frame with the landmarks in question selected."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from annotator.services.project.queue.queues import (
    AnyQueue,
    Queue,
    QueuePage,
    all_queues,
    parse_queue,
    read_queue,
)
from annotator.services.project.queue.refresh_queues import needs_refresh
from annotator.session.session import Session
from annotator.store.people.decisions import Took
from annotator.ui.common.theme import icon, label
from annotator.ui.common.thumbnails import Thumbnails
from annotator.ui.common.widgets import NO_PROJECT, EmptyState, Nothing, Panel, tool_button
from annotator.ui.panels.queue_rows import QueueDelegate, QueueRows
from annotator.ui.panels.row_delegate import row_list

_SETTLE_MS = 250  # edits in quick succession are one new look at the queue
_LIMIT = 300
_PROPOSE = (("propose_all", "Propose all"),)


class QueuePanel(Panel):
    """One queue at a time, read in a thread; it follows every edit and proposal."""

    opened = Signal()  # an entry's frame was opened
    reveal_requested = Signal(int)  # a landmark of that frame

    def __init__(self, session: Session, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__("Queue", parent, in_tab=True)
        self._session = session
        self.page: QueuePage | None = None
        self._place = -1  # where the artist is in the queue, also when the entry has just left it
        self._step_wanted = 0  # a step that waits for the queue to be read
        self.header.addWidget(tool_button("arrow-clockwise", "Look for doubts anew", self.refresh_findings))
        self._build_choice()
        self.rows = QueueRows(self)
        self.list = row_list("Queue")
        self.list.setModel(self.rows)
        self.list.setItemDelegate(QueueDelegate(session, thumbnails, self))
        # an edit brings the queue up to date; it must not carry the artist away
        self.list.setAutoScroll(False)
        self.stack = EmptyState(self.list)
        self.body.setContentsMargins(0, 2, 0, 6)
        self.body.addWidget(self.stack, 1)
        self._build_buttons()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLE_MS)
        self._settle.timeout.connect(self.reload)
        thumbnails.ready.connect(self.rows.refresh)
        self._connect()
        self._on_project()

    def _build_choice(self) -> None:
        self.choice = QComboBox()
        self.choice.setAccessibleName("Queue to show")
        self.choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choice.setMinimumContentsLength(8)
        for name, queue in all_queues().items():
            self.choice.addItem(queue.heading, name)
        self.how = label("", "faint")
        self.how.setWordWrap(True)
        column = QHBoxLayout()
        column.setContentsMargins(8, 0, 8, 0)
        column.addWidget(self.choice)
        text = QHBoxLayout()
        text.setContentsMargins(10, 0, 10, 4)
        text.addWidget(self.how)
        self.body.addLayout(column)
        self.body.addLayout(text)
        self.choice.activated.connect(lambda _row: self.show_queue(self.queue))

    def _build_buttons(self) -> None:
        self.next = QPushButton(icon("skip-forward"), "Next")
        self.right = QPushButton(icon("check"), "Looks right")
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 0)
        row.addWidget(self.next, 1)
        row.addWidget(self.right, 1)
        self.body.addLayout(row)
        self.next.clicked.connect(lambda: self.step(1))
        self.right.clicked.connect(self.dismiss_current)

    def _connect(self) -> None:
        session = self._session
        self.list.clicked.connect(self._on_click)
        self.list.activated.connect(self._on_click)
        session.project_opened.connect(self._on_project)
        session.project_closed.connect(self._on_project)
        session.frames.current_changed.connect(self._on_frame)
        for changed in (session.annotations.changed, session.proposals.arrived):
            changed.connect(lambda _frame: self._soon())
        for changed in (
            session.models.changed,
            session.frames.list_changed,
            session.queues.changed,
            session.notes.changed,
            session.people.changed,
            session.merged.changed,
        ):
            changed.connect(self._soon)

    def show_keys(self, in_brackets: Callable[[str], str]) -> None:
        """Tool tips with the keys that are in use, by the id of the command."""
        self.next.setToolTip(f"Open the next frame of the queue{in_brackets('queue_next')}")
        taken = "Take this frame out of the queue until something in it gets worse"
        self.right.setToolTip(f"{taken}{in_brackets('queue_dismiss')}")

    # ---- the queue
    @property
    def queue(self) -> AnyQueue:
        """The queue that is shown."""
        return parse_queue(self.choice.currentData())

    def show_queue(self, queue: AnyQueue) -> None:
        """Shows another queue."""
        self.choice.setCurrentIndex(self.choice.findData(queue.value))
        self._place = -1
        self.page = None
        self.reload()

    def reload(self) -> None:
        """Reads the queue again, in a thread."""
        self._settle.stop()
        queue = self.queue
        self.how.setText(queue.words.how)
        if self._session.is_open:
            self._session.read_beside(
                "queue",
                lambda store: (read_queue(store, queue, _LIMIT), needs_refresh(store)),
                self._show_page,
            )

    def refresh_findings(self) -> None:
        """Learns the usual shapes and asks for doubts anew, as a job."""
        if self._session.is_open:
            self._session.queues.start_refresh()

    def step(self, count: int) -> bool:
        """Opens the entry `count` after the one where the artist is, going round; False where the queue is empty."""
        if self.page is None and self._session.is_open:
            self._step_wanted = count
            self.reload()
            return True
        if not self.rows.items:
            return False
        here = self.rows.row_of(self._session.frames.current_id) if self._session.is_open else -1
        if here >= 0:
            row = here + count
        else:  # the entry has left the queue: the one that took its place is next
            row = max(self._place, 0) if count > 0 else self._place - 1
        self.open_row(row % len(self.rows.items))
        return True

    def open_row(self, row: int) -> None:
        """Opens an entry's frame with the landmarks in question selected."""
        item = self.rows.items[row]
        self._place = row
        self._session.frames.go_to(item.frame.id)
        self._session.selection.set(item.landmarks, item.landmarks[0] if item.landmarks else None)
        self.list.setCurrentIndex(self.rows.index(row))
        self.opened.emit()
        if item.landmarks:
            self.reveal_requested.emit(item.landmarks[0])

    @property
    def _can_dismiss(self) -> bool:
        return self.queue.question is not None or self.queue in (Queue.NOTES, Queue.CONFLICTS)

    def dismiss_current(self) -> bool:
        """The current frame looks right: takes it out of the queue, undoably, and opens the next; False if it is not in it."""
        question, row = self.queue.question, self.rows.row_of(self._session.frames.current_id)
        if not self._can_dismiss or row < 0:
            return False
        frame_id = self._session.frames.current_id
        rest = tuple(item for item in self.rows.items if item.frame.id != frame_id)
        if self.queue is Queue.CONFLICTS:
            merged = self._session.merged
            merged.take(frame_id, merged.of_frame(frame_id), Took.NEITHER)
        elif question is None:
            self._session.notes.settle_frame(frame_id)
        else:
            self._session.queues.dismiss(frame_id, question)
        self.rows.show_items(rest)
        self._place = row
        self.step(1)
        return True

    # ---- following the session
    def _soon(self) -> None:
        if not (self._session.is_open and self.isVisible()):
            self.page = None
        elif not self._settle.isActive():  # a whole-project run tells of frames all the time
            self._settle.start()

    def showEvent(self, event: QShowEvent) -> None:
        """Reads the queue when the panel comes up with an old page."""
        if self.page is None:
            self.reload()

    def _on_project(self) -> None:
        self.page, self._place = None, -1
        self.rows.show_items(())
        self._show_state()
        if self._session.is_open and self.isVisible():
            self.reload()

    def _show_page(self, answer: tuple[QueuePage, bool]) -> None:
        self.page, outdated = answer
        if outdated:
            self._session.queues.start_refresh()
        if self.page.items != self.rows.items:
            bar = self.list.verticalScrollBar()
            at = bar.value()
            self.rows.show_items(self.page.items)
            bar.setValue(at)
        self._mark(self._session.frames.current_id)
        self._show_state()
        count, self._step_wanted = self._step_wanted, 0
        if count:
            self.step(count)

    def _show_state(self) -> None:
        page = self.page
        shown = len(self.rows.items)
        total = page.total if page is not None else 0
        text = ""
        if page is not None:
            some = f"{shown} of {page.total_text}" if total > shown else page.total_text
            text = f"{some} frame{'' if total == 1 else 's'}"
        self.told.setText(text)
        self.stack.tell("" if shown else self._empty_text())
        self.next.setEnabled(bool(shown))
        self.right.setEnabled(bool(shown) and self._can_dismiss)

    def _empty_text(self) -> str | Nothing:
        if not self._session.is_open:
            return NO_PROJECT
        if self.page is None:
            return "Reading…"
        return Nothing(self.page.why, _PROPOSE if self.page.waiting else ())

    def _on_click(self, index: QModelIndex) -> None:
        if index.isValid():
            self.open_row(index.row())

    def _on_frame(self, frame_id: int) -> None:
        row = self._mark(frame_id)
        if row >= 0:
            self.list.scrollTo(self.rows.index(row))

    def _mark(self, frame_id: int) -> int:
        """Shows where the artist is; returns the row, -1 where the frame is not in the queue."""
        row = self.rows.row_of(frame_id)
        self.list.setCurrentIndex(self.rows.index(row) if row >= 0 else QModelIndex())
        if row >= 0:
            self._place = row
        self.list.viewport().update()
        return row
