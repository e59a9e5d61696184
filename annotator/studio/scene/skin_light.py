"""Light of the skin a vertex: rays where the surface turns quickly, at every second vertex elsewhere, then scattered."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotator.studio.hair.hairdressing import HeadOfHair
from annotator.studio.light.baking import SCATTER_MM, BakedLight, BakeQuality, RayScene, bake, scatter
from annotator.studio.light.lighting import MAX_LIGHTS, Lighting
from annotator.studio.person.head_model import head_model

Floats = NDArray[np.float64]


def skin_light(
    rays: RayScene,
    points: Floats,
    normals: Floats,
    lighting: Lighting,
    quality: BakeQuality,
    head: HeadOfHair,
) -> BakedLight:
    """Light at the vertices (n, 3) of refinement `quality.level`, blurred as skin blurs it."""
    own = _own_rays(quality.level)
    cast = bake(rays, points[own], normals[own], lighting, quality, passing=head.passing)
    step = head_model().steps[quality.level]
    raw = cast.at(np.arange(step.shape[1])).refined(step)
    raw.irradiance[own], raw.visible[own], raw.open[own] = cast.irradiance, cast.visible, cast.open
    quads = head_model().level(quality.level).quads
    irradiance = scatter(points, quads, raw.irradiance, SCATTER_MM)
    shade = scatter(
        points, quads, np.concatenate([raw.visible, raw.open[:, None]], 1), (0.8,) * (MAX_LIGHTS + 1)
    )
    return BakedLight(np.maximum(irradiance, 0), np.clip(shade[:, :-1], 0, 1), np.clip(shade[:, -1], 0, 1))


@lru_cache(maxsize=3)
def _own_rays(number: int) -> NDArray[np.int64]:
    """Vertices of a refinement from which rays are cast: those of the refinement before come first, then those round
    eyes, nostrils, mouth, nose and ears, and on a rough mesh the whole face."""
    level = head_model().level(number)
    rest, fields = level.rest, level.fields
    side, height, deep = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    own = (fields[:, 0] > 0) | (fields[:, 1] > 0) | (fields[:, 4] > 0)
    own |= (deep > 120) & (side < 30) & (np.abs(height - 692) < 23)
    own |= (
        (deep > 50) & (height > 600)
        if number < 2
        else (side > 62) & (np.abs(height - 715) < 45) & (deep < 60)
    )
    own[: head_model().steps[number].shape[1]] = True
    return np.flatnonzero(own)
