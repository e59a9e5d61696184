"""Hair strands as curves, and the ribbons that draw them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.studio.hair.hair_order import Cover

Floats = NDArray[np.float64]
RIBBON_FLOATS = 14
CORNERS = 6
"""Indices of one piece of a strand: two triangles, the first and the fifth index at its ends."""
SIDES = 2
"""Vertices of one point of a strand, one after the other."""
Lit = Callable[[Floats], tuple[Floats, Floats]]
"""Visibility and open share (n, k) for the points of curves (n, k, 3)."""


@dataclass(frozen=True)
class Strands:
    """`curves` (n, k, 3) mm from root to tip, `width` (n,) mm, `taper` 0..1 thinning to the tip, brightness `tone` of all
    or of each (n,)."""

    curves: Floats
    width: Floats
    taper: float = 0.8
    tone: float | Floats = 1.0


@dataclass(frozen=True)
class Ribbons:
    """Vertices float32 (m, 14): position, tangent, (side, half width, bias, opacity), tone; `indices` uint32.

    `middles` (n, 3) are the strands' middles; all strands have equally many indices, one after another.
    """

    vertices: NDArray[np.float32]
    indices: NDArray[np.uint32]
    middles: NDArray[np.float32]

    def far_first(self, eye: Floats, cover: Cover) -> NDArray[np.uint32]:
        """Indices of what `cover` leaves to be seen, with the strands that are furthest from `eye` (3,) first, so that
        thin ones blend rightly."""
        rows = self.indices.reshape(len(self.middles), -1, CORNERS)
        order = np.argsort(-np.linalg.norm(self.middles - eye, axis=1), kind="stable")
        points = self.vertices[::SIDES]
        ends = rows[:, :, [0, 4]].reshape(-1, 2) // SIDES
        seen = cover.leaves(points[:, :3], points[:, 8], ends).reshape(rows.shape[:2])
        return np.ascontiguousarray(rows[order][seen[order]]).ravel()


def unit(vectors: Floats) -> Floats:
    """Vectors of length 1 along the last axis."""
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9))


def along_surface(vectors: Floats, normals: Floats) -> Floats:
    """Unit part of `vectors` (n, 3) tangent to unit `normals` (n, 3)."""
    return unit(vectors - (vectors * normals).sum(-1, keepdims=True) * normals)


def parabola(roots: Floats, direction: Floats, bend: Floats, length: Floats, points: int) -> Floats:
    """Curves root + length (direction t + bend t^2), (n, points, 3)."""
    t = np.linspace(0, 1, points)[None, :, None]
    return np.asarray(
        roots[:, None] + length[:, None, None] * (direction[:, None] * t + bend[:, None] * t * t)
    )


def ribbons(
    groups: Sequence[Strands],
    lit: Lit,
    rng: np.random.Generator,
    tone: tuple[float, float] = (0.7, 1.3),
    bias: float = 0.0,
) -> Ribbons:
    """Ribbons of all groups, whose curves have equally many points.

    Strands take the light that `lit` tells and a random brightness in `tone`.
    """
    vertices, indices, middles, base = [], [], [], 0
    for group in groups:
        count, points, _ = group.curves.shape
        t = np.linspace(0, 1, points)
        data = np.zeros((count, points, 2, RIBBON_FLOATS), np.float32)
        data[..., 0:3] = group.curves[:, :, None]
        data[..., 3:6] = unit(np.gradient(group.curves, axis=1))[:, :, None]
        data[..., 6] = (-1.0, 1.0)
        data[..., 7] = (0.5 * group.width[:, None] * (1 - group.taper * t**1.5))[..., None]
        data[..., 8] = bias
        data[..., 9] = 1.0
        visible, free = lit(group.curves)
        own = np.broadcast_to(np.asarray(group.tone, float), (count,))[:, None, None]
        data[..., 10] = own * rng.uniform(*tone, (count, 1, 1))
        rise = (0.55 + 0.45 * t)[None, :]
        data[..., 11] = (visible * rise)[..., None]
        data[..., 12] = (free * rise)[..., None]
        data[..., 13] = rng.uniform(0, 1, (count, 1, 1))
        first = (np.arange(count)[:, None] * points + np.arange(points - 1)[None]) * 2 + base
        indices.append(np.stack([first, first + 1, first + 2, first + 1, first + 3, first + 2], -1).ravel())
        vertices.append(data.reshape(-1, RIBBON_FLOATS))
        middles.append(group.curves[:, points // 2].astype(np.float32))
        base += count * points * 2
    if not vertices:
        none = np.zeros((0, 3), np.float32)
        return Ribbons(np.zeros((0, RIBBON_FLOATS), np.float32), np.zeros(0, np.uint32), none)
    return Ribbons(
        np.concatenate(vertices), np.concatenate(indices).astype(np.uint32), np.concatenate(middles)
    )


@dataclass(frozen=True)
class Surface:
    """The posed skin that hair grows on: positions, normals (n, 3), resting positions and triangles (m, 3)."""

    points: Floats
    normals: Floats
    rest: Floats
    faces: NDArray[np.int64]

    def sample(self, weight: Floats, count: int, rng: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        """`count` random roots by `weight` a vertex and by area: posed points, unit normals, resting points."""
        corner_weight = weight[self.faces]
        rest = self.rest[self.faces]
        area = np.linalg.norm(np.cross(rest[:, 1] - rest[:, 0], rest[:, 2] - rest[:, 0]), axis=1)
        chance = corner_weight.mean(1) * area
        total = chance.sum()
        if total <= 0 or count <= 0:
            empty = np.zeros((0, 3))
            return empty, empty, empty
        chosen = rng.choice(len(chance), count, p=chance / total)
        ab = rng.random((count, 2))
        over = ab.sum(1) > 1
        ab[over] = 1 - ab[over]
        bary = np.stack([1 - ab.sum(1), ab[:, 0], ab[:, 1]], 1)
        corners = self.faces[chosen]
        points, normals, resting = (
            np.einsum("nk,nkd->nd", bary, values[corners])
            for values in (self.points, self.normals, self.rest)
        )
        return points, unit(normals), resting
