"""What can go wrong with a project file, in words for the artist."""

import sqlite3
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from annotator.domain.errors import ProjectError

FAILURES = (DBAPIError, sqlite3.Error, UnicodeDecodeError)
"""What SQLite raises; the last where its own message quotes broken names of a damaged file."""


class StoreWriteError(ProjectError):
    """Nothing was written and nothing lost: the project is as it was before. Try again once the cause is gone."""


_CAUSES = {
    "disk is full": "the disk is full. Free some space and try again",
    "readonly database": "the file or its folder is read-only. Change its permissions, or copy the project elsewhere",
    "read-only": "the file or its folder is read-only. Change its permissions, or copy the project elsewhere",
    "unable to open": "the file or its folder cannot be opened for writing. Check that the drive is connected",
    "locked": "another program is writing to the project just now. Try again in a moment",
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


def write_error(path: Path, error: BaseException) -> StoreWriteError:
    """The error to raise when a write to the project at `path` failed."""
    return StoreWriteError(f"{path.name} could not be saved: {cause(error)}.")


def read_error(path: Path, error: BaseException) -> ProjectError:
    """The error to raise when the project at `path` cannot be read."""
    return ProjectError(f"{path} cannot be read: {cause(error)}.")
