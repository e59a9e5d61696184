"""The frames of 300-W and 300-VW as they are published: folders of pictures or videos with `.pts` of 68 points."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.evaluation.truth import GroundTruth
from annotator.formats.pts import pts_files
from annotator.formats.registry import format_named
from annotator.imaging.movies import movie
from annotator.services.models.evaluation_sets import EvaluationSet, pts_set
from annotator.services.models.protocols.published import CATEGORIES, IN_300VW, IN_300W, Rows
from annotator.services.models.protocols.videos import frame_files, movie_in, movie_picture, still

MARKUP = "ibug-68"
COMMON, CHALLENGING = "common", "challenging"
_PARTS = {COMMON: ("helen/testset", "lfpw/testset"), CHALLENGING: ("ibug",)}
_COUNTS = {COMMON: 554, CHALLENGING: 135}
_ANNOT = "annot"


@dataclass(frozen=True)
class ProtocolSet:
    """One set of a protocol.

    Attributes:
        name: such as `common`. truth: 68 points. pictures: reads each frame, or raises AnnotatorError. begins: numbers of the
            frames with which a video begins; None where the frames are stills.
    """

    name: str
    truth: GroundTruth
    pictures: Sequence[Callable[[], NDArray[Any]]]
    begins: frozenset[int] | None = None

    def first(self, count: int) -> "ProtocolSet":
        """The first so many frames."""
        kept = range(min(count, len(self.pictures)))
        begins = None if self.begins is None else frozenset(i for i in self.begins if i in kept)
        return ProtocolSet(self.name, self.truth.subset(kept), self.pictures[: len(kept)], begins)


@dataclass(frozen=True)
class Protocol:
    """A published protocol: how its folder is read (with notes on what is not as published), and the papers' rows by points."""

    title: str
    read: Callable[[Path], tuple[list[ProtocolSet], list[str]]]
    published: Mapping[int, Rows]
    source: str


def read_300w(folder: Path) -> tuple[list[ProtocolSet], list[str]]:
    """Common (`helen/testset` and `lfpw/testset`, or `common`) and challenging (`ibug`, or `challenging`) of a folder.

    Raises AnnotatorError where one of them is not there.
    """
    scheme = load_scheme(MARKUP)
    sets, notes = [], []
    for name, parts in _PARTS.items():
        found = [folder / name] if (folder / name).is_dir() else [folder / part for part in parts]
        missing = [str(path) for path in found if not path.is_dir()]
        if missing:
            raise AnnotatorError(
                f"{' and '.join(missing)} are not there: 300-W is a folder with {', '.join(parts)}, or with {name}."
            )
        data = [pts_set(path, scheme) for path in found]
        truth = _joined(scheme, [own.truth for own in data])
        pictures = [partial(own.picture, number) for own in data for number in range(len(own.paths))]
        if len(pictures) != _COUNTS[name]:
            notes.append(f"{name}: {len(pictures)} pictures, where the published set has {_COUNTS[name]}.")
        sets.append(ProtocolSet(name, truth, pictures))
    return sets, notes


def read_300vw(folder: Path) -> tuple[list[ProtocolSet], list[str]]:
    """The three categories of a folder of videos `NNN/annot/000001.pts`, with frames or a movie in each.

    Raises AnnotatorError where no test video is there, or its frames are not.
    """
    scheme = load_scheme(MARKUP)
    sets, notes = [], []
    for name, numbers in CATEGORIES.items():
        videos = [folder / f"{number:03d}" for number in numbers]
        there = [path for path in videos if (path / _ANNOT).is_dir()]
        if len(there) < len(videos):
            notes.append(f"{name}: {len(there)} of its {len(videos)} videos are there.")
        if there:
            sets.append(_category(name, there, scheme))
    if not sets:
        raise AnnotatorError(
            f"{folder} holds no test video of 300-VW: each is a folder such as 114 with annot/000001.pts in it, and with its "
            "frames or its movie."
        )
    return sets, notes


def holds_videos(folder: Path) -> bool:
    """Whether a folder is laid out as 300-VW: folders with numbers for names and `annot` in them."""
    return any(path.parent.name.isdecimal() for path in folder.glob(f"*/{_ANNOT}"))


