"""One SQLite file behind SQLAlchemy: how it is opened, made durable and written in whole transactions."""

import json
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import IntegrityError

from annotator.domain.errors import ProjectError
from annotator.staging import STAGED, prefix
from annotator.store.file.engine import make_engine
from annotator.store.file.errors import FAILURES, StoreWriteError, is_busy, read_error, write_error
from annotator.store.file.file_guard import ASK, LINEAGE, FileGuard, Lineage, Loss
from annotator.store.file.left_out import LeftOut

BUSY_MS = 5000
"""How long a write waits for another program's write before it is refused, unless it is told otherwise."""
_STEP_S = 0.02
_IMAGE_BYTES = 64 << 20
"""A project of more bytes is not kept in memory."""


def _lenient(data: bytes) -> str:
    """A text of the file: one that is damaged must not fail the query that it is part of."""
    return data.decode("utf-8", "replace")


class Database:
    """Connections to one project file; for use by one thread.

    Writing: `synchronous=FULL` in WAL mode, so that a transaction is on disk when `write()` ends, and survives the
    process and a power cut. `read_only` opens the file so that SQLite itself refuses every write. A file that took the
    place of the one that was opened is neither read nor written.

    Attributes:
        guard: knows the file that was opened; None while a new one is being made. left_out: takes what readers of rows
            could not use.
    """

    def __init__(
        self,
        path: Path,
        read_only: bool = False,
        busy_ms: int | None = None,
        guard: FileGuard | None = None,
        keeps_log: bool = True,
    ) -> None:
        """`busy_ms`: how long to wait for other programs. Without a guard a missing file is made.

        `keeps_log`: whether the log of a file that was overwritten is this database's to take away.
        """
        self.path, self.read_only, self.guard = path, read_only, guard
        self._keeps_log = keeps_log
        self.left_out = LeftOut()
        self._instead: Path | None = None
        self._busy_ms = BUSY_MS if busy_ms is None else busy_ms
        self.engine = self._make_engine()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view of the project; raises `ProjectError` if the file cannot be read."""
        try:
            with self.engine.connect() as connection:
                yield connection
        except FAILURES as error:
            raise read_error(self.path, error) from error

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction: all of it is on disk when the block ends, or none of it.

        Raises:
            StoreWriteError: disk full, read-only, locked or unplugged; the project is as it was before.
        """
        if self.read_only:
            raise StoreWriteError(
                f"{self.path.name} is open for reading only: the file or its folder is read-only, or it was opened so. "
                "Change its permissions and open it again, or copy the project elsewhere."
            )
        if self.guard is not None:
            self.guard.refuse_lost()
        try:
            connected = self.engine.connect().execution_options(annotator_write=True)
            with connected as connection, connection.begin():
                if self.guard is not None:
                    self.guard.check(lambda: _lineage(connection))
                before, number = _changes(connection), 0
                yield connection
                if self.guard is not None and _changes(connection) != before:
                    number = _count(connection, self.guard.token)
        except IntegrityError as error:
            raise ProjectError(
                f"{self.path.name} refuses this change: {error.orig}. Nothing was written."
            ) from error
        except FAILURES as error:
            raise write_error(self.path, error) from error
        if self.guard is not None:
            self.guard.wrote(number)
            self.guard.refuse_lost()  # what was written meanwhile is in a file that nobody will open

    def check(self) -> None:
        """Look whether the file is still the one that was opened; raises `FileLostError`."""
        if self.guard is not None:
            self.guard.check(self._newest)

    def fold(self) -> bool:
        """Move what is in the write-ahead log into the file and empty the log, so that the file alone is whole.

        Returns:
            Whether the log is empty. Another program that reads or writes just now is let go first.
        """
        if self.guard is not None and self.guard.loss() is Loss.OVERWRITTEN:
            return False  # the log belongs to what the file held before
        try:
            newest = self._newest()
            with self.engine.connect() as connection:
                # the first does the work and holds nobody up, the second finds little to do
                for mode in ("PASSIVE", "TRUNCATE"):
                    row = connection.exec_driver_sql(f"PRAGMA wal_checkpoint({mode})").one()
            if self.guard is not None and self.guard.loss() is None:
                if newest is not None and not row[0]:
                    self.guard.folded(newest)
                self.guard.check(self._newest)  # what the file holds now is its own
            return not row[0]
        except (*FAILURES, ProjectError):
            return False

    def keep_image(self) -> None:
        """Keep in memory what the project holds now, log included, in case that somebody overwrites the file."""
        with suppress(OSError, ProjectError):
            if self.guard is None or self.path.stat().st_size > _IMAGE_BYTES:
                return
            with self.read() as connection:
                newest = _lineage(connection)
                if newest != self.guard.image_of:
                    raw: Any = connection.connection.dbapi_connection
                    self.guard.image, self.guard.image_of = raw.serialize(), newest

    def read_instead(self, path: Path | None) -> None:
        """Let go of the file, which was overwritten; from now on a copy is read, or nothing (None)."""
        self._instead = path
        self.engine.dispose()

    def close(self) -> None:
        """Close all connections; the last one to close folds the write-ahead log into the file."""
        if self.guard is not None and not self.read_only:
            with suppress(ProjectError):
                self.check()
            if self._keeps_log and self.guard.loss() is Loss.OVERWRITTEN:
                self.guard.drop_log()
        self.engine.dispose()

    def _newest(self) -> Lineage | None:
        with self.read() as connection:
            return _lineage(connection)

    def _make_engine(self) -> Engine:
        engine = make_engine(self._connect)
        event.listen(engine, "connect", _read_pragmas if self.read_only else self._write_pragmas)
        event.listen(engine, "begin", _begin)
        return engine

    def _connect(self) -> sqlite3.Connection:
        if self._instead is not None:
            instead = sqlite3.connect(self._instead, isolation_level=None, check_same_thread=False)
            instead.text_factory = _lenient
            return instead
        if self.guard is not None:
            self.guard.refuse_lost()
        mode = "ro" if self.read_only else "rwc" if self.guard is None else "rw"
        uri = f"{self.path.absolute().as_uri()}?mode={mode}"
        if self.read_only and not _can_share(self.path):
            uri += "&immutable=1"
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, timeout=self._busy_ms / 1000
        )
        connection.text_factory = _lenient
        try:
            connection.execute("PRAGMA schema_version").fetchone()  # SQLite opens the file no sooner
            if self.guard is not None:
                self.guard.refuse_lost()
        except BaseException:
            connection.close()
            raise
        return connection

    def _write_pragmas(self, connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("PRAGMA foreign_keys = ON")
        self._use_log(connection)
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA cache_size = -32768")

    def _use_log(self, connection: Any) -> None:
        """Turn the file to WAL mode; SQLite itself does not wait where another program is about to do the same."""
        end = time.monotonic() + self._busy_ms / 1000
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL").fetchone()
                return
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > end:
                    raise
            time.sleep(_STEP_S)


def copy_database(source: sqlite3.Connection, target: Path) -> None:
    """Copy all that a connection sees into a new file; raises `sqlite3.Error`."""
    with closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _can_share(path: Path) -> bool:
    """A WAL file in a folder where nothing can be made opens only as immutable, unless its log is there already."""
    log = path.with_name(path.name + "-wal")
    if log.exists():
        return True
    try:
        with tempfile.TemporaryFile(dir=path.parent, prefix=prefix(path), suffix=STAGED):
            return True
    except OSError:
        return False


def _read_pragmas(connection: Any, _record: Any) -> None:
    for pragma in ("trusted_schema = OFF", "query_only = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the write lock at once where a write is coming: it then cannot fail half-way for another's sake."""
    writing = connection.get_execution_options().get("annotator_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _lineage(connection: Connection) -> Lineage | None:
    """The newest state of the project; None where it cannot be read."""
    try:
        row = connection.exec_driver_sql(ASK).one_or_none()
    except FAILURES:
        return None
    return None if row is None else Lineage.of(row[0], row[1])


def _count(connection: Connection, token: str) -> int:
    """Leave number and token of this transaction in the project; returns the number."""
    now = _lineage(connection)
    number = (now.number if now is not None else 0) + 1
    value = json.dumps([number, token])
    connection.exec_driver_sql(
        "INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (LINEAGE, value),
    )
    return number


def _changes(connection: Connection) -> int:
    raw: Any = connection.connection.dbapi_connection
    return int(raw.total_changes)
