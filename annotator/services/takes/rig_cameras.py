"""The cameras of a rig as the smoother in space wants them."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel
from annotator.rigs.projection import Lenses
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import triangulate
from annotator.services.rigs.moments import CALIBRATION_SIGMA, SHARED_ERROR
from annotator.takes.space import Meeting

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class RigCameras:
    """V cameras of one rig; moments are triangulated as everywhere else in a project."""

    def __init__(self, cameras: Sequence[CameraModel]) -> None:
        self._cameras, self._lenses = list(cameras), Lenses.of(cameras)
        self._sides = np.array([max(one.width, one.height) for one in cameras], np.float64)

    @property
    def floor(self) -> Floats:
        """float64 [V]: px by which calibration and landmarks are believed to be wrong at least."""
        return np.asarray(CALIBRATION_SIGMA * self._sides)

    def meet(self, xy: Floats, covariance: Floats, trusted: Bools) -> Meeting:
        """What views [V, L, 2] say together; NaN where a view says nothing, `trusted` bool [V, L] where a person did."""
        votes = np.asarray(np.isfinite(xy).all(-1))
        known = np.where(votes[..., None, None], covariance, np.eye(2))
        sightings = Sightings(xy, known, votes, trusted & votes)
        found = triangulate(self._cameras, sightings, self.floor[:, None], shared=SHARED_ERROR)
        return Meeting(found.points, found.covariance, found.xy, found.xy_covariance)

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels [V, N, 2] of points [N, 3], and their derivatives by the points [V, N, 2, 3]."""
        xy, by_seen = self._lenses.project_with_jacobian(points)
        return xy, np.asarray(by_seen @ self._lenses.rotation[:, None])
