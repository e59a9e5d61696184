"""The settings that a project keeps: values of JSON types under a key."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import sqlite

from annotator.store.database import Database
from annotator.store.tables import setting


class SettingTable:
    """The `setting` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, default: Any = None) -> Any:
        """The value under a key, else `default`."""
        with self._database.read() as connection:
            text = connection.scalar(select(setting.c.value).where(setting.c.key == key))
        return default if text is None else json.loads(text)

    def set(self, key: str, value: Any) -> None:
        """Keep a value of JSON types under a key."""
        text = json.dumps(value)
        statement = sqlite.insert(setting).values(key=key, value=text)
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": text}))
