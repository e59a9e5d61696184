"""How long work tells of its progress and learns that it should stop."""

from collections.abc import Callable

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
