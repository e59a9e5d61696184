"""Which landmarks hair hides: by how much of a small disc round each landmark the strands before it cover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.synthesis.camera import Camera
from annotator.synthesis.hairdressing import HairGroup
from annotator.synthesis.strands import CORNERS, SIDES

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
        hairs = group.ribbons.vertices[::SIDES]
        places, distances = camera.project(hairs[:, :3].astype(np.float64))
        strands = (places, distances, 2 * hairs[:, 7] * hairs[:, 9])
        ends = group.ribbons.indices.reshape(-1, CORNERS)[:, [0, 2]] // SIDES
        ends = ends[_near(places, distances, ends, camera, xy, depth)]
        for begin in range(0, len(ends), CHUNK):
            area += _covered(strands, ends[begin : begin + CHUNK], camera, xy, depth)
    return np.asarray(1 - np.exp(-area / (np.pi * DISC_MM**2)))


def hidden_by_hair(hair: Sequence[HairGroup], camera: Camera, points: Floats) -> NDArray[np.bool_]:
    """True (n,) where strands hide the point (n, 3) from the camera."""
    return hair_cover(hair, camera, points) > HIDING


def _near(
    places: Floats, distances: Floats, ends: NDArray[np.uint32], camera: Camera, xy: Floats, depth: Floats
) -> NDArray[np.bool_]:
    """Pieces (m,) of strands that may cover a landmark."""
    disc = DISC_MM * camera.intrinsics[0, 0] / depth.min()
    # a piece that reaches the landmarks has an end inside each border of the box round them
    past = np.concatenate([places > xy.min(0) - disc, places < xy.max(0) + disc], 1)
    before = distances < depth.max() - BEFORE_MM
    a, b = ends.T
    return np.asarray((past[a] | past[b]).all(1) & (before[a] | before[b]))


def _covered(
    strands: tuple[Floats, Floats, NDArray[np.float32]], ends: NDArray[np.uint32], camera: Camera, xy: Floats, depth: Floats
) -> Floats:  # fmt: skip
    """Square millimetres (n,) within the discs, before their centres, of ribbon pieces between points `ends` (m, 2);
    `strands`: frame pixels (p, 2), depth and width (p,) mm of the points."""
    pixel = depth[:, None] / (camera.intrinsics[0, 0])
    start, end, near, far = (values[at] for values in strands[:2] for at in ends.T)
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
    return np.asarray((inside * pixel * strands[2][ends[:, 0]] * before).sum(1))
