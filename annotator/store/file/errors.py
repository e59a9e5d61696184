"""What can go wrong with a project file, in words for the artist."""

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from annotator.domain.errors import ProjectError
from annotator.store.file.holders import writer_of

FAILURES = (DBAPIError, sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the last where its own message quotes broken names of a damaged file."""


class StoreWriteError(ProjectError):
    """Nothing was written and nothing lost: the project is as it was before. Try again once the cause is gone."""


class BusyError(StoreWriteError):
    """Another program is writing to the project just now: waiting helps."""

    def __init__(self, path: Path, who: str) -> None:
        """`who`: the program, empty where nobody tells."""
        who = who or "another program, here or on another machine,"
        super().__init__(f"{path.name} could not be saved: {who} is writing to it just now")


class FileLostError(StoreWriteError):
    """The file at the project's path is another one than was opened, or gone: nothing is written to it any more."""

    def __init__(self, path: Path, what: str) -> None:
        """`what`: what became of it, as a clause."""
        super().__init__(f"{path} {what}, so nothing is written to it any more")


_CAUSES = {
    "disk is full": "the disk is full. Free some space and try again",
    "readonly database": "the file or its folder is read-only. Change its permissions, or copy the project elsewhere",
    "read-only": "the file or its folder is read-only. Change its permissions, or copy the project elsewhere",
    "unable to open": "the file or its folder cannot be opened for writing. Check that the drive is connected",
    "locked": "another program keeps it to itself just now. Try again in a moment",
    "codec can't decode": "it is damaged. Restore a backup",
    "disk i/o error": "the drive reports an error. Check that it is connected",
}


def cause(error: BaseException) -> str:
    """One clause that says what is wrong and what to do about it."""
    original = getattr(error, "orig", None) or error
    text = str(original)
    for sign, words in _CAUSES.items():
        if sign in text.lower():
            return words
    return text


def is_busy(error: BaseException) -> bool:
    """Whether SQLite gave up waiting for another program."""
    text = str(getattr(error, "orig", None) or error).lower()
    return "locked" in text or "busy" in text


def write_error(path: Path, error: BaseException) -> StoreWriteError:
    """The error to raise when a write to the project at `path` failed."""
    if is_busy(error):
        return BusyError(path, writer_of(path))
    return StoreWriteError(f"{path.name} could not be saved: {cause(error)}.")


def read_error(path: Path, error: BaseException) -> ProjectError:
    """The error to raise when the project at `path` cannot be read."""
    return ProjectError(f"{path} cannot be read: {cause(error)}.")
