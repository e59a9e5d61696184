"""The calibration files that Annotator reads and writes, known by their content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from annotator.domain.errors import FormatError
from annotator.domain.rigs.rig import Rig, RigError
from annotator.files import refuse_to_replace
from annotator.rigs.files.agisoft import Agisoft
from annotator.rigs.files.anipose import Anipose
from annotator.rigs.files.colmap import Colmap
from annotator.rigs.files.opencv import OpenCv
from annotator.rigs.files.own import OwnJson
from annotator.rigs.files.rendered import Rendered
from annotator.rigs.files.source import RigFormat, Source

_FORMATS: Final[tuple[RigFormat, ...]] = (OwnJson(), Rendered(), Colmap(), Agisoft(), Anipose(), OpenCv())
"""In the order in which they are asked: the more particular first."""


@dataclass(frozen=True, eq=False)
class RigsRead:
    """What a file holds: several rigs where takes have their own. `notes` are for people."""

    format: RigFormat
    rigs: tuple[Rig, ...]
    notes: tuple[str, ...]


def rig_formats() -> dict[str, RigFormat]:
    """Name -> format."""
    return {known.name: known for known in _FORMATS}


def read_rigs(path: Path, size: tuple[int, int] | None = None) -> RigsRead:
    """The rigs of a file or folder, whatever its name.

    Args:
        size: width and height of pictures, for files that do not tell them.

    Raises:
        RigError: of no format known, or what cannot be used of it, and what to do.
    """
    if not path.exists():
        raise RigError(f"{path} does not exist; choose the calibration's file or folder.")
    source = Source(path, size)
    try:
        alone = _alone(source) if path.is_dir() else None
        if alone is not None:
            return read_rigs(alone, size)
        found = next((known for known in _FORMATS if known.recognises(source)), None)
        if found is None:
            titles = ", ".join(known.title for known in _FORMATS)
            raise RigError(f"{path} holds no calibration that is known; read are {titles}.")
        return RigsRead(found, found.read(source), tuple(source.notes))
    except RigError as error:
        raise RigError(str(error) if path.name in str(error) else f"{path.name}: {error}") from error


def _alone(source: Source) -> Path | None:
    """The one file of a folder that is a whole rig by itself; None where the folder as such may be one."""
    whole = [known for known in _FORMATS if not isinstance(known, OpenCv | Colmap)]
    if Colmap().recognises(source):
        return None
    found = [file for file in source.files if any(known.recognises(source.at(file)) for known in whole)]
    if len(found) > 1:
        names = ", ".join(file.name for file in found)
        raise RigError(f"{source.path} holds several calibrations, {names}; choose one of them.")
    return found[0] if found else None


def write_rig(
    rig: Rig, path: Path, format_name: str | None = None, overwrite: bool = False, keep: Sequence[Path] = ()
) -> RigFormat:
    """Write a rig; the ending of `path` decides the format without a name, no ending means a COLMAP folder.

    Raises:
        RigError: the format cannot be written or does not hold the rig, or there is something at `path` already, which is never
            replaced where it is a picture, a project, or a folder that holds one of `keep`.
    """
    chosen = _chosen(path, format_name)
    if path.exists() and not overwrite:
        raise RigError(f"{path} exists already; choose another name, or allow it to be replaced.")
    try:
        refuse_to_replace(path, keep)
        chosen.write(rig, path)
    except FormatError as error:
        raise RigError(str(error)) from error
    return chosen


def _chosen(path: Path, format_name: str | None) -> RigFormat:
    writable = {name: known for name, known in rig_formats().items() if known.writes}
    if format_name is None:
        ending = path.suffix.lower()
        usual = [known for known in writable.values() if ending in (known.extensions[:1] or ("",))]
        known = usual or [known for known in writable.values() if ending in known.extensions]
        if not known:
            raise RigError(f"No format ends in {ending}; choose one of {', '.join(writable)} by its name.")
        return known[0]
    if format_name not in writable:
        raise RigError(f"{format_name} is no format that is written; choose one of {', '.join(writable)}.")
    return writable[format_name]
