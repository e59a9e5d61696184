"""A project as one object: its file made, opened, migrated and closed, and its tables as members."""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import insert, select

from annotator.domain.errors import FormatError, ProjectError
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import parse_scheme
from annotator.domain.schemes.scheme_writer import write_scheme
from annotator.files import atomic_file
from annotator.staging import sweep
from annotator.store import tables
from annotator.store.annotations import AnnotationTable
from annotator.store.consensus import ConsensusTable
from annotator.store.file import migrations
from annotator.store.file.database import Database, copy_database
from annotator.store.file.errors import FileLostError, cause, read_error
from annotator.store.file.file_guard import ASK, FileGuard, Lineage, Loss
from annotator.store.file.stray_log import log_states, set_stray_log_aside
from annotator.store.findings import FindingTable
from annotator.store.frames import FrameTable
from annotator.store.history.ledger import Ledger
from annotator.store.lists.coverage import CoverageTable
from annotator.store.models import ModelTable
from annotator.store.notes import NoteTable
from annotator.store.paths import has_other_names, portable, real_path, resolve
from annotator.store.people.assignments import AssignmentTable
from annotator.store.people.decisions import DecisionTable
from annotator.store.previews import PreviewTable
from annotator.store.proposals import ProposalTable
from annotator.store.rigs import RigTable
from annotator.store.rows import now, text
from annotator.store.sequences.motions import MotionTable
from annotator.store.sequences.sequence_rows import SequenceRowsTable
from annotator.store.sequences.takes import TakeTable
from annotator.store.sequences.tracks import TrackTable
from annotator.store.settings import SettingTable


