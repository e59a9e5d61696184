"""Words in the cells of a CSV file: a spreadsheet must never take one of them for a formula, and ours come back exactly."""

import re
from typing import Final

_DEFUSING: Final = "'"
_RISKY: Final = re.compile(r"(^|[,;|\t\r\n])(?=[\s']*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")
_DEFUSED: Final = re.compile(r"(^|[,;|\t\r\n])'(?=[\s']*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


def defused(text: str) -> str:
    """The same with an apostrophe before what begins like a formula, also after what some programs take for the end of a cell."""
    return _RISKY.sub(rf"\1{_DEFUSING}", text)


def as_meant(cell: str) -> str:
    """What `defused` was given; a cell of another program that nobody defused stays as it is."""
    return _DEFUSED.sub(r"\1", cell)
