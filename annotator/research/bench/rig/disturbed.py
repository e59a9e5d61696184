"""Calibrations that are off as real ones are: each camera by errors of its own, the same over all moments."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.rigs.bundle import Moving
from annotator.rigs.projection import Lenses
from annotator.rigs.rotations import rotation_of

Floats = NDArray[np.float64]
REFERENCE = 4096
"""Pixels of a frame's side to which a size of error in pixels refers."""
_ROUNDS = 4


@dataclass(frozen=True)
class Error:
    """How a rig is off: `degrees` about each axis (one standard deviation), or `pixels` RMS at 4096 by which true points miss,
    in equal parts of rotation, focal length and distortion. Neither: it is exact."""

    degrees: float = 0.0
    pixels: float = 0.0

    @property
    def name(self) -> str:
        """For tables."""
        if self.degrees:
            return f"turned by {self.degrees:g} degrees"
        return f"turned, focal length, distortion: {self.pixels:g} px" if self.pixels else "exact"

    @property
    def moving(self) -> Moving:
        """What a refinement has to let move to undo it; where cameras stand holds the rig's size."""
        lens = self.pixels > 0
        return Moving(position=not lens, focal=lens, distortion=lens)


ERRORS = (Error(), *(Error(degrees=d) for d in (0.002, 0.01, 0.03)), *(Error(pixels=p) for p in (0.7, 4, 12)))


def disturbed(rig: Rig, points: Sequence[Floats], error: Error, rng: np.random.Generator) -> Rig:
    """The rig with an error drawn for each camera.

    Args:
        points: [N, 3] of the world, what the cameras see; by how far these miss an error in pixels is measured.
    """
    seen = np.concatenate(points)
    cameras = {
        name: _turned(camera, rng.normal(0, error.degrees, 3))
        if error.degrees
        else _missing(camera, seen, error.pixels * camera.width / REFERENCE, rng)
        if error.pixels
        else camera
        for name, camera in rig.cameras.items()
    }
    return replace(rig, cameras=cameras)


def _turned(camera: CameraModel, degrees: Floats) -> CameraModel:
    rotation = rotation_of(np.radians(degrees)) @ camera.rotation
    return replace(camera, camera_from_world=np.column_stack([rotation, -rotation @ camera.position]))


def _missing(camera: CameraModel, seen: Floats, pixels: float, rng: np.random.Generator) -> CameraModel:
    """Off by `pixels` RMS: a turn, a focal length and a distortion that would each be off by the same, together."""
    turn, zoom, bend = rng.normal(0, 1, 3), rng.normal(), rng.normal(0, 1, 4)
    corner = float(np.hypot(camera.width / camera.matrix[0, 0], camera.height / camera.matrix[1, 1]) / 2)
    bend = bend / [corner**2, corner**4, corner, corner]
    exact = Lenses.of([camera]).project(seen)[0]

    def off(shares: Floats) -> CameraModel:
        matrix = camera.matrix.copy()
        matrix[[0, 1], [0, 1]] *= 1 + 1e-3 * shares[1] * zoom
        terms = np.zeros(max(4, camera.distortion.size))
        terms[: camera.distortion.size] = camera.distortion
        terms[:4] += 1e-3 * shares[2] * bend
        return _turned(replace(camera, matrix=matrix, distortion=terms), 1e-2 * shares[0] * turn)

    def miss(shares: Floats) -> float:
        apart = Lenses.of([off(shares)]).project(seen)[0] - exact
        return float(np.sqrt(np.square(apart).sum(-1).mean()))

    shares = np.diag([pixels / max(miss(own), 1e-9) for own in np.eye(3)]).sum(0)
    for _ in range(_ROUNDS):  # nearly linear
        shares *= pixels / miss(shares)
    return off(shares)