def training_videos(folder: Path, scheme: LandmarkScheme) -> EvaluationSet:
    """Every frame of 300-VW's videos that are for training, all but those of the categories; movies must be unpacked.

    Raises AnnotatorError where there is none, or a frame lacks its picture.
    """
    tested = {number for numbers in CATEGORIES.values() for number in numbers}
    videos = sorted(
        path.parent
        for path in folder.glob(f"*/{_ANNOT}")
        if path.parent.name.isdecimal() and int(path.parent.name) not in tested
    )
    if not videos:
        raise AnnotatorError(f"{folder} holds only videos that 300-VW tests with: learn from the others.")
    names, subjects, faces, paths = list[str](), list[str](), [], list[Path]()
    for video in videos:
        numbers, xy = _points_of(video, scheme)
        files = frame_files(video)
        missing = [number for number in numbers if number not in files]
        if missing:
            raise AnnotatorError(
                f"{video}: there is no picture for frame {missing[0]}: unpack the movie beside annot."
            )
        names += [f"{video.name}/{_ANNOT}/{number:06d}.pts" for number in numbers]
        subjects += [video.name] * len(numbers)
        faces.append(xy)
        paths += [files[number] for number in numbers]
    points = np.concatenate(faces)
    truth = GroundTruth(scheme, tuple(names), tuple(subjects), points, np.zeros(points.shape[:2], bool))
    return EvaluationSet(folder.name, truth, tuple(paths))


def _category(name: str, videos: Sequence[Path], scheme: LandmarkScheme) -> ProtocolSet:
    truths, pictures, begins = [], list[Callable[[], NDArray[Any]]](), set[int]()
    for video in videos:
        numbers, xy = _points_of(video, scheme)
        begins.add(len(pictures))
        pictures += _pictures_of(video, numbers)
        names = tuple(f"{video.name}/{number:06d}" for number in numbers)
        truths.append(
            GroundTruth(scheme, names, (video.name,) * len(names), xy, np.zeros(xy.shape[:2], bool))
        )
    return ProtocolSet(name, _joined(scheme, truths), pictures, frozenset(begins))


def _points_of(video: Path, scheme: LandmarkScheme) -> tuple[list[int], NDArray[np.float64]]:
    """Numbers of the annotated frames, in order, and their points."""
    folder = video / _ANNOT
    if next(pts_files(folder), None) is None:
        raise AnnotatorError(f"{folder} holds no .pts files.")
    try:
        frames = {
            int(Path(own.path).stem): own.xy for own in format_named("pts").read(folder, scheme).whole(folder)
        }
    except ValueError as error:
        raise AnnotatorError(
            f"{folder}: its files are named by numbers, such as 000001.pts: {error}"
        ) from error
    numbers = sorted(frames)
    return numbers, np.stack([frames[number] for number in numbers]).astype(float)


def _pictures_of(video: Path, numbers: Sequence[int]) -> list[Callable[[], NDArray[Any]]]:
    files = frame_files(video)
    missing = [number for number in numbers if number not in files]
    if not missing:
        return [partial(still, files[number]) for number in numbers]
    found = movie_in(video)
    if found is None:
        raise AnnotatorError(
            f"{video}: there is no picture for frame {missing[0]} and {len(missing) - 1} more, and no movie."
        )
    movie(found)  # tells at once where it cannot be read
    return [partial(movie_picture, found, number) for number in numbers]


def _joined(scheme: LandmarkScheme, truths: Sequence[GroundTruth]) -> GroundTruth:
    return GroundTruth(
        scheme,
        tuple(name for own in truths for name in own.names),
        tuple(subject for own in truths for subject in own.subjects),
        np.concatenate([own.xy for own in truths]),
        np.concatenate([own.occluded for own in truths]),
    )


PROTOCOLS: Mapping[str, Protocol] = {
    "300w": Protocol("300-W", read_300w, IN_300W, "Chandran et al. 2020, Table 2"),
    "300vw": Protocol("300-VW", read_300vw, IN_300VW, "Chandran et al. 2020, Table 3"),
}
"""Every protocol by the name of `evaluate --preset`."""


def protocol(name: str) -> Protocol:
    """A protocol; raises AnnotatorError where there is none of that name."""
    if name not in PROTOCOLS:
        raise AnnotatorError(f"There is no preset {name!r}; choose one of {', '.join(PROTOCOLS)}.")
    return PROTOCOLS[name]
