"""The human layer of a project and its append-only ledger: who changed what, when, and how long it took.

Every change is written together with its ledger entry in one transaction. Only the landmarks that differ between
`before` and `after` are written, over whatever the project holds by then: what another window or an import set
elsewhere in the frame stays. An entry's "from" is what the project held, whatever the change believed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.dialects import sqlite

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.errors import ProjectError
from annotator.domain.scheme import LandmarkScheme
from annotator.store.changes import Change, Settled
from annotator.store.database import Database
from annotator.store.findings import FindingTable
from annotator.store.rows import annotation_counts, os_user, pack_points, unpack_points
from annotator.store.tables import annotation, correction, model

_FEW = 2000  # ids that are named in a query; more are picked out of all


@dataclass(frozen=True, eq=False)
class LedgerEntry:
    """One edit as it was made; K landmarks changed.

    Attributes:
        id: grows with time over the whole project. at: UTC. indices: int64 [K].
        from_xy, to_xy: float32 [K, 2] frame pixels, NaN for missing; from_state, ... : uint8 [K].
        model_id, model_sha256: the model whose proposal was shown, None if there was none.
    """

    id: int
    frame_id: int
    at: datetime
    user: str
    label: str
    seconds: float
    model_id: str | None
    model_sha256: str | None
    indices: NDArray[np.int64]
    from_xy: NDArray[np.float32]
    from_state: NDArray[np.uint8]
    from_flags: NDArray[np.uint8]
    to_xy: NDArray[np.float32]
    to_state: NDArray[np.uint8]
    to_flags: NDArray[np.uint8]
    from_review: ReviewState
    to_review: ReviewState


class Ledger:
    """The `annotation` and `correction` tables, which change only together (and the findings that follow from them)."""

    def __init__(self, database: Database, scheme: LandmarkScheme, findings: FindingTable) -> None:
        self._database, self._scheme, self._findings = database, scheme, findings

    def annotation(self, frame_id: int) -> Annotation:
        """A frame's human layer; all missing where nobody did anything yet."""
        with self._database.read() as connection:
            return self._findings.human(connection, frame_id)

    def annotations(self, frame_ids: Sequence[int] | None = None) -> Iterator[tuple[int, Annotation]]:
        """(frame id, annotation) of the frames that have one, by id; all frames where `frame_ids` is None."""
        columns = select(annotation.c.frame_id, annotation.c.points, annotation.c.review)
        columns = columns.order_by(annotation.c.frame_id)
        if frame_ids is not None and len(frame_ids) <= _FEW:
            columns = columns.where(annotation.c.frame_id.in_([int(i) for i in frame_ids]))
        wanted = None if frame_ids is None else set(frame_ids)
        with self._database.read() as connection:
            rows = connection.execute(columns).all()
        for frame_id, points, review in rows:
            if wanted is None or frame_id in wanted:
                yield frame_id, self._decoded(frame_id, points, review)

    def commit(self, changes: Iterable[Change]) -> list[int]:
        """Write edits in one transaction; returns each one's ledger id (the frame's last id where nothing changed)."""
        with self._database.write() as connection:
            return [self._commit(connection, change) for change in changes]

    def commit_guarded(self, changes: Iterable[Change]) -> list[Settled]:
        """As `commit`, but landmarks that somebody else set since the person looked are left alone; each answer tells."""
        with self._database.write() as connection:
            return [self._commit_guarded(connection, change) for change in changes]

    def entries(self, frame_id: int | None = None, newest: int | None = None) -> list[LedgerEntry]:
        """The history of a frame or of all, oldest first; only the `newest` so many where that is given."""
        statement = select(correction).order_by(correction.c.id.desc())
        if frame_id is not None:
            statement = statement.where(correction.c.frame_id == frame_id)
        if newest is not None:
            statement = statement.limit(newest)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return [_entry(row) for row in reversed(rows)]

    def of_ids(self, ledger_ids: Sequence[int]) -> list[LedgerEntry]:
        """Those entries that there are, oldest first."""
        found: list[LedgerEntry] = []
        with self._database.read() as connection:
            for start in range(0, len(ledger_ids), 500):
                some = [int(i) for i in ledger_ids[start : start + 500]]
                rows = connection.execute(select(correction).where(correction.c.id.in_(some)))
                found += [_entry(row) for row in rows]
        return sorted(found, key=lambda entry: entry.id)

    def at(self, frame_id: int, ledger_id: int) -> Annotation:
        """A frame's human layer as it was just after an entry, by replaying the ledger; 0 is before all of it.

        Raises:
            ProjectError: the frame has no such entry.
        """
        entries = self.entries(frame_id)
        if ledger_id and not any(entry.id == ledger_id for entry in entries):
            raise ProjectError(f"frame {frame_id} has no history entry {ledger_id}")
        value = Annotation.empty(self._scheme)
        xy, state, flags, review = value.xy.copy(), value.state.copy(), value.flags.copy(), value.review
        for entry in entries:
            if entry.id > ledger_id:
                break
            xy[entry.indices] = entry.to_xy
            state[entry.indices] = entry.to_state
            flags[entry.indices] = entry.to_flags
            review = entry.to_review
        return replace(value, xy=xy, state=state, flags=flags, review=review)

    def _decoded(self, frame_id: int, points: bytes, review: int) -> Annotation:
        try:
            return Annotation.from_blob(points, self._scheme, ReviewState(review))
        except ValueError as error:
            raise ProjectError(
                f"the annotation of frame {frame_id} is damaged: {error}. Restore a backup."
            ) from error

    def _commit(self, connection: Connection, change: Change) -> int:
        self._check(change)
        ledger_id = self._write(connection, change.on(self._findings.human(connection, change.frame_id)))
        if ledger_id:
            return ledger_id
        last = select(func.max(correction.c.id)).where(correction.c.frame_id == change.frame_id)
        return connection.scalar(last) or 0

    def _commit_guarded(self, connection: Connection, change: Change) -> Settled:
        self._check(change)
        settled = change.settled(self._findings.human(connection, change.frame_id))
        return replace(settled, ledger_id=self._write(connection, settled.change))

    def _check(self, change: Change) -> None:
        if not change.before.scheme_id == change.after.scheme_id == self._scheme.id:
            raise ProjectError(f"this project holds {self._scheme.id}, not {change.after.scheme_id}")

    def _write(self, connection: Connection, change: Change) -> int:
        """A change that was made `on` what the project holds; returns its ledger id, 0 where nothing differs."""
        indices = change.indices()
        if not len(indices) and change.before.review == change.after.review:
            return 0
        merged = change.human_after()
        values = {"frame_id": change.frame_id, "changed": change.at, "points": merged.to_blob()}
        values |= annotation_counts(merged)
        upsert = sqlite.insert(annotation).values(values)
        connection.execute(upsert.on_conflict_do_update(index_elements=["frame_id"], set_=values))
        self._findings.refresh_frame(connection, change.frame_id, merged)
        return _insert(connection, change, indices)


def _insert(connection: Connection, change: Change, indices: NDArray[np.int64]) -> int:
    sha256 = connection.scalar(select(model.c.sha256).where(model.c.id == change.model_id))
    result = connection.execute(
        insert(correction).values(
            frame_id=change.frame_id,
            at=change.at,
            user=change.user or os_user(),
            label=change.label,
            seconds=float(change.seconds),
            model_id=change.model_id,
            model_sha256=sha256,
            indices=indices.astype("<u2").tobytes(),
            before=pack_points(change.before, indices),
            after=pack_points(change.after, indices),
            review_before=int(change.before.review),
            review_after=int(change.after.review),
        )
    )
    key = result.inserted_primary_key
    return int(key[0]) if key else 0


def _entry(row: Row[Any]) -> LedgerEntry:
    indices = np.frombuffer(row.indices, "<u2").astype(np.int64)
    return LedgerEntry(
        row.id,
        row.frame_id,
        datetime.fromisoformat(row.at),
        row.user,
        row.label,
        row.seconds,
        row.model_id,
        row.model_sha256,
        indices,
        *unpack_points(row.before, len(indices)),
        *unpack_points(row.after, len(indices)),
        ReviewState(row.review_before),
        ReviewState(row.review_after),
    )
