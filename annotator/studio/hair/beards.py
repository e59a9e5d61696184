"""Beards and moustaches: where they grow, how long, how combed. Roots stay above and below the border of the lips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.hair.hair import wander
from annotator.studio.hair.scalp import wavy
from annotator.studio.hair.strands import Strands, Surface, along_surface, parabola
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_POINTS = 7
_BORDER_X = (0.0, 5.0, 12.0, 20.0, 26.7, 34.0)
_BORDER_Y = (670.5, 671.9, 670.0, 665.5, 660.5, 655.0)
"""Upper border of the lips on the resting face."""


@dataclass(frozen=True)
class Beard:
    """Length in mm and strands at full detail of each area of the face; `rise` off the skin."""

    length: float
    count: int
    areas: tuple[str, ...]
    rise: float = 0.55


@dataclass(frozen=True)
class Moustache:
    """`length` mm; `over` how far past the lip border hairs may hang, in shares of the way to it; `height` mm of the band
    (0: up to the nose); `sweep` turns hairs sideways; `curl` bends tips up; `reach` mm past the corners of the mouth."""

    length: float
    count: int
    over: float = 1.0
    height: float = 0.0
    sweep: float = 0.3
    curl: float = 0.0
    reach: float = 27.0
    strips: bool = False


_ALL = ("cheek", "chin", "neck")
BEARDS: dict[str, Beard] = {
    "stubble": Beard(1.7, 21000, _ALL),
    "short": Beard(6.0, 18000, _ALL),
    "full": Beard(17.0, 20000, _ALL, 0.4),
    "long": Beard(46.0, 20000, _ALL, 0.35),
    "goatee": Beard(10.0, 3400, ("chin",)),
    "circle": Beard(7.0, 4200, ("chin", "strips")),
    "chinstrap": Beard(5.0, 4200, ("jaw",)),
    "mutton": Beard(14.0, 8000, ("sides",), 0.5),
    "soul": Beard(6.0, 350, ("soul",)),
}
MOUSTACHES: dict[str, Moustache] = {
    "stubble": Moustache(1.6, 3200),
    "pencil": Moustache(3.5, 2600, 0.9, height=6.0, sweep=0.7, reach=25.0),
    "natural": Moustache(7.0, 4200, 1.05),
    "chevron": Moustache(12.0, 4800, 1.7, sweep=0.2),
    "walrus": Moustache(19.0, 4200, 2.6, sweep=0.25, reach=31.0),
    "handlebar": Moustache(21.0, 3200, 1.2, sweep=2.2, curl=0.55, reach=28.0),
    "horseshoe": Moustache(8.0, 3600, 1.1, strips=True, reach=31.0),
}


def _clip(values: Floats) -> Floats:
    return np.asarray(np.clip(values, 0, 1))


def _above_lips(rest: Floats) -> Floats:
    """Millimetres (n,) above the upper border of the resting lips."""
    return np.asarray(rest[:, 1] - np.interp(np.abs(rest[:, 0]), _BORDER_X, _BORDER_Y))


def _areas(rest: Floats, seed: int) -> dict[str, Floats]:
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    edge = wavy(rest[:, 0], seed + 1)
    top = np.interp(x, [0, 24, 40, 55, 64, 74], [640, 655, 664, 675, 695, 730]) + 0.6 * edge
    top = top + np.clip(np.random.default_rng([seed, 81]).normal(2.0, 4.0), -5.0, 9.0) * _clip((x - 24) / 12)
    throat = np.interp(z, [16, 50, 80, 105, 125], [672, 648, 624, 604, 592]) + 0.8 * edge
    cheek = _clip((top - y) / 9 + 0.3) * _clip((z - 16) / 14) * _clip((y - throat) / 14)
    chin = _clip((27 - x) / 9) * _clip((652 - y) / 6) * _clip((y - throat) / 20) * _clip((z - 82) / 16)
    low = np.interp(x, [0, 30, 50, 62, 74], [628, 636, 655, 690, 732])
    return {
        "cheek": cheek,
        "chin": chin,
        "neck": 0.6 * _clip((618 - y) / 12) * _clip((y - throat + 6) / 14) * _clip((z - 70) / 15) * _clip((62 - x) / 8),
        "jaw": cheek * _clip((low - y) / 4 + 0.5),
        "sides": cheek * _clip((x - 24) / 6),
        "soul": _clip((5.5 - x) / 2) * _clip((649 - y) / 2) * _clip((y - 638) / 3) * (z > 120),
        "strips": _clip((35 - x) / 3) * _clip((x - 26) / 2.5) * _clip((668 - y) / 4) * _clip((y - 634) / 5) * (z > 90),
    }  # fmt: skip


def _off_lips(lip: Floats, subject: Subject) -> Floats:
    """1 away from the lips, 0 on them: hair keeps off the border that is drawn for this subject."""
    return _clip((1.5 - lip - 0.5 * abs(subject.traits["lip_shift"])) / 0.45)


def moustache_weight(rest: Floats, lip: Floats, subject: Subject) -> Floats:
    """Density 0..1 a vertex of the moustache area; `lip` is the ring number round the mouth."""
    kind = MOUSTACHES.get(subject.moustache_style)
    if kind is None and subject.moustache_style != "shadow":
        return np.zeros(len(rest))
    kind = kind or MOUSTACHES["natural"]
    x, y, z = np.abs(rest[:, 0]), rest[:, 1], rest[:, 2]
    over = _above_lips(rest)
    below_nose = _clip((679.5 + 0.42 * np.minimum(x, 20) - y) / 2.0)
    top = _clip((np.interp(x, [0, 8, 18, 28], [15.0, 13.0, 9.0, 5.0]) - over) / 2.5)
    band = _clip((over + 0.5) / 1.2) * below_nose * top * _clip((kind.reach + 2 - x) / 5) * (z > 112)
    if kind.height:
        band = band * _clip((kind.height - over) / 1.2)
    gap = 0.75 * subject.traits["beard_order"] * np.exp(-((x / 3.0) ** 2))
    area = band * (1 - gap) * (0.75 + 0.1 * wavy(y * 3, subject.seed + 9))
    if kind.strips:
        area = np.maximum(area, _areas(rest, subject.seed)["strips"])
    return np.asarray(_clip(area) * _off_lips(lip, subject))


def beard_weight(rest: Floats, lip: Floats, subject: Subject) -> Floats:
    """Density 0..1 a vertex of the beard without the moustache (also where shaved)."""
    kind = BEARDS.get(subject.beard_style)
    if kind is None and subject.beard_style != "shadow":
        return np.zeros(len(rest))
    areas = _areas(rest, subject.seed)
    names = kind.areas if kind else ("cheek", "chin", "neck")
    area = np.maximum.reduce([areas[name] for name in names])
    patchy = 1 - 0.55 * (1 - subject.traits["beard_order"]) * _clip(
        0.5 + 0.35 * wavy(rest @ [0.5, 0.9, 0.7], subject.seed)
    )
    return np.asarray(area * patchy * _off_lips(lip, subject))  # fmt: skip


def beard_depth(subject: Subject) -> float:
    """How much skin long hairs hide, 0 (shaved or stubble) .. 1, for the colour under them."""
    beard, moustache = BEARDS.get(subject.beard_style), MOUSTACHES.get(subject.moustache_style)
    longest = max(beard.length if beard else 0.0, moustache.length if moustache else 0.0)
    return float(np.clip((longest - 2.0) / 10.0, 0, 1) * min(1.0, subject.traits["beard_density"]))


def beard_hair(
    surface: Surface, lip: Floats, subject: Subject, rng: np.random.Generator, detail: float
) -> list[Strands]:
    """Strands of beard and moustache; none for a shaved or merely shadowed face."""
    groups = []
    grey = subject.traits["beard_grey"]
    tone = 1 - 0.45 * grey  # hairs without pigment let much of the skin's colour through
    density = subject.traits["beard_density"] * (1 + 0.4 * grey)
    lip_hair, cheek_hair = MOUSTACHES.get(subject.moustache_style), BEARDS.get(subject.beard_style)
    if cheek_hair is not None:
        share, width = _share_and_width(cheek_hair.length, detail)
        weight = beard_weight(surface.rest, lip, subject)
        points, normals, rest = surface.sample(weight, int(cheek_hair.count * density * share), rng)
        curves = _cheek_curves(points, normals, rest, cheek_hair, subject, rng)
        thin = rng.uniform(0.55, 1.15, len(curves))
        groups.append(Strands(_outside(curves, surface), width * thin, tone=tone))
    if lip_hair is not None:
        share, width = _share_and_width(lip_hair.length, detail)
        weight = moustache_weight(surface.rest, lip, subject)
        points, normals, rest = surface.sample(weight, int(lip_hair.count * density * share), rng)
        curves = _moustache_curves(points, normals, rest, lip_hair, rng)
        thin = rng.uniform(0.55, 1.15, len(curves))
        groups.append(Strands(_outside(curves, surface), width * thin, tone=tone))
    return [group for group in groups if len(group.curves)]


def _share_and_width(length: float, detail: float) -> tuple[float, float]:
    """Share of the hairs to draw and their width in mm: fewer hairs are drawn wider, but not short ones so much that
    stubble turns into dots."""
    if length < 4.0:
        detail = detail**0.6
    return detail, 0.095 / detail**0.9


def _cheek_curves(
    points: Floats, normals: Floats, rest: Floats, kind: Beard, subject: Subject, rng: np.random.Generator
) -> Floats:
    outwards = 0.35 * np.sign(rest[:, 0]) * np.clip(np.abs(rest[:, 0]) / 20, 0, 1)
    chin = np.clip((30 - np.abs(rest[:, 0])) / 20, 0, 1)
    down = np.stack([outwards * (1 - chin), np.full(len(rest), -1.0), 0.15 + 0.25 * chin], 1)
    disorder = 0.32 - 0.2 * subject.traits["beard_order"]
    direction = along_surface(down + rng.normal(0, disorder, down.shape), normals)
    length = kind.length * rng.uniform(0.55, 1.1, len(points)) * (0.7 + 0.45 * chin)
    length = length * np.interp(rest[:, 1], [600, 622, 645, 668, 690, 720], [0.25, 1.0, 0.9, 0.55, 0.3, 0.2])
    sides = min(1.0, kind.length / 30)  # a long beard narrows towards its tip
    length = length * (1 - sides * np.interp(np.abs(rest[:, 0]), [15, 40, 60], [0.0, 0.45, 0.75]))
    length = np.maximum(length, 1.2)
    rise = kind.rise + rng.normal(0, 0.1, (len(points), 1))
    bend = 0.3 * direction - 0.25 * normals + np.array([0.0, -0.25, 0.0]) * min(1.0, kind.length / 20)
    curves = parabola(points, 0.8 * direction + rise * normals, bend, length, _POINTS)
    t = np.linspace(0, 1, _POINTS)[None, :, None]
    curly = 0.05 + 0.06 * subject.traits["hair_frizz"]
    curves += wander(len(points), _POINTS, rng) * (curly * length[:, None, None] * t)
    tufts = rng.choice(len(points), max(1, len(points) // 9), replace=False)
    nearest = tufts[cKDTree(rest[tufts]).query(rest)[1]]
    gather = 0.5 * min(1.0, kind.length / 20.0)
    return np.asarray(curves + (curves[nearest, -1] - curves[:, -1])[:, None] * (gather * t**1.5))


def _moustache_curves(
    points: Floats, normals: Floats, rest: Floats, kind: Moustache, rng: np.random.Generator
) -> Floats:
    """Hairs fall from the middle to the sides; their tips end about where the style lets them, seen from the lip border."""
    x = rest[:, 0]
    sideways = np.sign(x) * (0.12 + 0.9 * np.clip(np.abs(x) / 24, 0, 1)) * (0.4 + kind.sweep)
    wish = np.stack([sideways, np.full(len(x), -1.0), np.full(len(x), 0.1)], 1)
    direction = along_surface(wish + rng.normal(0, 0.2, wish.shape), normals)
    drop = np.maximum(_above_lips(rest), 0.0) * kind.over + 1.6
    steep = np.maximum(np.abs(direction[:, 1]), 0.25)
    length = np.minimum(
        kind.length * rng.uniform(0.6, 1.1, len(x)), drop / steep * rng.uniform(0.75, 1.15, len(x))
    )
    length = np.maximum(length, 1.2)  # fmt: skip
    up = kind.curl * np.clip((np.abs(x) - 8) / 12, 0, 1)
    bend = -0.16 * normals + np.stack([0 * x, up, 0 * x], 1)
    rise = 0.4 + rng.normal(0, 0.08, (len(x), 1))
    return parabola(points, 0.9 * direction + rise * normals, bend, length, _POINTS)


def _outside(curves: Floats, surface: Surface, clearance: float = 0.25) -> Floats:
    """Curves lifted out of the skin where they would pass through lips or chin."""
    if not len(curves):
        return curves
    flat = curves[:, 1:].reshape(-1, 3)
    nearest = cKDTree(surface.points).query(flat)[1]
    normal = surface.normals[nearest]
    above = ((flat - surface.points[nearest]) * normal).sum(1, keepdims=True)
    flat = flat + normal * np.clip(clearance - above, 0, 3.0)
    return np.concatenate([curves[:, :1], flat.reshape(len(curves), -1, 3)], 1)
