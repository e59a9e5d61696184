"""A project as one object: its file made, opened, migrated and closed, and its tables as members."""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import insert, select

from annotator.domain.errors import ProjectError
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.scheme_file import parse_scheme, write_scheme
from annotator.store import migrations, tables
from annotator.store.annotations import AnnotationTable
from annotator.store.coverage import CoverageTable
from annotator.store.database import Database
from annotator.store.findings import FindingTable
from annotator.store.frames import FrameTable
from annotator.store.ledger import Ledger
from annotator.store.models import ModelTable
from annotator.store.paths import portable, resolve
from annotator.store.previews import PreviewTable
from annotator.store.proposals import ProposalTable
from annotator.store.rows import now, text
from annotator.store.settings import SettingTable


class ProjectStore:
    """One project file, for one thread: open another store of the same path in another thread or process.

    Use `create` or `open`. Every method of a table that changes something has it on disk when it returns, and raises
    `StoreWriteError` (leaving the project as it was) where that cannot be.

    Attributes:
        path: the file. scheme: its landmark scheme. read_only: whether writes are refused.
        identity: what tells this project from every other, also from one that lies at its path later.
        backup: the copy made before a migration at opening, if there was one.
        frames: what was filmed, and where it lies. annotations: the human layer. ledger: its history.
        models: the models known, and which is active. proposals: the model layer.
        findings: what the queues show. coverage: how the work is spread over subjects, takes and cameras.
        previews: a JPEG a frame. settings: values under a key. left_out: what was damaged and could not be used.
    """

    def __init__(self, database: Database, backup: Path | None = None) -> None:
        self._database, self.path, self.read_only = database, database.path, database.read_only
        self.backup = backup
        with database.read() as connection:
            row = connection.execute(select(tables.project)).one_or_none()
        if row is None:
            raise ProjectError(f"{self.path} is damaged: it names no landmark scheme. Restore a backup.")
        try:
            scheme_toml, stored_root = text(row.scheme_toml), text(row.capture_root)
        except ValueError as error:
            raise ProjectError(f"{self.path} is damaged ({error}). Restore a backup.") from error
        self.scheme: LandmarkScheme = parse_scheme(scheme_toml, self.path)
        self.left_out = database.left_out
        self.identity = f"{self.path} of {row.created}"
        self.models = ModelTable(database, self.scheme)
        root = resolve(stored_root, self.path.parent)
        self.frames = FrameTable(database, self.scheme.size, self.models, root)
        self.findings = FindingTable(database, self.scheme)
        self.proposals = ProposalTable(database, self.scheme, self.findings)
        self.ledger = Ledger(database, self.scheme.size)
        self.annotations = AnnotationTable(database, self.scheme, self.findings, self.ledger)
        self.coverage = CoverageTable(database)
        self.previews = PreviewTable(database)
        self.settings = SettingTable(database)

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
