"""Which landmarks hair hides: by how much of a small disc round each landmark the strands before it cover."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.geometry.camera import Camera
from annotator.studio.hair.hairdressing import HairGroup
from annotator.studio.hair.strands import CORNERS, SIDES

Floats = NDArray[np.float64]
DISC_MM = 0.6
BEFORE_MM = 3.0
"""Strands nearer to the landmark than this grow where it lies: brows and lashes hide nothing."""
HIDING = 0.5
"""Share of the disc that must be covered."""


def hair_cover(hair: Sequence[HairGroup], camera: Camera, points: Floats) -> Floats:
    """Share (n,) of a disc of `DISC_MM` round each point (n, 3) that strands before it cover, as the camera sees it."""
    xy, depth = camera.project(points)
    focal = camera.intrinsics[0, 0]
    area = np.zeros(len(points))
    for group in hair:
        hairs = group.ribbons.vertices[::SIDES]
        places, distances = camera.project(hairs[:, :3].astype(np.float64))
        ends = group.ribbons.indices.reshape(-1, CORNERS)[:, [0, 2]] // SIDES
        piece, landmark = _near(places, ends, xy, DISC_MM * focal / depth.min())
        a, b = ends[piece].T
        inside, at = _across_disc(places[a], places[b], xy[landmark], DISC_MM * focal / depth[landmark])
        before = distances[a] + at * (distances[b] - distances[a]) < depth[landmark] - BEFORE_MM
        width = 2 * hairs[a, 7] * hairs[a, 9]
        covered = inside * depth[landmark] / focal * width * before
        area += np.bincount(landmark, covered, len(points))
    return np.asarray(1 - np.exp(-area / (np.pi * DISC_MM**2)))


def hidden_by_hair(hair: Sequence[HairGroup], camera: Camera, points: Floats) -> NDArray[np.bool_]:
    """True (n,) where strands hide the point (n, 3) from the camera."""
    return hair_cover(hair, camera, points) > HIDING


def _near(
    places: Floats, ends: NDArray[np.uint32], xy: Floats, disc: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs (p,) of a piece of a strand and a landmark whose disc it may reach; `ends` (m, 2) of the pieces among the
    `places` (k, 2), the radius `disc` in the same pixels."""
    middles = places[ends].mean(1)
    reach = disc + 0.5 * np.linalg.norm(places[ends[:, 0]] - places[ends[:, 1]], axis=1).max(initial=0.0)
    about = np.flatnonzero(((middles > xy.min(0) - reach) & (middles < xy.max(0) + reach)).all(1))
    found = cKDTree(middles[about]).query_ball_point(xy, reach) if len(about) else [[]] * len(xy)
    pieces = [about[np.array(each, np.int64)] for each in found]
    return np.concatenate(pieces), np.repeat(np.arange(len(xy)), [len(each) for each in pieces])


def _across_disc(start: Floats, end: Floats, middle: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """How much (p,) of the way from `start` to `end` (p, 2) lies within a disc, in pixels, and where on that way, 0..1,
    the disc's `middle` (p, 2) is nearest."""
    along = end - start
    length = np.maximum(np.linalg.norm(along, axis=1), 1e-9)
    along /= length[:, None]
    offset = middle - start
    place = (offset * along).sum(1)
    aside = offset[:, 0] * along[:, 1] - offset[:, 1] * along[:, 0]
    half = np.sqrt(np.maximum(radius**2 - aside**2, 0.0))
    inside = np.clip(np.minimum(place + half, length) - np.maximum(place - half, 0.0), 0.0, None)
    return inside, np.clip(place / length, 0, 1)
