"""The human layer of a project, which changes only together with its ledger.

Every change is written with its ledger entry in one transaction. Only the landmarks that differ between `before` and
`after` are written, over whatever the project holds by then: what another window or an import set elsewhere in the
frame stays. An entry's "from" is what the project held, whatever the change believed.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, func, insert, select, update

from annotator.domain.annotation import Annotation
from annotator.domain.errors import ProjectError
from annotator.domain.outside_files import parse_json
from annotator.domain.scheme import LandmarkScheme
from annotator.store.adoption import Adoption, insert_entry
from annotator.store.consensus import ConsensusTable
from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.file.errors import FAILURES
from annotator.store.findings import FindingTable
from annotator.store.history.changes import Change, Origin, Settled
from annotator.store.history.ledger import Ledger
from annotator.store.rows import annotation_counts, annotation_from_row, os_user, pack_points, text
from annotator.store.tables import (
    annotation,
    consensus,
    correction,
    finding,
    frame,
    model,
    motion,
    preview,
    proposal,
    setting,
    track,
)

_LOG = logging.getLogger(__name__)
_RESIZED = "resized/"  # and the frame's id: a setting
_FEW = 2000  # ids that are named in a query; more are picked out of all


class AnnotationTable:
    """The `annotation` table: what people set on each frame."""

    def __init__(
        self,
        database: Database,
        scheme: LandmarkScheme,
        findings: FindingTable,
        ledger: Ledger,
        together: ConsensusTable,
    ) -> None:
        self._database, self._scheme, self._findings, self._ledger = database, scheme, findings, ledger
        self._together = together

    def get(self, frame_id: int) -> Annotation:
        """A frame's human layer; all missing where nobody did anything yet."""
        with self._database.read() as connection:
            return self._findings.human(connection, frame_id)

    def items(self, frame_ids: Sequence[int] | None = None) -> Iterator[tuple[int, Annotation]]:
        """(frame id, annotation) of the frames that have one, by id; all frames where `frame_ids` is None.

        Damaged rows are left out, which is told: an edit of such a frame is refused.
        """
        columns = select(annotation.c.frame_id, annotation.c.points, annotation.c.review)
        columns = columns.order_by(annotation.c.frame_id)
        if frame_ids is not None and len(frame_ids) <= _FEW:
            columns = columns.where(annotation.c.frame_id.in_([int(i) for i in frame_ids]))
        wanted = None if frame_ids is None else set(frame_ids)
        with self._database.read() as connection:
            rows = connection.execute(columns).all()
        for frame_id, points, review in rows:
            if wanted is not None and frame_id not in wanted:
                continue
            try:
                value = annotation_from_row(frame_id, points, review, self._scheme)
            except ProjectError as error:
                self._database.left_out.add(error)
                continue
            yield frame_id, value

    def commit(self, change: Change) -> int:
        """Write one change with its ledger entry; it is on disk when this returns.

        Returns:
            The ledger id (the frame's newest one, or 0, where nothing differs).

        Raises:
            StoreWriteError: it could not be written; the project is as it was. ProjectError: no such frame.
        """
        return self.commit_all([change])[0]

    def commit_all(self, changes: Iterable[Change]) -> list[int]:
        """As `commit`, many in one transaction: all or none; returns the ledger id of each."""
        with self._database.write() as connection:
            return [self._commit(connection, change) for change in changes]

    def commit_guarded(self, changes: Iterable[Change]) -> list[Settled]:
        """As `commit_all`, but a landmark that somebody else set since the person looked is left as it is, and so is a frame
        whose picture has another size by now; each answer tells."""
        with self._database.write() as connection:
            return [self._commit_guarded(connection, change) for change in changes]

    def adopt(self, adoptions: Iterable[Adoption]) -> list[list[int] | None]:
        """Take over entries of a copy's ledger as they are, and what the frames hold after them, all in one transaction.

        Returns:
            Of each the ids of its entries here, in order, and of the one that settles it where there is one; None where
            the frame is another one by now, and nothing was written.
        """
        with self._database.write() as connection:
            return [self._adopt(connection, own) for own in adoptions]

    def _adopt(self, connection: Connection, own: Adoption) -> list[int] | None:
        if self._findings.human(connection, own.frame_id) != own.held:
            return None
        ids = [insert_entry(connection, own.frame_id, entry) for entry in own.entries]
        settled = Change(own.frame_id, own.replayed, own.target, own.label, origin=Origin.IMPORT)
        if len(own.stated) or own.replayed.review != own.target.review:
            ids.append(_insert(connection, settled, own.stated))
        moved = any(len(entry.indices) for entry in own.entries)
        self._keep(connection, own.frame_id, own.target, settled.at, moved)
        return ids

    def resize(
        self,
        frame_id: int,
        size: tuple[int, int],
        change: Callable[[Annotation], Annotation],
        label: str,
        user: str | None,
        scale: Sequence[float] = (1.0, 1.0),
    ) -> int:
        """The frame's picture has another size: keep it, what `change` makes of the human layer (with its ledger entry), and
        drop what models and tracking saw in the old picture; all in one transaction.

        Args:
            size: width and height in px. scale: what x and y of all that was set before are multiplied by, where it is looked at.

        Returns:
            The ledger id, 0 where nobody had set anything.
        """
        with self._database.write() as connection:
            before = self._findings.human(connection, frame_id)
            self._together.outdate(connection, [frame_id])
            for table in (finding, consensus, proposal, preview, track, motion):
                connection.execute(delete(table).where(table.c.frame_id == frame_id))
            connection.execute(delete(motion).where(motion.c.before_id == frame_id))
            resized = update(frame).where(frame.c.id == frame_id).values(width=size[0], height=size[1])
            if not connection.execute(resized).rowcount:
                raise ProjectError(f"the project has no frame {frame_id}")
            made = Change(frame_id, before, change(before), label, user=user, origin=Origin.IMPORT)
            entry = self._write(connection, made)
            self._keep_scale(connection, frame_id, entry or self._last(connection, frame_id) + 1, scale)
            return entry

    def _keep_scale(self, connection: Connection, frame_id: int, first: int, scale: Sequence[float]) -> None:
        """From the ledger's entry `first` on places of a frame are in another size: remembered under a key of the frame's own."""
        key = f"{_RESIZED}{frame_id}"
        kept = [*_scales(connection, frame_id), [first, *map(float, scale)]]
        connection.execute(upsert(setting), {"key": key, "value": json.dumps(kept)})

    @staticmethod
    def _last(connection: Connection, frame_id: int) -> int:
        """The newest ledger entry of a frame, 0 where there is none."""
        newest = select(func.max(correction.c.id)).where(correction.c.frame_id == frame_id)
        return connection.scalar(newest) or 0

    def at(self, frame_id: int, ledger_id: int) -> Annotation:
        """A frame's human layer as it was just after an entry, by replaying the ledger; 0 is before all of it.

        A value, in the size that the picture has now: commit it to go back to it.

        Raises:
            ProjectError: the frame has no such entry, or one of its entries is damaged.
        """
        entries = self._ledger.entries(frame_id, whole=True)
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
        with self._database.read() as connection:
            for first, *scale in _scales(connection, frame_id):
                if ledger_id < first:
                    xy = (xy.astype(np.float64) * scale).astype(np.float32)
        return replace(value, xy=xy, state=state, flags=flags, review=review)

    def _commit(self, connection: Connection, change: Change) -> int:
        self._check(change)
        ledger_id = self._write(connection, change.on(self._findings.human(connection, change.frame_id)))
        if ledger_id:
            return ledger_id
        return self._last(connection, change.frame_id)

    def _commit_guarded(self, connection: Connection, change: Change) -> Settled:
        self._check(change)
        held = self._findings.human(connection, change.frame_id)
        if change.size not in (None, _size(connection, change.frame_id)):
            return change.refused(held)
        settled = change.settled(held)
        return replace(settled, ledger_id=self._write(connection, settled.change))

    def _check(self, change: Change) -> None:
        if not change.before.scheme_id == change.after.scheme_id == self._scheme.id:
            raise ProjectError(f"this project holds {self._scheme.id}, not {change.after.scheme_id}")

    def _write(self, connection: Connection, change: Change) -> int:
        """A change that was made `on` what the project holds; returns its ledger id, 0 where nothing differs."""
        indices = change.indices()
        if not len(indices) and change.before.review == change.after.review:
            return 0
        self._keep(connection, change.frame_id, change.human_after(), change.at, moved=bool(len(indices)))
        return _insert(connection, change, indices)

    def _keep(self, connection: Connection, frame_id: int, merged: Annotation, at: str, moved: bool) -> None:
        """A frame's human layer is this one now; what follows from it is brought up to date."""
        values = {"frame_id": frame_id, "changed": at, "points": merged.to_blob()}
        values |= annotation_counts(merged)
        connection.execute(upsert(annotation), values)
        if moved:
            self._together.outdate(connection, [frame_id], may_wait=True)
        try:
            self._findings.refresh_frame(connection, frame_id, merged)
        except FAILURES:
            raise  # the disk
        except Exception as error:  # what the queues say of a frame never keeps a person's edit from the disk
            _LOG.exception("the findings of frame %d could not be refreshed", frame_id)
            self._database.left_out.add(f"The queues know nothing new of frame {frame_id}: {error!r}.")


def _size(connection: Connection, frame_id: int) -> tuple[int, int] | None:
    """Width and height of a frame's picture as the project has them; None where there is no such frame."""
    row = connection.execute(
        select(frame.c.width, frame.c.height).where(frame.c.id == frame_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def _scales(connection: Connection, frame_id: int) -> list[list[float]]:
    """The resizes of a frame, oldest first: the first ledger entry in the new size, and what x and y were multiplied by."""
    stored = connection.scalar(select(setting.c.value).where(setting.c.key == f"{_RESIZED}{frame_id}"))
    try:
        kept = [] if stored is None else parse_json(text(stored))
        return [[float(number) for number in row] for row in kept if len(row) == 3]
    except (TypeError, ValueError):
        return []  # damaged: places are taken as they were written


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
            origin=int(change.origin),
        )
    )
    key = result.inserted_primary_key
    return int(key[0]) if key else 0
