"""The track layer of a project: a row a frame, and the ledger of the runs that made it. People's points are never touched."""

import json
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select

from annotator.domain.annotation import FARTHEST
from annotator.domain.errors import ProjectError
from annotator.domain.outside_files import parse_json
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.takes.track import Merge, Track
from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.rows import blob, moment, now, os_user, text
from annotator.store.tables import track as table
from annotator.store.tables import track_run

_HEAD = struct.Struct("<HH")
_LAYOUT = 1
_CHUNK = 500


@dataclass(frozen=True)
class TrackRun:
    """Who and what made points of the track layer; `id` and `at` are given by the project.

    Attributes:
        maker: what tracked, with its version. model_id: whose proposals it took in, None for nobody's.
        subject, take, camera: of the sequence. detail: JSON values: landmarks, range, keys, mode.
    """

    maker: str
    subject: str
    take: str
    camera: str
    model_id: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    user: str = ""
    id: int = 0
    at: datetime | None = None


class AskedOfMotion(Protocol):
    """Keeps true what follows from how landmarks move."""

    def refresh_motion(self, connection: Connection, frame_ids: Sequence[int]) -> None:
        """What was tracked of some frames changed."""


class TrackTable:
    """The `track` and `track_run` tables."""

    def __init__(
        self,
        database: Database,
        scheme: LandmarkScheme,
        asked: AskedOfMotion,
    ) -> None:
        """`asked` hears of the frames that a transaction writes, inside of it."""
        self._database, self._scheme, self._asked = database, scheme, asked

    def get(self, frame_id: int) -> Track | None:
        """What was tracked of a frame; None for nothing, and where its row is damaged, which is told."""
        return next((value for _, value in self.items([frame_id])), None)

    def items(self, frame_ids: Sequence[int]) -> Iterator[tuple[int, Track]]:
        """(frame id, track) of those frames that have one, in no order; damaged rows are left out, which is told."""
        with self._database.read() as connection:
            yield from self._items(connection, frame_ids)

    def write(self, run: TrackRun, tracks: Mapping[int, Track], mode: Merge) -> int:
        """As `write_all`, of one run; returns its number."""
        return self.write_all([(run, tracks)], mode)[0]

    def write_all(self, runs: Sequence[tuple[TrackRun, Mapping[int, Track]]], mode: Merge) -> list[int]:
        """Lay what runs tracked over what is there, each with its entry in the ledger, all in one transaction.

        Args:
            runs: with their tracks by frame id, whose own run numbers do not count.

        Returns:
            The runs' numbers.

        Raises:
            ProjectError: they are of another scheme. StoreWriteError: the project is as it was.
        """
        for _, tracks in runs:
            self._check(tracks)
        with self._database.write() as connection:
            return [self._lay(connection, run, tracks, mode) for run, tracks in runs]

    def _lay(self, connection: Connection, run: TrackRun, tracks: Mapping[int, Track], mode: Merge) -> int:
        number = self._add(connection, run)
        older = dict(self._items(connection, list(tracks)))
        for frame_id, value in tracks.items():
            mine = np.where(value.is_placed, number, 0).astype(np.int32)
            before = older.get(frame_id) or Track.empty(self._scheme)
            self._put(connection, frame_id, before.merged(replace(value, run=mine), mode))
        self._asked.refresh_motion(connection, list(tracks))
        return number

    def put(self, run: TrackRun, tracks: Mapping[int, Track | None]) -> int:
        """Make the layer of some frames what is given, None for nothing: how a run is taken back; returns its own number."""
        self._check({frame_id: value for frame_id, value in tracks.items() if value is not None})
        with self._database.write() as connection:
            number = self._add(connection, run)
            for frame_id, value in tracks.items():
                self._put(connection, frame_id, value)
            self._asked.refresh_motion(connection, list(tracks))
            return number

    def swap(
        self, run: TrackRun, expected: Mapping[int, Track | None], wanted: Mapping[int, Track | None]
    ) -> list[int]:
        """Put what is wanted in the place of what is expected, landmark by landmark; what another run set since stays.

        Returns:
            The frames that changed; where there are none the history has no entry, either.
        """
        empty = Track.empty(self._scheme)
        changed: dict[int, Track] = {}
        with self._database.write() as connection:
            held = dict(self._items(connection, list(expected)))
            for frame_id, value in expected.items():
                now, then = held.get(frame_id) or empty, value or empty
                target = wanted.get(frame_id) or empty
                after = now.over(target, (now.run == then.run) & (then.run != target.run))
                if (after.run != now.run).any():
                    changed[frame_id] = after
            if changed:
                self._add(connection, run)
            for frame_id, after in changed.items():
                self._put(connection, frame_id, after)
            self._asked.refresh_motion(connection, list(changed))
        return list(changed)

    def runs(self, newest: int | None = None) -> tuple[TrackRun, ...]:
        """The ledger of the layer, oldest first; damaged entries are left out, which is told."""
        statement = select(track_run).order_by(track_run.c.id.desc())
        if newest is not None:
            statement = statement.limit(newest)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        found = []
        for row in rows[::-1]:
            try:
                found.append(
                    TrackRun(
                        maker=text(row.maker),
                        subject=text(row.subject),
                        take=text(row.take),
                        camera=text(row.camera),
                        model_id=None if row.model_id is None else text(row.model_id),
                        detail=parse_json(text(row.detail)),
                        user=text(row.user),
                        id=row.id,
                        at=moment(row.at),
                    )
                )
            except ValueError as error:
                self._database.left_out.add(
                    f"The entry {row.id} of the tracking history is damaged: {error}."
                )
        return tuple(found)

    def newest_run(self) -> int:
        """The number of the last run, 0 for none: what others look at to see whether the layer changed."""
        with self._database.read() as connection:
            return connection.scalar(select(func.max(track_run.c.id))) or 0

    def frame_ids(self) -> set[int]:
        """The frames of which something was tracked."""
        with self._database.read() as connection:
            return {found for found in connection.scalars(select(table.c.frame_id)) if isinstance(found, int)}

    def _check(self, tracks: Mapping[int, Track]) -> None:
        for value in tracks.values():
            if value.scheme_id != self._scheme.id or len(value.state) != self._scheme.size:
                raise ProjectError(f"this project holds {self._scheme.id}, the track is {value.scheme_id}")

    def _add(self, connection: Connection, run: TrackRun) -> int:
        values = {
            "at": now(),
            "user": run.user or os_user(),
            "maker": run.maker,
            "model_id": run.model_id,
            "subject": run.subject,
            "take": run.take,
            "camera": run.camera,
            "detail": json.dumps(dict(run.detail)),
        }
        key = connection.execute(insert(track_run).values(values)).inserted_primary_key
        return int(key[0]) if key else 0

    def _put(self, connection: Connection, frame_id: int, value: Track | None) -> None:
        if value is None or not value.is_placed.any():
            connection.execute(delete(table).where(table.c.frame_id == frame_id))
            return
        connection.execute(upsert(table), {"frame_id": frame_id, "arrays": _to_blob(value)})

    def _items(self, connection: Connection, frame_ids: Sequence[int]) -> Iterator[tuple[int, Track]]:
        return read_tracks(connection, self._database, self._scheme, frame_ids)


