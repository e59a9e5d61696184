"""The View menu, lower part: pages, panels, the window itself."""

from __future__ import annotations

from annotator.ui.commands.command import Command
from annotator.ui.commands.desk import Desk
from annotator.ui.common.page import Page


def _full_screen(desk: Desk) -> None:
    if desk.window.isFullScreen():
        desk.window.showNormal()
    else:
        desk.window.showFullScreen()


def _page(page: Page) -> Command:
    names = {Page.FRAME: "frame", Page.SHEET: "sheet", Page.DASHBOARD: "dashboard"}
    keys = {Page.FRAME: "F2", Page.SHEET: "F3", Page.DASHBOARD: "F4"}
    icons = {Page.SHEET: "squares-four", Page.DASHBOARD: "chart-bar"}
    return Command(
        f"page_{names[page]}",
        "View",
        page.value.capitalize(),
        (keys[page],),
        icons.get(page, ""),
        run=lambda desk: desk.shell.show_page(page),
        checkable=True,
        checked=lambda desk: desk.shell.page is page,
        group="page",
        before=page is Page.FRAME,
    )


def _picture_only(desk: Desk) -> None:
    desk.arrangement.show_picture_only(not desk.arrangement.picture_only)
    desk.shell.show_page(desk.shell.page)  # the keys come along


_PARTS = (
    ("lists", "Frames and queue", "Alt+1"),
    ("heatmaps", "Latent heatmaps", "Alt+2"),
    ("views", "Views of the other cameras", "Alt+5"),
    ("timeline", "Timeline", "Alt+6"),
    ("details", "Inspector, landmarks, history", "Alt+4"),
)


def _part(name: str, text: str, key: str) -> Command:
    return Command(
        f"show_{name}",
        "View",
        text,
        (key,),
        run=lambda desk: desk.arrangement.show_part(name, not desk.arrangement.is_shown(name)),
        checkable=True,
        checked=lambda desk: desk.arrangement.is_shown(name),
        before=name == "lists",
    )


PANELS: tuple[Command, ...] = (
    *(_page(page) for page in Page),
    Command(
        "show_queue",
        "View",
        "Queue",
        ("Ctrl+U",),
        "queue",
        run=lambda desk: desk.shell.show_queue(not desk.shell.queue_is_up),
        checkable=True,
        checked=lambda desk: desk.shell.queue_is_up,
    ),
    Command(
        "show_drawer",
        "View",
        "Jobs and training",
        ("Ctrl+J",),
        "list",
        run=lambda desk: desk.arrangement.show_drawer(not desk.arrangement.drawer_is_open),
        checkable=True,
        checked=lambda desk: desk.arrangement.drawer_is_open,
    ),
    *(_part(name, text, key) for name, text, key in _PARTS),
    Command(
        "picture_only",
        "View",
        "Picture only",
        ("F12", "Ctrl+B"),
        "frame-corners",
        run=_picture_only,
        checkable=True,
        checked=lambda desk: desk.arrangement.picture_only,
        tip="Hide all that stands round the picture; again: bring it back",
    ),
    Command(
        "next_panel", "View", "Next panel", ("F6",), run=lambda desk: desk.shell.step_panel(1), before=True
    ),
    Command(
        "previous_panel", "View", "Previous panel", ("Shift+F6",), run=lambda desk: desk.shell.step_panel(-1)
    ),
    Command("reset_layout", "View", "Reset the layout", run=lambda desk: desk.shell.reset_layout()),
    Command(
        "full_screen",
        "View",
        "Full screen",
        ("F11",),
        run=_full_screen,
        checkable=True,
        checked=lambda desk: desk.window.isFullScreen(),
    ),
)
