"""The main window: puts panels, menus and tool bar round one session."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtGui import QAction, QCloseEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QFrame,
    QMainWindow,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from annotator.session.guard import guard_overrides
from annotator.session.job_board import Job
from annotator.session.session import Session
from annotator.ui.canvas.frame_panel import FramePanel
from annotator.ui.commands.action_spec import Page
from annotator.ui.commands.actions import Actions
from annotator.ui.commands.edit_commands import EditCommands
from annotator.ui.common.theme import icon
from annotator.ui.common.view_options import ViewOptions
from annotator.ui.common.widgets import Tabs
from annotator.ui.dialogs.conflict import ConflictQuestions
from annotator.ui.dialogs.unsaved import may_discard
from annotator.ui.heatmaps.panel import HeatmapsPanel
from annotator.ui.panels.frame_list import FrameListPanel
from annotator.ui.panels.history import HistoryPanel
from annotator.ui.panels.inspector import InspectorPanel
from annotator.ui.panels.jobs import JobsPanel
from annotator.ui.panels.landmark_tree import LandmarkTree
from annotator.ui.panels.queues import QueuePanel
from annotator.ui.panels.training import TrainingPanel
from annotator.ui.shell.banner import Banners
from annotator.ui.shell.compare_commands import CompareCommands
from annotator.ui.shell.context_menus import ContextMenus
from annotator.ui.shell.fine_edit_commands import FineEditCommands
from annotator.ui.shell.focus_home import FocusHome
from annotator.ui.shell.landmark_commands import LandmarkCommands
from annotator.ui.shell.layout import Layout, made_sizes
from annotator.ui.shell.pages import Pages
from annotator.ui.shell.project_commands import ProjectCommands
from annotator.ui.shell.status import StatusLine
from annotator.ui.shell.toolbar import MainToolBar
from annotator.ui.shell.tour import Step
from annotator.ui.shell.tour_steps import tour_steps
from annotator.ui.shell.view_commands import ViewCommands
from annotator.ui.shell.view_menu import ViewMenu
from annotator.ui.shell.window_commands import WindowCommands

_TOLD_MS = 5000


class MainWindow(QMainWindow):
    """One window on one session; the session must outlive it."""

    def __init__(self, session: Session, settings: QSettings) -> None:
        guard_overrides()
        super().__init__()
        self._session, self._settings = session, settings
        self.setObjectName("main")
        self.options = ViewOptions(self)
        self.commands = EditCommands(session, self)
        self.frame_panel = FramePanel(session, self.options)
        self.view = self.frame_panel.view
        self.frames = FrameListPanel(session, self.options)
        self.queues = QueuePanel(session, self.frames.thumbnails)
        self.heatmaps = HeatmapsPanel(session, self.options)
        self.inspector = InspectorPanel(session, self.commands)
        self.landmarks = LandmarkTree(session)
        self.history = HistoryPanel(session)
        self.jobs = JobsPanel(session)
        self.training = TrainingPanel(session)
        self.banners = Banners(session)
        self.undo, self.redo = self._build_undo()
        self.actions_by_id = Actions(self, self.view, session.end_gestures)
        self.actions_by_id.adopt("undo", self.undo, "Undo")
        self.actions_by_id.adopt("redo", self.redo, "Redo")
        self.actions_by_id.fill(self.menuBar(), {"Edit": [self.undo, self.redo]})
        self.toolbar = MainToolBar(session, self.options, self.actions_by_id, self.undo, self.redo)
        self.addToolBar(self.toolbar)
        self.setStatusBar(StatusLine(session, self.frame_panel.pixel_text, self))
        self._lay_out()
        self.view.menu = ViewMenu(self.actions_by_id, session)
        self.view_commands = ViewCommands(self.options, self.frame_panel, self.actions_by_id, self)
        self.compare_commands = CompareCommands(
            session, self.options, self.frame_panel, self.actions_by_id, self
        )
        self.landmark_commands = LandmarkCommands(
            session, self.commands, self.frame_panel, self.actions_by_id, self
        )
        self.fine_edits = FineEditCommands(
            session, self.commands, self.frame_panel, self.actions_by_id, self.options, self
        )
        self.landmark_commands.set_dismiss(self.fine_edits.suggestions.dismiss)
        self.conflict_questions = ConflictQuestions(session, self)
        self.project_commands = ProjectCommands(session, settings, self)
        tabs = {"lists": self.lists, "details": self.details}
        self.layout_kept = Layout(self, settings, self.options, self._splitters(), tabs, self.drawer)
        self.window_commands = WindowCommands(
            session, settings, self.actions_by_id, self.layout_kept, self._panels, self._tour, self
        )
        self.window_commands.keymap.changed.connect(lambda: self.inspector.show_keys(self.actions_by_id))
        self.inspector.show_keys(self.actions_by_id)
        self.focus_home = FocusHome(self, self.pages.home)
        self._connect()
        self.restore_layout()
        self._on_project()

    # ---- building
    def _build_undo(self) -> tuple[QAction, QAction]:
        """Not the stack's own actions: a gesture under way must end before the stack moves."""
        session, stack = self._session, self._session.annotations.undo_stack
        undo, redo = (
            QAction(icon("arrow-u-up-left"), "Undo", self),
            QAction(icon("arrow-u-up-right"), "Redo", self),
        )
        for action, word, run, can, text in (
            (undo, "Undo", session.annotations.undo, stack.canUndoChanged, stack.undoTextChanged),
            (redo, "Redo", session.annotations.redo, stack.canRedoChanged, stack.redoTextChanged),
        ):
            action.setEnabled(False)
            action.triggered.connect(lambda _on=False, run=run: self._take_step(run))
            can.connect(action.setEnabled)
            text.connect(lambda step, action=action, word=word: action.setText(f"{word} {step}".strip()))
        return undo, redo

    def _take_step(self, run: Callable[[], None]) -> None:
        """Undo or redo, and bring up the frame that it changed where no patch of the contact sheet shows it."""
        run()
        if not self.pages.shows(self._session.frames.current_id):
            self.pages.show_frame()

    def _lay_out(self) -> None:
        self.pages = Pages(self._session, self.frame_panel, self.queues)
        self.drawer = Tabs()
        self.drawer.addTab(self.jobs, "Jobs")
        self.drawer.addTab(self.training, "Training")
        self.details = Tabs()
        scroll = QScrollArea()  # small screens: the inspector scrolls rather than making the window taller
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(self.inspector)
        self.details.addTab(scroll, "Inspector")
        self.details.addTab(self.landmarks, "Landmarks")
        self.details.addTab(self.history, "History")
        boxed = QWidget()
        boxed.setObjectName("panel")
        boxed.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(boxed)
        column.setContentsMargins(1, 1, 1, 1)
        column.addWidget(self.details)
        self.centre = _splitter(Qt.Orientation.Vertical, self.pages, self.drawer)
        self.right = _splitter(Qt.Orientation.Vertical, self.heatmaps, boxed)
        self.lists = Tabs()
        self.lists.addTab(self.frames, "Frames")
        self.lists.addTab(self.queues, "Queue")
        self.columns = _splitter(Qt.Orientation.Horizontal, self.lists, self.centre, self.right)
        self.columns.setStretchFactor(1, 1)
        self.centre.setStretchFactor(0, 1)
        for name, splitter in self._splitters().items():
            splitter.setSizes(made_sizes(name))
        self.drawer.hide()
        root = QWidget()
        root.setObjectName("root")
        rows = QVBoxLayout(root)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.banners)
        inner = QVBoxLayout()
        inner.setContentsMargins(6, 6, 6, 6)
        inner.addWidget(self.columns)
        rows.addLayout(inner, 1)
        self.setCentralWidget(root)

    def _connect(self) -> None:
        session = self._session
        for name, handler in self._window_handlers().items():
            self.actions_by_id[name].triggered.connect(lambda _on=False, handler=handler: handler())
        self.project_commands.connect_actions(self.actions_by_id)
        self.commands.set_next(self._next_open)
        self.commands.set_seen(lambda: self.pages.page is Page.FRAME)
        self.commands.set_key_repeats(lambda: self.view.key_repeats)
        self.commands.hint.connect(lambda text: self.banners.show_message("info", text))
        self.history.looked_at.connect(self.compare_commands.make_room)
        self.history.looked_at.connect(self.frame_panel.show_instead)
        self.menus = ContextMenus(
            session, self.actions_by_id, self.frames.list, self.landmarks, self.heatmaps, self
        )
        self.landmarks.place_requested.connect(lambda _landmark: self.pages.show_frame())
        self.landmarks.place_requested.connect(self.landmark_commands.place)
        self.lists.currentChanged.connect(
            lambda _tab: self.actions_by_id["show_queue"].setChecked(
                self.lists.currentWidget() is self.queues
            )
        )
        self.pages.connect_actions(self.actions_by_id)
        self.queues.reveal_requested.connect(self.landmark_commands.reveal)
        self.training.retrain_requested.connect(self.actions_by_id["retrain"].trigger)
        self.training.roll_back_requested.connect(self.actions_by_id["roll_back"].trigger)
        session.jobs.changed.connect(self._on_job)
        session.project_opened.connect(self._on_project)
        session.project_closed.connect(self._on_project)

    def _window_handlers(self) -> dict[str, Callable[[], object]]:
        return {
            "show_drawer": lambda: self.show_drawer(not self.drawer.isVisible()),
            "full_screen": lambda: self.showNormal() if self.isFullScreen() else self.showFullScreen(),
            "quit": self.close,
            "pane_more": lambda: self.heatmaps.turn_contrast(1),
            "pane_less": lambda: self.heatmaps.turn_contrast(-1),
            "pane_colours": self.heatmaps.next_colours,
            "pane_same": self.heatmaps.same_looks,
            "find": lambda: self.frames.filter.setFocus(Qt.FocusReason.ShortcutFocusReason),
            "show_queue": lambda: self.lists.setCurrentIndex(1 - self.lists.currentIndex()),
            "queue_next": lambda: self._queue_step(1),
            "queue_previous": lambda: self._queue_step(-1),
            "queue_dismiss": self._queue_dismiss,
        }

    def _panels(self) -> list[QWidget]:
        return [self.lists, self.pages, self.heatmaps, self.details, self.drawer]

    def _tour(self) -> list[Step]:
        return tour_steps(
            self.actions_by_id,
            self.lists,
            self.menuBar(),
            self.frame_panel,
            self.heatmaps,
            self.details,
            self.toolbar,
        )

    def show_drawer(self, on: bool, training: bool = False) -> None:
        """Shows or hides the jobs and training drawer."""
        self.drawer.setVisible(on)
        self.actions_by_id["show_drawer"].setChecked(on)
        if training:
            self.drawer.setCurrentWidget(self.training)

    def _next_open(self) -> bool:
        """After a frame is done: the queue's next entry while the queue is the list in use, else the next unreviewed frame."""
        if self.lists.currentWidget() is self.queues and self.queues.isVisible():
            return self.queues.step(1)
        return self._session.frames.next_by_state("unreviewed")

    def _queue_step(self, count: int) -> None:
        """The next frame of the queue; the first press brings the queue up."""
        if self.lists.currentWidget() is not self.queues:
            self.lists.setCurrentWidget(self.queues)
        if not self.queues.step(count):
            self.commands.hint.emit(f"The queue is empty: {self.queues.queue.heading}")

    def _queue_dismiss(self) -> None:
        if not self.queues.dismiss_current():
            self.commands.hint.emit("Open a frame of a queue of doubts first (J)")

    # ---- following the session
    def _on_job(self, job: Job) -> None:
        if job.kind == "train" and job.is_active and job.done == 0:
            self.show_drawer(True, training=True)

    def _on_project(self) -> None:
        is_open = self._session.is_open
        self.actions_by_id.show_project(is_open)
        self.setWindowTitle("Annotator")
        if is_open:
            store = self._session.store
            self.setWindowTitle(f"{store.path.stem}{' (read only)' if store.read_only else ''} – Annotator")
            self._settings.setValue("project/last", str(self._session.path))
            self.view.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key that no command took: says why, where a command has it that is off here."""
        why = self.actions_by_id.why_off(QKeySequence(event.keyCombination()))
        if why:
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
        self.show_drawer(self.layout_kept.restore())

    def _splitters(self) -> dict[str, QSplitter]:
        return {"columns": self.columns, "centre": self.centre, "right": self.right}

    def _may_discard(self) -> bool:
        discard = may_discard(self._session.annotations.save_state, self)
        return discard and self._session.close_project(discard_pending=True)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Closes the project; asks first where edits could not be saved."""
        self.layout_kept.save()
        if self._session.is_open and not self._session.close_project() and not self._may_discard():
            event.ignore()
            return
        self.pages.shutdown()
        event.accept()


def _splitter(orientation: Qt.Orientation, *widgets: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setHandleWidth(6)
    splitter.setChildrenCollapsible(False)
    for widget in widgets:
        splitter.addWidget(widget)
    return splitter
