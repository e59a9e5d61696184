"""What people decided of the conflicts that merging copies left."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, tuple_

from annotator.store.file.database import Database
from annotator.store.rows import now, os_user, text, whole
from annotator.store.tables import decision

_FARTHEST = 2**62


@dataclass(frozen=True, slots=True)
class ConflictKey:
    """A conflict: its landmark (-1: the review state), and the last entries of the ledger of both sides."""

    landmark: int
    mine: int
    theirs: int


class Took(StrEnum):
    """Which side a person took; the words are stored, and never change."""

    MINE = "mine"
    THEIRS = "theirs"
    NEITHER = "neither"
    """The frame stays as it is."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided of a conflict; `at` is ISO 8601 in UTC."""

    key: ConflictKey
    took: Took
    at: str = ""
    user: str = ""


class DecisionTable:
    """The `decision` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, decisions: Sequence[Decision]) -> None:
        """Keep decisions; one without time and user is of now, by the person at the machine. Known conflicts stay as decided."""
        known = self.keys()
        rows = [
            {
                "landmark": each.key.landmark,
                "mine": each.key.mine,
                "theirs": each.key.theirs,
                "took": each.took.value,
                "at": each.at or now(),
                "user": each.user or os_user(),
            }
            for each in decisions
            if each.key not in known
        ]
        if rows:
            with self._database.write() as connection:
                connection.execute(insert(decision), rows)

    def remove(self, keys: Iterable[ConflictKey]) -> None:
        """Take decisions back: those conflicts are open again."""
        c = decision.c
        wanted = [(key.landmark, key.mine, key.theirs) for key in keys]
        with self._database.write() as connection:
            connection.execute(delete(decision).where(tuple_(c.landmark, c.mine, c.theirs).in_(wanted)))

    def keys(self) -> set[ConflictKey]:
        """Conflicts that are decided."""
        return {each.key for each in self.all()}

    def all(self) -> list[Decision]:
        """Every decision, in the order of the conflicts."""
        c, found = decision.c, []
        columns = select(c.landmark, c.mine, c.theirs, c.took, c.at, c.user)
        with self._database.read() as connection:
            for row in connection.execute(columns.order_by(c.mine, c.theirs, c.landmark)):
                try:
                    found.append(_decision(*row))
                except ValueError as error:
                    self._database.left_out.add(f"A decision of a conflict is damaged and left out: {error}.")
        return found


def _decision(landmark: Any, mine: Any, theirs: Any, took: Any, at: Any, user: Any) -> Decision:
    """Raises ValueError for a row that can be none."""
    key = ConflictKey(whole(landmark, -1, _FARTHEST), *(whole(i, 0, _FARTHEST) for i in (mine, theirs)))
    return Decision(key, Took(text(took)), text(at), text(user))
