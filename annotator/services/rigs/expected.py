"""Where each view of a moment should see each landmark: by all views together, or by the others alone."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel
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
    others = triangulate(cameras, _without(seen, views, marks), floor, view_dependent[marks])
    places = found.xy.copy()
    places[views, marks] = others.xy[views, np.arange(len(marks))]
    return places


def quick_look(
    cameras: Sequence[CameraModel],
    seen: Sightings,
    floor: NDArray[np.float64],
    view_dependent: NDArray[np.bool_],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points [L, 3] in space and places [V, L, 2] as `expected_places` has them, of a few landmarks, in one triangulation."""
    views, marks = np.nonzero(seen.trusted & seen.usable)
    count, at = seen.xy.shape[1], np.concatenate([np.arange(seen.xy.shape[1]), marks])
    found = triangulate(cameras, _without(seen, views, at, count), floor, view_dependent[at])
    places = found.xy[:, :count].copy()
    places[views, marks] = found.xy[views, count + np.arange(len(marks))]
    return found.points[:count], places


def _without(
    seen: Sightings, views: NDArray[np.integer], at: NDArray[np.integer], first: int = 0
) -> Sightings:
    """Some landmarks; in those from `first` on one view each does not vote."""
    part = only(seen, at)
    votes = part.votes.copy()
    votes[views, first + np.arange(len(views))] = False
    return replace(part, votes=votes)
