"""The Help menu."""

from __future__ import annotations

from annotator.ui.commands.command import Command
from annotator.ui.dialogs.about import show_about

HELP: tuple[Command, ...] = (
    Command(
        "palette",
        "Help",
        "Find a command…",
        ("Ctrl+K", "Ctrl+Shift+A"),
        "magnifying-glass",
        run=lambda desk: desk.shell.find_command(),
    ),
    Command(
        "shortcuts",
        "Help",
        "Keyboard shortcuts",
        ("F1",),
        "keyboard",
        run=lambda desk: desk.shell.list_keys(),
    ),
    Command(
        "keymap",
        "Help",
        "Change the keys…",
        ("Shift+F1",),
        "keyboard",
        run=lambda desk: desk.shell.change_keys(),
    ),
    Command("tour", "Help", "Take the tour", run=lambda desk: desk.shell.start_tour(), before=True),
    Command("about", "Help", "About Annotator", run=lambda desk: show_about(desk.window)),
)
