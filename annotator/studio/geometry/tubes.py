"""Tubes along paths: rims of glasses, hoops, cords."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mesh = tuple[Floats, NDArray[np.int64]]
_SIDES = 8


def tube(path: Floats, radius: float, closed: bool) -> Mesh:
    """A tube of eight sides along `path` (n, 3): points and quads."""
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    helper = np.where(np.abs(ahead[:, 2:]) > 0.8, [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]])
    u = np.cross(ahead, helper)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(ahead, u)
    angle = np.linspace(0, 2 * np.pi, _SIDES, endpoint=False)
    points = path[:, None] + radius * (
        np.cos(angle)[None, :, None] * u[:, None] + np.sin(angle)[None, :, None] * v[:, None]
    )
    rows = np.arange(len(path) if closed else len(path) - 1)
    here, after = rows[:, None] * _SIDES, (rows[:, None] + 1) % len(path) * _SIDES
    k, k1 = np.arange(_SIDES)[None], (np.arange(_SIDES)[None] + 1) % _SIDES
    quads = np.stack([here + k, here + k1, after + k1, after + k], -1).reshape(-1, 4)
    return points.reshape(-1, 3), quads


def joined(pieces: Sequence[Mesh]) -> Mesh:
    """Several meshes as one."""
    points, quads, count = [], [], 0
    for piece_points, piece_quads in pieces:
        points.append(piece_points)
        quads.append(piece_quads + count)
        count += len(piece_points)
    return np.concatenate(points), np.concatenate(quads)
