"""The formats that Annotator writes and reads, by name."""

from pathlib import Path

from annotator.domain.errors import FormatError
from annotator.formats.base import Format
from annotator.formats.coco import Coco
from annotator.formats.csv import Csv
from annotator.formats.pts import Pts

_FORMATS: dict[str, Format] = {known.name: known for known in (Coco(), Pts(), Csv())}


def formats() -> dict[str, Format]:
    """Name -> format, in the order to offer them."""
    return dict(_FORMATS)


def format_named(name: str) -> Format:
    """A format by its name; raises FormatError that lists them."""
    if name.lower() not in _FORMATS:
        raise FormatError(f"there is no format {name!r}; choose one of {', '.join(_FORMATS)}")
    return _FORMATS[name.lower()]


def format_of(path: Path) -> Format:
    """The format of a file by its extension; a folder is one of .pts files. Raises FormatError for any other."""
    for known in _FORMATS.values():
        if path.suffix.lower() in known.extensions or (known.writes_folder and path.is_dir()):
            return known
    endings = ", ".join(ending for known in _FORMATS.values() for ending in known.extensions)
    raise FormatError(
        f"{path}: the format cannot be told from its name; use one of {endings}, or name the format"
    )
