"""Where rays meet: a robust start for triangulation that needs no guess."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.rigs.projection import Lenses
from annotator.rigs.symmetric import inverse_3x3, times

Floats = NDArray[np.float64]
_ROUNDS = 8
_SETTLED = 0.05  # standard deviations


def meeting_points(lenses: Lenses, normalised: Floats, certain: Floats) -> Floats:
    """The points [3, L] that are nearest to the rays of V views.

    The sum of distances beyond one standard deviation is made least, which has one minimum: a wild view cannot pull the point
    away from three others.

    Args:
        normalised: [V, 2, L], as `Lenses.normalised`. certain: [V, L], one by their standard deviations, 0 for rays that do not
            count. NaN comes back where fewer than two do, or where they are parallel.
    """
    views, _, landmarks = normalised.shape
    along = np.ones((views, 3, landmarks))
    along[:, :2] = normalised
    along = lenses.rotation.swapaxes(-1, -2) @ along
    along /= np.sqrt((along * along).sum(1, keepdims=True))
    across = np.eye(3)[..., None] - along[:, :, None] * along[:, None]
    from_origin = (across * lenses.position[:, None, :, None]).sum(2)
    weight = certain**2
    points = np.full((3, landmarks), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(_ROUNDS):
            matrix = np.einsum("vl,vijl->ijl", weight, across)
            before, points = points, times(inverse_3x3(matrix), (weight[:, None] * from_origin).sum(0))
            away = points - lenses.position[..., None]
            squared = (away * away).sum(1)
            apart = squared - (away * along).sum(1) ** 2
            scaled = certain / np.sqrt(squared)
            weight = np.nan_to_num(
                scaled**2 / np.maximum(1.0, scaled * np.sqrt(np.maximum(0.0, apart))), nan=0.0
            )
            moved = np.abs(points - before).max(0) * scaled.max(0)
            if not (np.isnan(moved) | (moved > _SETTLED))[(certain > 0).sum(0) >= 2].any():
                break
    return points
