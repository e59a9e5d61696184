"""Places between the loops round eyes and mouth: the chain of fine vertices that crosses all loops at one position."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotator.synthesis.head_model import head_model

Floats = NDArray[np.float64]
LID_FIELD, LIP_FIELD = 0, 1


def edge_vertices(quads: NDArray[np.int64], count: int, first: list[int], second: list[int]) -> list[int]:
    """Fine indices of the vertices that one subdivision of `quads` puts on the edges first[i] - second[i]."""
    ends = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    keys = np.unique(ends[:, 0] * count + ends[:, 1])
    pairs = np.sort(np.stack([first, second], 1), axis=1)
    return [int(index) + count for index in np.searchsorted(keys, pairs[:, 0] * count + pairs[:, 1])]


@lru_cache(maxsize=512)
def ring_column(kind: str, side: int, position: int, level: int) -> tuple[NDArray[np.int64], Floats]:
    """Fine vertices (m,) across the rings of `kind` (eye, mouth) at a loop position, and their ring numbers (m,).

    `side` 0 left, 1 right for eyes. Ring numbers ascend.
    """
    model = head_model()
    rings = model.mouth_rings[1:10] if kind == "mouth" else model.eye_rings[side][3:11]
    chain = [model.base_index(ring[position]) for ring in rings]
    quads, count = model.quads, len(model.ids)
    for number in range(1, level + 1):
        between = edge_vertices(quads, count, chain[:-1], chain[1:])
        chain = [vertex for pair in zip(chain, between, strict=False) for vertex in pair] + [chain[-1]]
        quads, count = model.levels[number].quads, model.levels[number].matrix.shape[0]
    indices = np.array(chain)
    numbers = model.levels[level].fields[indices, LIP_FIELD if kind == "mouth" else LID_FIELD]
    ascending = np.concatenate([[True], np.diff(np.maximum.accumulate(numbers)) > 1e-6])
    return indices[ascending], numbers[ascending]


def ring_point(head: Floats, kind: str, side: int, position: int, ring: float, level: int) -> Floats:
    """Point (3,) of the posed head (fine vertices of `level`) at a fractional ring number."""
    indices, numbers = ring_column(kind, side, position, level)
    return np.array([np.interp(ring, numbers, head[indices, axis]) for axis in range(3)])
