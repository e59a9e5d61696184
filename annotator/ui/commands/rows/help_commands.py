"""The Help menu."""

from __future__ import annotations

from annotator.services.problem_report import write_report
from annotator.ui.commands.command import Command
from annotator.ui.commands.desk import Desk
from annotator.ui.dialogs.about import show_about
from annotator.ui.dialogs.report import ask_for_report


def _report_problem(desk: Desk) -> None:
    """Asks what may go into the report, and writes it beside the window."""
    wanted = ask_for_report(desk.window)
    if wanted is not None:
        target, with_names = wanted.target, wanted.with_names
        desk.session.jobs.run("report", f"Write {target.name}", lambda *_: write_report(target, with_names))


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
    Command("report_problem", "Help", "Report a problem…", run=_report_problem),
    Command("about", "Help", "About Annotator", run=lambda desk: show_about(desk.window)),
)
