"""Hair as a cloud that dims light: shadows of strands on skin and on each other, without a ray a strand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from annotator.studio.hair.strands import Strands, unit
from annotator.studio.light.lighting import AreaLight, Lighting

Floats = NDArray[np.float64]
CELL_MM = 6.0
_STEPS_MM = ((5.0, 5.0), (11.0, 8.0), (20.0, 12.0), (34.0, 16.0))
"""Distance and length of the stretches along which light is followed."""
_HEAD_MIDDLE = np.array([0.0, 30.0, -75.0])


class HairVolume:
    """Share of light that hair takes a millimetre, in cells of `CELL_MM`, from the area that strands show."""

    def __init__(self, groups: Sequence[Strands]) -> None:
        self._density: Floats | None = None
        filled = [group for group in groups if len(group.curves)]
        if not filled:
            return
        middles = [0.5 * (g.curves[:, 1:] + g.curves[:, :-1]) for g in filled]
        areas = [
            np.linalg.norm(np.diff(g.curves, axis=1), axis=2) * g.width[:, None] * (1 - 0.5 * g.taper)
            for g in filled
        ]
        points = np.concatenate([middle.reshape(-1, 3) for middle in middles])
        area = np.concatenate([part.ravel() for part in areas])
        self._low = points.min(0) - 3 * CELL_MM
        count = np.ceil((points.max(0) - self._low) / CELL_MM).astype(int) + 3
        cell = ((points - self._low) / CELL_MM).astype(int)
        flat = np.bincount(np.ravel_multi_index(tuple(cell.T), tuple(count)), area, int(np.prod(count)))
        self._density = gaussian_filter(flat.reshape(count) / CELL_MM**3, 0.6)

    def through(self, points: Floats, towards: Floats) -> Floats:
        """Share of light (n,) that reaches `points` (n, 3) along unit directions `towards` (n, 3)."""
        if self._density is None:
            return np.ones(len(points))
        passed = np.zeros(len(points))
        for distance, length in _STEPS_MM:
            at = (points + distance * towards - self._low) / CELL_MM - 0.5
            passed += length * map_coordinates(self._density, at.T, order=1, mode="constant")
        return np.asarray(np.exp(-0.5 * passed))

    def light(self, points: Floats, light: AreaLight) -> Floats:
        """Share of an area light's rays (n,) that hair lets pass to `points`."""
        return self.through(points, unit(light.centre - points))

    def sky(self, points: Floats) -> Floats:
        """Share of ambient light (n,) that hair lets pass, judged upwards and away from the head."""
        if self._density is None:
            return np.ones(len(points))
        up = np.broadcast_to(np.array([0.0, 1.0, 0.0]), points.shape)
        return 0.35 * self.through(points, up) + 0.65 * self.through(points, unit(points - _HEAD_MIDDLE))

    def strongest(self, points: Floats, lighting: Lighting) -> Floats:
        """Share of the two strongest lights (n,) that reaches `points` within the hair."""
        power = {
            n: float(light.colour.mean() * light.area / (light.centre @ light.centre))
            for n, light in enumerate(lighting.lights)
            if light.is_on
        }
        if self._density is None or not power:
            return np.ones(len(points))
        first = sorted(power, key=lambda n: power[n], reverse=True)[:2]
        total = sum(power[n] for n in first)
        shares = [power[n] / total * self.light(points, lighting.lights[n]) for n in first]
        return np.asarray(np.sum(shares, 0))
