"""A whole copy of a project, also while others work in it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from annotator.domain.errors import ProjectError
from annotator.domain.words import counted
from annotator.files import PICTURE, holds
from annotator.store.project_store import ProjectStore


@dataclass(frozen=True)
class ProjectCopy:
    """A copy that was made: where it is and what is in it."""

    path: Path
    frames: int
    edits: int
    nbytes: int

    @property
    def text(self) -> str:
        """One line for people."""
        return f"{self.path.name} has {counted(self.frames, 'frame')} and {counted(self.edits, 'edit')}"


def copy_project(store: ProjectStore, path: Path | None = None, overwrite: bool = False) -> ProjectCopy:
    """Copy a project (None: to NAME-DATE-TIME beside it) and read the copy once, to be sure of it.

    Raises:
        ProjectError: there is a file already (unless `overwrite`), somebody has that one open, or it cannot be written.
    """
    if path is None:
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        path = store.path.with_name(f"{store.path.stem}-{stamp}{store.path.suffix}")
    path = Path(path).absolute()
    if path.is_dir():
        raise ProjectError(f"{path} is a folder; name a file in it")
    if path.exists() and not overwrite:
        raise ProjectError(f"{path} exists already; choose another name, or --overwrite")
    if path.exists() and holds(path) == PICTURE:
        raise ProjectError(f"{path} is {PICTURE}; choose another name")
    store.copy_to(path)
    with ProjectStore.open(path) as copy:  # who only reads leaves an empty log beside it
        return ProjectCopy(path, copy.frames.count(), copy.ledger.count(), path.stat().st_size)
