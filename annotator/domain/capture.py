"""What was filmed: subjects, takes, cameras, and the frames that they make, or a few of them."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Frame:
    """One full-resolution image of a capture.

    Attributes:
        id: the project's number of the frame; 0 for a frame that no project holds yet.
        path: posix path relative to the capture root; never absolute, never with `..`.
        subject, take, camera, index: tokens read from the path; an empty text where the path does not say.
        width, height: pixels, after the EXIF orientation.
    """

    id: int
    path: str
    subject: str
    take: str
    camera: str
    index: str
    width: int
    height: int

    def __post_init__(self) -> None:
        if not is_confined(self.path):
            raise ValueError(f"a frame's path must stay inside the capture root: {self.path!r}")

    @property
    def file_name(self) -> str:
        """Without its folders."""
        return PurePosixPath(self.path).name

    @property
    def is_told_by_its_file(self) -> bool:
        """Whether its tokens do not tell it from its neighbours: a picture of a flat folder, or a name that no token has."""
        if not (self.take or self.camera):
            return True
        rest = PurePosixPath(self.path).stem
        for token in (self.subject, self.take, self.camera):
            rest = rest.replace(token, "", 1)
        return not self.index and any(letter.isalnum() for letter in rest)

    @property
    def parts(self) -> tuple[str, ...]:
        """What lists call it, in a few texts: the tokens that are known, the file's name where they do not tell frames apart."""
        if not self.is_told_by_its_file:
            return tuple(t for t in (self.subject, self.take, self.camera, self.index) if t)
        subject = self.subject if "/" in self.path else ""  # a flat folder is no subject
        return tuple(t for t in (subject, self.take, self.camera, self.file_name) if t)

    @property
    def name(self) -> str:
        """Its parts as one text."""
        return " / ".join(self.parts)


def is_confined(path: str) -> bool:
    """True if a posix path is relative, not empty and never leaves the folder that it is relative to."""
    pure = PurePosixPath(path)
    drive = len(path) > 1 and path[1] == ":"
    return (
        bool(pure.parts)
        and not pure.is_absolute()
        and ".." not in pure.parts
        and "\\" not in path
        and not drive
    )


def one_spelling(path: str) -> str:
    """A path in the one spelling by which paths are compared: letters with accents as one character (NFC)."""
    return unicodedata.normalize("NFC", path)


def evenly(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many of the items, evenly from the first to the last; all where there are no more, none for zero or less."""
    if most <= 0:
        return []
    if len(items) <= most:
        return list(items)
    step = (len(items) - 1) / max(most - 1, 1)
    return [items[round(number * step)] for number in range(most)]