class ProjectStore:
    """One project file, for one thread: open another store of the same path in another thread or process.

    Use `create` or `open`. A change is on disk when its method returns; else it raises `StoreWriteError` and nothing changed.

    Attributes:
        path: the file. scheme: its landmark scheme. read_only: whether writes are refused.
        guard: knows whether the file is still the one that was opened. identity: tells this project from every other.
        created: when, in UTC; copies of a project have it in common. backup: made before a migration at opening, if any.
        stray_log: a log of another file that lay beside this one, under its new name.
        frames: what was filmed, and where it lies. annotations: the human layer. ledger: its history.
        models: the models known, and which is active. proposals: the model layer.
        findings: what the queues show. coverage: how the work is spread. rigs: calibrated cameras, by take. consensus: what all
        cameras of a moment say. takes: rates and ranges. tracks: the tracked layer, and who made it. motions: image evidence.
        previews: a JPEG a frame. notes: what people tell each other. assignments: who is to do what. decisions: of conflicts of
        copies. settings: values by key. left_out: what was damaged.
    """

    def __init__(self, database: Database, backup: Path | None = None) -> None:
        self._database, self.path, self.read_only = database, database.path, database.read_only
        self.backup, self._has_parted = backup, False
        self.stray_log: Path | None = None
        self._rescued: Path | None = None
        self.guard = database.guard or FileGuard(database.path)
        database.guard = self.guard
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
        self.created: str = row.created
        self.identity = f"{self.path} of {row.created}"
        self.models = ModelTable(database, self.scheme)
        self.findings = FindingTable(database, self.scheme)
        self.consensus = ConsensusTable(database, self.scheme, self.findings)
        root = resolve(stored_root, self.path.parent)
        self.frames = FrameTable(database, self.scheme.size, self.models, self.consensus, root)
        self.proposals = ProposalTable(database, self.scheme, self.findings, self.consensus)
        self.ledger = Ledger(database, self.scheme.size)
        self.annotations = AnnotationTable(database, self.scheme, self.findings, self.ledger, self.consensus)
        self.rigs = RigTable(database, self.consensus)
        self.coverage, self.notes = CoverageTable(database), NoteTable(database)
        self.takes, self.tracks = TakeTable(database), TrackTable(database, self.scheme, self.findings)
        self.sequences = SequenceRowsTable(database, self.scheme.size, self.models)
        self.motions = MotionTable(database, self.scheme)
        self.previews, self.settings = PreviewTable(database), SettingTable(database)
        self.assignments, self.decisions = AssignmentTable(database), DecisionTable(database)

    @classmethod
    def create(cls, path: Path, scheme: LandmarkScheme, capture_root: Path) -> Self:
        """Make a new project file; raises `ProjectError` if there is a file already or it cannot be made."""
        with cls.making(path, scheme, capture_root):
            pass
        return cls.open(path)

    @classmethod
    @contextmanager
    def making(cls, path: Path, scheme: LandmarkScheme, capture_root: Path) -> Iterator[Self]:
        """A new project that gets its name when the block ends well, and leaves no trace otherwise.

        The store's path is another one until then. Raises `ProjectError` as `create` does.
        """
        path = real_path(path)
        if os.path.lexists(path):
            raise ProjectError(f"{path} exists already; open it, or choose another name")
        if not path.parent.is_dir():
            raise ProjectError(f"{path.parent} is not a folder; make it first")
        for tail in ("-wal", "-shm"):  # of a file that is gone
            path.with_name(path.name + tail).unlink(missing_ok=True)
        try:
            with atomic_file(path, replace=False) as staged, cls._made(staged, scheme, capture_root) as store:
                yield store
        except FormatError as error:
            raise ProjectError(str(error)) from error

    @classmethod
    def _made(cls, path: Path, scheme: LandmarkScheme, capture_root: Path) -> Self:
        """A project in an empty file."""
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
            database.fold()
            return cls(database)
        except BaseException:
            database.close()
            raise

    @classmethod
    def open(cls, path: Path, read_only: bool = False, busy_ms: int | None = None) -> Self:
        """Open a project; an older one is migrated after a backup.

        A file or folder that cannot be written opens for reading only (`read_only` tells). So does a file of two names
        (hard links): SQLite keeps a log for each name, and two logs would destroy the project.

        Args:
            busy_ms: how long a write waits for other programs before it is refused.

        Raises:
            ProjectError: no such file, no project, damaged, or made by a newer version; nothing was changed.
        """
        path = real_path(path)
        stray = set_stray_log_aside(path)
        version = migrations.check(path)
        writable = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
        read_only = read_only or not writable or has_other_names(path)
        if read_only and version < migrations.VERSION:
            raise ProjectError(
                f"{path} was made by an older Annotator and must be migrated, which reading only does not do. "
                "Open it for writing, or copy it to a folder where you may write and open the copy."
            )
        if not read_only:
            sweep(path.parent)  # what killed programs left beside it
        backup = migrations.migrate(path, version)
        store = cls._opened(Database(path, read_only, busy_ms, _guard(path)), backup)
        store.stray_log = stray
        if not store.read_only:
            with suppress(ProjectError):  # whoever writes next to a moment does it
                store.consensus.catch_up()  # who promised it may have been killed
        return store

    def again(self, read_only: bool = False, busy_ms: int | None = None) -> Self:
        """Another store of the same file, for another thread or another patience.

        Raises:
            ProjectError: the file that lies there now is another one (`FileLostError`), or it cannot be read.
        """
        return self._opened(Database(self.path, read_only or self.read_only, busy_ms, self.guard, False))

    @classmethod
    def _opened(cls, database: Database, backup: Path | None = None) -> Self:
        try:
            return cls(database, backup)
        except BaseException:
            database.close()
            raise

    def check_file(self) -> None:
        """Look whether the file is still the one that was opened; raises `FileLostError`."""
        self._database.check()

    def fold(self) -> bool:
        """Move what is in the write-ahead log into the file, so that a plain copy of it is whole; tells whether all is there."""
        return self.read_only or self._database.fold()

    def part(self) -> None:
        """The file is lost: fold the log into it once, wherever it is, and leave the place to what lies there now."""
        if not self._has_parted and self.guard.loss() in (Loss.GONE, Loss.REPLACED):
            self._has_parted = self._database.fold() or self.read_only
            self.guard.part()

    def let_go(self) -> None:
        """Close what is open of the file, so that it can be opened anew; it is opened again when it is needed."""
        self._database.engine.dispose()

    def keep_image(self) -> None:
        """Keep a small project in memory as it is, just before and after `fold`: what `rescue` goes by."""
        self._database.keep_image()

    def rescue(self) -> bool:
        """The file was overwritten: keep what this store still knows of it, for reading and for `copy_to`, where that is whole.

        Nothing of its log is folded into what lies there now.
        """
        if self._rescued is None:
            folder = Path(tempfile.mkdtemp(prefix="annotator-"))
            try:
                if not self._unfold(folder / self.path.name):
                    self.copy_to(folder / self.path.name, self.path.parent)
                self._rescued = folder
            except (ProjectError, OSError):
                shutil.rmtree(folder, ignore_errors=True)
            self.guard.drop_log()
            self._database.read_instead(None if self._rescued is None else folder / self.path.name)
        return self._rescued is not None

    def _unfold(self, staged: Path) -> bool:
        """Make the project from what was kept of the file and the log that followed; tells whether that is whole."""
        log = self.path.with_name(f"{self.path.name}-wal")
        if self.guard.image is None or self.guard.image_of is None:
            return False
        staged.write_bytes(self.guard.image)
        if log.exists() and log.stat().st_size:
            first = min((number for number, _ in log_states(log)), default=0)
            if first > self.guard.image_of.number + 1:
                return False  # the log began anew since
            shutil.copyfile(log, staged.with_name(f"{staged.name}-wal"))
        with closing(sqlite3.connect(staged)) as raw:
            return self._is_own(raw)

    def copy_to(self, path: Path, seen_from: Path | None = None) -> None:
        """A whole copy of the project under another name, with what other programs are writing left out or in, never half.

        Frames and models are referred to where they are. A file at `path` is replaced. What this store has open is copied,
        also where the file was moved or deleted meanwhile. `seen_from`: where captures and models are named from. Raises
        `ProjectError`.
        """
        path = real_path(path)
        sides = [path.with_name(path.name + tail) for tail in ("-wal", "-shm")]
        is_own = path == self.path and self.guard.loss() is None
        if is_own or (sides[0].exists() and sides[0].stat().st_size):
            raise ProjectError(f"{path} is a project that is open; choose another name.")
        try:
            with atomic_file(path) as staged, self._database.read() as connection:
                raw: Any = connection.connection.dbapi_connection
                copy_database(raw, staged)
                self._refer(staged, seen_from or path.parent)
                for side in sides:
                    side.unlink(missing_ok=True)  # they are of the file that lay there
        except FileLostError as error:
            raise ProjectError(
                f"No copy was made: {self.path} {Loss.OVERWRITTEN.value}, and what it held before is gone. Put a copy of the "
                "project in its place and try again: what waits is written there."
            ) from error
        except (FormatError, sqlite3.Error) as error:
            raise ProjectError(f"no copy was made at {path}: {cause(error)}.") from error

    def _is_own(self, raw: sqlite3.Connection) -> bool:
        """Whether a copy is whole and of the project that was opened, not of what it was overwritten with."""
        try:
            whole = raw.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            row = raw.execute(ASK).fetchone() if whole else None
        except sqlite3.Error:
            return False
        return row is not None and row[0] == self.created and self.guard.knows(Lineage.of(*row))

    def _refer(self, copy: Path, folder: Path) -> None:
        """Name captures and models in a copy as seen from the folder that it is for."""
        with closing(sqlite3.connect(copy)) as raw, raw:
            if self.guard.loss() is Loss.OVERWRITTEN and self._rescued is None and not self._is_own(raw):
                raise FileLostError(self.path, Loss.OVERWRITTEN.value)
            for table, column in (("project", "capture_root"), ("model", "folder")):
                for row, stored in raw.execute(f"SELECT rowid, {column} FROM {table}").fetchall():
                    moved = portable(resolve(stored, self.path.parent), folder)
                    raw.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (moved, row))

    def close(self) -> None:
        """Close the file; the store cannot be used afterwards."""
        self._database.close()
        if self._rescued is not None:
            shutil.rmtree(self._rescued, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _guard(path: Path) -> FileGuard:
    try:
        return FileGuard(path)
    except OSError as error:
        raise ProjectError(f"{path} cannot be opened: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        raise read_error(path, error) from error
