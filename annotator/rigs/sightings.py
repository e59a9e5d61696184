"""What the cameras of a rig saw of one moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import RigError

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sightings:
    """Landmarks of one moment in V views, in the order of the rig's cameras.

    Attributes:
        xy: float64 [V, L, 2], frame pixels, NaN where a view does not have the landmark.
        covariance: float64 [V, L, 2, 2], pixels squared.
        votes: bool [V, L], False where a view has a point but does not see it, such as an occluded one.
        trusted: bool [V, L], True where a person set the point: its covariance is taken at its word, and no number of proposals
            outvotes it.
    """

    xy: Floats
    covariance: Floats
    votes: NDArray[np.bool_]
    trusted: NDArray[np.bool_]

    def __post_init__(self) -> None:
        views, landmarks = self.xy.shape[:2]
        shapes = {
            "xy": (views, landmarks, 2),
            "covariance": (views, landmarks, 2, 2),
            "votes": (views, landmarks),
            "trusted": (views, landmarks),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise RigError(f"Of a moment {name} must be {shape}, not {getattr(self, name).shape}.")

    @property
    def usable(self) -> NDArray[np.bool_]:
        """[V, L]: the points that vote, as they are there with a covariance that is one."""
        a, b, c = self.covariance[..., 0, 0], self.covariance[..., 0, 1], self.covariance[..., 1, 1]
        with np.errstate(invalid="ignore"):
            proper = (a > 0) & (c > 0) & (a * c > b * b) & np.isfinite(a + c)
        return np.asarray(self.votes & proper & np.isfinite(self.xy).all(-1))
