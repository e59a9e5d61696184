"""Other programs' frames of named points, brought onto the landmarks of a scheme.

A name is a landmark's where a map of the user says so, where both are spelt alike (case, `-`, `_` and spaces aside), or by
order where all names of a file are numbers. What is no landmark is left out and told.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from annotator.domain.annotation import FARTHEST, Flag
from annotator.domain.capture import one_spelling
from annotator.domain.errors import FormatError
from annotator.domain.scheme import MARKUP_POINTS, Landmark, LandmarkScheme
from annotator.formats.base import ImportedDataset, ImportedFrame, repeated

_TOLD: Final = 8  # names in a note
_WFLW: Final = (*range(0, 33, 2), *range(33, 38), *range(42, 47), *range(51, 60), 60, 61, 63, 64, 65, 67, 68, 69, 71, 72, 73, 75,
                *range(76, 96))  # fmt: skip
"""Which of WFLW's 98 points is each point of the 68-point markup."""
_WITH_PUPILS: Final = 70  # OpenPose's face: the 68 points, then both pupils


AS_NAMED: Final = LandmarkScheme("as-named", 1, "As the file names them", (), (), ())
"""Read onto this one, a file's landmarks are those of a scheme of its own names, which the data set then has."""


def scheme_of(names: Iterable[str]) -> LandmarkScheme:
    """A scheme of a file's own names."""
    marks = tuple(Landmark(name, None, name) for name in dict.fromkeys(names))
    return LandmarkScheme(AS_NAMED.name, AS_NAMED.version, AS_NAMED.title, marks, (), ())


class Point(NamedTuple):
    """A landmark's place in frame pixels of our convention; `confidence` is NaN where the file tells none."""

    x: float
    y: float
    occluded: bool = False
    confidence: float = math.nan


@dataclass(frozen=True)
class NamedFrame:
    """A frame as a file tells of it: `points` by the names that the file has; `width`, `height` 0 where it tells none."""

    path: str
    points: Mapping[str, Point]
    width: int = 0
    height: int = 0
    in_shares: bool = False


@dataclass
class Reading:
    """What is read of one file or folder, frame by frame; what cannot be read goes into `left_out`."""

    path: Path
    scheme: LandmarkScheme
    names: Mapping[str, str] | None = None
    frames: list[NamedFrame] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(
        self,
        path: str,
        faces: Sequence[Mapping[str, Point]],
        width: int = 0,
        height: int = 0,
        in_shares: bool = False,
    ) -> None:
        """A frame's faces: none says nothing, and a frame of several is left out, as one is held."""
        marked = [face for face in faces if face]
        if not path.strip():
            self.left_out[f"entry {len(self.frames) + 1}"] = "names no picture"
        elif len(marked) > 1:
            self.left_out[path] = f"has {len(marked)} faces, and a frame holds one; remove the others"
        elif marked:
            name = path.strip().replace("\\", "/")
            self.frames.append(NamedFrame(name, marked[0], width, height, in_shares))

    def dataset(self, every: Sequence[str] = (), without_endings: bool = False) -> ImportedDataset:
        """The frames on the scheme's landmarks; `every`: the names that the file lists, where it does beside its points.

        Raises FormatError where nothing could be read, or none of the names is a landmark.
        """
        if not self.frames:
            if self.left_out:
                name, reason = next(iter(self.left_out.items()))
                raise FormatError(f"{self.path}: {name}: {reason}")
            raise FormatError(f"{self.path} marks no landmarks; choose a file in which some are")
        told = list(dict.fromkeys([*every, *(name for frame in self.frames for name in frame.points)]))
        if self.scheme is AS_NAMED:
            self.scheme = scheme_of(told)
        place, notes = resolve(told, self.scheme, self.names, self.path)
        spelling = [one_spelling(frame.path) for frame in self.frames]
        twice = repeated(spelling)
        frames = []
        for frame, spelt in zip(self.frames, spelling, strict=True):
            if spelt in twice:
                self.left_out[frame.path] = "comes twice in the file; remove one of them"
            else:
                frames.append(self._frame(frame, place))
        return ImportedDataset(
            self.scheme, tuple(frames), (*self.notes, *notes), self.left_out, without_endings
        )

    def _frame(self, frame: NamedFrame, place: Mapping[str, int]) -> ImportedFrame:
        size = self.scheme.size
        xy, flags = np.full((size, 2), np.nan, np.float32), np.zeros(size, np.uint8)
        confidence = np.full(size, np.nan, np.float32)
        for name, point in frame.points.items():
            if name not in place:
                continue
            index = place[name]
            if not all(math.isfinite(value) and abs(value) < FARTHEST for value in point[:2]):
                self.left_out[f"{frame.path}: {name}"] = "is marked, but its place is no finite numbers"
                continue
            xy[index] = point.x, point.y
            flags[index] = Flag.OCCLUDED if point.occluded else 0
            confidence[index] = (
                min(max(point.confidence, 0.0), 1.0) if point.confidence == point.confidence else np.nan
            )
        known = confidence if np.isfinite(confidence).any() else None
        return ImportedFrame(
            frame.path,
            xy,
            flags,
            width=frame.width,
            height=frame.height,
            confidence=known,
            in_shares=frame.in_shares,
        )


