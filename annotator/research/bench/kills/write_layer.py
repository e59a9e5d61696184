"""A layer under everything that a process writes: it counts the calls, and at one of them ends the process or fills the disk.

Counted are opening for writing, writing, flushing, renaming, linking, making and removing, exchanging folders, and each
statement by which SQLite writes. A write at which the process ends is left half done.
"""

import builtins
import errno
import io
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import RLock
from typing import Any

import annotator.files

KILLED = 137
_MAKING = ("rename", "replace", "link", "symlink", "mkdir")
_REMOVING = ("unlink", "remove", "rmdir")
_READING = ("SELECT", "EXPLAIN", "BEGIN", "ROLLBACK", "WITH")


class WriteLayer:
    """Put in once, in a process of its own.

    Args:
        at: number of the call at which it happens, from 1; 0: never. full: the disk is full from then on, in place of a kill.
    """

    def __init__(self, at: int = 0, full: bool = False) -> None:
        self.count = 0
        self._at, self._full, self._lock = at, full, RLock()

    def point(self, half: Callable[[], object] | None = None, needs_room: bool = True) -> None:
        """A call is about to write; `half` does half of it."""
        with self._lock:
            self.count += 1
            if not self._at:
                return
            if self._full:
                if needs_room and self.count >= self._at:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            elif self.count == self._at:
                if half is not None:
                    half()
                os._exit(KILLED)

    def rest(self) -> None:
        """From now on nothing happens."""
        self._at = 0

    def sql(self, statement: str) -> None:
        """SQLite is about to run a statement."""
        word = statement.split(None, 1)[0].upper() if statement.strip() else "SELECT"
        if word in _READING or (word == "PRAGMA" and "=" not in statement):
            return
        try:
            self.point()
        except OSError:
            raise sqlite3.OperationalError("database or disk is full") from None

    def install(self) -> None:
        """From now on everything is counted."""
        for name in (*_MAKING, *_REMOVING):
            setattr(os, name, self._counted(getattr(os, name), name in _MAKING))
        annotator.files.swap = self._counted(annotator.files.swap, True)
        os.fsync = self._counted(os.fsync, True)
        os.open = self._opening(os.open)
        builtins.open = io.open = self._file_opening(builtins.open)
        sqlite3.connect = self._connecting(sqlite3.connect)

    def _counted(self, call: Callable[..., Any], needs_room: bool) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.point(needs_room=needs_room)
            return call(*given, **named)

        return counted

    def _opening(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, flags: int, *given: Any, **named: Any) -> Any:
            if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                self.point()
            return call(path, flags, *given, **named)

        return opened

    def _file_opening(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *given: Any, **named: Any) -> Any:
            if isinstance(file, int) or not set(mode) & set("wax+"):
                return call(file, mode, *given, **named)
            self.point()
            return _File(call(file, mode, *given, **named), self)

        return opened

    def _connecting(self, call: Callable[..., Any]) -> Callable[..., Any]:
        layer = self

        class Cursor(sqlite3.Cursor):
            def execute(self, sql: str, *given: Any) -> Any:
                layer.sql(sql)
                return super().execute(sql, *given)

            def executemany(self, sql: str, *given: Any) -> Any:
                layer.sql(sql)
                return super().executemany(sql, *given)

        class Connection(sqlite3.Connection):
            def cursor(self, factory: Any = Cursor) -> Any:
                return super().cursor(factory)

            def execute(self, sql: str, *given: Any) -> Any:
                layer.sql(sql)
                return super().execute(sql, *given)

            def commit(self) -> None:
                if self.in_transaction:
                    layer.sql("COMMIT")
                super().commit()

            def backup(self, target: Any, **named: Any) -> None:
                layer.point(half=lambda: _half_backup(self, target))
                super().backup(target, **named)

        return lambda *given, **named: call(*given, **{"factory": Connection, **named})


class _File:
    """A file whose writes are counted."""

    def __init__(self, file: Any, layer: WriteLayer) -> None:
        self._file, self._layer = file, layer

    def write(self, data: Any) -> Any:
        """Counted; at a kill half of it is written."""

        def half() -> None:
            self._file.write(data[: len(data) // 2])
            self._file.flush()

        self._layer.point(half)
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_File":
        self._file.__enter__()
        return self

    def __exit__(self, *given: Any) -> Any:
        return self._file.__exit__(*given)

    def __iter__(self) -> Any:
        return iter(self._file)


def _half_backup(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    def stop(status: int, remaining: int, total: int) -> None:
        os._exit(KILLED)

    sqlite3.Connection.backup(source, target, pages=1, progress=stop)


def staged_below(folder: Path) -> list[str]:
    """What unfinished writers have left anywhere below a folder."""
    from annotator.staging import is_staged

    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if is_staged(Path(path.name)))
