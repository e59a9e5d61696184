"""How the window is begun: the start page, buttons of empty places, drops, Enter in the filter box."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from annotator.ui.commands.actions import Actions
from annotator.ui.commands.desk import Desk
from annotator.ui.commands.opening import open_path
from annotator.ui.common.recent import remember_project
from annotator.ui.common.widgets import EmptyState
from annotator.ui.panels.notes import NotesPanel
from annotator.ui.shell.drops import Drops
from annotator.ui.shell.start_page import StartPage


class Start:
    """Joins them to the table of commands."""

    def __init__(self, desk: Desk, actions: Actions, show_frame: Callable[[], None]) -> None:
        self._desk = desk
        self.page = StartPage(desk.session, desk.settings, desk.panel)
        self.drops = Drops(desk, desk.window)
        desk.session.project_opened.connect(self._remember)  # before menus and page show who was open last
        self.page.wanted.connect(lambda command: actions[command].trigger())
        self.page.project_wanted.connect(self._open)
        for empty in desk.window.findChildren(EmptyState):
            empty.words.wanted.connect(lambda command: actions[command].trigger())
        notes = desk.window.findChildren(NotesPanel)[0]
        notes.done.connect(desk.panel.view.setFocus)
        notes.landmark_wanted.connect(desk.panel.reveal)
        desk.frames.lost.wanted.connect(lambda command: actions[command].trigger())
        desk.frames.opened.connect(show_frame)

    def _remember(self) -> None:
        remember_project(self._desk.settings, self._desk.session.path)

    def _open(self, path: Path) -> None:
        self._desk.guarded(partial(open_path, self._desk, path))
