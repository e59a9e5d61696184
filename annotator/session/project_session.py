"""The open project of a window: opening, locking, closing."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from annotator.domain.errors import ProjectError
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.scheme_file import DEFAULT_SCHEME, load_scheme, newer_scheme
from annotator.session.project_lock import ProjectLock
from annotator.store.project_store import ProjectStore


class ProjectSession(QObject):
    """At most one open project; `FrameSession` and `Session` add what is done with it."""

    project_opened = Signal()
    project_closed = Signal()
    message = Signal(str, str)  # level "info" | "warning" | "error", text for the artist

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store: ProjectStore | None = None
        self._lock: ProjectLock | None = None

    def create_project(self, path: Path, scheme: str | Path, capture_root: Path) -> None:
        """Make a new project file (scheme: a shipped one's name, or a file) and open it.

        Raises `ProjectError` and `SchemeError`; what was open stays open then.
        """
        ProjectStore.create(Path(path), load_scheme(scheme), Path(capture_root)).close()
        self.open_project(path)

    def open_project(self, path: Path, read_only: bool = False) -> None:
        """Open a project in place of the one that is open.

        A project that cannot be written opens all the same (`read_only` tells, and a message says so); its edits
        then stay pending.

        Raises:
            ProjectError: not a project, damaged, newer, or open in another window; or the open one cannot be closed
                because of edits that are not on disk. What was open stays open then.
        """
        path = Path(path).absolute()
        if self.is_open and path == self.path:
            return
        lock = None if read_only else ProjectLock(path)
        store = None
        try:
            store = ProjectStore.open(path, read_only)
            if not self.close_project():
                raise ProjectError(
                    "The open project has edits that are not saved. Save or discard them first."
                )
        except BaseException:
            for held in (store.close if store else None, lock.release if lock else None):
                if held is not None:
                    held()
            raise
        self._store, self._lock = store, lock
        self._attach(store)
        self._tell_of_opening(store, read_only)

    def close_project(self, discard_pending: bool = False) -> bool:
        """Close the project; False, and nothing closed, if edits wait that cannot be written and may not be discarded."""
        store = self._store
        if store is None:
            return True
        if not self._may_close(discard_pending):
            return False
        self._detach()
        store.close()
        if self._lock is not None:
            self._lock.release()
        self._store = self._lock = None
        self.project_closed.emit()
        return True

    def shutdown(self) -> None:
        """End all threads and processes, before the application quits; a project still open is closed as after a crash."""
        if self._store is not None:
            self._store.close()
        if self._lock is not None:
            self._lock.release()
        self._store = self._lock = None

    @property
    def is_open(self) -> bool:
        """Whether a project is open."""
        return self._store is not None

    @property
    def store(self) -> ProjectStore:
        """The open project's store, for reading in this thread; changes go through the session. `ProjectError` if none."""
        if self._store is None:
            raise ProjectError("no project is open")
        return self._store

    @property
    def read_only(self) -> bool:
        """Whether the project cannot be written."""
        return self.store.read_only

    @property
    def path(self) -> Path:
        """The project file."""
        return self.store.path

    @property
    def title(self) -> str:
        """Name of the project for the window's title."""
        return self.store.path.stem

    @property
    def scheme(self) -> LandmarkScheme:
        """The project's landmark scheme."""
        return self.store.scheme

    @property
    def capture_root(self) -> Path:
        """Where the captures are."""
        return self.store.capture_root

    # ---- for the classes that build on this one

    def _attach(self, store: ProjectStore) -> None:
        """A project was opened."""
        self.project_opened.emit()

    def _detach(self) -> None:
        """The project is about to be closed."""

    def _may_close(self, discard_pending: bool) -> bool:
        """Whether nothing would be lost."""
        return True

    def _tell_of_opening(self, store: ProjectStore, asked: bool) -> None:
        if store.read_only and not asked:
            self.message.emit("warning", f"{store.path.name} cannot be written: edits will not be saved.")
        if store.backup is not None:
            self.message.emit(
                "info", f"The project was brought up to date; the old one is {store.backup.name}."
            )
        newer = newer_scheme(store.scheme.id)
        if newer == DEFAULT_SCHEME:  # what new projects take: a model of it ships
            text = f"This project keeps its landmarks, {store.scheme.id}. New ones take {newer}: annotator convert"
            self.message.emit("info", text)
        if not store.capture_root.is_dir():
            text = f"The captures are not at {store.capture_root}. Relink them to where they are now."
            self.message.emit("warning", text)
