"""How long work tells of its progress and learns that it should stop."""

import json
from collections.abc import Callable
from typing import Final

Progress = Callable[[int, int, str], None]
"""Called with (steps done, steps in all, a short text)."""

Stop = Callable[[], bool]
"""Asked between steps; true when the work should end as soon as it safely can."""


class Cancelled(Exception):
    """Raised by long work that was asked to stop; what it had finished is kept."""


def silent(done: int, total: int, message: str) -> None:
    """A `Progress` that shows nothing."""


def never() -> bool:
    """A `Stop` that never asks for it."""
    return False


PROGRESS_SETTING: Final = "ANNOTATOR_PROGRESS"
"""Environment: `json` makes commands tell their progress on stderr as `progress_line` does, for whoever started them."""
_MARK: Final = '{"progress": '


def progress_line(done: int, total: int, message: str) -> str:
    """Progress as a line of JSON."""
    return f"{_MARK}{json.dumps([done, total, message])}}}"


def parse_progress(line: str) -> tuple[int, int, str] | None:
    """What `progress_line` said; None where a line is none."""
    if not line.startswith(_MARK):
        return None
    try:
        done, total, message = json.loads(line)["progress"]
        return int(done), int(total), str(message)
    except (ValueError, TypeError, KeyError):
        return None
