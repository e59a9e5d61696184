"""Image evidence that was made already: how landmarks came from one frame to the next, kept so that it is read once.

It can be made again from the pictures at any time; what is damaged or of other files counts as not there.
"""

import struct
from collections.abc import Iterable, Sequence

import numpy as np
from sqlalchemy import select

from annotator.domain.scheme import LandmarkScheme
from annotator.domain.takes.motion import Motion
from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.rows import blob
from annotator.store.tables import motion as table

_HEAD = struct.Struct("<HH")
_LAYOUT = 1
_CHUNK = 500


class MotionTable:
    """The `motion` table, a row a later frame."""

    def __init__(self, database: Database, scheme: LandmarkScheme) -> None:
        self._database, self._size = database, scheme.size

    def save_all(self, found: Iterable[tuple[int, int, str, Motion]]) -> None:
        """Keep (later frame's id, earlier one's, what tells both files, motion), each in place of an older one."""
        rows = [
            {"frame_id": later, "before_id": before, "files": files, "arrays": _to_blob(value)}
            for later, before, files, value in found
        ]
        if not rows:
            return
        with self._database.write() as connection:
            connection.execute(upsert(table), rows)

    def of(self, frame_ids: Sequence[int]) -> dict[int, tuple[int, str, Motion]]:
        """Later frame's id -> (earlier one's, what tells both files, motion), of those frames that have one."""
        found: dict[int, tuple[int, str, Motion]] = {}
        c = table.c
        with self._database.read() as connection:
            for start in range(0, len(frame_ids), _CHUNK):
                some = [int(i) for i in frame_ids[start : start + _CHUNK]]
                wanted = select(c.frame_id, c.before_id, c.files, c.arrays).where(c.frame_id.in_(some))
                for later, before, files, arrays in connection.execute(wanted):
                    value = self._read(arrays)
                    if value is not None:
                        found[later] = (before, files, value)
        return found

    def _read(self, arrays: object) -> Motion | None:
        try:
            layout, size = _HEAD.unpack_from(blob(arrays))
            numbers = np.frombuffer(blob(arrays), "<f4", offset=_HEAD.size).astype(np.float32)
        except (ValueError, struct.error):
            return None
        if layout != _LAYOUT or size != self._size or len(numbers) != 8 * size or np.isinf(numbers).any():
            return None
        start, step, covariance = np.split(numbers, [2 * size, 4 * size])
        return Motion(start.reshape(size, 2), step.reshape(size, 2), covariance.reshape(size, 2, 2))


def _to_blob(value: Motion) -> bytes:
    """Layout and L as uint16, then float32 start, step and covariance."""
    parts = (value.start, value.step, value.covariance)
    return _HEAD.pack(_LAYOUT, len(value.start)) + b"".join(part.astype("<f4").tobytes() for part in parts)
