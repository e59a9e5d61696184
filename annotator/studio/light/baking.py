"""Light that is computed a vertex: shadows of area lights, ambient occlusion, and light scattered under the skin.

Pitfall: vertices with a zero or NaN normal make embree a hundred times slower, so they are left out of the rays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.linalg import cg

from annotator.studio.errors import missing_extra
from annotator.studio.light.lighting import AreaLight, Lighting

Floats = NDArray[np.float64]
Mesh = tuple[Floats, NDArray[np.uint32]]
SCATTER_MM = (1.5, 0.8, 0.45)
PASS_MM = 0.05
GOLDEN_ANGLE = np.pi * (3 - np.sqrt(5))


@dataclass(frozen=True)
class BakeQuality:
    """Ray counts: `light_side`^2 rays a light and `ambient` rays, a vertex, on refinement `level` of the head."""

    level: int = 2
    light_side: int = 3
    ambient: int = 40

    def for_parts(self) -> BakeQuality:
        """The quality for teeth, clothes and glasses: rough where the skin's is."""
        return self if self.level > 1 else BakeQuality(1, 1, 8)


FINE = BakeQuality()
FAST = BakeQuality(level=1, light_side=2, ambient=20)


@dataclass(frozen=True)
class BakedLight:
    """Per vertex: `irradiance` (n, 3), `visible` (n, lights) 0..1, `open` (n,) share of free sky."""

    irradiance: Floats
    visible: Floats
    open: Floats

    def at(self, indices: NDArray[np.int64]) -> BakedLight:
        """The light of some vertices."""
        return BakedLight(self.irradiance[indices], self.visible[indices], self.open[indices])

    def refined(self, matrix: sp.csr_matrix) -> BakedLight:
        """The light of finer vertices (m,), which `matrix` (m, n) makes of these."""
        return BakedLight(matrix @ self.irradiance, matrix @ self.visible, matrix @ self.open)


class RayScene:
    """Triangles to cast rays against."""

    def __init__(self, meshes: Sequence[Mesh]) -> None:
        try:
            from embreex.mesh_construction import TriangleMesh
            from embreex.rtcore_scene import EmbreeScene
        except ImportError as error:
            raise missing_extra("the package 'embreex' (ray casting)") from error
        self._scene: Any = EmbreeScene()
        for points, faces in meshes:
            TriangleMesh(self._scene, np.ascontiguousarray(points, np.float32), faces.astype(np.int32))
        self.blocked(np.zeros((1, 3)), np.ones((1, 3)))  # finishes the scene, so that threads may share it

    def blocked(self, origins: Floats, directions: Floats) -> NDArray[np.bool_]:
        """True (n,) where anything lies along the ray."""
        found = self._scene.run(
            np.ascontiguousarray(origins, np.float32),
            np.ascontiguousarray(directions, np.float32),
            query="OCCLUDED",
        )
        return np.asarray(found) >= 0

    def blocked_but_for(
        self, origins: Floats, directions: Floats, transparent: Sequence[int]
    ) -> NDArray[np.bool_]:
        """Like `blocked`, yet rays pass through the meshes of these numbers (twice each at most)."""
        origins = np.array(origins, np.float64)
        blocked = np.zeros(len(origins), bool)
        for _ in range(2 * len(transparent) + 1):
            hit = self._scene.run(
                np.ascontiguousarray(origins, np.float32),
                np.ascontiguousarray(directions, np.float32),
                output=1,
            )
            mesh = np.asarray(hit["geomID"]).astype(np.int64)
            through = np.isin(mesh, transparent)
            blocked |= (mesh >= 0) & ~through
            if not through.any():
                break
            step = np.where(through, np.asarray(hit["tfar"], np.float64) + PASS_MM, 0.0)
            origins += step[:, None] * directions
        return blocked


