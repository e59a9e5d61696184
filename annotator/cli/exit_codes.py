"""What the process tells the shell when it ends."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit status of every command; part of the interface, so numbers never change."""

    OK = 0
    """All of it was done."""
    ERROR = 1
    """Nothing, or not what was asked, was done; the message says what to do."""
    USAGE = 2
    """The command line itself was wrong."""
    PARTIAL = 3
    """Some of it was done; what was left out is listed."""
    CANCELLED = 130
    """Stopped by Ctrl+C or SIGTERM; the message says what is kept."""


EXIT_CODE_HELP = (
    "Exit codes: 0 done, 1 error (the message says what to do), 2 wrong usage, "
    "3 done in part (what was left out is listed), 130 cancelled."
)
