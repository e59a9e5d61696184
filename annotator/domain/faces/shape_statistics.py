"""What this project's faces usually look like, region by region: the mean shape and how far each landmark strays from it.

Each region is laid on its mean by shift, turn and scale alone, so that neither the head's place nor its size counts; the
landmarks outside all regions make one group more. A landmark that lies far from where the rest of its region says it should
be, measured by its own usual straying, breaks the shape.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme

Floats = NDArray[np.float64]

LEAST_SHAPES = 12
"""Faces that it takes before anything is said of a shape."""
_LEAST_POINTS = 4  # shift, turn and scale take two points; with fewer than four nothing is left to judge by
_FLOOR = 0.02  # least spread, in units of the group's radius
_MEDIAN = math.sqrt(2.0 * math.log(2.0))  # median length of a 2D Gaussian error, in sigmas
_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class ShapeStatistics:
    """The usual shape of a project's faces.

    Attributes:
        mean: float64 [L, 2], in units of the group's radius about the group's centre; NaN for landmarks that were never seen.
        spread: float64 [L], the sigma of a landmark's distance from its place, same units; NaN likewise.
        shapes: how many faces it was taken from.
    """

    mean: Floats
    spread: Floats
    shapes: int

    def to_plain(self) -> dict[str, Any]:
        """Values of JSON types, to store."""
        return {"shapes": self.shapes, "mean": _plain(self.mean), "spread": _plain(self.spread)}

    @classmethod
    def from_plain(cls, values: Mapping[str, Any]) -> "ShapeStatistics":
        """The inverse of `to_plain`; raises `ValueError` for values that are none."""
        try:
            mean, spread = np.array(values["mean"], np.float64), np.array(values["spread"], np.float64)
            shapes = int(values["shapes"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"no shape statistics: {error}") from error
        if mean.shape != (len(spread), 2):
            raise ValueError(f"no shape statistics: shapes {mean.shape} and {spread.shape}")
        return cls(mean, spread, shapes)


def groups(scheme: LandmarkScheme) -> list[NDArray[np.int64]]:
    """The landmarks that are judged together: each region, then those outside all regions."""
    found = [region.indices for region in scheme.regions] + [scheme.global_only]
    return [np.array(indices, np.int64) for indices in found if len(indices) >= _LEAST_POINTS]


def fit_shapes(scheme: LandmarkScheme, xy: Floats) -> ShapeStatistics | None:
    """Statistics of faces [N, L, 2] (frame pixels, NaN where a landmark is not placed); None where there are too few.

    Medians throughout: a label error among the faces neither moves the mean nor widens the spread.
    """
    shapes = np.asarray(xy, np.float64)
    if len(shapes) < LEAST_SHAPES:
        return None
    mean = np.full((scheme.size, 2), np.nan)
    spread = np.full(scheme.size, np.nan)
    for group in groups(scheme):
        whole = shapes[np.isfinite(shapes[:, group]).all((1, 2))][:, group]
        if len(whole) < LEAST_SHAPES:
            continue
        centre = _normalised(whole[0])
        for _ in range(_ROUNDS):
            laid = np.stack([_laid_on(shape, centre) for shape in whole])
            centre = _normalised(np.median(laid, axis=0))
        distance = np.stack([np.linalg.norm(_laid_on(shape, centre) - centre, axis=-1) for shape in whole])
        mean[group] = centre
        spread[group] = np.maximum(np.median(distance, axis=0) / _MEDIAN, _FLOOR)
    if np.isnan(spread).all():
        return None
    return ShapeStatistics(mean, spread, len(shapes))


def shape_distances(statistics: ShapeStatistics, scheme: LandmarkScheme, xy: Floats) -> Floats:
    """float64 [L]: how many of its own sigmas each landmark of a face [L, 2] strays from the usual shape; NaN: no telling."""
    found = np.full(scheme.size, np.nan)
    for group in groups(scheme):
        known = group[np.isfinite(xy[group]).all(-1) & np.isfinite(statistics.spread[group])]
        if len(known) >= _LEAST_POINTS:
            mean = statistics.mean[known]
            away = np.linalg.norm(_laid_on(np.asarray(xy[known], np.float64), mean) - mean, axis=-1)
            found[known] = away / statistics.spread[known]
    return found


def _normalised(shape: Floats) -> Floats:
    """Centred, with a root mean square radius of 1."""
    centred = shape - shape.mean(0)
    return np.asarray(centred / max(float(np.sqrt((centred**2).sum(-1).mean())), 1e-9))


def _laid_on(shape: Floats, mean: Floats) -> Floats:
    """A shape [K, 2] moved onto a mean [K, 2] by the similarity that fits best; points that stray weigh less each round."""
    source, target = shape[:, 0] + 1j * shape[:, 1], mean[:, 0] + 1j * mean[:, 1]
    weight = np.ones(len(shape))
    laid = source
    for _ in range(_ROUNDS):
        share = weight / weight.sum()
        from_source, from_target = source - (share * source).sum(), target - (share * target).sum()
        size = (share * np.abs(from_source) ** 2).sum()
        turn = (share * from_source.conj() * from_target).sum() / size if size > 0 else 1.0
        laid = turn * from_source + (share * target).sum()
        away = np.abs(laid - target)
        weight = 1.0 / (1.0 + (away / max(2.0 * float(np.median(away)), 1e-9)) ** 2)
    return np.stack([laid.real, laid.imag], axis=-1)


def _plain(values: Floats) -> Any:
    """Nested lists with None for NaN."""
    rounded = values.round(5).astype(object)
    rounded[np.isnan(values)] = None
    return rounded.tolist()
