"""Notes on frames and landmarks, reasons for rejecting, and whom a frame that needs work is for."""

from typing import Any

from sqlalchemy import Select, delete, func, insert, select, update

from annotator.domain.note import MOST, Note, NoteKind
from annotator.store.file.database import Database
from annotator.store.rows import now, os_user, text, whole
from annotator.store.tables import frame, review_note

_FARTHEST = 2**62


class NoteTable:
    """The `review_note` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, note: Note, user: str | None = None) -> int:
        """Keep a new note (its id, time and user are ignored); returns its id."""
        values = {
            "frame_id": note.frame_id,
            "landmark": note.landmark,
            "at": now(),
            "user": user or os_user(),
            "kind": int(note.kind),
            "text": note.text[:MOST],
            "assignee": note.assignee,
        }
        with self._database.write() as connection:
            key = connection.execute(insert(review_note).values(**values)).inserted_primary_key
            return int(key[0]) if key else 0

    def settle(self, note_id: int, on: bool = True) -> None:
        """Say that a note is dealt with, or open again."""
        with self._database.write() as connection:
            one = update(review_note).where(review_note.c.id == note_id)
            connection.execute(one.values(settled=now() if on else None))

    def remove(self, note_id: int) -> None:
        """Take a note back, as if it had not been written."""
        with self._database.write() as connection:
            connection.execute(delete(review_note).where(review_note.c.id == note_id))

    def of_frame(self, frame_id: int) -> list[Note]:
        """A frame's notes, settled ones too, oldest first."""
        return self._read(_columns().where(review_note.c.frame_id == frame_id).order_by(review_note.c.id))

    def open(self, limit: int) -> list[Note]:
        """Open notes, assigned ones first, then in capture order."""
        c, order = review_note.c, (review_note.c.assignee == "", review_note.c.assignee, frame.c.sort_key)
        joined = _columns().join(frame, frame.c.id == c.frame_id).where(c.settled.is_(None))
        return self._read(joined.order_by(*order, c.id).limit(limit))

    def frames_open(self) -> int:
        """How many frames have an open note."""
        c = review_note.c
        with self._database.read() as connection:
            wanted = select(func.count(func.distinct(c.frame_id))).where(c.settled.is_(None))
            return connection.scalar(wanted) or 0

    def words(self) -> tuple[list[str], list[str]]:
        """Names that notes were assigned to, and reasons that were given for rejecting; the newest first."""
        c = review_note.c
        names = select(c.assignee).where(c.assignee != "").group_by(c.assignee)
        reasons = select(c.text).where(c.kind == int(NoteKind.REJECTED)).group_by(c.text)
        with self._database.read() as connection:
            found = [
                connection.scalars(each.order_by(func.max(c.id).desc()).limit(20)).all()
                for each in (names, reasons)
            ]
        return tuple([each for each in own if isinstance(each, str)] for own in found)  # type: ignore[return-value]

    def _read(self, wanted: Select[Any]) -> list[Note]:
        notes = []
        with self._database.read() as connection:
            for row in connection.execute(wanted):
                try:
                    notes.append(_note(*row))
                except ValueError as error:
                    self._database.left_out.add(f"A note of the project is damaged and left out: {error}.")
        return notes


def _columns() -> Select[Any]:
    c = review_note.c
    return select(c.id, c.frame_id, c.landmark, c.at, c.user, c.kind, c.text, c.assignee, c.settled)


def _note(*row: Any) -> Note:
    """Raises ValueError for a row that can be no note."""
    note_id, frame_id, landmark, at, user, kind, said, assignee, settled = row
    return Note(
        whole(frame_id, 0, _FARTHEST),
        text(said),
        text(landmark),
        NoteKind(whole(kind, 0, max(NoteKind))),
        text(assignee),
        whole(note_id, 0, _FARTHEST),
        text(at),
        text(user),
        "" if settled is None else text(settled),
    )
