"""Triggers, views and virtual tables in a project file: SQLite would run them at our reads and writes, so only ours may be there.

A file with others is refused, not mended: somebody changed it by hand, what they meant is not for us to guess, and to drop
them would alter a file that perhaps is only looked at. The message says how to take them out.
"""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from annotator.domain.errors import ProjectError
from annotator.store.file.triggers import TRIGGERS

_OURS: Final = {" ".join(trigger.split()) for trigger in TRIGGERS}
"""The triggers of all versions; one that changes stays in this list."""
_ASK: Final = (
    "SELECT type, name, sql FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%' "
    "ORDER BY name LIMIT 1000"
)


def refuse_hidden_code(path: Path, connection: Connection) -> None:
    """Raises ProjectError for a file with code in it that Annotator did not write; nothing of it has run."""
    for kind, name, sql in connection.exec_driver_sql(_ASK):
        if kind != "trigger" or " ".join(str(sql).split()) not in _OURS:
            what = "virtual table" if kind == "table" else str(kind)
            drop = "TABLE" if kind == "table" else str(kind).upper()
            raise ProjectError(
                f"{path} holds a {what} {name!r} that Annotator did not make and that would run at your edits; nothing was "
                f"opened. Ask for a clean copy of the project, or take it out yourself: DROP {drop} in the sqlite3 program."
            )
