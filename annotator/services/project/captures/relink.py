"""Finds a project's captures again after their drive or folder moved."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from annotator.domain.errors import ProjectError
from annotator.domain.takes.movie_path import file_of
from annotator.store.paths import located
from annotator.store.project_store import ProjectStore

_SAMPLE: Final = 500


@dataclass(frozen=True)
class RelinkReport:
    """How many frames were looked for under the new root, how many are there, and a few that are not (relative paths)."""

    root: Path
    checked: int
    found: int
    missing: tuple[str, ...]


def check_root(store: ProjectStore, root: str | Path) -> RelinkReport:
    """Looks for frames (all of them, or 500 spread evenly) under a folder; changes nothing."""
    root = Path(root).absolute()
    paths = sorted(store.frames.by_path())
    step = max(1, -(-len(paths) // _SAMPLE))
    sample = paths[::step]
    missing = tuple(path for path in sample if not file_of(located(root, path)).is_file())
    return RelinkReport(root, len(sample), len(sample) - len(missing), missing[:10])


def relink(store: ProjectStore, new_root: str | Path) -> RelinkReport:
    """Points a project to where its captures are now; says how many are found. Files and the frames' paths stay.

    Raises ProjectError, changing nothing, when the folder holds none of them; it names the folder nearby that
    does, if there is one.
    """
    root = Path(new_root).absolute()
    if not root.is_dir():
        raise ProjectError(f"{root} is not a folder; choose the one that holds the captures")
    report = check_root(store, root)
    if report.checked and not report.found:
        hint = next((str(near) for near in _nearby(root) if check_root(store, near).found), None)
        advice = f"did you mean {hint}?" if hint else f"choose the folder that holds {report.missing[0]}"
        raise ProjectError(f"{root} holds none of this project's frames; {advice}")
    store.frames.relink(root)
    return report


def _nearby(root: Path) -> list[Path]:
    """The folders one level up and down, and two levels up."""
    try:
        below = [path for path in sorted(root.iterdir()) if path.is_dir()]
    except OSError:
        below = []
    return [*below[:50], root.parent, root.parent.parent]
