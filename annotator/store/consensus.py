"""What all cameras of a moment say of its frames: kept beside the model layer, and shown in its place where it is taken.

It follows from proposals, from people's points and from the rig. Every write that changes one of them for a moment makes the
moment's rows **stale** in its own transaction, and a stale row counts for nothing: the model's own points are shown until the
cameras are asked again. So what is shown is never of another state than the project's. What lists and queues say of these frames
follows in the same transaction, unless the one who writes promised to `catch_up`.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, and_, delete, select, true, update

from annotator.domain.errors import ProjectError
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.scheme import LandmarkScheme
from annotator.store.consensus_rows import COLUMNS, kept, read, to_blob, usable
from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.file.errors import FAILURES
from annotator.store.findings import FindingTable, Key
from annotator.store.rows import mean_and_least, now
from annotator.store.tables import consensus, frame, proposal

_LOG = logging.getLogger(__name__)
_CHUNK = 500
_HOLDS, _STALE, _UNTOLD = 0, 1, 2
"""States of a row; untold: stale, and lists and queues do not know yet."""
RigOfTake = Callable[[str, str], int | None]
"""Subject and take -> the id of the rig that holds for it."""


class ConsensusTable:
    """The `consensus` table: at most one row a frame and model."""

    def __init__(self, database: Database, scheme: LandmarkScheme, findings: FindingTable) -> None:
        self._database, self._scheme, self._findings = database, scheme, findings
        self.puts_off = False  # whether people's edits leave lists and queues to a later `catch_up`

    def save_all(self, items: Iterable[tuple[int, FrameConsensus]]) -> int:
        """Write (frame id, consensus) pairs in one transaction, all or none; each replaces the same model's older one.

        An iterator is asked inside the transaction: nobody changes what it reads of the project until its answers are written.

        Returns:
            How many were written. What `store.proposals` tells of them, and what the queues show, follows at once.

        Raises:
            ProjectError: one is of another scheme. StoreWriteError: nothing was written.
        """
        keys: list[Key] = []
        with self._database.write() as connection:
            for frame_id, value in items:
                if len(value.xy) != self._scheme.size:
                    raise ProjectError(f"this project holds {self._scheme.id}, the consensus another scheme")
                at = now()
                values = {
                    "frame_id": frame_id,
                    "model_id": value.model_id,
                    "rig_id": value.rig_id,
                    "at": at,
                    "taken": int(value.taken),
                    "stale": _HOLDS,
                    "arrays": to_blob(kept(value, at)),
                }
                connection.execute(upsert(consensus), values)
                keys.append((int(frame_id), value.model_id))
            self._show(connection, keys)
        return len(keys)

    def get(self, frame_id: int, model_id: str) -> FrameConsensus | None:
        """A frame's consensus, taken or not; None where there is none that still holds."""
        with self._database.read() as connection:
            return read(connection, frame_id, model_id, self._scheme, self._database.left_out)

    def items(self, frame_ids: Sequence[int], model_id: str) -> Iterator[tuple[int, FrameConsensus]]:
        """(frame id, consensus) of those frames that have one that still holds, in no order; damaged rows are left out."""
        c = consensus.c
        with self._database.read() as connection:
            for start in range(0, len(frame_ids), _CHUNK):
                some = [int(i) for i in frame_ids[start : start + _CHUNK]]
                holds = and_(c.model_id == model_id, c.stale == _HOLDS, c.frame_id.in_(some))
                for frame_id, *row in connection.execute(select(c.frame_id, *COLUMNS).where(holds)):
                    value = usable(frame_id, model_id, tuple(row), self._scheme, self._database.left_out)
                    if value is not None:
                        yield frame_id, value

    def frame_ids(
        self,
        model_id: str,
        taken: bool | None = None,
        stale: bool = False,
        among: Collection[int] | None = None,
    ) -> set[int]:
        """The frames that have one that holds (`stale`: that holds no longer); taken ones, others, or all (None).

        `among`: only of these few.
        """
        c = consensus.c
        states = (_STALE, _UNTOLD) if stale else (_HOLDS,)
        statement = select(c.frame_id).where(c.model_id == model_id, c.stale.in_(states))
        if taken is not None:
            statement = statement.where(c.taken == int(taken))
        if among is not None:
            statement = statement.where(c.frame_id.in_([int(i) for i in among]))
        with self._database.read() as connection:
            return {found for found in connection.scalars(statement) if isinstance(found, int)}

    def remove(self, frame_ids: Collection[int] | None = None, model_id: str | None = None) -> int:
        """Forget the consensus of some frames (None: of all) and of one model (None: of all), in one transaction.

        The model's own points are shown again. Returns how many rows there were, stale ones included.
        """
        c = consensus.c
        wanted = select(c.frame_id, c.model_id)
        if model_id is not None:
            wanted = wanted.where(c.model_id == model_id)
        chosen = None if frame_ids is None else {int(i) for i in frame_ids}
        with self._database.write() as connection:
            rows = [(row[0], row[1]) for row in connection.execute(wanted)]
            gone = [key for key in rows if chosen is None or key[0] in chosen]
            for frame_id, model in gone:
                connection.execute(delete(consensus).where(c.frame_id == frame_id, c.model_id == model))
            self._show(connection, gone)
        return len(gone)

    def catch_up(self) -> None:
        """Tell lists and queues of what became stale while that was put off."""
        c = consensus.c
        untold = select(c.frame_id, c.model_id).where(c.stale == _UNTOLD)
        with self._database.read() as connection:
            if connection.execute(untold.limit(1)).first() is None:
                return
        with self._database.write() as connection:
            rows = [(row[0], row[1]) for row in connection.execute(untold)]
            connection.execute(update(consensus).where(c.stale == _UNTOLD).values(stale=_STALE))
            self._show(connection, rows)

    # ---- keeping true, inside the transactions of others
    def outdate(
        self,
        connection: Connection,
        frame_ids: Sequence[int],
        model_id: str | None = None,
        may_wait: bool = False,
    ) -> None:
        """What these frames have (of one model; None: people's points, or the frames themselves) is another from now on.

        `may_wait`: lists and queues may be told later, where that is put off.
        """
        if connection.scalar(select(consensus.c.frame_id).limit(1)) is None:
            return  # as in every project without a rig, at every edit
        own, other = frame.alias(), frame.alias()
        for start in range(0, len(frame_ids), _CHUNK):
            some = [int(i) for i in frame_ids[start : start + _CHUNK]]
            same = and_(
                other.c.subject == own.c.subject,
                other.c.take == own.c.take,
                other.c.index == own.c.index,
            )
            beside = select(other.c.id).select_from(own.join(other, same)).where(own.c.id.in_(some))
            moment = consensus.c.frame_id.in_(beside)
            whose = true() if model_id is None else consensus.c.model_id == model_id
            self._outdate(connection, and_(moment, whose), may_wait and self.puts_off)

    def outdate_rigs(self, connection: Connection, rig_of: RigOfTake) -> None:
        """Rigs came or went: what was made with another one than holds for its take now counts no longer."""
        c = consensus.c
        made = select(frame.c.subject, frame.c.take, c.rig_id, c.frame_id)
        rows = connection.execute(made.join(frame, frame.c.id == c.frame_id).where(c.stale == _HOLDS)).all()
        holding = {take: rig_of(*take) for take in {(row[0], row[1]) for row in rows}}
        gone = sorted({row[3] for row in rows if holding[row[0], row[1]] != row[2]})
        for start in range(0, len(gone), _CHUNK):
            self._outdate(connection, c.frame_id.in_(gone[start : start + _CHUNK]))

    def _outdate(self, connection: Connection, which: ColumnElement[bool], later: bool = False) -> None:
        c = consensus.c
        holding = and_(which, c.stale == _HOLDS)
        if later:
            connection.execute(update(consensus).where(holding).values(stale=_UNTOLD))
            return
        rows = [(row[0], row[1]) for row in connection.execute(select(c.frame_id, c.model_id).where(holding))]
        if rows:
            connection.execute(update(consensus).where(holding).values(stale=_STALE))
            try:
                self._show(connection, rows)
            except FAILURES:
                raise  # the disk
            except Exception as error:  # what lists and queues say never keeps a person's edit from the disk
                _LOG.exception("what is told of %d frames could not be brought up to date", len(rows))
                self._database.left_out.add(f"The lists know nothing new of {len(rows)} frames: {error!r}.")

    def _show(self, connection: Connection, keys: Sequence[Key]) -> None:
        """What is shown of some proposals changed: bring their summaries up to date, and what the queues say of them."""
        p = proposal.c
        asked = [self._findings.asked(connection, *key) for key in keys]
        items = [item for item in asked if item is not None]
        for item in items:
            mean, least = mean_and_least(item.shown.confidence)
            here = and_(p.frame_id == item.frame_id, p.model_id == item.own.model_id)
            values = {"mean_confidence": mean, "least_confidence": least, "at": now()}
            connection.execute(update(proposal).where(here).values(values))
        self._findings.write(connection, items)
