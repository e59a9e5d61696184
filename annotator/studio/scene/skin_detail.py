"""How finely the skin is drawn where: whole quads where they say the same as finer ones, all refinement at lids and lips.

Software shades whole blocks of pixels round each triangle, so that small triangles are dear and large ones are cheap.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotator.studio.geometry.subdivision import triangles
from annotator.studio.person.head_model import LID_OPENING, head_model

Bools = NDArray[np.bool_]
Ids = NDArray[np.int64]
LEAST_PX = 3.0
"""Quads with shorter edges are never refined, but for those at the cut behind the lids."""
SHAPE_PX = 0.6
"""Quads may lie this far from the finer surface."""
LOOK = 0.06
"""Quads may differ from finer ones by this: radians of the normal, shares of light and cover."""
BROW_EDGE_MM = 1.0
NEAR_CUT = LID_OPENING - 1.2


@dataclass(frozen=True)
class QuadSplit:
    """The quads (q, 4) of one refinement: the `middles` (q, 4) of their edges and their own (q,), both vertices of the
    next; whether the cut behind the lids is near, and whether lids, lips, nostrils or brows are (q,)."""

    quads: Ids
    middles: Ids
    centre: Ids
    at_cut: Bools
    at_opening: Bools
    at_brow: Bools


@lru_cache(maxsize=3)
def _split(number: int) -> QuadSplit:
    model = head_model()
    quads = model.levels[number].quads if number else model.quads
    children = model.level(number + 1).quads
    fields, rest = model.level(number + 1).fields, model.level(number + 1).rest
    corners = fields[quads]
    lid, lip, nostril = (corners[..., k].max(1) for k in (0, 1, 4))
    middle = rest[quads].mean(1)
    brow = (middle[:, 2] > 55) & (np.abs(middle[:, 0]) < 62) & (np.abs(middle[:, 1] - 748) < 16)
    opening = ((lid > 3.5) & (lid < 10)) | ((lip > 1) & (lip < 10.5)) | (nostril > 0.1)
    return QuadSplit(
        quads, children[:, 1].reshape(-1, 4), children[::4, 2], fields[children, 0].max(1).reshape(-1, 4).max(1) > NEAR_CUT,
        opening, brow,
    )  # fmt: skip


@dataclass(frozen=True)
class _Errors:
    """Of each quad (q,): mean edge and distance from the finer surface in mm, difference in look."""

    edge: NDArray[np.float32]
    shape: NDArray[np.float32]
    look: NDArray[np.float32]


class SkinDetail:
    """Triangles of one posed skin: `vertices` float32 (n, 25) as in `surfaces`, of refinement `level`."""

    def __init__(self, level: int, vertices: NDArray[np.float32]) -> None:
        self._level = level
        look = vertices[:, 13:].copy()
        look[:, :3] /= max(float(look[:, :3].mean()), 1e-6)
        look[:, 9] = 0.0  # nostrils are refined anyway
        self._count = len(vertices)
        self._errors = [
            self._measure(_split(k), vertices[:, :3], vertices[:, 3:6], look) for k in range(level)
        ]

    def faces(self, pixels_per_mm: float) -> NDArray[np.uint32]:
        """Triangles (m, 3) without gaps for a picture in which a millimetre is so many pixels."""
        wanted = self._wanted(pixels_per_mm)
        drawn, inside = [], np.ones(len(_split(0).quads), bool)
        for number, split in enumerate(wanted):
            part = _split(number)
            finer = np.repeat(split, 4)
            used = np.zeros(self._count, bool)
            used[part.middles[split]] = True
            drawn.append(_leaves(part, inside & ~split, used))
            inside = finer
        level = head_model().level(self._level)
        last = level.quads[inside]
        drawn.append(triangles(last[level.fields[last, 0].max(1) < LID_OPENING]))
        return np.concatenate(drawn)

    def _wanted(self, scale: float) -> list[Bools]:
        """For each refinement the quads (q,) to split: neighbours differ by one step at most."""
        wanted: list[Bools] = []
        for number, error in enumerate(self._errors):
            part = _split(number)
            edge = error.edge * scale
            rough = (error.shape * scale > SHAPE_PX) | (error.look > LOOK)
            rough |= part.at_opening | (part.at_brow & (error.edge > BROW_EDGE_MM))
            wanted.append(part.at_cut | (rough & (edge > LEAST_PX)))
        for number in range(self._level - 2, -1, -1):
            near = np.zeros(self._count, bool)
            near[_split(number + 1).quads[wanted[number + 1]]] = True
            wanted[number] |= near[_split(number + 1).quads].any(1).reshape(-1, 4).any(1)
        return wanted

    def _measure(
        self,
        part: QuadSplit,
        points: NDArray[np.float32],
        normals: NDArray[np.float32],
        look: NDArray[np.float32],
    ) -> _Errors:
        # coordinates first: reductions over them then run along whole rows
        points, normals, look = (np.ascontiguousarray(values.T) for values in (points, normals, look))
        a, b = part.quads, np.roll(part.quads, -1, axis=1)
        edge = np.linalg.norm(points[:, a] - points[:, b], axis=0).mean(1)
        shape, differs = np.zeros(len(a), np.float32), np.zeros(len(a), np.float32)
        for k in range(5):
            ends, at = (a.T, part.centre) if k == 4 else ((a[:, k], b[:, k]), part.middles[:, k])
            near, ahead, seen = (
                sum(values[:, end] for end in ends) / len(ends) for values in (points, normals, look)
            )
            shape = np.maximum(shape, np.abs(((points[:, at] - near) * normals[:, at]).sum(0)))
            turn = np.cross(normals[:, at], ahead, axis=0)
            differs = np.maximum(differs, np.sqrt((turn * turn).sum(0)))
            differs = np.maximum(differs, np.abs(look[:, at] - seen).max(0))
        return _Errors(edge, shape, differs)


def _leaves(part: QuadSplit, leaf: Bools, used: Bools) -> NDArray[np.uint32]:
    """Triangles of whole quads; round their middle where a neighbour uses the middle of an edge."""
    quads, middles, centre = part.quads[leaf], part.middles[leaf], part.centre[leaf]
    fine = used[middles]
    plain = ~fine.any(1)
    drawn = [triangles(quads[plain])]
    for k in range(4):
        for has in (False, True):
            some = ~plain & (fine[:, k] == has)
            first, last, middle = quads[some, k], quads[some, (k + 1) % 4], middles[some, k]
            hub = centre[some]
            ways = [(first, middle), (middle, last)] if has else [(first, last)]
            drawn += [np.stack([hub, start, end], 1).astype(np.uint32) for start, end in ways]
    return np.concatenate(drawn)
