"""One command of the window, as a row of the table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from annotator.ui.commands.desk import Desk
from annotator.ui.common.page import Page


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        id: what code and keymaps call it. menu: path such as `View/Display`. keys: shortcuts, the first is shown.
        run: what it does. Without it the command flips an `option`, or its tick is followed elsewhere.
        pages: those on which it acts; empty: it acts on whatever is seen. project: it needs one.
        enabled: what it needs beside; off: what is told where that is not so.
        in_view: the shortcut works only while the frame view has the focus (Tab, arrows: other widgets need them).
        on_present: it changes landmarks or the review of the frame: not while something else is seen in their place.
        in_gesture: it leaves a gesture that is under way alone; all others end it first.
        repeats: a held key does it again and again.
        checkable: it has a tick; checked: whether it is set, where no option and no other part of the window says so.
        option: the switch among the view options that it shows and flips; the settings remember it. part: of the window, in
        which that is seen; it comes up with it.
        group: commands of one group are exclusive. before: a separator stands before it.
        text_now: its text, where that changes; while that is empty the command is hidden.
    """

    id: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    run: Callable[[Desk], object] | None = None
    pages: tuple[Page, ...] = ()
    project: bool = False
    enabled: Callable[[Desk], bool] | None = None
    off: str = ""
    in_view: bool = False
    on_present: bool = False
    in_gesture: bool = False
    repeats: bool = True
    checkable: bool = False
    checked: Callable[[Desk], bool] | None = None
    option: str = ""
    part: str = ""
    group: str = ""
    before: bool = False
    tip: str = ""
    text_now: Callable[[Desk], str] | None = None

    @property
    def title(self) -> str:
        """Its text without the dots that stand for a dialog."""
        return self.text.rstrip("…")


def on_frame(*commands: Command) -> tuple[Command, ...]:
    """Commands that run only while the frame of an open project is seen."""
    return on_pages((Page.FRAME,), *commands)


def on_pages(pages: tuple[Page, ...], *commands: Command) -> tuple[Command, ...]:
    """Commands on an open project that run only while one of these pages is seen."""
    return tuple(replace(command, pages=pages, project=True) for command in commands)
