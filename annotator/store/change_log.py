"""What became different in a project file since it was last looked at, whoever wrote it: for a window that others work beside."""

import datetime
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select

from annotator.store.dialect import data_version
from annotator.store.file.database import Database
from annotator.store.file.errors import FAILURES, read_error
from annotator.store.lists.frame_state import FrameState, frame_state
from annotator.store.rigs import RigState, rig_state
from annotator.store.rows import moment
from annotator.store.tables import (
    activation,
    assignment,
    correction,
    decision,
    finding,
    model,
    proposal,
    review_note,
    take,
    track_run,
)

_CLOCKS = datetime.timedelta(minutes=10)
"""By how much the clocks of two machines that write to one project may differ."""


@dataclass(frozen=True)
class Changes:
    """What is new, own writes included.

    Attributes:
        entries: (ledger id, frame id) of every edit, oldest first. proposed: frames that got a proposal of the active model.
        frames: how many there are, of what sizes and where, None where that did not change. models: whether models came or
        another one is active. findings: whether what the queues show changed. tracks: whether somebody tracked. people: whether
        something was assigned, or a conflict of copies decided. notes: whether somebody wrote, settled or took back one. takes:
        whether something else is said of a take. rigs: which there are, None where that did not change.
    """

    entries: tuple[tuple[int, int], ...] = ()
    proposed: frozenset[int] = frozenset()
    frames: FrameState | None = None
    models: bool = False
    findings: bool = False
    tracks: bool = False
    people: bool = False
    notes: bool = False
    takes: bool = False
    rigs: RigState | None = None


class ChangeLog:
    """One connection of its own, as SQLite counts for each connection what the others wrote; for one thread at a time.

    Making it takes note of the project as it is. `look` costs next to nothing while nothing was written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = Database(path, read_only=True)
        self._connection: Connection | None = None
        self._version = -1
        self._models: tuple[Any, ...] = ()
        self._people: tuple[Any, ...] = ()
        self._notes: tuple[Any, ...] = ()
        self._takes: tuple[Any, ...] = ()
        self._rigs: RigState = (0, 0)
        self._findings: tuple[Any, ...] | None = None
        self._sums: tuple[Any, ...] | None = None
        self._newest = datetime.datetime.now(datetime.UTC)
        self._recent: dict[int, str] = {}  # frame -> when it was proposed, in the last minutes
        try:
            self._connection = self._database.engine.connect()
            with self._connection.begin():
                self._version = data_version(self._connection)
                self._entry = self._connection.scalar(select(func.max(correction.c.id))) or 0
                self._run = self._newest_run(self._connection)
                self._frames = frame_state(self._connection)
                self._models = self._known_models(self._connection)
                self._rigs = rig_state(self._connection)
                self._compare_said(self._connection)
        except FAILURES as error:
            self.close()
            raise read_error(path, error) from error

    def look(self) -> Changes | None:
        """What changed since the last look, None where nothing was written; raises `ProjectError`.

        Of what is told in no word, as previews are, that something was written.
        """
        if self._connection is None:
            return None
        try:
            with self._connection.begin():
                version = data_version(self._connection)
                if version == self._version and self._sums is not None:
                    return None
                changes = self._compare(self._connection)
        except FAILURES as error:
            raise read_error(self._path, error) from error
        self._version = version
        return changes

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._database.close()

    def _compare(self, connection: Connection) -> Changes:
        c = correction.c
        rows = connection.execute(select(c.id, c.frame_id).where(c.id > self._entry).order_by(c.id))
        entries = tuple((int(row[0]), int(row[1])) for row in rows)
        self._entry = entries[-1][0] if entries else self._entry
        run, tracked = self._newest_run(connection), self._run
        self._run = run
        frames, models = frame_state(connection), self._known_models(connection)
        frames_changed, models_changed = frames != self._frames, models != self._models
        self._frames, self._models = frames, models
        rigs, rigs_before = rig_state(connection), self._rigs
        self._rigs = rigs
        proposed = self._compare_proposals(connection, models[-1])
        return Changes(
            entries,
            proposed,
            frames if frames_changed else None,
            models_changed,
            self._compare_findings(connection, models[-1]),
            run != tracked,
            *self._compare_said(connection),
            rigs if rigs != rigs_before else None,
        )

    def _compare_said(self, connection: Connection) -> tuple[bool, bool, bool]:
        """Whether what people say of shares and conflicts, in notes and of takes is another than it was."""
        before = self._people, self._notes, self._takes
        counts = (select(func.count(), func.max(table.c.at)) for table in (assignment, decision))
        self._people = tuple(value for each in counts for value in connection.execute(each).one())
        c = review_note.c
        notes = select(func.count(), func.max(c.id), func.count(c.settled), func.max(c.settled))
        self._notes = tuple(connection.execute(notes.select_from(review_note)).one())
        self._takes = tuple(connection.scalars(select(take.c.changed).order_by(take.c.subject, take.c.take)))
        return before[0] != self._people, before[1] != self._notes, before[2] != self._takes

    def _compare_proposals(self, connection: Connection, model_id: str | None) -> frozenset[int]:
        """Which of the active model's are new or made anew: by their time, as a row that is written again keeps its place."""
        c = proposal.c
        # answered from an index alone; most writes are edits, and end here
        sums = select(func.count(), _total(c.mean_confidence), _total(c.least_confidence))
        now = (model_id, *connection.execute(sums.where(c.model_id == model_id)).one())
        before, self._sums = self._sums, now
        if before == now:
            return frozenset()
        since = (self._newest - _CLOCKS).isoformat(timespec="milliseconds")
        rows = connection.execute(select(c.frame_id, c.at).where(c.model_id == model_id, c.at >= since))
        found = {row[0]: str(row[1]) for row in rows if isinstance(row[0], int)}
        known, self._recent = self._recent, found
        self._newest = max((at for text in found.values() if (at := _moment(text))), default=self._newest)
        is_first = before is None or before[0] != model_id
        return frozenset() if is_first else frozenset(dict(found.items() - known.items()))

    def _compare_findings(self, connection: Connection, model_id: str | None) -> bool:
        c = finding.c
        sums = select(func.count(), _total(c.score), _total(c.passed + 1))
        now = tuple(connection.execute(sums.where(c.model_id == model_id)).one())
        before, self._findings = self._findings, (model_id, *now)
        return before is not None and before != self._findings

    @staticmethod
    def _newest_run(connection: Connection) -> int:
        return connection.scalar(select(func.max(track_run.c.id))) or 0

    @staticmethod
    def _known_models(connection: Connection) -> tuple[Any, ...]:
        """How many there are and were deleted, the newest, the last activation, and the active one."""
        active = select(activation.c.id, activation.c.model_id).join(
            model, activation.c.model_id == model.c.id
        )
        active = active.where(model.c.removed.is_(None)).order_by(activation.c.id.desc()).limit(1)
        row = connection.execute(active).one_or_none()
        counts = select(func.count(), func.count(model.c.removed), func.max(model.c.added))
        found = connection.execute(counts.select_from(model)).one()
        return (*found, *(row if row is not None else (0, None)))


def _moment(value: str) -> datetime.datetime | None:
    """A time of a row; None where that is damaged."""
    try:
        return moment(value)
    except ValueError:
        return None


def _total(values: ColumnElement[Any]) -> ColumnElement[float]:
    """The sum of a column, 0 of no rows."""
    return func.coalesce(func.sum(values), 0.0)