def bake(
    scene: RayScene,
    points: Floats,
    normals: Floats,
    lighting: Lighting,
    quality: BakeQuality,
    offset: float = 0.15,
    passing: Callable[[Floats, AreaLight | None], Floats] | None = None,
) -> BakedLight:
    """Light that arrives at `points` (n, 3) with unit `normals` (n, 3); rays start `offset` mm above the surface.

    `passing` tells what share (n,) of a light (None: of the sky) reaches points through hair.
    """
    count = len(points)
    usable = np.flatnonzero(np.linalg.norm(normals, axis=1) > 0.5)
    origin, normal = points[usable] + normals[usable] * offset, normals[usable]
    visible = np.zeros((count, len(lighting.lights)))
    irradiance = np.zeros((count, 3))
    for number, light in enumerate(lighting.lights):
        if light.is_on:
            seen, arriving = _light_rays(scene, origin, normal, light, quality.light_side)
            if passing is not None:
                dimmed = passing(origin, light)
                seen, arriving = seen * dimmed, arriving * dimmed
            visible[usable, number] = seen
            irradiance[usable] += arriving[:, None] * light.colour
    free = np.zeros(count)
    free[usable] = _ambient_rays(scene, origin, normal, quality.ambient)
    if passing is not None:
        free[usable] *= passing(origin, None)
    sky = lighting.ambient_towards(normals)
    return BakedLight(irradiance + np.pi * sky * free[:, None], visible, free)


def _light_rays(
    scene: RayScene, origin: Floats, normal: Floats, light: AreaLight, side: int
) -> tuple[Floats, Floats]:
    """Share of free rays (n,) and irradiance for unit radiance (n,) over side x side samples of the rectangle."""
    across = light.normal
    free = np.zeros(len(origin))
    arriving = np.zeros(len(origin))
    for sample in light.samples(side):
        towards = sample - origin
        distance2 = np.einsum("ij,ij->i", towards, towards)
        towards /= np.sqrt(distance2)[:, None]
        cosine = np.einsum("ij,ij->i", towards, normal)
        facing = np.flatnonzero(cosine > -0.15)
        open_ray = np.zeros(len(origin))
        open_ray[facing] = ~scene.blocked(origin[facing], towards[facing])
        free += open_ray
        arriving += open_ray * np.maximum(cosine, 0) * np.abs(towards @ across) / distance2
    return free / side**2, arriving * light.area / side**2


def _ambient_rays(scene: RayScene, origin: Floats, normal: Floats, rays: int) -> Floats:
    """Share of free cosine-weighted rays over the hemisphere, (n,)."""
    helper = np.where(np.abs(normal[:, :1]) > 0.8, [[0.0, 1.0, 0.0]], [[1.0, 0.0, 0.0]])
    tangent = np.cross(helper, normal)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    other = np.cross(normal, tangent)
    free = np.zeros(len(origin))
    for number in range(rays):
        squared = (number + 0.5) / rays
        x, y = np.sqrt(squared) * np.array([np.cos(number * GOLDEN_ANGLE), np.sin(number * GOLDEN_ANGLE)])
        free += ~scene.blocked(origin, tangent * x + other * y + normal * np.sqrt(1 - squared))
    return np.asarray(free / rays)


def scatter(
    points: Floats, quads: NDArray[np.int64], values: Floats, widths_mm: Sequence[float], steps: int = 10
) -> Floats:
    """Blurs `values` (n, C) over the mesh by one implicit heat step (I + w^2/2 L) x = b of width w a channel."""
    ends = np.concatenate([quads[:, [k, (k + 1) % 4]] for k in range(4)])
    ends = np.concatenate([ends, ends[:, ::-1]])
    length2 = np.maximum(((points[ends[:, 0]] - points[ends[:, 1]]) ** 2).sum(1), 1e-3)
    weights = sp.coo_matrix((0.5 / length2, (ends[:, 0], ends[:, 1])), (len(points), len(points))).tocsr()
    degree = np.asarray(weights.sum(1)).ravel()
    blurred = np.empty_like(values)
    for channel, width in enumerate(widths_mm):
        time = width**2 / 2
        system = sp.diags(1 + time * degree) - time * weights
        start = values[:, channel]
        blurred[:, channel], _ = cg(
            system, start, x0=start, maxiter=steps, M=sp.diags(1 / (1 + time * degree))
        )
    return blurred
