"""Eyeballs: their place in the head, gaze, mesh with a cornea, and lids that lie on the ball."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotator.studio.geometry.subdivision import triangles
from annotator.studio.person.head_model import EYE_HELPERS, HeadModel

Floats = NDArray[np.float64]
LIMBUS_ANGLE = 0.47
CORNEA_JOIN = 0.50
CORNEA_RADIUS = 0.64
LID_CLEARANCE_MM = 0.25
CORNEA_BULGE = 0.085


@dataclass(frozen=True)
class Eyeball:
    """One eyeball: `centre` (3,) mm, `radius` mm, `rotation` (3, 3) from eye axes (z out of the pupil) to the head."""

    centre: Floats
    radius: float
    rotation: Floats

    def placed(self, mesh: EyeMesh) -> Floats:
        """Points (n, 3) of a ball's mesh where this eye is, in head space."""
        return np.asarray(self.centre + (mesh.points * self.radius) @ self.rotation.T)

    def surface_point(self, angle: float, azimuth: float) -> Floats:
        """Point of the surface `angle` radians off the axis; azimuth 0 is the eye's +x."""
        direction = np.array(
            [np.sin(angle) * np.cos(azimuth), np.sin(angle) * np.sin(azimuth), np.cos(angle)]
        )
        return np.asarray(
            self.centre + self.rotation @ (direction * (self.radius * surface_radius(np.array(angle))))
        )

    def iris_centre(self) -> Floats:
        """Centre of the iris disc, where the pupil is seen."""
        return np.asarray(
            self.centre + self.rotation @ np.array([0, 0, (np.cos(CORNEA_JOIN) - 0.045) * self.radius])
        )


@dataclass(frozen=True)
class EyeMesh:
    """The ball of radius 1: `points` (n, 3), `faces` (m, 3)."""

    points: Floats
    faces: NDArray[np.uint32]


def surface_radius(theta: Floats) -> Floats:
    """Distance of the surface from the centre of a ball of radius 1, `theta` radians off the axis: 1, more on the cornea."""
    offset = np.cos(CORNEA_JOIN) - np.sqrt(CORNEA_RADIUS**2 - np.sin(CORNEA_JOIN) ** 2)
    inside = np.maximum(CORNEA_RADIUS**2 - (offset * np.sin(theta)) ** 2, 0.0)
    cornea = np.maximum(offset * np.cos(theta) + np.sqrt(inside), 1.0)
    share = np.clip((CORNEA_JOIN + 0.04 - theta) / 0.08, 0, 1)
    share = share * share * (3 - 2 * share)
    return np.asarray(1 - share + share * cornea)


@lru_cache(maxsize=4)
def eye_mesh(around: int = 128, rows: int = 104) -> EyeMesh:
    """Sphere with a cornea; dense near the pupil, open at the back."""
    front = rows * 2 // 3
    polar = np.concatenate(
        [np.linspace(0, 0.75, front, endpoint=False), np.linspace(0.75, 0.75 * np.pi, rows - front)]
    )
    theta, phi = np.meshgrid(polar, np.linspace(0, 2 * np.pi, around, endpoint=False), indexing="ij")
    points = (
        np.stack([np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi), np.cos(theta)], -1)
        * surface_radius(theta)[..., None]
    )
    row, column = np.arange(rows - 1)[:, None] * around, np.arange(around)[None]
    here, beside = row + column, row + (column + 1) % around
    quads = np.stack([here, here + around, beside + around, beside], -1).reshape(-1, 4)
    return EyeMesh(points.reshape(-1, 3), triangles(quads))


def _fit(model: HeadModel, helper: str, positions: Floats) -> Eyeball:
    """Ball of a posed helper: rotation by Kabsch, radius from its extent, centre behind the front of the helper."""
    posed = model.helper(helper, positions)
    rest = model.base.vertices[model.helper_ids(helper)]
    left, _, right = np.linalg.svd((rest - rest.mean(0)).T @ (posed - posed.mean(0)))
    handed = np.diag([1.0, 1.0, np.sign(np.linalg.det(right.T @ left.T))])
    rotation = right.T @ handed @ left.T
    radius = float(np.ptp(posed[:, 0]) + np.ptp(posed[:, 1])) / 4
    centre = (posed.min(0) + posed.max(0)) / 2
    back = rest[:, 2].min() + np.ptp(rest[:, 0]) / 2 - rest[:, 2].mean()
    centre[2] = (posed.mean(0) + rotation @ np.array([0, 0, back]))[2]
    return Eyeball(centre, radius, rotation)


def rotation_about(yaw: float, pitch: float) -> Floats:
    """Rotation by `yaw` about y and then `pitch` about x, radians; positive pitch looks down."""
    cy, sy, cp, sp = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch)
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    return np.asarray(about_y @ about_x)


def fit_eyes(
    model: HeadModel, neutral: Floats, posed: Floats, gaze: tuple[float, float]
) -> tuple[Eyeball, Eyeball]:
    """Left and right ball: centre and radius of the neutral face, rotation of the posed one, then the gaze."""
    turn = rotation_about(*gaze)
    balls = []
    for helper in EYE_HELPERS:
        still, moved = _fit(model, helper, neutral), _fit(model, helper, posed)
        balls.append(Eyeball(still.centre, still.radius, turn @ moved.rotation))
    return balls[0], balls[1]


def lift_lids(points: Floats, lid_ring: Floats, eyes: tuple[Eyeball, Eyeball]) -> Floats:
    """Pushes lid vertices out of the balls, and at the outer corners onto them: `points` (n, 3) with the lid ring number
    of each (n,)."""
    lifted = points.copy()
    for eye in eyes:
        offset = lifted - eye.centre
        distance = np.linalg.norm(offset, axis=1)
        near = np.flatnonzero((distance < 1.25 * eye.radius) & (lid_ring > 3.5) & (lid_ring < 9.2))
        axis = (offset[near] @ eye.rotation)[:, 2] / distance[near]
        theta = np.arccos(np.clip(axis, -1, 1))
        bulge = np.where(theta < CORNEA_JOIN, CORNEA_BULGE * (1 - (theta / CORNEA_JOIN) ** 2), 0.0)
        floor = eye.radius * (1 + bulge) + LID_CLEARANCE_MM
        # the lids' inner edge lies on the ball at the outer corner, which would gape there
        outside = np.sign(eye.centre[0]) * offset[near, 0] / eye.radius
        tuck = np.clip((lid_ring[near] - 7.4) / 1.4, 0, 1) * np.clip((outside - 0.45) / 0.2, 0, 1)
        wanted = np.maximum(distance[near] + tuck * (floor - distance[near]), floor)
        lifted[near] = eye.centre + offset[near] * (wanted / distance[near])[:, None]
    return lifted
