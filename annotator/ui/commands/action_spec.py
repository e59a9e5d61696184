"""One command of the window, as a line of a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Page(Enum):
    """The pages of the window's middle; the value is the name for people."""

    FRAME = "frame view"
    SHEET = "contact sheet"
    DASHBOARD = "dashboard"


@dataclass(frozen=True)
class Spec:
    """One command.

    Attributes:
        id: what code calls it. menu: path such as `View/Display`. keys: shortcuts, the first is shown.
        in_view: the shortcut works only while the frame view has the focus (Tab, arrows: other widgets need them).
        page: the page that it acts on and must be seen for it; empty: it acts on whatever is seen. project: it needs one.
        in_gesture: it leaves a gesture that is under way alone; all others end it first.
        option: the switch among the view options that it shows and flips; the settings remember it.
        group: commands of one group are exclusive. before: a separator stands before it.
    """

    id: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    in_view: bool = False
    page: Page | None = None
    project: bool = False
    in_gesture: bool = False
    option: str = ""
    group: str = ""
    before: bool = False
    tip: str = ""

    @property
    def title(self) -> str:
        """Its text without the dots that stand for a dialog."""
        return self.text.rstrip("…")
