"""The same part of a face in all cameras: what one view shows in its middle, and how large."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel
from annotator.rigs.projection import Lenses, undistorted

Floats = NDArray[np.float64]
_NEAR = 0.02  # of the face as it is seen: points as near as this tell about the same of a place's depth


def same_place(cameras: Sequence[CameraModel], view: int, points: Floats, place: Floats) -> Floats:
    """The part of the face that one camera shows, in all of them.

    The place is taken to be as far away as the landmarks round it.

    Args:
        view: whose place it is. points: [L, 3] of the world, NaN where not known. place: x, y (pixels) and a zoom.

    Returns:
        [V, 3]: x, y and the zoom at which the face is as large as there; NaN for cameras that it is not before, and for all where
        no point is known.
    """
    known = points[np.isfinite(points).all(1)]
    ray = undistorted(cameras[view], np.asarray(place[:2], np.float64)[None])[0]
    nowhere = np.full((len(cameras), 3), np.nan)
    if not len(known) or not np.isfinite(ray).all():
        return nowhere
    lenses = Lenses.of(cameras)
    seen = lenses.seen(known)
    xy = lenses.project(known)[view]
    told = np.isfinite(xy).all(1)
    if not told.any():
        return nowhere
    away = ((xy[told] - place[:2]) ** 2).sum(1)
    weight = 1 / (away + (_NEAR * np.ptp(xy[told], axis=0).max()) ** 2 + 1)
    depth = float((weight * seen[view, told, 2]).sum() / weight.sum())
    spot = cameras[view].rotation.T @ (depth * np.append(ray, 1.0)) + cameras[view].position
    far = lenses.seen(spot[None])[:, 0, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.where(far > 0, lenses.focal.mean(1) / far, np.nan)
    return np.column_stack([lenses.project(spot[None])[:, 0], place[2] * size[view] / size])
