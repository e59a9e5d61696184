"""The settings that a project keeps: values of JSON types under a key."""

import json
from typing import Any

from sqlalchemy import select

from annotator.domain.outside_files import parse_json
from annotator.store.dialect import upsert
from annotator.store.file.database import Database
from annotator.store.rows import text
from annotator.store.tables import setting


class SettingTable:
    """The `setting` table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str, default: Any = None) -> Any:
        """The value under a key, else `default`, as where it is damaged."""
        with self._database.read() as connection:
            stored = connection.scalar(select(setting.c.value).where(setting.c.key == key))
        try:
            return default if stored is None else parse_json(text(stored))
        except ValueError as error:
            self._database.left_out.add(f"The project's setting {key} is damaged ({error}) and left out.")
            return default

    def set(self, key: str, value: Any) -> None:
        """Keep a value of JSON types under a key."""
        stored = json.dumps(value)
        with self._database.write() as connection:
            connection.execute(upsert(setting), {"key": key, "value": stored})
