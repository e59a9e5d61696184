"""Calibrated cameras: the values that every part of rigs passes on. Projection and distortion are in `annotator/rigs/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError

Floats = NDArray[np.float64]
DISTORTIONS = (0, 4, 5, 8, 12, 14)
"""How many terms OpenCV's model may have: k1 k2 p1 p2 [k3 [k4 k5 k6 [s1 s2 s3 s4 [tx ty]]]]."""


class RigError(AnnotatorError):
    """A calibration that cannot be used; says why and what to do."""


@dataclass(frozen=True, eq=False)
class CameraModel:
    """One camera as it stood when it was calibrated.

    Attributes:
        name: the camera's, as the project's frames call it. width, height: pixels of its pictures.
        matrix: K, float64 [3, 3], in the house's pixels (the first pixel's centre is at 0.5, 0.5); no skew.
        distortion: terms of OpenCV's model in its order, float64 [n], n of `DISTORTIONS`.
        camera_from_world: float64 [3, 4], rotation and translation; x right, y down, z away from the camera. The unit of
            length is the rig's own.
    """

    name: str
    width: int
    height: int
    matrix: Floats
    distortion: Floats
    camera_from_world: Floats

    def __post_init__(self) -> None:
        for value, shape in ((self.matrix, (3, 3)), (self.camera_from_world, (3, 4))):
            if value.shape != shape or not np.isfinite(value).all():
                raise RigError(f"Camera {self.name}: {shape[0]} x {shape[1]} finite numbers were expected.")
        if self.distortion.shape not in {(n,) for n in DISTORTIONS} or not np.isfinite(self.distortion).all():
            raise RigError(
                f"Camera {self.name} has {self.distortion.size} terms of distortion; OpenCV's model has 4, 5, 8, 12 or 14."
            )
        if min(self.width, self.height) < 1 or min(self.matrix[0, 0], self.matrix[1, 1]) <= 0:
            raise RigError(f"Camera {self.name} needs a size and focal lengths above zero.")
        turn = self.rotation
        if np.abs(turn @ turn.T - np.eye(3)).max() > 1e-3 or np.linalg.det(turn) < 0:
            raise RigError(f"The rotation of camera {self.name} is none.")

    @property
    def rotation(self) -> Floats:
        """[3, 3], camera from world."""
        return self.camera_from_world[:, :3]

    @property
    def position(self) -> Floats:
        """The centre of projection in the world, [3]."""
        return np.asarray(-self.rotation.T @ self.camera_from_world[:, 3])


@dataclass(frozen=True, eq=False)
class Rig:
    """Cameras that saw the same moments, in one world.

    Attributes:
        name: of the rig, for people. cameras: by their names.
        takes: patterns (`subject/expression*`, as `fnmatch` reads them) of the takes that it holds for; empty: all.
        unit: the unit of length in millimetres, 0 where it is not known.
        source: where it comes from, such as a file's name or `refined from 1`.
    """

    name: str
    cameras: Mapping[str, CameraModel]
    takes: tuple[str, ...] = ()
    unit: float = 0.0
    source: str = ""
    notes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if len(self.cameras) < 2:
            raise RigError(f"The rig {self.name} has {len(self.cameras)} cameras; it needs two or more.")
        for name, camera in self.cameras.items():
            if camera.name != name:
                raise RigError(f"The rig {self.name} calls the camera {camera.name} {name}.")

    def holds_for(self, subject: str, take: str) -> bool:
        """Whether frames of a subject's take are seen by this rig; `*` of a pattern also stands for no take."""
        return are_meant(self.takes, subject, take)


def are_meant(takes: Iterable[str], subject: str, take: str) -> bool:
    """Whether patterns of takes mean a subject's take; no pattern means all."""
    patterns = list(takes)
    keys = {f"{subject}/{take}", "/".join(token for token in (subject, take) if token)}
    return not patterns or any(fnmatchcase(key, pattern) for key in keys for pattern in patterns)
