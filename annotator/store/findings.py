"""What the queues show: for every frame and model the answers to the questions of `domain.uncertainty`.

They are kept true by every write that they follow from: a proposal that is saved and an annotation that changes bring the
frame's findings up to date in the same transaction, so a queue is one look into an index, whatever the project's size.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, func, not_, or_, select, update

from annotator.domain.annotation import Annotation, ReviewState
from annotator.domain.capture import Frame
from annotator.domain.errors import ProjectError
from annotator.domain.faces.shape_statistics import ShapeStatistics
from annotator.domain.outside_files import parse_json
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import RULES, Finding, Question, findings
from annotator.store import tables
from annotator.store.consensus_rows import COLUMNS as CONSENSUS
from annotator.store.consensus_rows import beside_proposal, usable
from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.lists.frame_list import frame_columns, to_listed_frame
from annotator.store.motion_findings import motion_findings
from annotator.store.rows import (
    annotation_from_row,
    blob,
    finding_from_blob,
    finding_to_blob,
    number,
    proposal_from_blob,
    review_of,
)
from annotator.store.tables import finding, proposal, setting

STATISTICS = "shape_statistics"
"""The setting that holds the project's usual shapes."""
COUNTED = 10_000
"""A queue is counted so far."""

Key = tuple[int, str]
"""Frame id and model id."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What the questions are asked of: a model's own proposal of a frame, the human layer, and what all cameras say there."""

    frame_id: int
    own: Proposal
    human: Annotation
    consensus: FrameConsensus | None

    @property
    def shown(self) -> Proposal:
        """What people see of the model."""
        return self.own if self.consensus is None else self.consensus.over(self.own)


@dataclass(frozen=True, eq=False)
class QueueEntry:
    """A frame that deserves a look, with its review state and what is in question there."""

    frame: Frame
    review: ReviewState
    finding: Finding


