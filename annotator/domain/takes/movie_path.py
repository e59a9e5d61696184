"""How a frame of a movie is named: a path below the movie's file, `anna/talk.mov/000017` for its 17th frame."""

from pathlib import Path, PurePosixPath
from typing import Final

MOVIE_EXTENSIONS: Final = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mxf", ".webm", ".wmv"})
"""Lower-case file extensions of movies."""
_DIGITS: Final = 6
_PICTURE: Final = ".png"


def is_movie(path: str | Path) -> bool:
    """Whether a file is called like a movie."""
    return PurePosixPath(path).suffix.lower() in MOVIE_EXTENSIONS


def movie_frame(movie: str, number: int) -> str:
    """The path of a movie's frame; frames are counted from 1 in the order in which they are shown."""
    return f"{movie}/{number:0{_DIGITS}d}"


def of_movie(path: Path) -> tuple[Path, int] | None:
    """(the movie, the frame's number) of such a path; None for a file. Pictures in a folder called `x.mov` have extensions."""
    name = path.name
    if name.isascii() and name.isdigit() and len(name) >= _DIGITS and is_movie(path.parent):
        return path.parent, int(name)
    return None


def file_of(path: Path) -> Path:
    """The file that a frame's pixels are in: the path itself, or the movie."""
    found = of_movie(path)
    return path if found is None else found[0]


def picture_name(path: str) -> str:
    """What a frame's picture is called where it is written as a file: a movie's frame becomes a PNG."""
    return f"{path}{_PICTURE}" if of_movie(Path(path)) is not None else path


def frame_name(path: str) -> str:
    """The frame that a picture of that name shows: the other way."""
    shorter = path.removesuffix(_PICTURE)
    return shorter if of_movie(Path(shorter)) is not None else path
