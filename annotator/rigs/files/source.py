"""A calibration file, or a folder of some, as text of a limited size; and what every format answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from annotator.domain.outside_files import NoRegularFile, parse_json, read_outside_text
from annotator.domain.rigs.rig import Rig, RigError

MOST_BYTES: Final = 64 * 2**20
MOST_FILES: Final = 500
_ENDINGS: Final = {".json", ".yml", ".yaml", ".xml", ".toml", ".txt"}


@dataclass(eq=False)
class Source:
    """What a person chose to import.

    Attributes:
        path: a file, or a folder. size: width and height of pictures where the file does not tell them; None: refused.
        notes: what a format told on the way, for people.
    """

    path: Path
    size: tuple[int, int] | None = None
    notes: list[str] = field(default_factory=list)
    _texts: dict[Path, str] = field(default_factory=dict)

    @property
    def files(self) -> list[Path]:
        """The file, or those of the folder that may hold calibrations, in the order of their names."""
        if not self.path.is_dir():
            return [self.path]
        try:
            found = sorted(
                entry for entry in self.path.iterdir() if entry.suffix.lower() in _ENDINGS and entry.is_file()
            )
        except OSError as error:
            raise RigError(f"{self.path} cannot be read: {error.strerror or error}.") from None
        if len(found) > MOST_FILES:
            raise RigError(f"{self.path} holds {len(found):,} files; choose a folder of calibrations alone.")
        return found

    def text(self, file: Path | None = None) -> str:
        """The UTF-8 text of a file; raises `RigError` where it is none, or too large."""
        file = file or self.path
        if file not in self._texts:
            self._texts[file] = _read(file)
            if sum(map(len, self._texts.values())) > MOST_BYTES:
                raise RigError(
                    f"{self.path} holds more than {MOST_BYTES // 2**20} MiB of text; choose a folder of calibrations alone."
                )
        return self._texts[file]

    def json(self, file: Path | None = None) -> Any:
        """What a JSON file holds; None where it is no JSON."""
        try:
            return parse_json(self.text(file))
        except ValueError:
            return None

    def at(self, file: Path) -> Source:
        """One file of the folder as a source of its own; texts are read once."""
        return Source(file, self.size, self.notes, self._texts)

    def note(self, text: str) -> None:
        """Tell a person something, once."""
        if text not in self.notes:
            self.notes.append(text)


class RigFormat(Protocol):
    """A kind of calibration file.

    Attributes:
        extensions: endings with their dot, the first is the usual one; none: a folder. writes: whether it can be written.
        convention: of pixels, for people.
    """

    name: str
    title: str
    extensions: tuple[str, ...]
    writes: bool
    convention: str

    def recognises(self, source: Source) -> bool:
        """Whether the content, not the name, is of this format."""
        ...

    def read(self, source: Source) -> tuple[Rig, ...]:
        """The rigs, most often one; raises `RigError` that says what cannot be used, and what to do."""
        ...

    def write(self, rig: Rig, path: Path) -> None:
        """Write a rig whole or not at all; raises `RigError` for what the format has no place for."""
        ...


def _read(file: Path) -> str:
    try:
        return read_outside_text(file, MOST_BYTES, "utf-8-sig")
    except (NoRegularFile, IsADirectoryError, FileNotFoundError):
        raise RigError(f"{file} is no file; choose the calibration's.") from None
    except OSError as error:
        raise RigError(f"{file} cannot be read: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise RigError(
            f"{file} is no UTF-8 text (byte {error.start}); export the calibration as text."
        ) from None
