"""Poses of cameras of known focal length from points alone: two by the essential matrix, each further one by what those see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel, RigError
from annotator.imaging.opencv import cv2
from annotator.rigs.projection import Lenses
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import triangulate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LEAST_COMMON = 12
"""Points that a camera must share with those that stand already."""
_PAIRS = 10  # that are tried
_OUTLIER_SHARE = 0.004  # of the frame's longer side
_BEST_DEGREES = 45.0


def first_poses(cameras: Sequence[CameraModel], moments: Sequence[Sightings]) -> list[CameraModel]:
    """The cameras, placed: the first of the best pair at the origin, the second one unit away.

    Raises:
        RigError: no pair fits, or a camera shares too little with the others.
    """
    seen = _joined(moments)
    normalised = Lenses.of(cameras).normalised(np.where(seen.usable[..., None], seen.xy, np.nan))
    used = seen.usable & np.isfinite(normalised).all(-1)
    placed = _best_pair(cameras, normalised, used)
    while len(placed) < len(cameras):
        standing = sorted(placed)
        points = triangulate([placed[at] for at in standing], _of(seen, standing)).points
        known = np.isfinite(points).all(1)
        counts = {at: int((used[at] & known).sum()) for at in range(len(cameras)) if at not in placed}
        index = max(counts, key=lambda at: counts[at])
        camera = cameras[index]
        if counts[index] < LEAST_COMMON:
            raise RigError(
                f"Camera {camera.name} shares {counts[index]} points with the others; {LEAST_COMMON} are needed. "
                "Confirm more landmarks in its frames."
            )
        both = used[index] & known
        pose = _resected(camera, points[both], normalised[index, both])
        if pose is None:
            raise RigError(f"Camera {camera.name} sees nothing from where the others have their points.")
        placed[index] = replace(camera, camera_from_world=pose)
    return [placed[at] for at in range(len(cameras))]


def _joined(moments: Sequence[Sightings]) -> Sightings:
    """All moments as one, their points side by side."""
    return Sightings(
        np.concatenate([moment.xy for moment in moments], 1),
        np.concatenate([moment.covariance for moment in moments], 1),
        np.concatenate([moment.votes for moment in moments], 1),
        np.concatenate([moment.trusted for moment in moments], 1),
    )


def _of(seen: Sightings, views: list[int]) -> Sightings:
    return Sightings(seen.xy[views], seen.covariance[views], seen.votes[views], seen.trusted[views])


def _threshold(camera: CameraModel) -> float:
    return float(_OUTLIER_SHARE * max(camera.width, camera.height) / camera.matrix[0, 0])


def _best_pair(cameras: Sequence[CameraModel], normalised: Floats, used: Bools) -> dict[int, CameraModel]:
    """The pair with most points in front of both, seen from well apart."""
    common = {
        pair: int((used[pair[0]] & used[pair[1]]).sum()) for pair in combinations(range(len(cameras)), 2)
    }
    best: tuple[float, dict[int, CameraModel]] | None = None
    for first, second in sorted(common, key=lambda pair: -common[pair])[:_PAIRS]:
        both = used[first] & used[second]
        if both.sum() < LEAST_COMMON:
            break
        here, there = normalised[first, both], normalised[second, both]
        limit = max(_threshold(cameras[first]), _threshold(cameras[second]))
        matrix, inliers = cv2.findEssentialMat(here, there, np.eye(3), cv2.RANSAC, 0.9999, limit)
        if matrix is None or matrix.shape != (3, 3):
            continue
        count, rotation, shift, _ = cv2.recoverPose(matrix, here, there, np.eye(3), mask=inliers)
        away = np.degrees(np.arccos(np.clip(0.5 * (np.trace(rotation) - 1), -1, 1)))
        score = count * min(away, _BEST_DEGREES)
        if best is None or score > best[0]:
            pose = np.asarray(np.column_stack([rotation, shift]), np.float64)
            best = score, {first: cameras[first], second: replace(cameras[second], camera_from_world=pose)}
    if best is None:
        raise RigError(
            f"No two cameras share {LEAST_COMMON} points that fit one another. Confirm more landmarks of the same moments."
        )
    return best[1]


def _resected(camera: CameraModel, points: Floats, normalised: Floats) -> Floats | None:
    """camera_from_world [3, 4] by points [N, 3] and their normalised places [N, 2]; None where nothing fits."""
    found, turn, shift, _ = cv2.solvePnPRansac(
        points, normalised, np.eye(3), None, reprojectionError=4 * _threshold(camera), iterationsCount=200,
        flags=cv2.SOLVEPNP_SQPNP,
    )  # fmt: skip
    if not found:
        return None
    return np.asarray(np.column_stack([cv2.Rodrigues(turn)[0], shift]), np.float64)
