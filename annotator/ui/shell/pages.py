"""The pages of the window's middle: the frame view, the contact sheet, the dashboard."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QSizePolicy, QWidget

from annotator.session.session import Session
from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.commands.action_spec import Page
from annotator.ui.commands.actions import Actions
from annotator.ui.common.widgets import Tabs
from annotator.ui.contact_sheet.sheet import ContactSheet
from annotator.ui.panels.dashboard import Dashboard
from annotator.ui.panels.queues import QueuePanel


class Pages(Tabs):
    """One page at a time; opening a frame from anywhere brings the frame view up."""

    def __init__(
        self, session: Session, frame: FramePanel, queues: QueuePanel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName("Pages")
        self._session, self._frame, self._queues = session, frame, queues
        self.sheet = ContactSheet(session)
        self.addTab(frame, "Frame")
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

    def connect_actions(self, actions: Actions) -> None:
        """Joins the pages to their commands."""
        pages: tuple[tuple[str, Callable[[], None]], ...] = (
            ("page_frame", self.show_frame),
            ("page_sheet", self.show_sheet),
            ("page_dashboard", self.show_dashboard),
        )
        for name, show in pages:
            actions[name].triggered.connect(lambda _on=False, show=show: show())
        self.currentChanged.connect(lambda number: actions[pages[number][0]].setChecked(True))
        self.currentChanged.connect(lambda _number: actions.show_page(self.page))
        actions["page_frame"].setChecked(True)

    def show_frame(self) -> None:
        """Brings the frame view up."""
        self.setCurrentWidget(self._frame)
        self._frame.view.setFocus()

    def show_sheet(self) -> None:
        """Brings the contact sheet up, on the landmark that is selected."""
        self._follow_queue()
        self.setCurrentWidget(self.sheet)
        self.sheet.grid.setFocus()

    def show_dashboard(self) -> None:
        """Brings the dashboard up."""
        self.setCurrentWidget(self.dashboard)
        self.dashboard.setFocus()

    @property
    def page(self) -> Page:
        """The page that is seen."""
        return list(Page)[self.currentIndex()]

    def shows(self, frame_id: int) -> bool:
        """Whether something of a frame is seen."""
        if self.page is Page.SHEET:
            return any(cell.frame.id == frame_id for cell in self.sheet.grid.cells)
        return self.page is Page.FRAME

    def home(self) -> QWidget:
        """The part of the shown page that takes the keys."""
        homes = {Page.FRAME: self._frame.view, Page.SHEET: self.sheet.grid, Page.DASHBOARD: self.dashboard}
        return homes[self.page]

    def shutdown(self) -> None:
        """Ends what runs behind the pages."""
        self.sheet.shutdown()

    def _follow_queue(self) -> None:
        self.sheet.queue = self._queues.queue
