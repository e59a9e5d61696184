"""The pages of the window's middle: the frame view, the contact sheet, the dashboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from annotator.session.session import Session
from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.common.arrangement import splitter
from annotator.ui.common.page import Page
from annotator.ui.common.theme import scaled
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.common.widgets import Tabs
from annotator.ui.contact_sheet.sheet import ContactSheet
from annotator.ui.panels.dashboard import Dashboard
from annotator.ui.panels.queues import QueuePanel
from annotator.ui.timeline.panel import TimelinePanel


class Pages(Tabs):
    """One page at a time; opening a frame from anywhere brings the frame view up."""

    def __init__(
        self,
        session: Session,
        frame: FramePanel,
        queues: QueuePanel,
        views: QWidget,
        options: ViewOptions,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pages")
        self._session, self._frame, self._queues = session, frame, queues
        self.sheet = ContactSheet(session)
        self.beside = splitter(Qt.Orientation.Horizontal, frame, views)
        frame.setMinimumWidth(scaled(200))  # on a small screen the views give way
        self.timeline = TimelinePanel(session, options)
        self.timeline.curves.key_held.connect(frame.hold)
        self._in_time = QWidget()
        column = QVBoxLayout(self._in_time)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.beside, 1)
        column.addWidget(self.timeline)
        self._in_time.installEventFilter(self)
        self.addTab(self._in_time, "Frame")
        self.dashboard = Dashboard(session)
        self.addTab(self.sheet, "Contact sheet")
        self.addTab(self.dashboard, "Dashboard")
        self.sheet.frame_opened.connect(self.show_frame)
        for page in (
            self.sheet,
            self.dashboard,
        ):  # on a small screen they are squeezed, the window is not widened
            page.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
            page.setMinimumSize(1, 1)
        queues.opened.connect(self.show_frame)
        queues.choice.activated.connect(lambda _row: self._follow_queue())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """On a low page the curves below the picture are lower."""
        if watched is self._in_time and event.type() == QEvent.Type.Resize:
            self.timeline.curves.give_way(self._in_time.height())
        return super().eventFilter(watched, event)

    def show_page(self, page: Page) -> None:
        """Brings a page up: the contact sheet on the landmark that is selected."""
        if page is Page.SHEET:
            self._follow_queue()
        self.setCurrentIndex(list(Page).index(page))
        self.home().setFocus()

    def show_frame(self) -> None:
        """Brings the frame view up."""
        self.show_page(Page.FRAME)

    @property
    def page(self) -> Page:
        """The page that is seen."""
        return list(Page)[self.currentIndex()]

    def home(self) -> QWidget:
        """The part of the shown page that takes the keys."""
        homes = {Page.FRAME: self._frame.view, Page.SHEET: self.sheet.grid, Page.DASHBOARD: self.dashboard}
        return homes[self.page]

    def shutdown(self) -> None:
        """Ends what runs behind the pages."""
        self.sheet.shutdown()

    def _follow_queue(self) -> None:
        self.sheet.queue = self._queues.queue
