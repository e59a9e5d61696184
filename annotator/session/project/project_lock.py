"""One window a project: a lock file beside it that says who has it open, and that no window which is gone leaves behind."""

import os
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QLockFile, QSysInfo

from annotator.domain.errors import ProjectError
from annotator.store.file.holders import program_name
from annotator.store.paths import real_path

_REFRESH_S = 30.0
_DEAD_S = 600.0
"""A lock of another machine that was not refreshed for so long is of a window that is gone."""
_TAKEN: list[QLockFile] = []
_WRITING_S = 5.0
"""A lock without a word in it may be one that is being written, for so long."""


class ProjectLockedError(ProjectError):
    """Another window has the project open, or may have.

    Attributes:
        can_take_over: nobody can tell whether that window is alive, so that a person may decide it.
    """

    def __init__(self, text: str, can_take_over: bool) -> None:
        super().__init__(text)
        self.can_take_over = can_take_over


class ProjectLock:
    """Held while a window has a project open for writing; commands of the command line may write beside it.

    On this machine the system itself knows whether the holder lives. Windows on other machines touch their lock twice a
    minute.
    """

    def __init__(self, project: Path, take_over: bool = False) -> None:
        """Take the lock; `take_over`: also from a window that may be alive elsewhere.

        Raises:
            ProjectLockedError: another window has the project open; the message names process, machine and file.
        """
        path = real_path(project)
        self._path = path.with_name(f"{path.name}.lock")
        self._file = QLockFile(str(self._path))
        self._file.setStaleLockTime(0)  # by itself Qt goes by whether the process is there
        self._touched = time.monotonic()
        if _is_odd(self._path):
            if take_over:
                return
            text = f"{self._path} is no file, so it cannot tell whether another window has the project open. Remove it"
            raise ProjectLockedError(f"{text}, or open the project for reading only.", can_take_over=True)
        if self._try():
            return
        held = self._is_held()
        if not held and (take_over or self._is_abandoned()):
            if self._file.removeStaleLockFile() and self._try():
                return
            if take_over:
                return  # the file cannot be removed: the person decided that nobody is behind it
        raise ProjectLockedError(
            f"{project.name} is open in another window ({self._holder()}; lock file {self._path}). Close it there first, or "
            "open the project for reading only.",
            can_take_over=not held,
        )

    def refresh(self) -> None:
        """Show other machines that this window lives."""
        if time.monotonic() - self._touched > _REFRESH_S and self._is_own():
            self._touched = time.monotonic()
            with suppress(OSError):
                os.utime(self._path)

    def release(self) -> None:
        """Let others open the project."""
        if self._is_own():
            self._file.unlock()
        elif self._file.isLocked():
            _TAKEN.append(self._file)  # Qt would remove the lock of whoever took it over

    def _is_own(self) -> bool:
        """Whether the lock is held, and nobody took it over while this machine slept."""
        return self._file.isLocked() and self._file.getLockInfo()[:2] == (
            os.getpid(),
            QSysInfo.machineHostName(),
        )

    def _try(self) -> bool:
        """Whether nobody holds the lock any more; also where none can be made."""
        return self._file.tryLock(0) or self._file.error() is not QLockFile.LockError.LockFailedError

    def _is_held(self) -> bool:
        """Whether the system knows of a living process that holds the lock."""
        if sys.platform == "win32":
            return self._file.getLockInfo()[1] == QSysInfo.machineHostName()  # Qt looked for the process
        import fcntl

        try:
            handle = os.open(self._path, os.O_RDWR)
        except OSError:
            return False
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
        finally:
            os.close(handle)
        return False

    def _is_abandoned(self) -> bool:
        """Whether the window of a lock that nobody is known to hold is gone: one of this machine, or one that fell silent."""
        pid, host, _ = self._file.getLockInfo()
        if not pid:
            return self._silence() > _WRITING_S
        return host == QSysInfo.machineHostName() or self._silence() > _DEAD_S

    def _silence(self) -> float:
        """Seconds since the lock was touched last, by the clock of the drive that it lies on."""
        probe = self._path.with_name(f"{self._path.name}-probe-{os.getpid()}")
        try:
            probe.touch()
            now = probe.stat().st_mtime
            probe.unlink()
            return now - self._path.lstat().st_mtime
        except OSError:
            return 0.0

    def _holder(self) -> str:
        pid, host, program = self._file.getLockInfo()
        if not pid:
            return "the lock does not say which"
        here = host == QSysInfo.machineHostName()
        name = program_name(pid) if here else program
        return f"{name or 'a program'}, process {pid} on {host}"


def _is_odd(path: Path) -> bool:
    """Whether something lies there that is no plain file."""
    try:
        return not stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False
