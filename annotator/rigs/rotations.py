"""Rotations as vectors: the axis, as long as the angle in radians."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def rotation_of(vectors: Floats) -> Floats:
    """Rotations [.., 3, 3] by vectors [.., 3] (Rodrigues)."""
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    cross = np.zeros((*vectors.shape, 3))
    x, y, z = np.moveaxis(vectors, -1, 0)
    cross[..., 0, 1], cross[..., 0, 2], cross[..., 1, 2] = -z, y, -x
    cross -= cross.swapaxes(-1, -2)
    # sinc keeps small angles exact
    first, second = np.sinc(angle / np.pi), 0.5 * np.sinc(angle / (2 * np.pi)) ** 2
    return np.asarray(np.eye(3) + first * cross + second * cross @ cross)


def vector_of(rotations: Floats) -> Floats:
    """Vectors [.., 3] of rotations [.., 3, 3] by less than half a turn."""
    twist = 0.5 * np.stack(
        [
            rotations[..., 2, 1] - rotations[..., 1, 2],
            rotations[..., 0, 2] - rotations[..., 2, 0],
            rotations[..., 1, 0] - rotations[..., 0, 1],
        ],
        -1,
    )
    sine = np.linalg.norm(twist, axis=-1)
    angle = np.arctan2(sine, 0.5 * (np.trace(rotations, axis1=-2, axis2=-1) - 1))
    longer = np.where(sine > 1e-12, angle / np.where(sine > 1e-12, sine, 1.0), 1.0)
    return np.asarray(twist * longer[..., None])
