"""Regions that left the face: found by what whole faces look like, read again where the rest of the face expects them, and not
believed where they are elsewhere even then."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.inference.decode import Points
from annotator.inference.regions import Reading
from annotator.inference.weighing.shape_fit import Belief
from annotator.inference.weighing.shape_prior import ShapePrior

ReadAgain = Callable[[Points, Sequence[int]], list[Reading]]
Gather = Callable[[Sequence[Reading]], Points]


@dataclass(frozen=True, eq=False)
class Believed:
    """What the networks found: `points` [L] with calibrated covariances, the `readings` that they come from, and how far to
    believe them (None where they have no extent)."""

    points: Points
    readings: tuple[Reading, ...]
    belief: Belief | None

    @property
    def astray(self) -> tuple[str, ...]:
        """Titles of the regions that are not believed, as they lie elsewhere than the rest of the face says."""
        numbers = () if self.belief is None else self.belief.astray
        return tuple(
            self.readings[number].region.title for number in sorted(numbers) if number < len(self.readings)
        )


def face_groups(scheme: LandmarkScheme) -> list[NDArray[np.int64]]:
    """The landmarks that leave a face together: those of each region, then those outside all regions."""
    together = [*(region.indices for region in scheme.regions), scheme.global_only]
    return [np.array(indices, np.int64) for indices in together if indices]


def believed(
    prior: ShapePrior,
    groups: Sequence[NDArray[np.int64]],
    readings: Sequence[Reading],
    gather: Gather,
    read_again: ReadAgain | None,
) -> Believed:
    """How far to believe the readings of a face; regions that left it are read once more.

    Args:
        groups: see `face_groups`, regions in the order of the readings. gather: the points of readings, with calibrated
            covariances. read_again: reads regions (by number) round expected points; None: nothing is read again.
    """
    points = gather(readings)
    first = Believed(points, tuple(readings), prior.belief(points, groups))
    lost = [] if first.belief is None else [own for own in first.belief.astray if own < len(readings)]
    if first.belief is None or not lost or read_again is None:
        return first
    fresh = list(readings)
    for number, reading in zip(
        lost, read_again(Points(first.belief.face, points.covariance), lost), strict=True
    ):
        fresh[number] = reading
    points = gather(fresh)
    second = Believed(points, tuple(fresh), prior.belief(points, groups))
    better = second.belief is not None and len(second.belief.astray) < len(first.belief.astray)
    return second if better else first
