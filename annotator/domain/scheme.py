"""Landmark schemes: ordered, versioned landmarks with their regions, mirror pairs and curves."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MARKUP_POINTS = 68
"""Of the iBUG markup."""


@dataclass(frozen=True, slots=True)
class Landmark:
    """One landmark: its name, its region (None: only the global network sees it), its mirror and its iBUG index, if any.

    `curve` names the curve along which a sliding landmark may lie a little further with no one to say that it is wrong;
    None for an anchor, which is one place of the face.
    """

    name: str
    region: str | None
    mirror: str
    ibug68: int | None = None
    curve: str | None = None

    @property
    def is_sliding(self) -> bool:
        """True where the landmark lies on a curve by its share of the length, False for an anchor."""
        return self.curve is not None


@dataclass(frozen=True, slots=True)
class DerivedPoint:
    """A point of the 68-point markup that is no landmark of the scheme: it lies half-way between two neighbours on a curve.

    `curve` and `between` are the indices of the curve and of the two landmarks, in the curve's order.
    """

    ibug68: int
    curve: int
    between: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Region:
    """A facial region that gets a crop of its own; `indices` are the scheme's landmarks inside it, in order."""

    name: str
    title: str
    colour: str
    indices: tuple[int, ...]
    mirror: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Landmarks that are drawn connected."""

    name: str
    indices: tuple[int, ...]
    closed: bool


@dataclass(frozen=True)
class LandmarkScheme:
    """An ordered set of landmarks; built by `annotator.domain.schemes.scheme_file`, which checks it.

    `view_dependent` are the indices of landmarks that are not one place in space: where they lie on the face depends on the
    camera, as on the outline of the jaw.
    """

    name: str
    version: int
    title: str
    landmarks: tuple[Landmark, ...]
    regions: tuple[Region, ...]
    curves: tuple[Curve, ...]
    derived: tuple[DerivedPoint, ...] = ()
    view_dependent: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """L, the number of landmarks."""
        return len(self.landmarks)

    @property
    def id(self) -> str:
        """Name and version, such as `studio-89@1`: what annotations, proposals and models refer to."""
        return f"{self.name}@{self.version}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The landmarks' names, in order."""
        return tuple(landmark.name for landmark in self.landmarks)

    @cached_property
    def _index(self) -> Mapping[str, int]:
        return {name: i for i, name in enumerate(self.names)}

    def index(self, name: str) -> int:
        """Position of a landmark; raises `KeyError` for a name that the scheme lacks."""
        return self._index[name]

    @cached_property
    def mirror(self) -> NDArray[np.int64]:
        """[L]: landmark i of a flipped picture is landmark mirror[i] of the original."""
        return np.array([self.index(landmark.mirror) for landmark in self.landmarks], np.int64)

    def region(self, name: str) -> Region:
        """The region of that name; raises `KeyError` where there is none."""
        for region in self.regions:
            if region.name == name:
                return region
        raise KeyError(name)

    @cached_property
    def region_of(self) -> NDArray[np.int64]:
        """[L]: the number of each landmark's region in `regions`, -1 for those that only the global network sees."""
        order = {region.name: i for i, region in enumerate(self.regions)}
        return np.array([-1 if lm.region is None else order[lm.region] for lm in self.landmarks], np.int64)

    @cached_property
    def global_only(self) -> tuple[int, ...]:
        """Indices of the landmarks outside all regions."""
        return tuple(int(i) for i in np.flatnonzero(self.region_of < 0))

    @cached_property
    def is_sliding(self) -> NDArray[np.bool_]:
        """[L]: True for landmarks that slide on a curve, False for anchors."""
        return np.array([landmark.is_sliding for landmark in self.landmarks])

    @cached_property
    def ibug68(self) -> Mapping[int, int]:
        """From iBUG index (0-based, 0..67) to landmark index, for the landmarks that have a counterpart."""
        return {lm.ibug68: i for i, lm in enumerate(self.landmarks) if lm.ibug68 is not None}


def has_markup(scheme: LandmarkScheme) -> bool:
    """Whether all 68 points follow from the scheme."""
    return len(scheme.ibug68) + len(scheme.derived) == MARKUP_POINTS


def markup_points(scheme: LandmarkScheme, xy: NDArray[np.floating]) -> NDArray[np.float64]:
    """The 68 points [68, 2] of a face [L, 2]; NaN for those that the scheme or the face lacks.

    A derived point lies half-way between two landmarks on the smooth curve through them and the next ones on either side.
    """
    points = np.full((MARKUP_POINTS, 2), np.nan)
    for place, index in scheme.ibug68.items():
        points[place] = xy[index]
    for derived in scheme.derived:
        points[derived.ibug68] = _halfway(scheme.curves[derived.curve], derived, np.asarray(xy, np.float64))
    return points


def _halfway(curve: Curve, derived: DerivedPoint, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    at = curve.indices.index(derived.between[0])
    first, second = xy[list(derived.between)]
    before = xy[curve.indices[at - 1]] if at > 0 else None
    after = xy[curve.indices[at + 2]] if at + 2 < len(curve.indices) else None
    if before is not None and after is not None:  # the cubic through four
        return np.asarray((9 * (first + second) - before - after) / 16)
    if after is not None:  # the parabola through three
        return np.asarray((3 * first + 6 * second - after) / 8)
    if before is not None:
        return np.asarray((3 * second + 6 * first - before) / 8)
    return np.asarray((first + second) / 2)
