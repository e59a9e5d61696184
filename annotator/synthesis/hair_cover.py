"""Which landmarks hair hides: by how much of a small disc round each landmark the strands before it cover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.synthesis.camera import Camera
from annotator.synthesis.hairdressing import HairGroup

Floats = NDArray[np.float64]
DISC_MM = 0.6
BEFORE_MM = 3.0
"""Strands nearer to the landmark than this grow where it lies: brows and lashes hide nothing."""
HIDING = 0.5
"""Share of the disc that must be covered."""
CHUNK = 20_000


def hair_cover(hair: Sequence[HairGroup], camera: Camera, points: Floats) -> Floats:
    """Share (n,) of a disc of `DISC_MM` round each point (n, 3) that strands before it cover, as the camera sees it."""
    xy, depth = camera.project(points)
    area = np.zeros(len(points))
    for group in hair:
        ribbons = group.ribbons
        first, last = ribbons.indices.reshape(-1, 6)[:, [0, 2]].T
        for begin in range(0, len(first), CHUNK):
            a, b = first[begin : begin + CHUNK], last[begin : begin + CHUNK]
            strands = ribbons.vertices[a].astype(np.float64), ribbons.vertices[b].astype(np.float64)
            area += _covered(strands, camera, xy, depth)
    return np.asarray(1 - np.exp(-area / (np.pi * DISC_MM**2)))


def hidden_by_hair(hair: Sequence[HairGroup], camera: Camera, points: Floats) -> NDArray[np.bool_]:
    """True (n,) where strands hide the point (n, 3) from the camera."""
    return hair_cover(hair, camera, points) > HIDING


def _covered(strands: tuple[Floats, Floats], camera: Camera, xy: Floats, depth: Floats) -> Floats:
    """Square millimetres (n,) of ribbon pieces (from, to: vertices (m, 14)) within the discs, before their centres."""
    (start, near), (end, far) = (camera.project(vertices[:, :3]) for vertices in strands)
    pixel = depth[:, None] / (camera.intrinsics[0, 0])
    disc = DISC_MM / pixel.min()
    low, high = np.minimum(start, end), np.maximum(start, end)
    close = ((high > xy.min(0) - disc) & (low < xy.max(0) + disc)).all(1)
    close &= np.minimum(near, far) < depth.max() - BEFORE_MM
    start, end, near, far = start[close], end[close], near[close], far[close]
    if not len(start):
        return np.zeros(len(xy))
    along = end - start
    length = np.maximum(np.linalg.norm(along, axis=1), 1e-9)
    along /= length[:, None]
    offset = xy[:, None] - start
    place = (offset * along).sum(2)
    aside = offset[..., 0] * along[:, 1] - offset[..., 1] * along[:, 0]
    half = np.sqrt(np.maximum((DISC_MM / pixel) ** 2 - aside**2, 0.0))
    inside = np.clip(np.minimum(place + half, length) - np.maximum(place - half, 0.0), 0.0, None)
    at = np.clip(place / length, 0, 1)
    before = near + at * (far - near) < depth[:, None] - BEFORE_MM
    width = 2 * strands[0][close, 7] * strands[0][close, 9]
    return np.asarray((inside * pixel * width * before).sum(1))
