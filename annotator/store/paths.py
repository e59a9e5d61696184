"""How a project file names places: relative where it can, so that it moves with its captures, and never astray."""

import os
import unicodedata
from pathlib import Path

from annotator.domain.assets import asset
from annotator.domain.capture import is_confined
from annotator.domain.errors import ProjectError
from annotator.domain.takes.movie_path import file_of

_SHIPPED = "asset:"
_LONGEST = 4000


def portable(path: Path, base: Path) -> str:
    """Text to store for a folder: `asset:models/x` if it is shipped, relative to `base` if inside it, else absolute."""
    absolute = Path(os.path.normpath(path.absolute()))  # not `resolve`: a link stays the link it is
    for kind in ("models", "resources"):
        shipped = asset(kind)
        if absolute.is_relative_to(shipped) and absolute != shipped:
            return f"{_SHIPPED}{kind}/{absolute.relative_to(shipped).as_posix()}"
    if absolute.is_relative_to(base):
        return absolute.relative_to(base).as_posix()
    return absolute.as_posix()


def resolve(stored: str, base: Path) -> Path:
    """The folder that `portable` stored; raises `ProjectError` for a relative text that would leave `base`."""
    if "\0" in stored or len(os.fsencode(stored)) > _LONGEST or any(len(p) > 255 for p in stored.split("/")):
        raise ProjectError(f"the project names a folder that cannot be: {stored[:60]!r}")
    if stored.startswith(_SHIPPED):
        inside = stored.removeprefix(_SHIPPED)
        if not is_confined(inside):
            raise ProjectError(f"the project names a shipped folder that cannot be: {stored!r}")
        return asset(inside)
    if stored == ".":
        return base
    if Path(stored).is_absolute():
        return Path(stored)
    return confined(base, stored)


def model_of_scheme(folder: Path, scheme_id: str) -> Path:
    """A model's folder; where it is a shipped one that went on to a newer version of the scheme, the older one's beside it.

    `models/starter` places the newest version, `models/starter@1` the first: a project that knows `models/starter` and holds
    the first version goes on with that.
    """
    older = folder.with_name(f"{folder.name}@{scheme_id.partition('@')[2]}")
    return older if folder.parent == asset("models") and older.is_dir() else folder


def real_path(path: Path) -> Path:
    """The absolute path of the file itself where `path` is a link to it: every program must see a project under one name.

    SQLite keeps its log beside the file itself, too. Folders that are links stay as they are.
    """
    absolute = Path(path).absolute()
    return absolute.resolve() if absolute.is_symlink() else absolute


def has_other_names(path: Path) -> bool:
    """Whether the file is known under a second name, as a hard link."""
    try:
        return path.stat().st_nlink > 1
    except OSError:
        return False


def confined(root: Path, relative: str) -> Path:
    """`root / relative`, or `ProjectError` where a stored path would leave `root`."""
    if not is_confined(relative):
        raise ProjectError(f"the project names a path outside its folder: {relative!r}")
    return root / relative


def located(root: Path, relative: str) -> Path:
    """As `confined`, but in the spelling of accents that the disk has (macOS and others differ) where it has only the other."""
    path = confined(root, relative)
    if relative.isascii() or file_of(path).exists():
        return path
    others = (root / unicodedata.normalize(form, relative) for form in ("NFC", "NFD"))
    return next((other for other in others if file_of(other).exists()), path)
