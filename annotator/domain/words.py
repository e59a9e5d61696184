"""Numbers and lists in words."""

import shlex
import subprocess
import sys
from collections.abc import Sequence


def counted(number: int, one: str) -> str:
    """`1 frame`, `2,000 frames`; `one` is the singular."""
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def listed(names: Sequence[str]) -> str:
    """`eyes`, `eyes and mouth`, `eyes, nose and mouth`."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def minutes_text(minutes: float) -> str:
    """Minutes of work, rounded; less than one is said as such."""
    return counted(round(minutes), "minute") if minutes >= 0.5 else "less than a minute"


def shell_word(text: str) -> str:
    """A text as one word of a command line, for commands that people copy from what we say."""
    return subprocess.list2cmdline([text]) if sys.platform == "win32" else shlex.quote(text)
