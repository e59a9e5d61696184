"""Schema versions: new files are made whole, old ones are migrated after a backup, newer ones are refused.

The version is SQLite's `user_version`. To change the schema: change `tables.py`, add one to `VERSION` by a step
`{old version: [SQL, ...]}` in `STEPS`, and keep a dump of a project of the old version beside the tests.
"""

import os
import sqlite3
import stat
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from annotator.domain.errors import FormatError, ProjectError
from annotator.files import atomic_file
from annotator.store.file.database import Database, copy_database
from annotator.store.file.errors import StoreWriteError, cause
from annotator.store.file.hidden_code import refuse_hidden_code
from annotator.store.file.triggers import (
    COUNT_COVERAGE,
    COVERAGE_TRIGGERS,
    NO_UPDATE,
    RIG_TRIGGERS,
    RUN_TRIGGERS,
    TRIGGERS,
)
from annotator.store.tables import metadata

APPLICATION_ID = 0x414E4E4F
"""SQLite's `application_id` of a project file ("ANNO")."""

_PATIENCE_MS = 60_000
"""How long to wait for another program that migrates the same project."""

Steps = Mapping[int, Sequence[str]]

STEPS: Steps = {
    1: (
        "ALTER TABLE proposal ADD COLUMN rules INTEGER DEFAULT '0' NOT NULL",
        "CREATE TABLE finding (frame_id INTEGER NOT NULL, model_id TEXT NOT NULL, doubt INTEGER NOT NULL, "
        "score FLOAT NOT NULL, passed FLOAT DEFAULT '-1' NOT NULL, points BLOB NOT NULL, "
        "PRIMARY KEY (frame_id, model_id, doubt), FOREIGN KEY(frame_id) REFERENCES frame (id)) WITHOUT ROWID",
        "CREATE TABLE coverage (facet TEXT NOT NULL, parent TEXT NOT NULL, token TEXT NOT NULL, "
        "frames INTEGER NOT NULL, touched INTEGER NOT NULL, PRIMARY KEY (facet, parent, token)) WITHOUT ROWID",
        "CREATE INDEX frame_of_shot ON frame (subject, take, camera, sort_key)",
        "CREATE INDEX proposal_rules ON proposal (rules)",
        "CREATE INDEX finding_in_order ON finding (model_id, doubt, score DESC, frame_id, passed)",
        *COUNT_COVERAGE,
        *COVERAGE_TRIGGERS,
    ),
    2: (
        "ALTER TABLE correction ADD COLUMN origin INTEGER DEFAULT '0' NOT NULL",
        # Until now only the label told; nobody works without a second and beside every model, as these rows say.
        "DROP TRIGGER correction_no_update",
        "UPDATE correction SET origin = 1 WHERE seconds = 0 AND model_id IS NULL "
        "AND (label LIKE 'Import % annotations' OR label LIKE 'Convert from %')",
        "UPDATE correction SET origin = 2 WHERE seconds = 0 AND model_id IS NULL "
        "AND (label LIKE 'Undo import % annotations' OR label LIKE 'Redo import % annotations')",
        NO_UPDATE,
    ),
    3: (
        "CREATE TABLE rig (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, version INTEGER NOT NULL, "
        "takes TEXT NOT NULL, rig_json TEXT NOT NULL, added TEXT NOT NULL, user TEXT NOT NULL, removed TEXT, "
        "UNIQUE (name, version))",
        *RIG_TRIGGERS,
    ),
    4: (
        "CREATE TABLE consensus (frame_id INTEGER NOT NULL, model_id TEXT NOT NULL, rig_id INTEGER NOT NULL, "
        "at TEXT NOT NULL, taken INTEGER NOT NULL, stale INTEGER DEFAULT '0' NOT NULL, arrays BLOB NOT NULL, "
        "PRIMARY KEY (frame_id, model_id), FOREIGN KEY(frame_id) REFERENCES frame (id))",
        "CREATE INDEX consensus_state ON consensus (model_id, stale, taken, frame_id, rig_id)",
        'CREATE INDEX frame_of_moment ON frame (subject, take, "index")',
    ),
    5: (
        "CREATE TABLE take (subject TEXT NOT NULL, take TEXT NOT NULL, rate TEXT NOT NULL, first INTEGER, last INTEGER, "
        "handles INTEGER NOT NULL, changed TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (subject, take)) WITHOUT ROWID",
        "CREATE TABLE track_run (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, user TEXT NOT NULL, "
        "maker TEXT NOT NULL, model_id TEXT, subject TEXT NOT NULL, take TEXT NOT NULL, camera TEXT NOT NULL, "
        "detail TEXT NOT NULL)",
        "CREATE TABLE track (frame_id INTEGER NOT NULL, arrays BLOB NOT NULL, PRIMARY KEY (frame_id), "
        "FOREIGN KEY(frame_id) REFERENCES frame (id))",
        "CREATE TABLE motion (frame_id INTEGER NOT NULL, before_id INTEGER NOT NULL, files TEXT NOT NULL, "
        "arrays BLOB NOT NULL, PRIMARY KEY (frame_id), FOREIGN KEY(frame_id) REFERENCES frame (id), "
        "FOREIGN KEY(before_id) REFERENCES frame (id))",
        *RUN_TRIGGERS,
    ),
    6: (
        "CREATE TABLE review_note (id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, frame_id INTEGER NOT NULL, "
        "landmark TEXT NOT NULL, at TEXT NOT NULL, user TEXT NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL, "
        "assignee TEXT NOT NULL, settled TEXT, FOREIGN KEY(frame_id) REFERENCES frame (id))",
        "CREATE INDEX note_of_frame ON review_note (frame_id, settled, assignee)",
    ),
    7: (
        "CREATE TABLE assignment (span TEXT NOT NULL, subject TEXT NOT NULL, take TEXT NOT NULL, frame_id INTEGER NOT NULL, "
        "person TEXT NOT NULL, at TEXT NOT NULL, user TEXT NOT NULL, "
        "PRIMARY KEY (span, subject, take, frame_id, person)) WITHOUT ROWID",
        "CREATE TABLE decision (landmark INTEGER NOT NULL, mine INTEGER NOT NULL, theirs INTEGER NOT NULL, took TEXT NOT NULL, "
        "at TEXT NOT NULL, user TEXT NOT NULL, PRIMARY KEY (landmark, mine, theirs)) WITHOUT ROWID",
        "ALTER TABLE model ADD COLUMN note TEXT DEFAULT '' NOT NULL",
        "ALTER TABLE model ADD COLUMN removed TEXT",
    ),
}
"""From a version to the next: the statements; all that are due run in one transaction."""

