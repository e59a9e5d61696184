"""The main window: puts panels, menus and tool bar round one session."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSettings
from PySide6.QtGui import QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMainWindow

from annotator.session.guard import guard_overrides
from annotator.session.job.job_board import Job
from annotator.session.session import Session
from annotator.ui.canvas.conflict_marks import ConflictMarks
from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.commands.actions import Actions
from annotator.ui.commands.comparing import Comparing
from annotator.ui.commands.desk import Desk
from annotator.ui.commands.fine_edits import FineEdits
from annotator.ui.commands.keys.keymap import Keymap
from annotator.ui.commands.keys.keymap_dialog import KeymapDialog
from annotator.ui.commands.keys.shortcuts_dialog import ShortcutsDialog
from annotator.ui.commands.landmark_edits import LandmarkEdits
from annotator.ui.commands.model_choice import show_beside
from annotator.ui.common.arrangement import TIMELINE, VIEWS, Arrangement
from annotator.ui.common.page import Page
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.dialogs.conflict import ConflictQuestions
from annotator.ui.dialogs.palette import CommandPalette
from annotator.ui.dialogs.quit import closed, may_quit
from annotator.ui.heatmaps.panel import HeatmapsPanel
from annotator.ui.panels.frame_list import FrameListPanel
from annotator.ui.panels.history import HistoryPanel
from annotator.ui.panels.inspector import InspectorPanel
from annotator.ui.panels.jobs import JobsPanel
from annotator.ui.panels.landmark_tree import LandmarkTree
from annotator.ui.panels.notes import NotesPanel
from annotator.ui.panels.queues import QueuePanel
from annotator.ui.panels.training import TrainingPanel
from annotator.ui.rig_views.rig_desk import RigDesk
from annotator.ui.shell.banner import Banners
from annotator.ui.shell.context_menus import ContextMenus
from annotator.ui.shell.focus_home import FocusHome, step_panel
from annotator.ui.shell.layout import Layout
from annotator.ui.shell.pages import Pages
from annotator.ui.shell.start import Start
from annotator.ui.shell.status import StatusLine
from annotator.ui.shell.toolbar import MainToolBar
from annotator.ui.shell.tour import Step
from annotator.ui.shell.tour_steps import TourGuide, tour_steps
from annotator.ui.shell.view_menu import ViewMenu
from annotator.ui.shell.window_settings import WindowSettings
from annotator.ui.timeline.trail import FrameTrail

_TOLD_MS = 5000


class MainWindow(QMainWindow):
    """One window on one session; the session must outlive it."""

    def __init__(self, session: Session, settings: QSettings) -> None:
        guard_overrides()
        super().__init__()
        self._session, self._settings = session, settings
        self.setObjectName("main")
        self.options = ViewOptions(self)
        self.frame_panel = panel = FramePanel(session, self.options)
        self.view = view = panel.view
        self.rig = RigDesk(session, self.view, self.options, self)
        self.trail, self.conflicts = FrameTrail(session, view, self.options), ConflictMarks(session, panel)
        self.frames = FrameListPanel(session, self.options)
        self.queues = QueuePanel(session, self.frames.thumbnails)
        self.heatmaps = HeatmapsPanel(session, self.options)
        self.landmarks, self.history = LandmarkTree(session), HistoryPanel(session)
        self.inspector, self.jobs = InspectorPanel(session), JobsPanel(session)
        self.training, self.banners = TrainingPanel(session), Banners(session)
        self.actions_by_id = Actions(self, self.view, session.end_gestures)
        self.actions_by_id.fill(self.menuBar())
        self.toolbar = MainToolBar(session, self.options, self.actions_by_id)
        self.addToolBar(self.toolbar)
        self.setStatusBar(StatusLine(session, self.frame_panel.pixel_text, self))
        self.pages = Pages(session, self.frame_panel, self.queues, self.rig.panel, self.options)
        self.arrangement = Arrangement(
            lists={"Frames": self.frames, "Queue": self.queues},
            details={"Inspector": self.inspector, "Landmarks": self.landmarks, "History": self.history},
            drawer={"Jobs": self.jobs, "Training": self.training},
            top=self.banners,
            middle=self.pages,
            heatmaps=self.heatmaps,
            beside=(self.pages.beside, self.rig.panel),
            timeline=self.pages.timeline,
        )
        self.lists, self.details, self.drawer = self.arrangement.tabs
        self.details.addTab(NotesPanel(session), "Notes")
        self.setCentralWidget(self.arrangement.root)
        self.banners.notice.float_over(self.pages, self.arrangement.root)
        self.view.menu = ViewMenu(self.actions_by_id, session)
        self.edits, self.conflict_questions = LandmarkEdits(session, self), ConflictQuestions(session, self)
        self.fine_edits = FineEdits(
            session, self.edits, self.frame_panel, self.options, self.actions_by_id.key_of, self
        )
        self.comparing = Comparing(session, self.options, self.frame_panel, self.actions_by_id, self)
        self.layout_kept = Layout(self, settings, self.options, self.arrangement, self.heatmaps.grid)
        self.keymap = Keymap(self.actions_by_id, settings, self)
        self.window_settings = WindowSettings(session, settings, self.keymap, self)
        self.tour_guide = TourGuide(self, session, settings, self._tour)
        self.focus_home = FocusHome(self, self.pages.home)
        self.desk = self._desk()
        self.start = Start(self.desk, self.actions_by_id, self.pages.show_frame)
        self.actions_by_id.bind(self.desk)
        self._connect()
        self.restore_layout()
        self._on_project()

    # ---- building
    def _desk(self) -> Desk:
        return Desk(
            self._session,
            self._settings,
            self,
            self,
            self.arrangement,
            self.options,
            self.frame_panel,
            self.frames,
            self.heatmaps,
            self.edits,
            self.fine_edits,
            self.comparing,
            self.rig,
        )

    def _tour(self) -> list[Step]:
        parts = (self.lists, self.menuBar(), self.frame_panel, self.heatmaps, self.details, self.toolbar)
        return tour_steps(self.actions_by_id, *parts)

    def _connect(self) -> None:
        session, actions = self._session, self.actions_by_id
        self.edits.set_patch(lambda: self.pages.sheet.current if self.page is Page.SHEET else None)
        for told in (self.edits.hint, self.rig.hint):
            told.connect(self._say)
        self.inspector.flag_clicked.connect(lambda flag: self._decide(flag.name.lower()))
        self.inspector.review_clicked.connect(lambda state: self._decide(f"review_{state.name.lower()}"))
        self.rig.moment_found.connect(lambda: self.arrangement.offer_part(VIEWS))
        self.rig.marks.told.connect(self.inspector.show_views)
        for panel in (self.rig.panel, self.pages.timeline, self.training):
            panel.command_wanted.connect(lambda name: actions[name].trigger())
        self.pages.timeline.take_found.connect(lambda: self.arrangement.offer_part(TIMELINE))
        for look in (self.comparing.make_room, self.frame_panel.show_instead):
            self.history.looked_at.connect(look)
        self.menus = ContextMenus(session, actions, self.frames.list, self.landmarks, self.heatmaps, self)
        self.landmarks.place_requested.connect(self._place)
        self.arrangement.changed.connect(lambda: self.toolbar.setHidden(self.arrangement.picture_only))
        for tabs in (self.lists, self.pages):
            tabs.currentChanged.connect(lambda _tab: actions.refresh())
        self.queues.reveal_requested.connect(self.frame_panel.reveal)
        self.training.compare_wanted.connect(lambda model: show_beside(self.desk, model))
        self.view.place_changed.connect(self.heatmaps.show_place)
        self.heatmaps.place_wanted.connect(self.view.look_at)
        self.banners.save_as.clicked.connect(lambda _on: actions["save_as"].trigger())
        self.keymap.changed.connect(self._show_keys)
        self._show_keys()
        session.jobs.changed.connect(self._on_job)
        for changed in (session.project_opened, session.project_closed):
            changed.connect(self._on_project)

    def _show_keys(self) -> None:
        actions = self.actions_by_id
        self.inspector.show_keys(lambda name: actions[name].toolTip(), actions.in_brackets)
        for part in (self.rig.panel, self.pages.timeline):
            part.show_keys(lambda name: actions[name].toolTip())
        self.queues.show_keys(actions.in_brackets)
        self.conflicts.show_keys(actions.in_brackets)
        self.pages.sheet.show_keys(self.actions_by_id.key_of)

    def _say(self, text: str) -> None:
        self.banners.show_message("info", text)

    def _decide(self, command: str) -> None:
        """A button that speaks of the frame: done only while the frame is seen."""
        if self.page is Page.FRAME:
            self.actions_by_id[command].trigger()
        else:
            self._say("Show the frame first (View ▸ Frame view): this is done to landmarks that are seen")

    def _place(self, landmark: int) -> None:
        """The next click in the frame view places this landmark."""
        self.pages.show_frame()
        self.frame_panel.placing.start(landmark)
        self.view.setFocus()

    # ---- what commands do to the window, see `Shell`
    @property
    def page(self) -> Page:
        """The page that is seen."""
        return self.pages.page

    def show_page(self, page: Page) -> None:
        """Brings a page up."""
        self.pages.show_page(page)

    @property
    def queue_is_up(self) -> bool:
        """Whether the queue is the list in use."""
        return self.lists.currentWidget() is self.queues

    def show_queue(self, on: bool) -> None:
        """Brings the queue up in place of the list of frames, or the other way round."""
        if on and not self.arrangement.is_shown("lists"):
            self.arrangement.show_part("lists", True)
        self.lists.setCurrentWidget(self.queues if on else self.frames)

    def step_queue(self, count: int) -> None:
        """Shows the next (1) or previous (-1) frame of the queue; the first press brings the queue up."""
        self.show_queue(True)
        if not self.queues.step(count):
            self._say(f"The queue is empty: {self.queues.queue.heading}")

    def leave_queue(self) -> None:
        """Takes the frame out of the queue that is seen; the first press brings it up."""
        if not (self.queue_is_up and self.queues.isVisible()):
            self.show_queue(True)
            self._say(f"Once more takes the frame out of this queue: {self.queues.queue.heading}")
        elif not self.queues.dismiss_current():
            self._say("Open a frame of this queue first")

    def go_on(self) -> bool:
        """After a frame is done: the queue's next entry while the queue is in use, else the next unreviewed frame."""
        if self.queue_is_up and self.queues.isVisible():
            return self.queues.step(1)
        return self._session.frames.next_by_state("unreviewed")

    def confirm_patch(self) -> None:
        """Confirms the current patch of the contact sheet and goes to the next."""
        self.pages.sheet.confirm()

    def take_step(self, step: Callable[[], None]) -> None:
        """Takes an undo step, and brings up the frame that it changed where no patch of the contact sheet shows it."""
        sheet = self.pages.sheet
        before = list(sheet.grid.cells) if self.page is Page.SHEET else []
        step()
        if self.page is not Page.FRAME and not sheet.point_at(before):
            self.pages.show_frame()

    def show_training(self) -> None:
        """Shows the drawer with what is learnt now."""
        self.drawer.setCurrentWidget(self.training)
        self.arrangement.show_drawer(True)

    def step_panel(self, count: int) -> None:
        """Moves the keyboard to the next (1) or previous (-1) panel."""
        step_panel([self.lists, self.pages, self.rig.panel, self.heatmaps, self.details, self.drawer], count)

    def reset_layout(self) -> None:
        """Sizes, tabs and what is shown, as at the first start."""
        self.layout_kept.reset()
        self.rig.tell_of_moment()

    def look_for_sizes(self) -> None:
        """Looks for pictures of another size than their frames; a bar tells what is found."""
        self.banners.sizes.look()

    def edit_settings(self) -> None:
        """Asks for settings."""
        self.window_settings.edit()

    def find_command(self) -> None:
        """Asks for a command by its name."""
        CommandPalette(list(self.actions_by_id.values()), self).exec()

    def list_keys(self) -> None:
        """Shows all keys."""
        ShortcutsDialog(self.keymap.keys, self).exec()

    def change_keys(self) -> None:
        """Asks for other keys."""
        KeymapDialog(self.keymap, self).exec()

    def start_tour(self) -> None:
        """Shows the tour from its first card."""
        self.tour_guide.start()

    # ---- following the session
    def _on_job(self, job: Job) -> None:
        if (job.kind, job.is_active, job.done) == ("train", True, 0):
            self.show_training()

    def _on_project(self) -> None:
        self.setWindowTitle("Annotator")
        if self._session.is_open:
            store = self._session.store
            self.setWindowTitle(f"{store.path.stem}{' (read only)' if store.read_only else ''} – Annotator")
            self._settings.setValue("project/last", str(self._session.path))
            self.view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key that no command took: says why, where a command has it that is off here."""
        if why := self.actions_by_id.why_key_is_off(QKeySequence(event.keyCombination())):
            self.statusBar().showMessage(why, _TOLD_MS)
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """A window that loses the hand does not see the button go up."""
        if event.type() in (QEvent.Type.WindowDeactivate, QEvent.Type.WindowBlocked):
            self._session.end_gestures()
        return super().event(event)

    # ---- layout and end
    def restore_layout(self) -> None:
        """Takes over sizes, tabs and what is shown, of the last time."""
        self.arrangement.show_drawer(self.layout_kept.restore())

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closes the project; asks first where work is under way, and where edits could not be saved."""
        self.layout_kept.save()
        if not may_quit(self._session.jobs.all, self) or not closed(self._session, self):
            event.ignore()
            return
        self.pages.shutdown()
        event.accept()
