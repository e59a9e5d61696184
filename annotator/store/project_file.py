"""The project file itself: made, opened, migrated, closed; its scheme, its captures, its settings and previews."""

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import sqlite

from annotator.domain.errors import ProjectError
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.scheme_file import parse_scheme, write_scheme
from annotator.store import migrations, tables
from annotator.store.database import Database
from annotator.store.paths import portable, resolve
from annotator.store.rows import now


class ProjectFile:
    """What every project file has, whatever lies in it.

    Attributes:
        path: the file. scheme: its landmark scheme. capture_root: folder that frame paths are relative to.
        read_only: whether writes are refused. backup: the copy made before a migration at opening, if there was one.
        identity: what tells this project from every other, also from one that lies at its path later.
    """

    def __init__(self, database: Database, backup: Path | None = None) -> None:
        self._database, self.path, self.read_only = database, database.path, database.read_only
        self.backup = backup
        with database.read() as connection:
            row = connection.execute(select(tables.project)).one_or_none()
        if row is None:
            raise ProjectError(f"{self.path} is damaged: it names no landmark scheme. Restore a backup.")
        self.scheme: LandmarkScheme = parse_scheme(row.scheme_toml, self.path)
        self.capture_root: Path = resolve(row.capture_root, self.path.parent)
        self.identity = f"{self.path} of {row.created}"

    @classmethod
    def create(cls, path: Path, scheme: LandmarkScheme, capture_root: Path) -> Self:
        """Make a new project file; raises `ProjectError` if there is a file already or it cannot be made."""
        path = Path(path).absolute()
        if path.exists():
            raise ProjectError(f"{path} exists already; open it, or choose another name")
        if not path.parent.is_dir():
            raise ProjectError(f"{path.parent} is not a folder; make it first")
        database = Database(path)
        values = {
            "id": 1,
            "scheme_id": scheme.id,
            "scheme_toml": write_scheme(scheme),
            "capture_root": portable(capture_root, path.parent),
            "created": now(),
        }
        try:
            with database.write() as connection:
                migrations.create_tables(connection)
                connection.execute(insert(tables.project).values(values))
            return cls(database)
        except BaseException:
            database.close()
            path.unlink(missing_ok=True)
            raise

    @classmethod
    def open(cls, path: Path, read_only: bool = False) -> Self:
        """Open a project; an older one is migrated after a backup.

        A file or folder that cannot be written opens for reading only (`read_only` tells).

        Raises:
            ProjectError: no such file, no project, damaged, or made by a newer version; nothing was changed.
        """
        path = Path(path).absolute()
        version = migrations.check(path)
        read_only = read_only or not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK))
        if read_only and version < migrations.VERSION:
            raise ProjectError(
                f"{path} was made by an older Annotator and must be migrated, but it cannot be written. "
                "Copy it to a folder where you may write and open the copy."
            )
        backup = migrations.migrate(path, version)
        database = Database(path, read_only)
        try:
            return cls(database, backup)
        except BaseException:
            database.close()
            raise

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def relink(self, new_root: Path) -> None:
        """Say where the captures are now; the frames' own paths stay. Raises `ProjectError` if there is no such folder."""
        root = Path(new_root).absolute()
        if not root.is_dir():
            raise ProjectError(f"{root} is not a folder; choose the one that holds the captures")
        with self._database.write() as connection:
            connection.execute(update(tables.project).values(capture_root=portable(root, self.path.parent)))
        self.capture_root = root

    def preview(self, frame_id: int) -> bytes | None:
        """The frame's preview JPEG, None while there is none."""
        table = tables.preview
        with self._database.read() as connection:
            return connection.scalar(select(table.c.jpeg).where(table.c.frame_id == frame_id))

    def save_preview(self, frame_id: int, jpeg: bytes) -> None:
        """Keep a frame's preview JPEG in place of an older one."""
        statement = sqlite.insert(tables.preview).values(frame_id=frame_id, jpeg=jpeg)
        with self._database.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["frame_id"], set_={"jpeg": jpeg})
            )

    def setting(self, key: str, default: Any = None) -> Any:
        """A value that `set_setting` kept (JSON types), else `default`."""
        table = tables.setting
        with self._database.read() as connection:
            text = connection.scalar(select(table.c.value).where(table.c.key == key))
        return default if text is None else json.loads(text)

    def set_setting(self, key: str, value: Any) -> None:
        """Keep a value of JSON types under a key."""
        text = json.dumps(value)
        statement = sqlite.insert(tables.setting).values(key=key, value=text)
        with self._database.write() as connection:
            connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": text}))
