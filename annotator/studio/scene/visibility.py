"""Which landmarks a camera sees: by rays to the camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.studio.anchors.landmarks import is_inside_eye
from annotator.studio.geometry.camera import Camera
from annotator.studio.hair.hair_cover import hidden_by_hair
from annotator.studio.scene.capture import Capture

Floats = NDArray[np.float64]
CLEARANCE_MM = 2.5
"""Rays of landmarks on smooth skin start this far before it, so that a cheek does not hide its own outline."""
EDGE_CLEARANCE_MM = 6.0
"""What is nearer is left to the rays against the drawn skin."""


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
    edges = np.array(list(capture.openings), np.int64)
    if len(edges):
        points = capture.landmarks[edges]
        free[edges] = ~capture.rays.blocked(points + EDGE_CLEARANCE_MM * towards[edges], towards[edges])
        near = _beside_border(capture, camera, points, towards[edges])
        free[edges] &= near | capture.sight.free(points, camera.position)
    return np.asarray(free & ~hidden_by_hair(capture.hair, camera, capture.landmarks))


def _beside_border(capture: Capture, camera: Camera, points: Floats, towards: Floats) -> NDArray[np.bool_]:
    """True (n,) for landmarks on openings of the skin that lie next to the border which the camera sees there."""
    near = np.zeros(len(points), bool)
    ways = [(number, way) for number, way in enumerate(capture.openings.values()) if way.columns is not None]
    if not ways:
        return near
    at = [number for number, _ in ways]
    first, second = ([way.columns[end] for _, way in ways if way.columns] for end in (0, 1))
    share = np.array([way.share for _, way in ways])[:, None]
    seen, _ = capture.sight.last_seen([*first, *second], camera.position)
    border = seen[: len(ways)] + share * (seen[len(ways) :] - seen[: len(ways)])
    border += np.array([way.bulge for _, way in ways])
    off = np.abs(((border - points[at]) * capture.sight.across(first, towards[at])).sum(1))
    near[at] = off < np.array([way.tolerance for _, way in ways])
    return near


def in_frame(xy: Floats, camera: Camera) -> NDArray[np.bool_]:
    """True (L,) for points inside the picture."""
    return np.asarray(((xy >= 0) & (xy < camera.size)).all(1))
