"""Pictures of a video that is a folder: frames beside or below it, or a movie, which needs the extra `movies`."""

import re
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from annotator.domain.takes.movie_path import is_movie, movie_frame
from annotator.imaging.reader import read_frame
from annotator.services.models.evaluation_sets import PICTURES

_DIGITS = re.compile(r"\d+")


def frame_files(folder: Path) -> dict[int, Path]:
    """The pictures of a video by the last number in their names: those in the folder, or in the first one in it with some."""
    places = [folder, *sorted(path for path in folder.iterdir() if path.is_dir())]
    for place in places:
        found = {
            int(_DIGITS.findall(path.stem)[-1]): path
            for path in place.iterdir()
            if path.suffix.lower() in PICTURES and _DIGITS.search(path.stem) and not path.name.startswith(".")
        }
        if found:
            return found
    return {}


def movie_in(folder: Path) -> Path | None:
    """The movie of a video, where there is one."""
    return next((path for path in sorted(folder.iterdir()) if is_movie(path) and path.is_file()), None)


def movie_picture(movie: Path, number: int) -> NDArray[Any]:
    """A frame of a movie by its number from 1 on; raises AnnotatorError where there is none, and without the extra `movies`."""
    return read_frame(movie_frame(movie.as_posix(), number))


def still(path: Path) -> NDArray[Any]:
    """A frame that is a file."""
    return read_frame(path)
