"""Made-up rigs and moments whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.rigs.projection import Lenses
from annotator.rigs.sightings import Sightings

Floats = NDArray[np.float64]
SIZE = 4096
FOCAL = 22000.0
DISTANCE = 1500.0


def turned(vector: Floats) -> Floats:
    """The rotation [3, 3] by a vector of radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    x, y, z = vector / max(angle, 1e-300)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def camera_at(
    name: str,
    position: Floats,
    target: Floats | None = None,
    focal: float = FOCAL,
    size: int = SIZE,
    distortion: tuple[float, ...] = (),
) -> CameraModel:
    """A camera at a place of the world that looks at the target (the origin), upright where y goes up."""
    ahead = (np.zeros(3) if target is None else target) - position
    ahead = ahead / np.linalg.norm(ahead)
    right = np.cross(ahead, [0.0, 1.0, 0.0])
    right /= np.linalg.norm(right)
    rotation = np.stack([right, np.cross(ahead, right), ahead])
    matrix = np.array([[focal, 0, size / 2], [0, focal, size / 2], [0, 0, 1.0]])
    pose = np.column_stack([rotation, -rotation @ position])
    return CameraModel(name, size, size, matrix, np.array(distortion, np.float64), pose)


def dome(views: int, focal: float = FOCAL, distortion: tuple[float, ...] = (), size: int = SIZE) -> Rig:
    """Cameras round a face at the origin, in two rows, 1500 mm away."""
    cameras = []
    for index in range(views):
        yaw = np.radians(-45 + 90 * index / max(1, views - 1))
        pitch = np.radians(15 if index % 2 else -13)
        place = DISTANCE * np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
        cameras.append(camera_at(f"cam_{index:02d}", place, None, focal, size, distortion))
    return Rig("dome", {camera.name: camera for camera in cameras}, unit=1.0)


def face(rng: np.random.Generator, points: int = 89) -> Floats:
    """Points [N, 3] in mm, about as far apart and as deep as those of a face."""
    return rng.normal(0, 1, (points, 3)) * [45.0, 55.0, 25.0]


def bumped(camera: CameraModel, degrees: Floats) -> CameraModel:
    """The camera turned where it stands, by degrees about its own axes."""
    rotation = turned(np.radians(degrees)) @ camera.rotation
    return replace(camera, camera_from_world=np.column_stack([rotation, -rotation @ camera.position]))


def sighted(xy: Floats, sigma: float | Floats, rng: np.random.Generator | None = None) -> Sightings:
    """Sightings at places [V, L, 2] with a sigma (pixels; a number or [V, L]), and noise of that size if there is an `rng`."""
    wide = np.broadcast_to(np.asarray(sigma, np.float64), xy.shape[:2])
    noise = 0.0 if rng is None else wide[..., None] * rng.normal(0, 1, xy.shape)
    covariance = wide[..., None, None] ** 2 * np.eye(2)
    return Sightings(xy + noise, covariance, np.ones(xy.shape[:2], bool), np.zeros(xy.shape[:2], bool))


def seen_by(rig: Rig, points: Floats) -> Floats:
    """Pixels [V, N, 2] of points [N, 3] in every camera of a rig."""
    return Lenses.of(list(rig.cameras.values())).project(points)