class FindingTable:
    """The `finding` table; it is written inside the transactions of proposals and annotations."""

    def __init__(self, database: Database, scheme: LandmarkScheme) -> None:
        self._database, self._scheme = database, scheme
        self._known: tuple[str | None, ShapeStatistics | None] = (None, None)
        self.puts_off = False  # whether people's edits leave how frames move to a later `catch_up`
        self._put_off: set[int] = set()

    # ---- asking
    def top(self, question: Question, model_id: str, limit: int, offset: int = 0) -> list[QueueEntry]:
        """The frames that most deserve a look, the highest score first; those that a person dismissed are left out."""
        c, a = finding.c, tables.annotation.c
        statement = (
            frame_columns()
            .add_columns(a.review, c.score, c.points)
            .select_from(finding.join(tables.frame, tables.frame.c.id == c.frame_id))
            .outerjoin(tables.annotation, a.frame_id == c.frame_id)
            .where(c.model_id == model_id, c.doubt == int(question), c.score > c.passed)
            .order_by(c.score.desc(), c.frame_id)
            .limit(limit)
            .offset(offset)
        )
        with self._database.read() as connection:
            rows = connection.execute(statement).all()
        read = [self._entry(question, row) for row in rows]
        return [entry for entry in read if entry is not None]

    def count(self, question: Question, model_id: str) -> int:
        """How many frames a queue holds; more than `COUNTED` count as one more than that, so it never takes long."""
        c = finding.c
        some = select(c.frame_id).where(c.model_id == model_id, c.doubt == int(question), c.score > c.passed)
        statement = select(func.count()).select_from(some.limit(COUNTED + 1).subquery())
        with self._database.read() as connection:
            return connection.scalar(statement) or 0

    def dismissed(self, question: Question, model_id: str) -> int:
        """How many frames a queue leaves out because a person found them to be right."""
        c = finding.c
        here = (c.model_id == model_id, c.doubt == int(question), c.score > 0, c.score <= c.passed)
        with self._database.read() as connection:
            return connection.scalar(select(func.count()).select_from(finding).where(*here)) or 0

    def get(self, frame_id: int, model_id: str, question: Question) -> Finding | None:
        """One frame's finding, None where there is nothing to look at (or a person dismissed it)."""
        c = finding.c
        here = _is(frame_id, model_id, question)
        with self._database.read() as connection:
            row = connection.execute(select(c.score, c.points).where(here, c.score > c.passed)).one_or_none()
        return None if row is None else self._found(question, row[0], row[1])

    def beside(
        self,
        question: Question,
        model_id: str,
        place: tuple[float, int],
        is_listed: Callable[[int], bool],
        backwards: bool = False,
    ) -> int:
        """The frame after (or before) a place in a queue, going round at its end, among those that are listed.

        Args:
            place: score and frame id; no frame of that id is found. is_listed: asked of frame ids, in the queue's order.

        Returns:
            The frame's id, 0 where there is none.
        """
        c, (score, frame_id) = finding.c, place
        order = (c.score, c.frame_id.desc()) if backwards else (c.score.desc(), c.frame_id)
        nearer = c.frame_id < frame_id if backwards else c.frame_id > frame_id
        beyond = or_(c.score > score if backwards else c.score < score, and_(c.score == score, nearer))
        here = select(c.frame_id).where(
            c.model_id == model_id, c.doubt == int(question), c.score > c.passed, c.frame_id != frame_id
        )
        with self._database.read() as connection:
            for part in (beyond, not_(beyond)):
                for found in connection.scalars(here.where(part).order_by(*order)):
                    if is_listed(found):
                        return int(found)
        return 0

    def _entry(self, question: Question, row: Sequence[Any]) -> QueueEntry | None:
        found = self._found(question, row[9], row[10])
        if found is None:
            return None
        return QueueEntry(to_listed_frame(row[:8], self._database.left_out), review_of(row[8]), found)

    def _found(self, question: Question, score: Any, points: Any) -> Finding | None:
        """A row's finding; None where it is damaged, which is told."""
        try:
            return finding_from_blob(question, number(score), blob(points), self._scheme.size)
        except ValueError as error:
            self._database.left_out.add(f"An entry of a queue is damaged ({error}): refresh the queues.")
            return None

    # ---- dismissing
    def set_dismissed(self, frame_id: int, model_id: str, question: Question, on: bool = True) -> None:
        """A person found a frame to be right (or takes that back): it returns only with a higher score than now."""
        here = _is(frame_id, model_id, question)
        with self._database.write() as connection:
            connection.execute(update(finding).where(here).values(passed=finding.c.score if on else -1.0))

    # ---- keeping true
    def write(self, connection: Connection, items: Iterable[Asked], motion: bool = True) -> None:
        """Ask the questions of some frames anew, inside the caller's transaction; `motion`: also how they move."""
        statistics = self._statistics(connection)
        answers: list[tuple[Key, Finding]] = []
        written: dict[str, list[int]] = {}
        for item in items:
            key = (item.frame_id, item.own.model_id)
            found = findings(self._scheme, item.own, item.human, statistics, item.consensus)
            answers += [(key, answer) for answer in found]
            written.setdefault(item.own.model_id, []).append(item.frame_id)
        self._put(connection, answers)
        for model_id, frame_ids in written.items() if motion else ():
            self._put_motion(connection, frame_ids, model_id)

    def catch_up(self) -> bool:
        """Ask how those frames move of which that was put off; whether there were any. A process that dies before leaves it to
        the next edit nearby, or to who asks for all findings anew."""
        frame_ids = sorted(self._put_off)
        if frame_ids:
            with self._database.write() as connection:
                self.refresh_motion(connection, frame_ids)
            self._put_off.clear()  # a write that failed leaves them for the next time
        return bool(frame_ids)

    def refresh_motion(self, connection: Connection, frame_ids: Sequence[int]) -> None:
        """Where landmarks are in some frames changed: ask how they move, for every model."""
        for model_id in connection.scalars(select(proposal.c.model_id).distinct()).all():
            self._put_motion(connection, frame_ids, model_id)

    def _put_motion(self, connection: Connection, frame_ids: Sequence[int], model_id: str) -> None:
        found = motion_findings(connection, self._database, self._scheme, frame_ids, model_id)
        self._put(connection, [((frame_id, model_id), answer) for frame_id, answer in found])

    def _put(self, connection: Connection, answers: Iterable[tuple[Key, Finding]]) -> None:
        found: list[dict[str, Any]] = []
        gone: list[dict[str, Any]] = []
        for (frame_id, model_id), answer in answers:
            key = {"frame_id": frame_id, "model_id": model_id, "doubt": int(answer.question)}
            if answer.score > 0:
                found.append(key | {"score": answer.score, "points": finding_to_blob(answer)})
            else:
                gone.append({f"{name}_": part for name, part in key.items()})
        if gone:
            c = finding.c
            names = ("frame_id", "model_id", "doubt")
            connection.execute(delete(finding).where(*(c[n] == bindparam(f"{n}_") for n in names)), gone)
        if found:
            connection.execute(upsert(finding, "score", "points"), found)

    def refresh_frame(self, connection: Connection, frame_id: int, annotation: Annotation) -> None:
        """A frame's annotation changed: ask anew for every model that proposed it."""
        self.write(connection, self._asked(connection, frame_id, annotation), motion=not self.puts_off)
        if self.puts_off:
            self._put_off.add(frame_id)

    def outdated(self, limit: int = -1) -> list[Key]:
        """Proposals whose findings follow older rules, or were never asked for (a project of an older version)."""
        c = proposal.c
        statement = select(c.frame_id, c.model_id).where(c.rules < RULES).limit(limit)
        with self._database.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(statement)]

    def annotated(self) -> list[Key]:
        """Proposals of frames where a person did something: those that new shape statistics may touch."""
        c, a = proposal.c, tables.annotation.c
        statement = select(c.frame_id, c.model_id).join(tables.annotation, a.frame_id == c.frame_id)
        with self._database.read() as connection:
            return [(row[0], row[1]) for row in connection.execute(statement)]

    def rescore(self, keys: Sequence[Key]) -> None:
        """Ask anew for some frames and models, in one transaction."""
        c = proposal.c
        with self._database.write() as connection:
            for frame_id, model_id in keys:
                item = self.asked(connection, frame_id, model_id)
                self.write(connection, [] if item is None else [item])
                here = and_(c.frame_id == frame_id, c.model_id == model_id)
                connection.execute(update(proposal).where(here).values(rules=RULES))

    def asked(
        self, connection: Connection, frame_id: int, model_id: str, human: Annotation | None = None
    ) -> Asked | None:
        """What is known of a frame, `human` where that is known already; None without a proposal, or where a row is damaged."""
        return next(iter(self._asked(connection, frame_id, human, proposal.c.model_id == model_id)), None)

    def _asked(
        self, connection: Connection, frame_id: int, human: Annotation | None, *which: ColumnElement[bool]
    ) -> list[Asked]:
        """As `asked`, of the models that are meant."""
        columns = (proposal.c.model_id, proposal.c.arrays, *CONSENSUS)
        statement = select(*columns).join(tables.consensus, beside_proposal(), isouter=True)
        found = []
        for model_id, arrays, *together in connection.execute(
            statement.where(proposal.c.frame_id == frame_id, *which)
        ):
            own = self._proposal(frame_id, arrays, model_id)
            if own is not None and human is None:
                human = self._human_or_none(connection, frame_id)
            if own is None or human is None:
                continue
            agreed = None
            if together[0] is not None:
                agreed = usable(frame_id, model_id, tuple(together), self._scheme, self._database.left_out)
            found.append(Asked(frame_id, own, human, agreed))
        return found

    def human(self, connection: Connection, frame_id: int) -> Annotation:
        """A frame's human layer; all missing where nobody did anything yet."""
        a = tables.annotation.c
        row = connection.execute(select(a.points, a.review).where(a.frame_id == frame_id)).one_or_none()
        if row is None:
            return Annotation.empty(self._scheme)
        return annotation_from_row(frame_id, row[0], row[1], self._scheme)

    def _proposal(self, frame_id: int, arrays: object, model_id: str) -> Proposal | None:
        """A damaged proposal has no findings, and must not keep a person's edit from the disk."""
        try:
            return proposal_from_blob(arrays, model_id, self._scheme, "")
        except ProjectError as error:
            self._database.left_out.add(f"Frame {frame_id}: {error}")
            return None

    def _human_or_none(self, connection: Connection, frame_id: int) -> Annotation | None:
        try:
            return self.human(connection, frame_id)
        except ProjectError as error:
            self._database.left_out.add(error)
            return None

    def _statistics(self, connection: Connection) -> ShapeStatistics | None:
        """The project's usual shapes, None while there are none; parsed again only when they changed."""
        text = connection.scalar(select(setting.c.value).where(setting.c.key == STATISTICS))
        if text != self._known[0]:
            try:
                value = None if text is None else ShapeStatistics.from_plain(parse_json(text))
            except (ValueError, TypeError):
                value = None  # a damaged setting costs the shape check, nothing else
            fits = value is not None and len(value.spread) == self._scheme.size
            self._known = (text, value if fits else None)
        return self._known[1]


def _is(frame_id: int, model_id: str, question: Question) -> Any:
    c = finding.c
    return and_(c.frame_id == frame_id, c.model_id == model_id, c.doubt == int(question))