def resolve(
    theirs: Sequence[str], scheme: LandmarkScheme, names: Mapping[str, str] | None, where: Path
) -> tuple[dict[str, int], tuple[str, ...]]:
    """A file's name of a landmark -> the scheme's index, and what to note.

    Raises FormatError for a map that names no landmark of the scheme, two names of one landmark, or where none is known.
    """
    place = mapped(theirs, scheme, names or {}, where)
    rest = [name for name in theirs if name not in (names or {})]
    alike = _alike(rest, scheme, set(place.values()))
    by_order = {} if alike or len(rest) < len(theirs) else _by_order(theirs, scheme)
    place |= alike or by_order
    lost = [name for name in theirs if name not in place]
    if not place and theirs:
        raise FormatError(
            f"{where}: none of its {len(theirs)} landmarks is one of {scheme.id} (the first is {theirs[0]!r}, ours is "
            f"{scheme.names[0]!r}); choose a file of this scheme, or tell which is which with a map of names"
        )
    if by_order:
        taken = f"{len(by_order)} of them are landmarks of {scheme.id}, which has {scheme.size}"
        return place, (
            f"the file's {len(theirs)} points are numbered and were taken in their order; {taken}",
        )
    notes = []
    if len(place) < scheme.size:
        notes.append(
            f"the file has {len(place)} of the {scheme.size} landmarks of {scheme.id}; the others stay missing"
        )
    if lost:
        more = f" and {len(lost) - _TOLD} more" if len(lost) > _TOLD else ""
        notes.append(
            f"{len(lost)} of the file's {len(theirs)} points are no landmarks of {scheme.id} and were left out: "
            f"{', '.join(lost[:_TOLD])}{more}"
        )
    return place, tuple(notes)


def spelling(name: str) -> str:
    """A name as it is compared: letters and numbers alone, numbers without the zeros before them."""
    parts = re.findall(r"[^\W\d_]+|\d+", name.casefold())
    return "_".join(part.lstrip("0") or "0" if part.isdigit() else part for part in parts)


def mapped(
    theirs: Iterable[str], scheme: LandmarkScheme, names: Mapping[str, str], where: Path
) -> dict[str, int]:
    """The scheme's index of each of `theirs` that a map names; raises FormatError as `resolve` does."""
    unknown = sorted({name for name in names.values() if name and name not in scheme.names})
    if unknown:
        raise FormatError(f"the map of names leads to {unknown[0]!r}, which is no landmark of {scheme.id}")
    found = {name: scheme.index(names[name]) for name in theirs if names.get(name)}
    twice = repeated(str(index) for index in found.values())
    if twice:
        ours = scheme.names[int(min(twice))]
        both = [name for name, index in found.items() if scheme.names[index] == ours]
        raise FormatError(f"{where}: the map of names makes {' and '.join(both)} the one landmark {ours}")
    return found


def _alike(theirs: Sequence[str], scheme: LandmarkScheme, taken: set[int]) -> dict[str, int]:
    """Those that are spelt like a landmark that nobody else has; exact spellings first."""
    found = {
        name: scheme.index(name)
        for name in theirs
        if name in scheme.names and scheme.index(name) not in taken
    }
    ours = {spelling(name): index for index, name in enumerate(scheme.names)}
    if len(ours) < scheme.size:
        return found
    loose = {name: ours[spelling(name)] for name in theirs if name not in found and spelling(name) in ours}
    several = repeated(str(index) for index in loose.values()) | {
        str(index) for index in (*taken, *found.values())
    }
    return found | {name: index for name, index in loose.items() if str(index) not in several}


def _by_order(theirs: Sequence[str], scheme: LandmarkScheme) -> dict[str, int]:
    """Landmarks by their number, where all names of a file are the numbers from 0 or from 1 to a count that is known."""
    if not theirs or not all(name.strip().isdecimal() and len(name) < 6 for name in theirs):
        return {}
    numbers = {int(name): name for name in theirs}
    first = min(numbers)
    if len(numbers) < len(theirs) or first > 1 or sorted(numbers) != list(range(first, first + len(numbers))):
        return {}
    order = order_of(len(numbers), scheme)
    return {numbers[at + first]: index for at, index in order.items()}


def order_of(count: int, scheme: LandmarkScheme) -> dict[int, int]:
    """Place in a list of `count` points -> landmark: the scheme's own order, that of the 68-point markup (also with the pupils
    after them), or that of WFLW's 98 points, which has the 68; none where the count says nothing."""
    markup = dict(scheme.ibug68)
    if count == scheme.size and len(markup) < scheme.size:
        return {index: index for index in range(scheme.size)}
    if count in (MARKUP_POINTS, _WITH_PUPILS):
        return markup
    if count == len(range(98)):
        return {_WFLW[point]: index for point, index in markup.items()}
    return {}


def numbered(points: Sequence[Point | None]) -> dict[str, Point]:
    """Points without names, by their place in the list."""
    return {str(index): point for index, point in enumerate(points) if point is not None}


def number_in(values: Mapping[str, Any] | Sequence[Any], key: Any) -> float:
    """A number of an object or list, also one that is text; NaN for all else."""
    try:
        value = values[key]
        return math.nan if isinstance(value, bool) else float(value)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError):
        return math.nan
