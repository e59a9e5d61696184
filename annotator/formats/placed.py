"""What formats of other programs write of a frame, and the one way in which they write files."""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np

from annotator.domain.annotation import Flag, LandmarkState
from annotator.domain.errors import FormatError
from annotator.domain.faces.wild_points import outside
from annotator.domain.progress import Cancelled, Progress, Stop
from annotator.domain.takes.movie_path import of_movie
from annotator.files import atomic_folder
from annotator.formats.base import (
    MANIFEST,
    DatasetFrame,
    DatasetView,
    WriteOptions,
    Written,
    check_target,
    check_unique,
    columns_of,
    manifest_text,
    write_one_file,
)
from annotator.formats.decimals import short_decimals
from annotator.imaging.proxy import png_bytes
from annotator.imaging.reader import read_frame


class Placed(NamedTuple):
    """A landmark as it is written; `confidence` is 1 for what a person set. `away`: it lies out of the picture."""

    name: str
    x: float
    y: float
    occluded: bool
    confidence: float
    away: bool


def placed(
    item: DatasetFrame, dataset: DatasetView, options: WriteOptions, shift: float
) -> list[Placed | None]:
    """The landmarks of a frame in the order of the file, their places moved by `shift`; None for those that are missing."""
    annotation, frame = item.annotation, item.frame
    xy = short_decimals(annotation.xy, shift)
    away = (annotation.flags & Flag.OUT_OF_FRAME > 0) | outside(annotation.xy, frame.width, frame.height)
    sure = np.ones(len(xy))
    if item.confidence is not None:
        sure = np.where(annotation.state == LandmarkState.PROPOSED, item.confidence, 1.0)
    return [
        Placed(
            dataset.scheme.names[i],
            float(xy[i, 0]),
            float(xy[i, 1]),
            bool(annotation.flags[i] & Flag.OCCLUDED),
            float(sure[i]),
            bool(away[i]),
        )
        if np.isfinite(xy[i]).all()
        else None
        for i in columns_of(dataset.scheme, options)
    ]


def each(dataset: DatasetView, progress: Progress, stop: Stop) -> Iterable[DatasetFrame]:
    """The frames, one by one, with progress; raises Cancelled on stop."""
    for number, item in enumerate(dataset.frames, 1):
        if stop():
            raise Cancelled("export stopped; nothing was written")
        yield item
        progress(number, len(dataset.frames), item.frame.path)


def write_text(
    dataset: DatasetView, path: Path, options: WriteOptions, text: Callable[[], tuple[str, int]]
) -> Written:
    """One text file, whole or not at all; `text` gives it with the number of landmarks in it."""
    check_target(dataset, path, options)
    content, landmarks = text()

    def write(file: Any) -> Written:
        file.write(content)
        return Written((path,), len(dataset.frames), landmarks)

    return write_one_file(dataset, path, write, newline="")


def write_folder(
    dataset: DatasetView,
    path: Path,
    options: WriteOptions,
    files: Mapping[str, str | bytes | Path],
    written: Written,
) -> Written:
    """A folder of files by their relative names, whole or not at all: texts, bytes, and pictures as links or copies.

    A frame of a movie is written as PNG, as there is no file to link to or to copy.
    """
    check_unique(list(files), path)
    there = [name for name in files if (path / name).exists()]
    if there and not options.overwrite:
        raise FormatError(
            f"{path / there[0]} exists already; choose another folder, or allow it to be replaced"
        )
    with atomic_folder(path) as staging:
        for name, content in files.items():
            staged = staging / name
            staged.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, Path) and of_movie(content) is not None:
                _put(staged, png_bytes(read_frame(content)))
            elif isinstance(content, Path) and options.pictures == "copy":
                shutil.copyfile(content, staged)
            elif isinstance(content, Path):
                staged.symlink_to(content)
            else:
                _put(staged, content.encode() if isinstance(content, str) else content)
        if dataset.manifest is not None:
            _put(staging / MANIFEST, manifest_text(dataset.manifest(written)).encode())
    return written


def _put(staging: Path, content: bytes) -> None:
    staging.write_bytes(content)


def beside(path: str, ending: str) -> str:
    """A frame's path with another ending: the file that tells of it."""
    return str(PurePosixPath(path).with_suffix(ending))


def compact(value: Any) -> str:
    """JSON on one line."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def spread_out(value: Any) -> str:
    """JSON for people to read."""
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"
