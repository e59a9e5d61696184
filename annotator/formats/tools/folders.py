"""What formats of a file a picture have in common."""

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from annotator.formats.look import files_below
from annotator.formats.named import number_in


def json_files(path: Path) -> Iterator[tuple[str, Path]]:
    """The JSON files below a folder with their names relative to it; a file is the only one."""
    if not path.is_dir():
        yield path.name, path
        return
    for file in files_below(path, ".json"):
        yield file.relative_to(path).as_posix(), file


def up_from(folder: PurePosixPath, name: str) -> str:
    """The path of a picture that a file in `folder` names: beside it where it names no folder that leads elsewhere."""
    relative = PurePosixPath(name.replace("\\", "/"))
    if relative.is_absolute() or ".." in relative.parts or ":" in name:
        return str(folder / relative.name)
    if relative.parts[: len(folder.parts)] == folder.parts:
        return str(relative)
    return str(folder / relative)


def side(values: Mapping[str, Any], key: str) -> int:
    """A side of a picture, px; 0 where there is none that can be."""
    value = number_in(values, key)
    return round(value) if 0 < value < 1e6 else 0
