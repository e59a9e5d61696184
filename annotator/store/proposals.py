"""The model layer of a project: one proposal a frame and model, which no person's point depends on."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, and_, select

from annotator.domain.errors import ProjectError
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import RULES
from annotator.store.consensus import ConsensusTable
from annotator.store.consensus_rows import COLUMNS, beside_proposal, usable
from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.findings import Asked, FindingTable
from annotator.store.rows import column, mean_and_least, now, proposal_from_blob, proposal_to_blob
from annotator.store.tables import consensus, frame, proposal

_CHUNK = 500
_SHOWN = (
    select(proposal.c.frame_id, proposal.c.arrays, proposal.c.message, *COLUMNS)
    .select_from(proposal)
    .outerjoin(consensus, and_(beside_proposal(), consensus.c.taken == 1))
)


class ProposalTable:
    """The `proposal` table; heatmaps are not kept, a model makes them again in a moment.

    Where the cameras of a moment were asked and their answer was taken (`store.consensus`), it stands in for the model's points,
    with its covariances and confidences: whoever reads proposals reads it. `own_items` tells what the model itself said.
    """

    def __init__(
        self, database: Database, scheme: LandmarkScheme, findings: FindingTable, together: ConsensusTable
    ) -> None:
        self._database, self._scheme = database, scheme
        self._findings, self._together = findings, together

    def save(self, frame_id: int, value: Proposal) -> None:
        """Keep a model's proposal without its heatmaps, in place of its older one; it never touches an annotation."""
        self.save_all([(frame_id, value)])

    def save_all(self, proposals: Iterable[tuple[int, Proposal]]) -> None:
        """Write (frame id, proposal) pairs in one transaction; each replaces the same model's older one.

        Raises `ProjectError`, and writes none, where one was made of an image of another size than its frame's.
        """
        wanted = list(proposals)
        rows = [self._values(frame_id, value) for frame_id, value in wanted]
        if not rows:
            return
        with self._database.write() as connection:
            for frame_id, value in wanted:
                _check_size(connection, frame_id, value)
            connection.execute(upsert(proposal), rows)
            for model_id in {value.model_id for _, value in wanted}:
                some = [frame_id for frame_id, value in wanted if value.model_id == model_id]
                self._together.outdate(connection, some, model_id)
            human = self._findings.human
            self._findings.write(
                connection, (Asked(i, value, human(connection, i), None) for i, value in wanted)
            )

    def get(self, frame_id: int, model_id: str) -> Proposal | None:
        """A model's proposal of a frame without heatmaps, None if it has not made one.

        Raises `ProjectError` where its row is damaged.
        """
        c = proposal.c
        statement = _SHOWN.where(c.frame_id == frame_id, c.model_id == model_id)
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            return None
        own = proposal_from_blob(row[1], model_id, self._scheme, row[2])
        return self._shown(frame_id, own, tuple(row[3:]))

    def usable(self, frame_id: int, model_id: str) -> Proposal | None:
        """As `get`, but a damaged row is left out, which is told."""
        return next((value for _, value in self.items([frame_id], model_id)), None)

    def items(self, frame_ids: Sequence[int], model_id: str) -> Iterator[tuple[int, Proposal]]:
        """(frame id, proposal) of those frames that a model has proposed, in no order; damaged rows are left out."""
        for frame_id, own, together in self._rows(_SHOWN, frame_ids, model_id):
            yield frame_id, self._shown(frame_id, own, together)

    def own_items(self, frame_ids: Sequence[int], model_id: str) -> Iterator[tuple[int, Proposal]]:
        """As `items`, but what the model itself said, whatever the cameras say together."""
        c = proposal.c
        for frame_id, own, _ in self._rows(select(c.frame_id, c.arrays, c.message), frame_ids, model_id):
            yield frame_id, own

    def frame_ids(self, model_id: str) -> set[int]:
        """The frames that a model has proposed."""
        with self._database.read() as connection:
            found = connection.scalars(select(proposal.c.frame_id).where(proposal.c.model_id == model_id))
            return {frame_id for frame_id in found if isinstance(frame_id, int)}

    def has(self, model_id: str, least: int = 1) -> bool:
        """Whether a model has proposed at least so many frames."""
        statement = select(proposal.c.frame_id).where(proposal.c.model_id == model_id).limit(least)
        with self._database.read() as connection:
            return len(connection.scalars(statement).all()) >= least

    def confidences(self, model_id: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Frame ids int64 [N] and, of each, mean and least confidence float64 [N, 2], for queues over the project."""
        c = proposal.c
        statement = select(c.frame_id, c.mean_confidence, c.least_confidence).where(c.model_id == model_id)
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        ids = column([row[0] for row in rows], np.int64, 0)
        both = [column([row[place] for row in rows], np.float64, np.nan) for place in (1, 2)]
        return ids, np.stack(both, axis=-1)

    def _rows(
        self, statement: Select[Any], frame_ids: Sequence[int], model_id: str
    ) -> Iterator[tuple[int, Proposal, tuple[Any, ...]]]:
        """Frame id, the model's own proposal, and the rest of the row."""
        c = proposal.c
        with self._database.read() as connection:
            for start in range(0, len(frame_ids), _CHUNK):
                some = [int(i) for i in frame_ids[start : start + _CHUNK]]
                here = statement.where(c.model_id == model_id, c.frame_id.in_(some))
                for frame_id, arrays, message, *more in connection.execute(here):
                    value = self._read(frame_id, arrays, model_id, message)
                    if value is not None:
                        yield frame_id, value, tuple(more)

    def _shown(self, frame_id: int, own: Proposal, row: tuple[Any, ...]) -> Proposal:
        """The proposal with what the cameras say together in its place, where that is taken."""
        if row[0] is None:
            return own
        together = usable(frame_id, own.model_id, row, self._scheme, self._database.left_out)
        return own if together is None else together.over(own)

    def _read(self, frame_id: int, arrays: object, model_id: str, message: object) -> Proposal | None:
        try:
            return proposal_from_blob(arrays, model_id, self._scheme, message)
        except ProjectError as error:
            self._database.left_out.add(f"Frame {frame_id}: {error}")
            return None

    def _values(self, frame_id: int, value: Proposal) -> dict[str, object]:
        if value.scheme_id != self._scheme.id or len(value.xy) != self._scheme.size:
            raise ProjectError(f"this project holds {self._scheme.id}, the proposal is {value.scheme_id}")
        mean, least = mean_and_least(value.confidence)
        return {
            "frame_id": frame_id,
            "model_id": value.model_id,
            "mean_confidence": mean,
            "least_confidence": least,
            "message": value.message,
            "at": now(),
            "arrays": proposal_to_blob(value),
            "rules": RULES,
        }


def _check_size(connection: Connection, frame_id: int, value: Proposal) -> None:
    """Its coordinates mean nothing in a frame of another size."""
    if not value.width and not value.height:
        return
    row = connection.execute(
        select(frame.c.path, frame.c.width, frame.c.height).where(frame.c.id == frame_id)
    ).one_or_none()
    if row is not None and (row.width, row.height) != (value.width, value.height):
        raise ProjectError(
            f"the proposal of {value.model_id} was made of an image of {value.width} x {value.height} px, but "
            f"{row.path} is {row.width} x {row.height}; it was not saved"
        )
