"""A file or folder of which nobody knows the format: what its first lines, keys and tags are, read once and within limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final

from annotator.domain.errors import FormatError
from annotator.domain.outside_files import open_regular, parse_json
from annotator.formats.texts import bounded_text, decoded

MOST_FILES: Final = 200_000
"""Files of a folder that are looked through."""
_HEAD: Final = 1 << 16
_MOST_PARSED: Final = 64 << 20
_SAMPLES: Final = 3  # files of an ending that a folder is judged by
_KINDS: Final = (
    (b"SQLite format 3", "a project or another database"),
    (b"\x89HDF", "an HDF5 file"),
    (b"PK\x03\x04", "a zip archive (or an office document)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"II*\0", "a picture"),
    (b"MM\0*", "a picture"),
    (b"v/1\x01", "a picture"),
    (b"%PDF", "a PDF document"),
    (b"\x1f\x8b", "a gzip archive"),
)


class Look:
    """What a person chose to import."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.path.is_dir()

    @cached_property
    def head(self) -> bytes:
        """The first bytes; none of a folder, or of what cannot be read."""
        try:
            with open_regular(self.path) as file:
                return file.read(_HEAD)
        except OSError:
            return b""

    @cached_property
    def text(self) -> str:
        """The beginning as text; empty where it is none."""
        try:
            return decoded(self.head, "ignore").lstrip()
        except UnicodeDecodeError:
            return ""

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The first lines that hold something, at most ten."""
        return tuple(line for line in islice(self.text.splitlines(), 40) if line.strip())[:10]

    @cached_property
    def json(self) -> Any:
        """What a JSON file holds; None where it is none, or where it is too large to be read twice."""
        if self.text[:1] not in ("{", "["):
            return None
        try:
            return parse_json(bounded_text(self.path, _MOST_PARSED))
        except (ValueError, FormatError):
            return None

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of a JSON object; those that its ends name where it cannot be read as a whole."""
        if isinstance(self.json, dict):
            return frozenset(self.json)
        return frozenset(re.findall(r'"(\w+)"\s*:', self.text)) if self.text[:1] == "{" else frozenset()

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The first tags of an XML text, in order; none where it is no XML."""
        if not self.text.startswith("<"):
            return ()
        return tuple(re.findall(r"<([A-Za-z_][\w.-]*)", self.text)[:40])

    def samples(self, ending: str) -> list[Look]:
        """The first few files of a folder with an ending, such as `.json`, by name; a file is its own sample."""
        if not self.is_folder:
            return [self] if self.path.suffix.lower() == ending else []
        return self._files.get(ending, [])[:_SAMPLES]

    @cached_property
    def _files(self) -> dict[str, list[Look]]:
        """The files of a folder by their endings."""
        found: dict[str, list[Look]] = {}
        for path in sorted(_files_below(self.path)):
            found.setdefault(path.suffix.lower(), []).append(Look(path))
        return found

    @property
    def seems(self) -> str:
        """What it looks like, in words for an error."""
        if self.is_folder:
            endings = sorted(
                {path.suffix.lower() for path in islice(self.path.iterdir(), 1000) if path.is_file()}
            )
            return f"a folder of {', '.join(filter(None, endings)) or 'folders'} files"
        for start, words in _KINDS:
            if self.head.startswith(start):
                return words
        if not self.text:
            return "an empty file" if not self.head else "a binary file of a kind that is not known"
        if self.text[:1] in "{[" and self.json is None:
            return "JSON that is damaged or was cut short"
        if self.keys:
            return f"JSON with the keys {', '.join(sorted(self.keys)[:6])}"
        if isinstance(self.json, list):
            first = self.json[0] if self.json else None
            keys = (
                f" of objects with the keys {', '.join(sorted(first)[:6])}" if isinstance(first, dict) else ""
            )
            return f"a JSON list{keys}"
        if self.tags:
            return f"XML of <{self.tags[0]}>"
        return self._text_seems

    @property
    def _text_seems(self) -> str:
        first = self.lines[0] if self.lines else ""
        if re.match(r"(Tracker\d|Root|set cut_paste_input|Read)\b[^\n]*\{?", first) and "{" in self.text:
            return "a Nuke script: export its tracks as a table, one row a frame, and convert that to CSV"
        cells = re.split(r"[,;\t]", first)
        if len(cells) > 2 and any(re.search(r"[A-Za-z]", cell) for cell in cells):
            return f"a table with the columns {', '.join(cell.strip()[:20] for cell in cells[:6])}"
        numbers = first.split()
        if numbers and all(re.fullmatch(r"[-+\d.eE]+", number) for number in numbers):
            return f"lines of {len(numbers)} numbers, with nothing that tells frames and landmarks apart"
        return "text of a kind that is not known"


def files_below(folder: Path, ending: str) -> list[Path]:
    """The files of a folder with an ending, by name, whatever its case; hidden ones, such as macOS's `._x.json`, are none.

    Raises FormatError where there are too many to look through.
    """
    return sorted(path for path in _files_below(folder) if path.suffix.lower() == ending)


def _files_below(folder: Path) -> Iterator[Path]:
    for number, path in enumerate(folder.rglob("*")):
        if number >= MOST_FILES:
            raise FormatError(
                f"{folder} holds more than {MOST_FILES:,} files; choose the folder of the annotations"
            )
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path
