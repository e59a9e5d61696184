"""Projection by OpenCV's camera model, for many cameras at once: into pixels, back to rays, and the derivatives of both.

Pixels are the house's: the centre of the first one lies at (0.5, 0.5). **Normalised** coordinates are those of a pinhole camera
of focal length 1 without distortion, (x / z, y / z).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel
from annotator.rigs.distortion import TERMS, bent, bent_with_jacobian, inverse_2x2, straight, tilt_matrix

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Lenses:
    """V cameras as arrays.

    Attributes:
        rotation: [V, 3, 3] and position: [V, 3], as `CameraModel`'s. focal, centre: [V, 2] pixels.
        terms: [V, 14] of OpenCV's distortion, zeros where a camera has fewer. tilt: [V, 3, 3] of the last two, or None where no
            camera has them.
    """

    rotation: Floats
    position: Floats
    focal: Floats
    centre: Floats
    terms: Floats
    tilt: Floats | None

    @classmethod
    def of(cls, cameras: Sequence[CameraModel]) -> Lenses:
        """The arrays of some cameras."""
        terms = np.zeros((len(cameras), TERMS))
        for row, camera in zip(terms, cameras, strict=True):
            row[: camera.distortion.size] = camera.distortion
        matrices = np.array([camera.matrix for camera in cameras], np.float64)
        tilted = terms[:, 12:].any()
        return cls(
            np.array([camera.rotation for camera in cameras], np.float64),
            np.array([camera.position for camera in cameras], np.float64),
            matrices[:, [0, 1], [0, 1]],
            matrices[:, :2, 2],
            terms,
            np.array([tilt_matrix(*row[12:]) for row in terms]) if tilted else None,
        )

    def seen(self, points: Floats) -> Floats:
        """Points of the world [N, 3] or [V, N, 3] as the cameras see them, [V, N, 3]: x right, y down, z away."""
        return np.asarray((points - self.position[:, None]) @ self.rotation.transpose(0, 2, 1))

    def project(self, points: Floats) -> Floats:
        """Pixels [V, N, 2] of points of the world [N, 3] or [V, N, 3]; NaN for those behind a camera, or beyond what its
        distortion can tell from points within."""
        seen = self.seen(points)
        with np.errstate(all="ignore"):
            normalised = seen[..., :2] / seen[..., 2:]
            xy = self.centre[:, None] + self.focal[:, None] * bent(normalised, self.terms, self.tilt)
        return np.where(seen[..., 2:] > 0, xy, np.nan)

    def project_with_jacobian(self, points: Floats) -> tuple[Floats, Floats]:
        """As `project`, and the derivative of the pixels by the points as the cameras see them, [V, N, 2, 3].

        By the points of the world it is that times `rotation`.
        """
        seen = self.seen(points)
        with np.errstate(all="ignore"):
            normalised = seen[..., :2] / seen[..., 2:]
            image, by_normalised = bent_with_jacobian(normalised, self.terms, self.tilt)
            by_normalised *= self.focal[:, None, :, None]
            jacobian = np.empty((*seen.shape[:-1], 2, 3))
            jacobian[..., :2] = by_normalised / seen[..., 2, None, None]
            jacobian[..., 2] = -(jacobian[..., :2] @ normalised[..., None])[..., 0]
            xy = self.centre[:, None] + self.focal[:, None] * image
        front = seen[..., 2:] > 0
        return np.where(front, xy, np.nan), np.where(front[..., None], jacobian, np.nan)

    def normalised(self, xy: Floats) -> Floats:
        """Normalised coordinates [V, N, 2] of pixels [V, N, 2]; NaN where no ray ends in the pixel."""
        image = (xy - self.centre[:, None]) / self.focal[:, None]
        return np.asarray(straight(image, self.terms, self.tilt))

    def normalised_with_covariance(self, xy: Floats, covariance: Floats) -> tuple[Floats, Floats]:
        """As `normalised`, and what covariances [V, N, 2, 2] (pixels squared) become there."""
        normalised = self.normalised(xy)
        _, jacobian = bent_with_jacobian(normalised, self.terms, self.tilt)
        jacobian *= self.focal[:, None, :, None]
        back = inverse_2x2(jacobian)
        return normalised, np.asarray(back @ covariance @ back.swapaxes(-1, -2))


def project(camera: CameraModel, points: Floats) -> Floats:
    """Pixels [N, 2] of points of the world [N, 3]; NaN for those that the camera cannot see, as they are behind it."""
    return np.asarray(Lenses.of([camera]).project(points)[0])


def project_with_jacobian(camera: CameraModel, points: Floats) -> tuple[Floats, Floats]:
    """As `project`, and the derivative of the pixels by the points of the world, [N, 2, 3]."""
    xy, jacobian = Lenses.of([camera]).project_with_jacobian(points)
    return xy[0], jacobian[0] @ camera.rotation


def undistorted(camera: CameraModel, xy: Floats) -> Floats:
    """Normalised coordinates [N, 2] of pixels [N, 2]; NaN where no ray ends in the pixel."""
    return np.asarray(Lenses.of([camera]).normalised(xy[None])[0])


def undistorted_with_covariance(camera: CameraModel, xy: Floats, covariance: Floats) -> tuple[Floats, Floats]:
    """As `undistorted`, and what covariances [N, 2, 2] (pixels squared) become there."""
    normalised, mapped = Lenses.of([camera]).normalised_with_covariance(xy[None], covariance[None])
    return normalised[0], mapped[0]
