"""Where each view of a moment should see each landmark: by all views together, or by the others alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rig import CameraModel
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import Consensus, triangulate


def only(seen: Sightings, at: NDArray[np.integer]) -> Sightings:
    """Some landmarks of a moment; one may come several times."""
    return Sightings(seen.xy[:, at], seen.covariance[:, at], seen.votes[:, at], seen.trusted[:, at])


def expected_places(
    cameras: Sequence[CameraModel],
    seen: Sightings,
    found: Consensus,
    floor: NDArray[np.float64],
    view_dependent: NDArray[np.bool_],
) -> NDArray[np.float64]:
    """float64 [V, L, 2], pixels: the consensus, but for points that a person set where the other views alone expect them.

    So a point that is dragged does not carry along what it is held against. NaN where nothing is expected.

    Args:
        found: what all views say together of the same sightings.
    """
    views, marks = np.nonzero(seen.trusted & seen.usable)
    if not len(marks):
        return found.xy
    beside = only(seen, marks)
    votes = beside.votes.copy()
    votes[views, np.arange(len(marks))] = False
    others = triangulate(cameras, replace(beside, votes=votes), floor, view_dependent[marks])
    places = found.xy.copy()
    places[views, marks] = others.xy[views, np.arange(len(marks))]
    return places
