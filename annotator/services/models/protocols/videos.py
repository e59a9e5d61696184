"""Pictures of a video that is a folder: frames beside or below it, or a movie, which needs the extra `movies`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.imaging.reader import read_frame
from annotator.services.models.evaluation_sets import PICTURES

MOVIES = (".avi", ".mp4", ".mov", ".mkv", ".wmv")
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
    return next((path for path in sorted(folder.iterdir()) if path.suffix.lower() in MOVIES), None)


class MovieFrames:
    """Frames of a movie by their number from 1 on, decoded one after another; going back begins anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._frames: Iterator[NDArray[np.uint8]] = iter(())
        self._next = 0
        self._last: NDArray[np.uint8] | None = None

    def __call__(self, number: int) -> NDArray[Any]:
        """Frame `number`; raises AnnotatorError where the extra is missing, or the movie is shorter or damaged."""
        if self._last is None or number < self._next - 1:
            self._frames, self._next = _decoded(self._path), 1
        while self._next <= number:
            frame = next(self._frames, None)
            if frame is None:
                raise AnnotatorError(
                    f"{self._path} has only {self._next - 1} frames, but there are points for {number}."
                )
            self._last, self._next = frame, self._next + 1
        assert self._last is not None
        return self._last


def still(path: Path) -> NDArray[Any]:
    """A frame that is a file."""
    return read_frame(path)


def check_movies() -> None:
    """Raises AnnotatorError with the remedy where movies cannot be read here."""
    try:
        import av  # noqa: F401
    except ImportError as error:
        raise AnnotatorError(
            "Reading movies needs the extra: pip install 'annotator[movies]'. Or unpack each into a folder of frames "
            "beside its annot folder."
        ) from error


def _decoded(path: Path) -> Iterator[NDArray[np.uint8]]:
    check_movies()
    import av

    try:
        with av.open(str(path)) as movie:
            for frame in movie.decode(video=0):
                yield np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    except (av.FFmpegError, OSError) as error:
        raise AnnotatorError(f"{path} cannot be read: {error}.") from error
