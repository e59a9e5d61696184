"""Which frame of which project a question was asked of, and of which file: the one value that every answer carries back."""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from annotator.domain.capture import Frame
from annotator.domain.takes.movie_path import file_of

NO_FILE = -1
"""Bytes and time of a file that is not there."""


@dataclass(frozen=True, slots=True)
class FrameKey:
    """A frame and its file as they were when somebody asked; two keys are equal only where all of it is.

    Attributes:
        project: identity of the project (`ProjectStore.identity`). frame_id: its number there.
        path: absolute path of the image file, or of a movie's frame (`takes.movie_path`).
        width, height: pixels that the project knows the frame by.
        nbytes, mtime_ns: the file's length and time of change, `NO_FILE` where there was none.
    """

    project: str
    frame_id: int
    path: str
    width: int
    height: int
    nbytes: int = NO_FILE
    mtime_ns: int = NO_FILE

    @classmethod
    def unseen(cls, project: str, frame: Frame, path: os.PathLike[str] | str) -> "FrameKey":
        """The key of a frame whose file nobody has looked at yet."""
        return cls(project, frame.id, os.fspath(path), frame.width, frame.height)

    def now(self) -> "FrameKey":
        """The same frame with its file as it is now; asks the file system."""
        try:
            found = file_of(Path(self.path)).stat()
        except (OSError, ValueError):
            return replace(self, nbytes=NO_FILE, mtime_ns=NO_FILE)
        return replace(self, nbytes=found.st_size, mtime_ns=found.st_mtime_ns)

    @property
    def is_current(self) -> bool:
        """Whether the file is still the one that was asked about; asks the file system."""
        return self.now() == self

    @property
    def has_file(self) -> bool:
        """Whether there was a file."""
        return self.nbytes != NO_FILE

    def refusal(self, width: int, height: int) -> str:
        """Why an image of that size cannot stand for this frame; empty where it can."""
        return size_refusal(self.path, (self.width, self.height), (width, height))


def size_refusal(path: os.PathLike[str] | str, known: tuple[int, int], found: tuple[int, int]) -> str:
    """Why a file of `found` px (width, height) cannot stand for a frame known with other ones; empty where it can."""
    if known == found:
        return ""
    return (
        f"{os.fspath(path)} is {found[0]} x {found[1]} now; it was {known[0]} x {known[1]} when it was imported. "
        "Landmarks would lie in the wrong places: put the old picture back, or take the new size (annotator update, or "
        "File > Update picture sizes)"
    )
