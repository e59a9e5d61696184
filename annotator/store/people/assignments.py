"""Which subjects, takes and frames are whose to do: the narrowest assignment of a frame counts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select

from annotator.domain.assignment import Assignment, Share, Span, cleaned
from annotator.store.file.database import Database
from annotator.store.rows import now, os_user, text, whole
from annotator.store.tables import assignment, correction, frame

_NOBODY = ""
"""The person of a share that is no longer assigned: copies of the project learn of it."""
_FARTHEST = 2**62


class AssignmentTable:
    """The `assignment` table: a row a share and person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def assign(self, shares: Sequence[Share], people: Sequence[str], user: str | None = None) -> None:
        """Say who works on each of some shares, in place of whoever did (no one: they are no longer assigned).

        Raises:
            ValueError: a name that is none. StoreWriteError: nothing was changed.
        """
        names = cleaned(people)
        at, by = now(), user or os_user()
        self.put([Assignment(share, names, at, by) for share in shares])

    def put(self, assignments: Sequence[Assignment]) -> None:
        """Keep assignments with the time and user that they have, as those of a copy, or of an undone step."""
        with self._database.write() as connection:
            for each in assignments:
                _put(connection, each)

    def all(self, with_removed: bool = False) -> list[Assignment]:
        """Every assignment, subjects first; `with_removed`: also shares that are no longer assigned."""
        c = assignment.c
        columns = select(c.span, c.subject, c.take, c.frame_id, c.person, c.at, c.user)
        found: dict[Share, Assignment] = {}
        with self._database.read() as connection:
            for row in connection.execute(columns.order_by(c.subject, c.take, c.frame_id, c.person)):
                try:
                    share, person, at, user = _read(*row)
                except ValueError as error:
                    self._database.left_out.add(
                        f"An assignment of the project is damaged and left out: {error}."
                    )
                    continue
                before = found.get(share)
                people = (*(before.people if before else ()), *((person,) if person else ()))
                found[share] = Assignment(share, people, at, user)
        order = list(Span)
        kept = [each for each in found.values() if with_removed or each.people]
        return sorted(kept, key=lambda each: order.index(each.share.span))

    def people(self) -> list[str]:
        """Everybody who is known: to whom something is assigned, or who is in the ledger; sorted."""
        with self._database.read() as connection:
            names = [
                *connection.scalars(select(assignment.c.person).distinct()),
                *connection.scalars(select(correction.c.user).distinct()),
            ]
        return sorted({name for name in names if isinstance(name, str) and name}, key=str.casefold)


def _put(connection: Connection, own: Assignment) -> None:
    c, share = assignment.c, own.share
    here = and_(
        c.span == share.span.value,
        c.subject == share.subject,
        c.take == share.take,
        c.frame_id == share.frame_id,
    )
    connection.execute(delete(assignment).where(here))
    values = {
        "span": share.span.value,
        "subject": share.subject,
        "take": share.take,
        "frame_id": share.frame_id,
        "at": own.at,
        "user": own.user,
    }
    connection.execute(
        insert(assignment), [{**values, "person": person} for person in own.people or (_NOBODY,)]
    )


def _read(
    span: Any, subject: Any, take: Any, frame_id: Any, person: Any, at: Any, user: Any
) -> tuple[Share, str, str, str]:
    """Raises ValueError for a row that can be no assignment."""
    share = Share(Span(text(span)), text(subject), text(take), whole(frame_id, 0, _FARTHEST))
    return share, text(person), text(at), text(user)


def assigned_to(person: str) -> ColumnElement[bool]:
    """Whether a row of `frame` is somebody's to do, whatever the case of the name; "" asks whether it is nobody's."""
    by_span = [_of_frame(span) for span in (Span.FRAME, Span.TAKE, Span.SUBJECT)]
    if not person:
        return ~or_(*(exists().where(here) for here in by_span))
    mine: ColumnElement[bool] | None = None
    for here in reversed(by_span):  # the narrowest is asked first
        is_mine = exists().where(here, func.lower(assignment.c.person) == func.lower(person))
        mine = is_mine if mine is None else or_(is_mine, and_(~exists().where(here), mine))
    assert mine is not None
    return mine


def _of_frame(span: Span) -> ColumnElement[bool]:
    """Rows that assign the frame of the outer query by a share of that kind."""
    c = assignment.c
    match span:
        case Span.FRAME:
            place = c.frame_id == frame.c.id
        case Span.TAKE:
            place = and_(c.subject == frame.c.subject, c.take == frame.c.take)
        case Span.SUBJECT:
            place = c.subject == frame.c.subject
    return and_(c.span == span.value, place, c.person != _NOBODY)
