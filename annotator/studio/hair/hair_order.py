"""Which pieces of hair a picture cannot show, because they lie outside it or behind the head: they need not be drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.imaging.opencv import cv2

Floats = NDArray[np.floating]
CELL_MM = 1.0
"""Depth is looked at in cells of about this size."""
ROOM_MM = 1.0
"""Pieces may be this much wider than the line between their ends."""
LONGEST_CELLS = 24


class Cover:
    """What hides hair in a picture: `depth` float32 (H, W), its depth buffer (0..1) before hair is drawn, 0 where nothing
    is to be drawn; `clip_from_head` of the picture and its `pixels_per_mm`."""

    def __init__(self, depth: NDArray[np.float32], clip_from_head: Floats, pixels_per_mm: float) -> None:
        self._step = max(1, round(CELL_MM * pixels_per_mm))
        self._size = np.array([depth.shape[1], depth.shape[0]], np.float32)
        start = self._step // 2
        self._cells = np.ascontiguousarray(depth[start :: self._step, start :: self._step])
        self._clip = clip_from_head.astype(np.float32)
        self._cells_per_mm = pixels_per_mm / self._step

    def leaves(
        self, points: NDArray[np.float32], bias: NDArray[np.float32], ends: NDArray[np.integer]
    ) -> NDArray[np.bool_]:
        """True (n,) for the pieces between points `ends` (n, 2) of `points` (m, 3) that may be seen; `bias` (m,) is how much
        nearer than they are they are drawn, -1..1 from near to far.

        Every place of a piece lies within half its length of an end, so a piece is hidden when what is drawn so near to
        its ends is nearer than it.
        """
        lengths2 = ((points[ends[:, 0]] - points[ends[:, 1]]) ** 2).sum(1)
        half = 0.5 * float(np.sqrt(lengths2.max(initial=0.0)))
        reach = int(np.ceil((half + ROOM_MM) * self._cells_per_mm)) + 1
        if reach > LONGEST_CELLS:
            return np.ones(len(ends), bool)
        # cells beyond the picture hide what lies there
        cells = cv2.dilate(np.pad(self._cells, reach + 1), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
        clip = points @ self._clip[:, :3].T + self._clip[:, 3]
        device = clip[:, :3] / np.maximum(clip[:, 3:], 1e-3)
        at = np.floor((0.5 + 0.5 * device[:, :2]) * self._size / self._step).astype(np.int32) + reach + 1
        np.clip(at, 0, np.array(cells.shape[::-1]) - 1, out=at)
        farthest = cells[at[:, 1], at[:, 0]][ends].max(1)
        nearest = (0.5 + 0.5 * (device[:, 2] - bias))[ends].min(1)
        return np.asarray(nearest <= farthest)