VERSION = 1 + len(STEPS)


def create_tables(connection: Connection) -> None:
    """Make all tables in a new, empty file."""
    metadata.create_all(connection)
    for trigger in TRIGGERS:
        connection.exec_driver_sql(trigger)
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")


def check(path: Path, newest: int = VERSION) -> int:
    """The schema version of a project file, without changing it.

    Raises:
        ProjectError: it is no project, it is damaged, it holds foreign code, or a newer version of Annotator made it.
    """
    # SQLite alone may open the file: closing any other handle drops the locks that this process holds on it (POSIX), and
    # another process that closes the project would then take the log away under an open window.
    try:
        readable = stat.S_ISREG(path.stat().st_mode) and os.access(path, os.R_OK)
    except OSError as error:
        raise ProjectError(f"{path} cannot be opened: {error.strerror or error}.") from error
    if not readable:
        raise ProjectError(f"{path} cannot be opened: it is no file, or it may not be read.")
    database = Database(path, read_only=True)
    try:
        with database.read() as connection:
            application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
            version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            if application == APPLICATION_ID and version <= newest:
                refuse_hidden_code(path, connection)
    except ProjectError as error:
        if isinstance(error.__cause__, DBAPIError) and "not a database" in str(error.__cause__):
            raise ProjectError(f"{path} is not an Annotator project.") from error
        raise
    finally:
        database.close()
    if application != APPLICATION_ID or version < 1:
        raise ProjectError(f"{path} is not an Annotator project.")
    if version > newest:
        raise ProjectError(
            f"{path} was made by a newer Annotator (schema {version}; this one knows up to {newest}). "
            "Update Annotator; nothing was changed."
        )
    return version


def migrate(path: Path, version: int, steps: Steps = STEPS) -> Path | None:
    """Bring a project file of an older version up to date, after copying it to `NAME.backup-vN` beside it.

    Returns:
        The backup's path, None where nothing was to do.

    Raises:
        StoreWriteError: the backup or the migration could not be written; the project is as it was before.
    """
    newest = 1 + len(steps)
    if version >= newest:
        return None
    database = Database(path, busy_ms=_PATIENCE_MS)
    try:
        with database.write() as connection:
            # one program at a time comes here; the others find it done
            version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
            if version >= newest:
                return None
            backup = _backup(path, version)
            for old in range(version, newest):
                for statement in steps[old]:
                    connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"PRAGMA user_version = {newest}")
            return backup
    finally:
        database.close()


def _backup(path: Path, version: int) -> Path:
    """A consistent copy, the write-ahead log included, under a name that no earlier backup has."""
    number, backup = 1, path.with_name(f"{path.name}.backup-v{version}")
    while backup.exists():
        number += 1
        backup = path.with_name(f"{path.name}.backup-v{version}-{number}")
    try:
        with atomic_file(backup) as staged, closing(sqlite3.connect(path)) as source:
            copy_database(source, staged)
    except (sqlite3.Error, FormatError) as error:
        raise StoreWriteError(f"no backup of {path.name} could be made: {cause(error)}.") from error
    return backup
