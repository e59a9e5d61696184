"""The statements that not every database spells alike: what another one than SQLite needs anew is here and in `store/file/`."""

from functools import cache

from sqlalchemy import Column, Connection, Insert, Table
from sqlalchemy.dialects import sqlite


@cache  # every edit needs a few of them
def upsert(table: Table, *changed: str) -> Insert:
    """Insert rows; one whose primary key is there gets the columns named in `changed` anew (none named: all but the key)."""
    statement = sqlite.insert(table)
    names = changed or [column.name for column in table.c if not column.primary_key]
    return statement.on_conflict_do_update(
        index_elements=[column.name for column in table.primary_key],
        set_={name: statement.excluded[name] for name in names},
    )


def insert_new(table: Table, unique: Column[str]) -> Insert:
    """Insert rows, but for those whose value of a unique column is there."""
    return sqlite.insert(table).on_conflict_do_nothing(index_elements=[unique])


def data_version(connection: Connection) -> int:
    """A number that changes when another connection writes."""
    return int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())
