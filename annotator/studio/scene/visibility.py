"""Which landmarks a camera sees: by rays to the camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.studio.anchors.landmarks import edge_columns, is_inside_eye
from annotator.studio.geometry.camera import Camera
from annotator.studio.hair.hair_cover import hidden_by_hair
from annotator.studio.scene.capture import Capture

Floats = NDArray[np.float64]
CLEARANCE_MM = 2.5
"""Rays of landmarks on smooth skin start this far before it, so that a cheek does not hide its own outline."""
EDGE_CLEARANCE_MM = 6.0
"""What is nearer is left to the rays against the drawn skin."""
EDGE_TOLERANCE_MM = 0.1
"""A landmark this near to the border that a camera sees counts as seen: it lies just round the edge."""


def visible_landmarks(capture: Capture, camera: Camera, scheme: LandmarkScheme) -> NDArray[np.bool_]:
    """True (L,) where the camera sees the landmark.

    Points in and on the eyeball are seen through it. Points on edges of the skin are seen unless a fold, the lip's or
    the lid's own edge, or the other lid hides them. Hair hides what it covers by half.
    """
    towards = camera.position - capture.landmarks
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    free = ~capture.rays.blocked(capture.landmarks + CLEARANCE_MM * towards, towards)
    inside = is_inside_eye(scheme)
    free[inside] = ~capture.rays.blocked_but_for(
        capture.landmarks[inside], towards[inside], capture.ball_meshes
    )
    columns = edge_columns(scheme, capture.level)
    edges, ways = np.array(list(columns), np.int64), list(columns.values())
    points = capture.landmarks[edges]
    free[edges] = ~capture.rays.blocked(points + EDGE_CLEARANCE_MM * towards[edges], towards[edges])
    seen, _ = capture.sight.last_seen(ways, camera.position)
    off = np.abs(((seen - points) * capture.sight.across(ways, towards[edges])).sum(1))
    free[edges] &= (off < EDGE_TOLERANCE_MM) | capture.sight.free(points, camera.position)
    return np.asarray(free & ~hidden_by_hair(capture.hair, camera, capture.landmarks))


def in_frame(xy: Floats, camera: Camera) -> NDArray[np.bool_]:
    """True (L,) for points inside the picture."""
    return np.asarray(((xy >= 0) & (xy < camera.size)).all(1))
