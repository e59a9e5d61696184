"""Whether the file at a project's path is still the one that was opened: nothing may be written past one that is gone.

A file is another one where its place on the drive is (moved, deleted, replaced), or where its content did not follow from
what it held (overwritten in place). For the latter every writing transaction leaves its number and its writer's token in
the project; the file proper, read without the log, must always be on the way from what it held to what the log leads to.
"""

import json
import os
import sqlite3
import time
import uuid
from collections.abc import Callable
from contextlib import closing, suppress
from enum import Enum
from pathlib import Path
from threading import RLock
from typing import NamedTuple

from annotator.store.file.errors import BusyError, FileLostError

LINEAGE = "lineage"
"""The setting that holds number and token of the last transaction."""
ASK = f"SELECT created, (SELECT value FROM setting WHERE key = '{LINEAGE}') FROM project"
_TRIES = 5
_STEP_S = 0.01


class Loss(Enum):
    """What became of a project file; the value says it to people."""

    GONE = "was moved or deleted, or its drive is gone"
    REPLACED = "was replaced by another file"
    OVERWRITTEN = "was overwritten by another program"


class Lineage(NamedTuple):
    """Which project, and which of its states: number and writer of the last transaction."""

    created: str
    number: int
    token: str

    @classmethod
    def of(cls, created: str, text: str | None) -> "Lineage":
        """What a row of `ASK` tells; a project that was never counted is at 0."""
        with suppress(TypeError, ValueError):
            number, token = json.loads(text or "")
            return cls(created, int(number), str(token))
        return cls(created, 0, "")

    def follows(self, last: "Lineage | None", live: "Lineage") -> bool:
        """Whether a file that held `last` can hold this now, where its log leads to `live`."""
        if self.created != live.created:
            return False
        if last is not None and (self.number < last.number or (self.number == last.number and self != last)):
            return False
        return self.number < live.number or self == live


class FileGuard:
    """One for each opened project file; shared by all stores of a process that work on the same opening of it."""

    def __init__(self, path: Path) -> None:
        """Take note of the file that lies at `path`; raises `OSError` if there is none."""
        self.path, self.token = path, uuid.uuid4().hex[:12]
        self._place = _place(path)
        self._lock = RLock()
        self._overwritten = self._parted = False
        # numbers of the transactions that were made under this guard, since `_last`
        self._own: set[int] = set()
        # what the project was when its log was last folded into the file, where that is not much
        self.image: bytes | None = None
        self.image_of: Lineage | None = None
        self._stamp, self._log = _stamp(path), _log_place(path)
        self._last = held_in(self.path)

    def loss(self) -> Loss | None:
        """What became of the file, as far as its place tells; None while it is where it was."""
        if self._overwritten:
            return Loss.OVERWRITTEN
        try:
            return Loss.REPLACED if self._parted or _place(self.path) != self._place else None
        except OSError:
            return Loss.GONE

    def refuse_lost(self) -> None:
        """Raise `FileLostError` where the file is another one."""
        loss = self.loss()
        if loss is not None:
            raise FileLostError(self.path, loss.value)

    def check(self, live: Callable[[], Lineage | None]) -> None:
        """As `refuse_lost`, and look at the content where anybody touched the file proper.

        Args:
            live: asks an open connection for the newest state, the log included; None where it cannot tell.

        Raises:
            FileLostError: it is another file. BusyError: somebody writes to it at this moment.
        """
        self.refuse_lost()
        with self._lock:
            for number in range(_TRIES):
                if number:
                    time.sleep(_STEP_S)
                if self._is_known(live):
                    return
        raise BusyError(self.path, "")

    def _is_known(self, live: Callable[[], Lineage | None]) -> bool:
        """Whether the file holds what it can hold; False where somebody is changing it. Raises `FileLostError`."""
        try:
            stamp = _stamp(self.path)
            held = self._last if stamp == self._stamp else held_in(self.path)
        except OSError:
            self.refuse_lost()
            return False
        except sqlite3.DatabaseError as error:
            if "not a database" in str(error):
                self._lose()
            return False
        if stamp != self._stamp:
            if self._last is not None and (held is None or held.created != self._last.created):
                self._lose()
            newest = live()  # asked after the file, as it may only be further
            if newest is None:
                return False
            is_alien = held is not None and held.number in self._own and held.token != self.token
            if held is not None and (is_alien or not held.follows(self._last, newest)):
                if stamp == _stamp(self.path):
                    self._lose()
                return False
        if held is not None and held != self._last:
            self._own = {number for number in self._own if number > held.number}
        self._stamp, self._last, self._log = stamp, held, _log_place(self.path)
        return True

    def wrote(self, number: int) -> None:
        """A transaction of that number was made under this guard."""
        with self._lock:
            self._own.add(number)

    def folded(self, state: Lineage) -> None:
        """The log was folded into the file: from now on it holds this state, or a later one."""
        with self._lock:
            if self._last is None or state.number > self._last.number:
                self._last, self._stamp = state, (-1, -1)

    def knows(self, state: Lineage) -> bool:
        """Whether a state is one of the file that was opened, and not of what it was overwritten with."""
        with self._lock, suppress(OSError, sqlite3.DatabaseError):
            if state == held_in(self.path):
                return False
        return self._last is None or (state.created, True) == (
            self._last.created,
            state.number >= self._last.number,
        )

    @property
    def lies_there(self) -> bool:
        """Whether the very file that was opened lies at its path, whatever it holds by now."""
        try:
            return _place(self.path) == self._place
        except OSError:
            return False

    def part(self) -> None:
        """The file was replaced: leave the place to its replacement, which would share log and index with what is open here."""
        if self.loss() is Loss.REPLACED and not self._parted:
            self._parted = True  # for good, as what is open here goes on with files that nobody else sees
            if self._log is not None and self._log == _log_place(self.path):
                with suppress(OSError):
                    for tail in ("-wal", "-shm"):
                        _side(self.path, tail).unlink(missing_ok=True)

    def drop_log(self) -> None:
        """Take away the write-ahead log of a file that was overwritten: it would be folded into what lies there now."""
        if self._log is None or self._log != _log_place(self.path):
            return  # somebody opened what lies there now
        self._log = None
        with suppress(OSError):
            os.truncate(_side(self.path, "-wal"), 0)  # those who have it open still cannot fold it
            for tail in ("-wal", "-shm"):
                _side(self.path, tail).unlink(missing_ok=True)

    def _lose(self) -> None:
        self._overwritten = True
        self.refuse_lost()


def held_in(path: Path) -> Lineage | None:
    """What a file proper holds, without its log; None where it holds no project. Raises `sqlite3.DatabaseError`.

    SQLite alone opens it: closing any other handle would drop the locks that this process has on it (POSIX).
    """
    try:
        uri = f"{path.as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as raw:
            row = raw.execute(ASK).fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None
        raise
    return None if row is None else Lineage.of(*row)


def _place(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _side(path: Path, tail: str) -> Path:
    return path.with_name(path.name + tail)


def _log_place(path: Path) -> tuple[int, int] | None:
    try:
        return _place(_side(path, "-wal"))
    except OSError:
        return None


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns
