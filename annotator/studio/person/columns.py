"""Places between the loops round eyes and mouth: the chain of fine vertices that crosses all loops at one position."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotator.studio.person.head_model import LID_OPENING, head_model

Floats = NDArray[np.float64]
LID_FIELD, LIP_FIELD = 0, 1


@lru_cache(maxsize=4)
def _edge_keys(level: int) -> tuple[NDArray[np.int64], int]:
    """Sorted keys (e,) of the edges of a refinement's quads (0: the coarse head), and its number of vertices."""
    model = head_model()
    quads = model.levels[level].quads if level else model.quads
    count = model.levels[level].matrix.shape[0] if level else len(model.ids)
    ends = np.sort(np.stack([quads, np.roll(quads, -1, axis=1)], -1).reshape(-1, 2), axis=1)
    return np.unique(ends[:, 0] * count + ends[:, 1]), count


def _edge_vertices(level: int, vertices: list[int]) -> list[int]:
    """Vertices of the next level on the edges that join neighbours of `vertices`."""
    keys, count = _edge_keys(level)
    pairs = np.sort(np.stack([vertices[:-1], vertices[1:]], 1), axis=1)
    return [int(index) + count for index in np.searchsorted(keys, pairs[:, 0] * count + pairs[:, 1])]


@lru_cache(maxsize=256)
def fine_chain(chain: tuple[int, ...], level: int) -> NDArray[np.int64]:
    """Fine vertices (m,) of `level` along the coarse vertices `chain`, each joined to the next by an edge."""
    found = list(chain)
    for number in range(level):
        between = _edge_vertices(number, found)
        found = [vertex for pair in zip(found, between, strict=False) for vertex in pair] + [found[-1]]
    return np.array(found)


@lru_cache(maxsize=1024)
def column_between(chain: tuple[int, ...], field: int, level: int) -> tuple[NDArray[np.int64], Floats]:
    """Fine vertices (m,) along the coarse vertices `chain`, each joined to the next by an edge, with the values (m,) of
    the semantic field there. Kept are vertices that are drawn and whose values ascend."""
    model = head_model()
    indices = fine_chain(chain, level)
    fields = model.levels[level].fields[indices]
    numbers = fields[:, field]
    kept = np.concatenate([[True], np.diff(np.maximum.accumulate(numbers)) > 1e-6]) & (
        fields[:, 0] < LID_OPENING
    )
    return indices[kept], numbers[kept]


def ring_column(kind: str, side: int, position: int, level: int) -> tuple[NDArray[np.int64], Floats]:
    """Fine vertices (m,) across the rings of `kind` (eye, mouth) at a loop position, and their ring numbers (m,).

    `side` 0 left, 1 right for eyes. Ring numbers ascend.
    """
    model = head_model()
    rings = model.mouth_rings[1:10] if kind == "mouth" else model.eye_rings[side][3:11]
    chain = tuple(model.base_index(ring[position]) for ring in rings)
    return column_between(chain, LIP_FIELD if kind == "mouth" else LID_FIELD, level)
