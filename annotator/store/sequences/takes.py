"""What people say of a project's takes: frame rate, wanted range, handles."""

from fractions import Fraction
from typing import Any

from sqlalchemy import select

from annotator.domain.takes.take import TakeSettings
from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.rows import now, os_user, text, whole
from annotator.store.tables import take as table

_FARTHEST = 10**15


class TakeTable:
    """The `take` table; a take without a row is as `TakeSettings` is by itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, subject: str, take: str) -> TakeSettings:
        """What is said of a subject's take; a damaged row counts as none, which is told."""
        c = table.c
        wanted = select(c.rate, c.first, c.last, c.handles).where(c.subject == subject, c.take == take)
        with self._database.read() as connection:
            row = connection.execute(wanted).one_or_none()
        if row is None:
            return TakeSettings()
        try:
            return TakeSettings(
                Fraction(text(row.rate)),
                _number(row.first),
                _number(row.last),
                whole(row.handles, 0, _FARTHEST),
            )
        except (ValueError, ZeroDivisionError) as error:
            self._database.left_out.add(
                f"What the project says of the take {subject} / {take} is damaged: {error}."
            )
            return TakeSettings()

    def set(self, subject: str, take: str, settings: TakeSettings, user: str | None = None) -> None:
        """Say it of a take, in place of what was said before."""
        values = {
            "rate": str(settings.rate),
            "first": settings.first,
            "last": settings.last,
            "handles": settings.handles,
            "changed": now(),
            "user": user or os_user(),
        }
        with self._database.write() as connection:
            connection.execute(upsert(table), {"subject": subject, "take": take, **values})


def _number(value: Any) -> int | None:
    return None if value is None else whole(value, -_FARTHEST, _FARTHEST)
