"""The file of the open project: its store with its lock, what to do when it is lost, and how to go on in another one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import SignalInstance

from annotator.domain.errors import ProjectError
from annotator.domain.words import counted
from annotator.session.editing.annotations import Annotations
from annotator.session.frames import Frames
from annotator.session.project.project_lock import ProjectLock
from annotator.session.project.project_watch import ProjectWatch
from annotator.session.shared.project_steps import ProjectSteps
from annotator.store.file.errors import FileLostError
from annotator.store.file.file_guard import Loss
from annotator.store.paths import real_path
from annotator.store.project_store import ProjectStore

HAND_MS = 100
"""How long the window itself waits for other programs; what takes longer is waited for in a thread."""


class ProjectFile:
    """An opened project; nobody else has it open in a window while its lock is held."""

    def __init__(self, store: ProjectStore, lock: ProjectLock | None) -> None:
        self.store, self.lock = store, lock

    @classmethod
    def open(cls, path: Path, read_only: bool = False, take_over: bool = False) -> "ProjectFile":
        """Raises `ProjectLockedError` where a window has it open, else `ProjectError`."""
        lock = None if read_only else ProjectLock(path, take_over)
        try:
            return cls(ProjectStore.open(path, read_only, HAND_MS), lock)
        except BaseException:
            if lock is not None:
                lock.release()
            raise

    def close(self, but: ProjectLock | None = None) -> None:
        """Let others open it; a lock that is needed on stays."""
        self.store.close()
        if self.lock is not None and self.lock is not but:
            self.lock.release()


class Moved(Protocol):
    """What of the session goes on in another file."""

    annotations: Annotations
    frames: Frames
    rows: Sequence[ProjectSteps]
    message: SignalInstance

    @property
    def file(self) -> ProjectFile:
        """The open one."""

    def end_gestures(self) -> None:
        """Nothing is under way when the file changes."""

    def move_to(self, file: ProjectFile) -> None:
        """Go on in another file."""


class FileKeeper:
    """Stops all writing when the project's file is lost, and saves what the window holds where the person says."""

    def __init__(self, session: Moved, watch: ProjectWatch) -> None:
        self._session, self._watch = session, watch
        watch.lost.connect(self._take_loss)

    @property
    def is_lost(self) -> bool:
        """Whether what the window has open is all that is left of the project."""
        return self._store.guard.loss() is not None

    def may_close(self, discard_pending: bool) -> bool:
        """Write what waits; False where something cannot be written, or the file is gone, and may not be discarded. What may be
        discarded waits no longer."""
        session = self._session
        edits = session.annotations.pending
        session.annotations.wait_no_longer()
        if len(edits):
            session.annotations.retry()
        are_written = self._write_rows()
        unsaved = len(edits) or not are_written or session.annotations.conflicts or self.is_lost
        if unsaved and not discard_pending:
            return False
        if len(edits):
            edits.discard()
        for each in session.rows:
            each.discard_waiting()
        return True

    def _write_rows(self) -> bool:
        """Write what else waits; whether nothing does any more."""
        left = [each for each in self._session.rows if not each.write_waiting()]
        return not left

    @property
    def unsaved(self) -> str:
        """One line on what is not on disk, or that all is."""
        session = self._session
        rows = sum(each.waiting for each in session.rows)
        if not rows:
            return session.annotations.save_state
        more = f"{counted(rows, 'change')} of notes, assignments, conflicts or numbers not saved"
        return f"{session.annotations.save_state}; {more}" if len(session.annotations.pending) else more

    def save_as(self, path: Path) -> None:
        """Save the project, with the edits that wait, under another name and go on there.

        Where the file is gone its old name will do. Raises `ProjectError`; the window goes on as before then.
        """
        self._session.end_gestures()
        path = real_path(path)
        if path != self._store.path:
            ProjectLock(path).release()  # nobody has that one open
        self._store.copy_to(path)
        self._go_on_in(path)

    def try_again(self) -> None:
        """Write what waits; where a copy of the project took its file's place, go on in that one.

        Raises `ProjectError` where what lies there now is another project, or none.
        """
        try:
            self._store.check_file()
        except FileLostError:
            if self._store.guard.loss() is Loss.GONE:
                raise
            self._go_on_in(self._store.path)
        else:
            self._session.annotations.retry()
            self._write_rows()

    def _go_on_in(self, path: Path) -> None:
        """Write what waits to another file of the same project before this one is let go."""
        session, old = self._session, self._session.file
        session.end_gestures()
        frame_id = session.frames.current_id
        session.annotations.stop_waiting()
        old.store.part()
        if path == old.store.path:
            if old.store.guard.lies_there:  # one file is never open in two ways
                self._watch.attach(None)
                old.store.let_go()
            file = ProjectFile(ProjectStore.open(path, busy_ms=HAND_MS), old.lock)
        else:
            file = ProjectFile.open(path)
        try:
            if file.store.created != old.store.created:
                raise ProjectError(
                    f"{path} is another project now. Save yours under another name: File > Save as."
                )
            settled = file.store.annotations.commit_guarded(session.annotations.pending.waiting)
        except BaseException:
            file.close(but=old.lock)
            raise
        session.annotations.pending.discard()  # they are on disk
        session.move_to(file)
        session.annotations.take(settled)
        self._write_rows()
        session.frames.go_to(frame_id)

    def _take_loss(self, text: str) -> None:
        """The file is another one or gone, in words; empty where it is back."""
        session, store = self._session, self._store
        if store.guard.loss() is Loss.OVERWRITTEN:
            store.rescue()
            self._watch.attach(
                None
            )  # what it has open stands in the way of whoever opens what lies there now
        session.annotations.set_trouble(text)
        if text:
            session.message.emit("error", session.annotations.save_state)
        else:
            session.message.emit("info", f"{store.path.name} is back. {session.annotations.save_state}")

    @property
    def _store(self) -> ProjectStore:
        return self._session.file.store
