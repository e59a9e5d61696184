"""Places on the front of the resting face by millimetres, for what is drawn on it: brows."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotator.studio.errors import StudioError
from annotator.studio.person.head_model import head_model

Floats = NDArray[np.float64]
BROW_LEVEL = 2


@lru_cache(maxsize=1)
def _front_triangles() -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Vertices and resting corners of the triangles before the face, and boxes round them in x and y."""
    level = head_model().level(BROW_LEVEL)
    faces = level.faces.astype(np.int64)
    corners = level.rest[faces]
    front = (corners[..., 2].min(1) > 55) & (np.abs(corners[..., 1] - 750).max(1) < 60)
    flat = corners[front][..., :2]
    return faces[front], corners[front], flat.min(1) - 0.01, flat.max(1) + 0.01


def on_face(x: float, y: float) -> tuple[NDArray[np.int64], Floats]:
    """Vertices (3,) and weights (3,) of the resting face's foremost point at (x, y) mm."""
    faces, corners, low, high = _front_triangles()
    point = np.array([x, y])
    near = np.flatnonzero(((low < point) & (point < high)).all(1))
    faces, corners = faces[near], corners[near]
    a, b, c = corners[:, 0, :2], corners[:, 1, :2], corners[:, 2, :2]
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    p = point - a
    second = (p[:, 0] * (c[:, 1] - a[:, 1]) - p[:, 1] * (c[:, 0] - a[:, 0])) / area
    third = ((b[:, 0] - a[:, 0]) * p[:, 1] - (b[:, 1] - a[:, 1]) * p[:, 0]) / area
    weights = np.stack([1 - second - third, second, third], 1)
    hits = np.flatnonzero((weights >= -1e-6).all(1))
    if not len(hits):
        raise StudioError(
            f"no face at x {x:.1f}, y {y:.1f} mm; correct the anchor in resources/studio/landmarks"
        )
    best = max(hits.tolist(), key=lambda hit: float(weights[hit] @ corners[hit, :, 2]))
    return faces[best], weights[best]
