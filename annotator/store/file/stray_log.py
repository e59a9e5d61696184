"""A write-ahead log that does not belong to the file it lies beside: a program died, and somebody put another file in its place.

SQLite cannot tell, and would mix both. The lineage can: the file holds the state just before the log begins, or one that the
log leads through.
"""

import re
import sqlite3
import struct
import time
from contextlib import suppress
from pathlib import Path

from annotator.domain.errors import ProjectError
from annotator.store.file.file_guard import held_in

_HEADER, _FRAME = 32, 24
_STATE = re.compile(rb'lineage\[(\d+), "([0-9a-f]{12})"\]')
_LOOKS = 3
_STEP_S = 0.05


def set_stray_log_aside(path: Path) -> Path | None:
    """Rename a log that belongs to another file; returns its new name, None where there is none of that kind.

    Raises:
        ProjectError: there is one, and it cannot be renamed.
    """
    log = path.with_name(f"{path.name}-wal")
    seen = None
    for number in range(_LOOKS):  # who works in the project changes both; what is stray stays as it is
        if number:
            time.sleep(_STEP_S)
        now = _judged(path, log)
        if now is None or (number and now != seen):
            return None
        seen = now
    number, aside = 1, log.with_name(f"{log.name}.stray")
    while aside.exists():
        number += 1
        aside = log.with_name(f"{log.name}.stray-{number}")
    try:
        log.rename(aside)
        path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    except OSError as error:
        raise ProjectError(
            f"{log} belongs to another file than {path.name}, which took its place. Move it away and open the project again."
        ) from error
    return aside


def _judged(path: Path, log: Path) -> object:
    """What was seen of both where the log is stray, None where it is not, or where that cannot be told."""
    with suppress(OSError, sqlite3.DatabaseError, struct.error):
        stamps = _stamp(path), _stamp(log)
        if not stamps[1][0]:
            return None
        held = held_in(path)
        states = log_states(log)
        if held is None or not states or stamps != (_stamp(path), _stamp(log)):
            return None
        tokens = {token for number, token in states if number == held.number}
        numbers = [number for number, _ in states]
        is_on_the_way = min(numbers) - 1 <= held.number <= max(numbers)
        if not is_on_the_way or (tokens and held.token not in tokens):
            return stamps
    return None


def log_states(log: Path) -> list[tuple[int, str]]:
    """Number and token of the transactions in a log, oldest first; frames of earlier rounds, which lie behind, are left out.

    Raises `OSError` and `struct.error` where it cannot be read.
    """
    data = log.read_bytes()
    page = struct.unpack_from(">I", data, 8)[0]
    salts, found, start = data[16:24], [], _HEADER
    while page and start + _FRAME + page <= len(data) and data[start + 8 : start + 16] == salts:
        body = data[start + _FRAME : start + _FRAME + page]
        found += [(int(state[1]), state[2].decode()) for state in _STATE.finditer(body)]
        start += _FRAME + page
    return found


def _stamp(path: Path) -> tuple[int, int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns, found.st_ino
