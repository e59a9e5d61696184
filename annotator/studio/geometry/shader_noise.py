"""The value noise of the shaders, for borders that follow it: `noise` of `resources/studio/shaders/common.glsl`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_PRIMES = np.array([0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D], np.uint32)
_STIR = np.uint32(0x2C1B3C6D)
_CORNERS = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])


def noise(points: Floats) -> Floats:
    """Smooth noise 0..1 at `points` (..., 3), one cell a unit; agrees with the shader to about 1e-4."""
    corner = np.floor(points)
    t = points - corner
    t = t * t * (3 - 2 * t)
    cells = (corner[..., None, :].astype(np.int64) + _CORNERS + 65536).astype(np.uint32)
    bits = np.bitwise_xor.reduce(cells * _PRIMES, axis=-1)
    bits = (bits ^ (bits >> np.uint32(15))) * _STIR
    values = (bits >> np.uint32(8)).astype(np.float64) / 16777216.0
    weights = np.where(_CORNERS == 1, t[..., None, :], 1 - t[..., None, :]).prod(-1)
    return np.asarray((values * weights).sum(-1))
