"""One window a project: a lock file beside it that says who has it open, and that a crash does not leave behind."""

from pathlib import Path

from PySide6.QtCore import QLockFile

from annotator.domain.errors import ProjectError


class ProjectLock:
    """Held while a window has a project open for writing; commands of the command line may write beside it."""

    def __init__(self, project: Path) -> None:
        """Take the lock; raises `ProjectError` if another window has the project open."""
        self._file = QLockFile(str(project) + ".lock")
        self._file.setStaleLockTime(0)  # a lock is stale when its process is gone, however old it is
        if not self._file.tryLock(0) and self._file.error() is QLockFile.LockError.LockFailedError:
            raise ProjectError(
                f"{project.name} is open in another window{self._holder()}. Close it there first, or open the project for "
                "reading only."
            )

    def release(self) -> None:
        """Let others open the project."""
        self._file.unlock()

    def _holder(self) -> str:
        pid, host, _ = self._file.getLockInfo()
        return f" (process {pid} on {host})" if pid else ""
