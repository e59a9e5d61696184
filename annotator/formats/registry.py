"""The formats that Annotator writes and reads, and those of takes that it only writes, by name."""

from pathlib import Path

from annotator.domain.errors import FormatError
from annotator.formats.base import Format
from annotator.formats.coco import Coco
from annotator.formats.csv import Csv
from annotator.formats.pts import Pts
from annotator.formats.takes.after_effects import AfterEffects
from annotator.formats.takes.csv_frames import CsvFrames
from annotator.formats.takes.maya import Maya
from annotator.formats.takes.nuke import Nuke

_FORMATS: dict[str, Format] = {known.name: known for known in (Coco(), Pts(), Csv())}
_OF_TAKES: dict[str, Format] = {known.name: known for known in (CsvFrames(), Nuke(), AfterEffects(), Maya())}


def formats() -> dict[str, Format]:
    """Name -> format that is written and read, in the order to offer them."""
    return dict(_FORMATS)


def export_formats() -> dict[str, Format]:
    """Name -> format that is written, in the order to offer them; those of takes have landmarks over time and are not read."""
    return _FORMATS | _OF_TAKES


def format_named(name: str, to_write: bool = False) -> Format:
    """A format by its name; raises FormatError that lists them. `to_write`: also one that is only written."""
    known = export_formats() if to_write else _FORMATS
    if name.lower() not in known:
        raise FormatError(f"there is no format {name!r}; choose one of {', '.join(known)}")
    return known[name.lower()]


def format_of(path: Path, to_write: bool = False) -> Format:
    """The format of a file by its extension; a folder is one of .pts files. Raises FormatError for any other.

    `to_write`: also one that is only written; of two with one ending the first counts.
    """
    formats = export_formats() if to_write else _FORMATS
    for known in formats.values():
        if path.suffix.lower() in known.extensions or (known.writes_folder and path.is_dir()):
            return known
    endings = ", ".join(ending for known in formats.values() for ending in known.extensions)
    raise FormatError(
        f"{path}: the format cannot be told from its name; use one of {endings}, or name the format"
    )