def read_tracks(
    connection: Connection, database: Database, scheme: LandmarkScheme, frame_ids: Sequence[int]
) -> Iterator[tuple[int, Track]]:
    """(frame id, track) as `TrackTable.items`, inside of the caller's transaction."""
    for start in range(0, len(frame_ids), _CHUNK):
        some = [int(i) for i in frame_ids[start : start + _CHUNK]]
        wanted = select(table.c.frame_id, table.c.arrays).where(table.c.frame_id.in_(some))
        for frame_id, arrays in connection.execute(wanted).all():
            try:
                yield frame_id, _from_blob(arrays, scheme)
            except (ValueError, struct.error) as error:
                database.left_out.add(f"What was tracked of frame {frame_id} is damaged: {error}.")


def _to_blob(track: Track) -> bytes:
    """Layout and L as uint16, then float32 xy and covariance, int32 run, uint8 state."""
    parts = (
        track.xy.astype("<f4"),
        track.covariance.astype("<f4"),
        track.run.astype("<i4"),
        track.state.astype(np.uint8),
    )
    return _HEAD.pack(_LAYOUT, len(track.state)) + b"".join(part.tobytes() for part in parts)


def _from_blob(arrays: Any, scheme: LandmarkScheme) -> Track:
    layout, size = _HEAD.unpack_from(blob(arrays))
    if layout != _LAYOUT or size != scheme.size or len(arrays) != _HEAD.size + size * 29:
        raise ValueError("it is no track of this project's landmarks")
    at = _HEAD.size
    numbers = np.frombuffer(arrays, "<f4", 6 * size, at).astype(np.float32)
    if (np.abs(numbers[np.isfinite(numbers)]) > FARTHEST**2).any() or np.isinf(numbers).any():
        raise ValueError("it holds values that cannot be")
    run = np.frombuffer(arrays, "<i4", size, at + 24 * size).astype(np.int32)
    state = np.frombuffer(arrays, np.uint8, size, at + 28 * size).copy()
    xy, covariance = numbers[: 2 * size].reshape(size, 2), numbers[2 * size :].reshape(size, 2, 2)
    return Track(scheme.id, xy.copy(), covariance.copy(), state, run)
