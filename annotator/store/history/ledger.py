"""The append-only history of a project: who changed what, when, and how long it took."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, func, select

from annotator.domain.annotation import ReviewState
from annotator.domain.errors import ProjectError
from annotator.store.file.database import Database
from annotator.store.history.changes import Origin
from annotator.store.rows import blob, moment, number, text, unpack_points
from annotator.store.rows import whole as whole_number
from annotator.store.tables import correction


@dataclass(frozen=True, eq=False)
class LedgerEntry:
    """One edit as it was made; K landmarks changed.

    Attributes:
        id: grows with time over the whole project. at: UTC. indices: int64 [K].
        from_xy, to_xy: float32 [K, 2] frame pixels, NaN for missing; from_state, ... : uint8 [K].
        origin: a person's edit, an import, or an import undone or redone.
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
    origin: Origin = Origin.PERSON


class Ledger:
    """The `correction` table, read; `AnnotationTable` appends to it, and triggers refuse everything else."""

    def __init__(self, database: Database, landmarks: int) -> None:
        self._database, self._landmarks = database, landmarks

    def entries(
        self, frame_id: int | None = None, newest: int | None = None, whole: bool = False
    ) -> list[LedgerEntry]:
        """The history of a frame or of all, oldest first; only the `newest` so many where that is given.

        A damaged entry is left out, which is told; with `whole` it raises `ProjectError`.
        """
        statement = select(correction).order_by(correction.c.id.desc())
        if frame_id is not None:
            statement = statement.where(correction.c.frame_id == frame_id)
        if newest is not None:
            statement = statement.limit(newest)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        return self._entries(list(reversed(rows)), whole)

    def count(self) -> int:
        """How many entries there are."""
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(correction)) or 0

    def of_ids(self, ledger_ids: Sequence[int]) -> list[LedgerEntry]:
        """Those entries that there are, oldest first."""
        found: list[LedgerEntry] = []
        with self._database.read() as connection:
            for start in range(0, len(ledger_ids), 500):
                some = [int(i) for i in ledger_ids[start : start + 500]]
                rows = connection.execute(select(correction).where(correction.c.id.in_(some)))
                found += self._entries(rows.all(), whole=False)
        return sorted(found, key=lambda entry: entry.id)

    def of_origin(self, frame_ids: Sequence[int], origin: Origin) -> list[LedgerEntry]:
        """The entries of some frames that have an origin, oldest first."""
        wanted = correction.c.frame_id.in_([int(i) for i in frame_ids])
        statement = select(correction).where(wanted, correction.c.origin == int(origin))
        with self._database.read() as connection:
            rows = connection.execute(statement.order_by(correction.c.id)).all()
        return self._entries(rows, whole=False)

    def _entries(self, rows: Sequence[Row[Any]], whole: bool) -> list[LedgerEntry]:
        found = []
        for row in rows:
            try:
                found.append(_entry(row, self._landmarks))
            except ValueError as error:
                told = f"The history entry {row.id} of frame {row.frame_id} is damaged: {error}. Restore a backup."
                if whole:
                    raise ProjectError(told) from error
                self._database.left_out.add(told)
        return found


def _entry(row: Row[Any], landmarks: int) -> LedgerEntry:
    """Raises ValueError where the row is damaged."""
    indices = np.frombuffer(blob(row.indices), "<u2").astype(np.int64)
    if (indices >= landmarks).any():
        raise ValueError("it names a landmark that there is not")
    return LedgerEntry(
        row.id,
        whole_number(row.frame_id, 0, 2**63),
        moment(row.at),
        text(row.user),
        text(row.label),
        number(row.seconds),
        None if row.model_id is None else text(row.model_id),
        None if row.model_sha256 is None else text(row.model_sha256),
        indices,
        *unpack_points(row.before, len(indices)),
        *unpack_points(row.after, len(indices)),
        ReviewState(row.review_before),
        ReviewState(row.review_after),
        Origin(row.origin),
    )
