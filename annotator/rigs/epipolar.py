"""Where a point of one view may lie in another: on a line, which distortion bends."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel
from annotator.rigs.projection import Lenses, undistorted

Floats = NDArray[np.float64]
_STEPS = 65
_BORDER = 64  # points along each side of a frame
_MARGIN = 0.05  # of the frame, in normalised coordinates


def epipolar_line(seen_by: CameraModel, xy: Floats, shown_in: CameraModel) -> Floats:
    """The polyline [K, 2], pixels of `shown_in`, of all places in front of both cameras that `seen_by` has at `xy` [2].

    It runs away from `seen_by`, is clipped to the frame, and is empty (K = 0) where the frame does not show the line, the pixel
    has no ray or both cameras stand in one place. Where `shown_in` does not distort it is two points, else at most `_STEPS`.
    """
    empty = np.empty((0, 2))
    ray = undistorted(seen_by, np.asarray(xy, np.float64)[None])[0]
    if not np.isfinite(ray).all():
        return empty
    near = shown_in.rotation @ (seen_by.position - shown_in.position)
    far = shown_in.rotation @ seen_by.rotation.T @ np.append(ray, 1.0)
    apart = float(np.linalg.norm(near))
    if apart == 0:
        return empty
    far = far / np.linalg.norm(far) * apart  # so that half-way is as far away as the cameras are apart
    share = _visible_share(shown_in, near, far)
    if share is None:
        return empty
    ends = [(1 - at) * near + at * far for at in share]
    first, last = (end[:2] / end[2] for end in ends)
    steps = _STEPS if shown_in.distortion.any() else 2
    straight = first + np.linspace(0, 1, steps)[:, None] * (last - first)
    points = np.column_stack([straight, np.ones(steps)]) @ shown_in.rotation + shown_in.position
    return _clipped(Lenses.of([shown_in]).project(points)[0], shown_in.width, shown_in.height)


def _visible_share(camera: CameraModel, near: Floats, far: Floats) -> tuple[float, float] | None:
    """Of the way from `near` to `far` (homogeneous, as the camera sees them) the part before the camera and about its frame."""
    left, top, right, bottom = _normalised_frame(camera)
    x, y, z = np.eye(3)
    low, high = 0.0, 1.0
    for plane in (z, x - left * z, right * z - x, y - top * z, bottom * z - y):
        a, b = float(plane @ near), float(plane @ far)
        if a < 0 and b < 0:
            return None
        if a < 0:
            low = max(low, a / (a - b))
        elif b < 0:
            high = min(high, a / (a - b))
    least = 1e-9  # a place at the camera itself has no direction
    for at in (low, high):
        if ((1 - at) * near + at * far)[2] <= least * np.linalg.norm(near):
            low, high = (low + least, high) if at == low else (low, high - least)
    return (low, high) if low < high else None


@lru_cache(maxsize=64)
def _normalised_frame(camera: CameraModel) -> tuple[float, float, float, float]:
    """The box of the frame in normalised coordinates, a little wider; x0 y0 x1 y1."""
    along = np.linspace(0, 1, _BORDER)
    sides = [np.column_stack([along, 0 * along + end]) for end in (0, 1)]
    border = np.concatenate([*sides, *(side[:, ::-1] for side in sides)]) * [camera.width, camera.height]
    points = undistorted(camera, border)
    if not np.isfinite(points).all():  # pixels that no ray reaches: as far as the others go
        points = points[np.isfinite(points).all(1)]
    if not len(points):
        points = (border - camera.matrix[:2, 2]) / camera.matrix[[0, 1], [0, 1]]
    low, high = points.min(0), points.max(0)
    margin = _MARGIN * (high - low)
    return (*(low - margin).tolist(), *(high + margin).tolist())


def _clipped(line: Floats, width: int, height: int) -> Floats:
    """The longest part of a polyline within the frame; where it crosses the border it ends on it."""
    within = np.asarray(((line >= 0) & (line <= (width, height))).all(1))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], within, [False]]).astype(np.int8)))
    if not len(edges):  # at most one piece of it crosses a corner
        pieces = (_clipped_segment(*ends, width, height) for ends in pairwise(line))
        return np.array(next((piece for piece in pieces if piece is not None), np.empty((0, 2))))
    first, end = max(edges.reshape(-1, 2).tolist(), key=lambda run: run[1] - run[0])
    before = _clipped_segment(line[first - 1], line[first], width, height) if first else None
    after = _clipped_segment(line[end - 1], line[end], width, height) if end < len(line) else None
    parts = [line[first:end]]
    if before is not None:
        parts.insert(0, before[0][None])
    if after is not None:
        parts.append(after[1][None])
    found = np.concatenate(parts)
    return found if len(found) > 1 else np.empty((0, 2))


def _clipped_segment(start: Floats, end: Floats, width: int, height: int) -> tuple[Floats, Floats] | None:
    if not (np.isfinite(start).all() and np.isfinite(end).all()):
        return None
    low, high = 0.0, 1.0
    for axis, limit in ((0, width), (1, height)):
        step = end[axis] - start[axis]
        for sign, room in ((-1.0, start[axis]), (1.0, limit - start[axis])):
            if sign * step == 0:
                if room < 0:
                    return None
            elif sign * step < 0:
                low = max(low, room / (sign * step))
            else:
                high = min(high, room / (sign * step))
    if low >= high:
        return None
    first = start if low == 0 else start + low * (end - start)
    last = end if high == 1 else start + high * (end - start)
    return first, last
