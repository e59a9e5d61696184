"""One command of the window, as a line of a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Spec:
    """One command.

    Attributes:
        id: what code calls it. menu: path such as `View/Display`. keys: shortcuts, the first is shown.
        in_view: the shortcut works only while the frame view has the focus (Tab, arrows: other widgets need them).
        group: commands of one group are exclusive. before: a separator stands before it.
    """

    id: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    checkable: bool = False
    in_view: bool = False
    group: str = ""
    before: bool = False
    tip: str = ""
