"""Area lights and ambient light, and the named set-ups that a look chooses from. Millimetres, linear RGB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MAX_LIGHTS = 5
TARGET = np.array([0.0, -20.0, 20.0])


@dataclass(frozen=True)
class AreaLight:
    """A rectangle of constant radiance: centre, unit axes u and v, half sizes, radiance `colour` (3,)."""

    centre: Floats
    u: Floats
    v: Floats
    half: tuple[float, float]
    colour: Floats

    @property
    def normal(self) -> Floats:
        """Unit normal of the rectangle."""
        return np.cross(self.u, self.v)

    @property
    def area(self) -> float:
        """Square millimetres."""
        return 4 * self.half[0] * self.half[1]

    @property
    def is_on(self) -> bool:
        """False for the dark lights that fill a set-up."""
        return bool(self.colour.max() > 0)

    def samples(self, side: int) -> Iterator[Floats]:
        """Centres of side x side tiles of the rectangle."""
        steps = (np.arange(side) + 0.5) / side * 2 - 1
        for a in steps:
            for b in steps:
                yield self.centre + a * self.half[0] * self.u + b * self.half[1] * self.v


@dataclass(frozen=True)
class Lighting:
    """`MAX_LIGHTS` area lights (some dark), sky and ground colour, and how sharp highlights are (1 full, 0 polarised)."""

    lights: tuple[AreaLight, ...]
    sky: Floats
    ground: Floats
    gloss: float

    @property
    def lights_on(self) -> int:
        """How many lights shine; they come before the dark ones."""
        return sum(light.is_on for light in self.lights)

    def ambient_towards(self, directions: Floats) -> Floats:
        """Ambient radiance (n, 3) seen along unit `directions` (n, 3)."""
        up = (0.5 + 0.5 * directions[:, 1])[:, None]
        return np.asarray(self.ground * (1 - up) + self.sky * up)


def area_light(
    yaw: float, pitch: float, distance: float, half: tuple[float, float], irradiance: float, tint: Floats
) -> AreaLight:
    """A light aimed at the face from `yaw`, `pitch` degrees that would light a facing surface by `irradiance`."""
    y, p = np.radians([yaw, pitch])
    centre = TARGET + distance * np.array([np.sin(y) * np.cos(p), np.sin(p), np.cos(y) * np.cos(p)])
    normal = (TARGET - centre) / distance
    u = np.cross([0.0, 1.0, 0.0], normal)
    u /= max(float(np.linalg.norm(u)), 1e-6)
    radiance = irradiance * (distance**2 / (4 * half[0] * half[1]) + 1.0)
    return AreaLight(centre, u, np.cross(normal, u), half, radiance * tint)


def _tint(rng: np.random.Generator, spread: float) -> Floats:
    warm = rng.normal(0, spread)
    return np.array([1 + warm, 1 + 0.15 * rng.normal(0, spread), 1 - warm])


def _softboxes(rng: np.random.Generator) -> list[AreaLight]:
    side = float(rng.choice([-1, 1]))

    def wobble(spread: float) -> float:
        return float(rng.normal(0, spread))

    return [
        area_light(
            side * (40 + wobble(9)),
            28 + wobble(9),
            1700,
            (250, 380),
            2.3 * np.exp(wobble(0.15)),
            _tint(rng, 0.03),
        ),
        area_light(
            -side * (48 + wobble(9)),
            12 + wobble(8),
            1800,
            (300, 420),
            0.9 * np.exp(wobble(0.4)),
            _tint(rng, 0.03),
        ),
        area_light(wobble(8), 58 + wobble(7), 1700, (450, 220), 0.8 * np.exp(wobble(0.35)), _tint(rng, 0.02)),
        area_light(
            side * (128 + wobble(9)), 20, 1900, (250, 600), 1.1 * np.exp(wobble(0.4)), _tint(rng, 0.04)
        ),
        area_light(
            -side * (128 + wobble(9)), 20, 1900, (250, 600), 1.1 * np.exp(wobble(0.4)), _tint(rng, 0.04)
        ),
    ]


def _single_key(rng: np.random.Generator) -> list[AreaLight]:
    size = float(np.exp(rng.uniform(np.log(40), np.log(500))))
    yaw, pitch = rng.choice([-1, 1]) * rng.uniform(10, 85), rng.uniform(-8, 62)
    return [area_light(yaw, pitch, 1600, (size, size * rng.uniform(0.7, 1.6)), 3.4, _tint(rng, 0.08))]


def _flat(rng: np.random.Generator) -> list[AreaLight]:
    yaws = (-60, -20, 20, 60)
    lights = [
        area_light(yaw + rng.normal(0, 4), rng.normal(8, 8), 1600, (420, 650), 0.85, _tint(rng, 0.01))
        for yaw in yaws
    ]
    return [*lights, area_light(0, 62, 1700, (500, 300), 0.6, _tint(rng, 0.01))]


def _even(rng: np.random.Generator) -> list[AreaLight]:
    """Two large soft lights from the front and a weak hair light: passport and catalogue pictures."""
    yaw, pitch = rng.uniform(15, 45), rng.uniform(5, 30)
    balance = rng.uniform(0.75, 1.25)
    return [
        area_light(yaw, pitch, 1500, (500, 600), 1.2 * balance, _tint(rng, 0.03)),
        area_light(-yaw, pitch, 1500, (500, 600), 1.2 / balance, _tint(rng, 0.03)),
        area_light(rng.normal(0, 60), 70, 1800, (400, 250), rng.uniform(0.1, 0.7), _tint(rng, 0.03)),
    ]


def _ring_light(rng: np.random.Generator) -> list[AreaLight]:
    distance, pitch = rng.uniform(650, 1200), rng.uniform(-6, 14)
    radius = rng.uniform(110, 220)
    lights = []
    for angle in (45, 135, 225, 315):
        dx, dy = np.degrees(radius / distance) * np.array(
            [np.cos(np.radians(angle)), np.sin(np.radians(angle))]
        )
        lights.append(
            area_light(
                float(dx), pitch + float(dy), distance, (0.5 * radius, 0.5 * radius), 0.8, _tint(rng, 0.02)
            )
        )
    return lights


def _flash(rng: np.random.Generator) -> list[AreaLight]:
    return [
        area_light(
            rng.normal(0, 6), rng.uniform(0, 16), rng.uniform(900, 1800), (25, 18), 3.4, _tint(rng, 0.03)
        )
    ]


def _window(rng: np.random.Generator) -> list[AreaLight]:
    side = rng.choice([-1, 1])
    cool, warm = np.array([0.93, 1.0, 1.1]), np.array([1.12, 1.0, 0.8])
    return [
        area_light(side * rng.uniform(35, 100), rng.uniform(0, 30), 1500, (500, 800), 2.6, cool),
        area_light(
            -side * rng.uniform(30, 140), rng.uniform(10, 60), 2200, (120, 120), rng.uniform(0.1, 0.9), warm
        ),
    ]


def _daylight(rng: np.random.Generator) -> list[AreaLight]:
    sun = area_light(
        rng.uniform(-170, 170), rng.uniform(18, 70), 9000, (60, 60), rng.uniform(0.6, 3.6), _tint(rng, 0.1)
    )
    bounce = area_light(
        rng.uniform(-90, 90), rng.uniform(-40, 20), 2500, (900, 900), rng.uniform(0.1, 0.8), _tint(rng, 0.15)
    )
    return [sun, bounce]


def _mixed(rng: np.random.Generator) -> list[AreaLight]:
    lights = []
    for _ in range(int(rng.integers(2, 6))):
        half = (float(rng.uniform(40, 600)), float(rng.uniform(40, 600)))
        power = float(np.exp(rng.normal(0, 0.7)))
        lights.append(
            area_light(
                rng.uniform(-150, 150),
                rng.uniform(-25, 75),
                rng.uniform(900, 2500),
                half,
                power,
                _tint(rng, 0.16),
            )
        )
    return lights


SETUPS: dict[str, tuple[Callable[[np.random.Generator], list[AreaLight]], tuple[float, float], float]] = {
    "softboxes": (_softboxes, (0.12, 0.30), 1.0),
    "single_key": (_single_key, (0.06, 0.40), 1.0),
    "flat": (_flat, (0.15, 0.35), 0.25),
    "even": (_even, (0.25, 0.8), 0.9),
    "ring_light": (_ring_light, (0.10, 0.35), 1.0),
    "flash": (_flash, (0.10, 0.40), 1.0),
    "window": (_window, (0.10, 0.40), 1.0),
    "daylight": (_daylight, (0.35, 0.95), 0.9),
    "mixed": (_mixed, (0.10, 0.60), 1.0),
}
"""Set-ups by name: how to place the lights, range of the ambient light, gloss."""


def make_lighting(name: str, rng: np.random.Generator) -> Lighting:
    """A random instance of a named set-up."""
    place, (low, high), gloss = SETUPS[name]
    lights = place(rng)
    dark = AreaLight(
        np.array([0, 0, 5e3]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]), (1.0, 1.0), np.zeros(3)
    )
    level = rng.uniform(low, high)
    sky = level * rng.uniform(0.9, 1.1) * _tint(rng, 0.06)
    ground = level * rng.uniform(0.35, 0.95) * _tint(rng, 0.08)
    return Lighting(
        (*lights, *[dark] * (MAX_LIGHTS - len(lights))), sky, ground, gloss * float(rng.uniform(0.8, 1.1))
    )
