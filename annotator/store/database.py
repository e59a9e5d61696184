"""One SQLite file behind SQLAlchemy: how it is opened, made durable and written in whole transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.pool import QueuePool

from annotator.domain.errors import ProjectError
from annotator.store.errors import FAILURES, StoreWriteError, read_error, write_error
from annotator.store.left_out import LeftOut

BUSY_MS = 5000
"""How long a write waits for another program's write before it is refused."""


class Database:
    """Connections to one project file; for use by one thread.

    Writing: `synchronous=FULL` in WAL mode, so that a transaction is on disk when `write()` ends, and survives the
    process and a power cut. `read_only` opens the file so that SQLite itself refuses every write. `left_out` takes what
    readers of rows could not use.
    """

    def __init__(self, path: Path, read_only: bool = False) -> None:
        self.path, self.read_only = path, read_only
        self.left_out = LeftOut()
        self.engine = _engine(path, read_only)

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
        try:
            connected = self.engine.connect().execution_options(annotator_write=True)
            with connected as connection, connection.begin():
                yield connection
        except IntegrityError as error:
            raise ProjectError(
                f"{self.path.name} refuses this change: {error.orig}. Nothing was written."
            ) from error
        except FAILURES as error:
            raise write_error(self.path, error) from error

    def close(self) -> None:
        """Close all connections; the last one to close folds the write-ahead log into the file."""
        self.engine.dispose()


def _engine(path: Path, read_only: bool) -> Engine:
    uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    if read_only and not _can_share(path):
        uri += "&immutable=1"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_MS / 1000
        )
        # one damaged text must not fail the query that it is part of
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=QueuePool, pool_size=2, max_overflow=2)
    event.listen(engine, "connect", _read_pragmas if read_only else _write_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _can_share(path: Path) -> bool:
    """A WAL file in a folder where nothing can be made opens only as immutable, unless its log is there already."""
    log = path.with_name(path.name + "-wal")
    if log.exists():
        return True
    probe = path.with_name(path.name + "-probe")
    try:
        probe.touch(exist_ok=False)
    except OSError:
        return False
    probe.unlink()
    return True


def _read_pragmas(connection: Any, _record: Any) -> None:
    for pragma in ("trusted_schema = OFF", "query_only = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _write_pragmas(connection: Any, _record: Any) -> None:
    for pragma in (
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "foreign_keys = ON",
        "journal_mode = WAL",
        "synchronous = FULL",
        f"busy_timeout = {BUSY_MS}",
        "cache_size = -32768",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Take the write lock at once where a write is coming: it then cannot fail half-way for another's sake."""
    writing = connection.get_execution_options().get("annotator_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
