"""Where landmarks are in space: all of a moment at once, from every view by its covariance, robustly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel, RigError
from annotator.rigs.moment_fit import MomentFit
from annotator.rigs.projection import Lenses
from annotator.rigs.sightings import Sightings
from annotator.rigs.symmetric import inverse_3x3

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
DISAGREES_BEYOND = 4.0
"""Standard deviations from where the other views expect a point; 1 in 3000 is farther by chance."""
VIEW_DEPENDENT = 4.0
"""How much wider the standard deviation of a view-dependent landmark is."""


@dataclass(frozen=True, eq=False)
class Consensus:
    """What the views of a moment say together. V views, L landmarks; NaN where fewer than two views vote.

    Attributes:
        points: float64 [L, 3], the rig's unit. covariance: [L, 3, 3], wider where the views fit each other badly.
        xy: [V, L, 2], the points in each view, pixels. xy_covariance: [V, L, 2, 2], of them as points of that view.
        residuals: [V, L], standard deviations between what a view has and what the others expect there; NaN where it has none.
        disagrees: bool [V, L], the voters that are too far from what the others expect; of two views it is both.
        warns: bool [V, L], the same for view-dependent landmarks: no error, but worth to be told.
        voted: int64 [L], how many views voted.
    """

    points: Floats
    covariance: Floats
    xy: Floats
    xy_covariance: Floats
    residuals: Floats
    disagrees: Bools
    warns: Bools
    voted: NDArray[np.int64]


def triangulate(
    cameras: Sequence[CameraModel],
    sightings: Sightings,
    floor: float | Floats = 0.0,
    view_dependent: Bools | None = None,
    shared: float = 0.0,
) -> Consensus:
    """All landmarks of a moment from V cameras, in the order of the sightings.

    Args:
        floor: standard deviation in pixels, a number or [V, 1] or [V, L], that is added to every point's: what calibration
            and landmarks are believed to be wrong by at least.
        view_dependent: bool [L], landmarks whose place depends on where one looks from (the outline of the jaw).
        shared: the part of proposals' variance that all views have in common, 0..1, as they come from one model: so many views
            know less than as many models would, and weigh less against people.

    Raises:
        RigError: the sightings are of another number of cameras.
    """
    if len(cameras) != len(sightings.xy):
        raise RigError(f"The moment has {len(sightings.xy)} views, the rig {len(cameras)} cameras.")
    lenses = Lenses.of(cameras)
    widened = np.square(np.asarray(floor))[..., None, None] * np.eye(2)
    covariance = sightings.covariance + widened
    soft = np.zeros(sightings.xy.shape[1], np.bool_) if view_dependent is None else view_dependent
    if soft.any():
        covariance[:, soft] *= VIEW_DEPENDENT**2
    fit = MomentFit.of(lenses, sightings, covariance, shared)
    points, weights = fit.solved(fit.start())
    misses = fit.misses(points)
    weights = fit.weights(misses, weights.spread)
    spatial = inverse_3x3(misses.normal(weights.told)[0])
    sound = ((fit.used & misses.front).sum(0) >= 2) & np.isfinite(points).all(0)
    sound &= np.isfinite(spatial[0, 0])
    points = np.where(sound, points, np.nan).T
    spatial = np.where(sound, spatial, np.nan).transpose(2, 0, 1)
    xy, by_seen = lenses.project_with_jacobian(points)
    by_point = by_seen @ lenses.rotation[:, None]
    residuals = np.where(sound & fit.known, fit.left_out(misses, weights.apart), np.nan)
    far = fit.used & sound & (np.nan_to_num(residuals, posinf=np.inf) > DISAGREES_BEYOND)
    far |= fit.used & sound & ~misses.front
    return Consensus(
        points,
        spatial,
        xy,
        by_point @ spatial @ by_point.swapaxes(-1, -2) + widened,
        residuals,
        far & ~soft,
        far & soft,
        fit.used.sum(0).astype(np.int64),
    )


def leave_one_out(
    cameras: Sequence[CameraModel],
    sightings: Sightings,
    floor: float | Floats = 0.0,
    view_dependent: Bools | None = None,
) -> Floats:
    """Pixels [V, L, 2] from where the other views alone expect a point to where each view has it; NaN where one is not known."""
    offsets = np.full(sightings.xy.shape, np.nan)
    for view in range(len(offsets)):
        votes = sightings.votes.copy()
        votes[view] = False
        others = triangulate(cameras, replace(sightings, votes=votes), floor, view_dependent)
        offsets[view] = sightings.xy[view] - others.xy[view]
    return offsets
