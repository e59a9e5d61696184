"""Hair on the scalp and beards: where it grows (soft hairlines), and styles made of guides that clumps of strands follow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.synthesis.strands import Strands, Surface, along_surface, parabola, unit
from annotator.synthesis.subject import Subject

Floats = NDArray[np.float64]
GUIDES = 1400


@dataclass(frozen=True)
class Style:
    """A cut: length and its spread in mm, strands at full detail, how it falls and curls.

    `back`, `down`, `side`, `out` weigh the directions of growth; `lift` mm stands off the skin; `curl` mm and turns.
    """

    length: float
    count: int
    back: float = 1.0
    down: float = 0.2
    side: float = 0.0
    out: float = 0.1
    lift: float = 5.0
    curl: float = 0.0
    turns: float = 0.0
    clump: float = 0.5
    width: float = 0.11


STYLES: dict[str, Style | None] = {
    "bald": None,
    "buzz": Style(3.5, 26000, out=0.9, lift=4.0, width=0.06, clump=0.0),
    "receding": Style(26.0, 20000, back=1.0, out=0.2, lift=5.0),
    "short": Style(30.0, 24000, back=-0.4, side=0.5, out=0.2, lift=7.0),
    "swept": Style(85.0, 26000, back=1.0, side=0.25, lift=7.0),
    "medium": Style(150.0, 26000, back=0.45, down=0.9, side=1.0, lift=11.0),
    "long": Style(290.0, 26000, back=0.45, down=1.2, side=1.0, lift=12.0),
    "fringe": Style(66.0, 26000, back=-0.55, down=0.9, side=0.25, lift=11.0),
    "curly": Style(
        90.0, 24000, back=0.3, down=0.5, side=0.4, out=0.8, lift=26.0, curl=4.5, turns=4.0, clump=0.8
    ),
    "afro": Style(55.0, 30000, back=0.0, down=0.0, out=1.6, lift=48.0, curl=3.0, turns=5.0, clump=0.7),
}


def _wave(x: Floats, seed: int) -> Floats:
    phase = np.random.default_rng([seed, 77]).uniform(0, 6.28, 4)
    return np.asarray(
        2.2 * np.sin(x * 0.21 + phase[0])
        + 1.3 * np.sin(x * 0.47 + phase[1])
        + 0.8 * np.sin(x * 1.1 + phase[2])
    )


def scalp_weight(rest: Floats, subject: Subject) -> Floats:
    """Density 0..1 of scalp hair a vertex: fades over about a centimetre at the hairline."""
    x, side = np.abs(rest[:, 0]), rest[:, 0]
    recess = subject.traits["hairline_recess"]
    line = (
        799.0
        + subject.traits["hairline"]
        + recess * np.exp(-(((x - 38) / 16) ** 2))
        - 5 * np.exp(-((x / 12) ** 2))
    )
    if subject.hair_style == "receding":
        line = line + 14.0 + 16.0 * np.exp(-(((x - 34) / 20) ** 2))
    line = line + _wave(side, subject.seed) - 1.55 * np.maximum(0, 92.0 - rest[:, 2])
    soft = 6.0 + 5.0 * subject.traits["hair_frizz"]
    ear = (x > 66) & (rest[:, 1] < 752) & (rest[:, 2] < 58) & (rest[:, 2] > 5)
    nape = np.clip((rest[:, 1] - 648) / 12, 0, 1)
    weight = np.clip((rest[:, 1] - line + 0.35 * soft) / soft, 0, 1) * nape * ~ear
    return np.asarray(weight if STYLES[subject.hair_style] is not None else 0.0 * weight)


def beard_weight(rest: Floats, lip: Floats, subject: Subject) -> Floats:
    """Density 0..1 of the beard area a vertex for the subject's beard style (also where shaved)."""
    x = np.abs(rest[:, 0])
    top = np.interp(x, [0, 24, 40, 55, 64, 74], [640, 662, 676, 688, 706, 732]) + 0.6 * _wave(
        rest[:, 0], subject.seed + 1
    )
    cheek = np.clip((top - rest[:, 1]) / 9 + 0.3, 0, 1) * np.clip((rest[:, 2] - 16) / 14, 0, 1)
    cheek = cheek * np.clip((rest[:, 1] - 592) / 18, 0, 1)
    lip_band = (
        np.clip((24 - x) / 8, 0, 1)
        * np.clip((680 - rest[:, 1]) / 4, 0, 1)
        * np.clip((rest[:, 1] - 661) / 4, 0, 1)
    )
    moustache = lip_band * (rest[:, 2] > 120)
    chin = (
        np.clip((27 - x) / 9, 0, 1)
        * np.clip((652 - rest[:, 1]) / 6, 0, 1)
        * np.clip((rest[:, 1] - 598) / 10, 0, 1)
    )
    chin = chin * (rest[:, 2] > 90)
    off_lip = np.clip((1.2 - lip) / 1.2, 0, 1)
    parts = {"goatee": np.maximum(chin, moustache), "moustache": moustache}
    area = parts.get(subject.beard_style, np.maximum(cheek, np.maximum(0.9 * moustache, chin)))
    return np.asarray(area * off_lip)


def scalp_hair(
    surface: Surface, weight: Floats, subject: Subject, rng: np.random.Generator, detail: float
) -> list[Strands]:
    """Strands of the subject's style; `detail` scales their number (fewer are drawn wider)."""
    style = STYLES[subject.hair_style]
    if style is None:
        return []
    points, normals, _ = surface.sample(weight, int(style.count * detail), rng)
    if subject.hair_style == "buzz":
        direction = along_surface(
            np.stack([0.001 * points[:, 0], np.full(len(points), -0.3), rng.normal(-1, 0.5, len(points))], 1),
            normals,
        )
        length = style.length * rng.uniform(0.5, 1.2, len(points))
        curves = parabola(points, 0.5 * direction + 0.9 * normals, 0.25 * direction, length, 4)
        return [Strands(curves, np.full(len(points), style.width / np.sqrt(detail)))]
    guides = _grow(surface, weight, style, subject, rng)
    nearest = cKDTree(guides[:, 0]).query(points, k=2)[1]
    pick = np.where(rng.random(len(points)) < 0.8, nearest[:, 0], nearest[:, 1])
    t = np.linspace(0, 1, guides.shape[1])[None, :, None]
    path = guides[pick] - guides[pick, :1]
    gather = (guides[pick, 0] - points)[:, None] * (
        style.clump * t**0.7 * rng.uniform(0.3, 1.0, (len(points), 1, 1))
    )
    frizz = (
        subject.traits["hair_frizz"]
        * rng.normal(0, 1, (len(points), 1, 3))
        * (0.6 + 0.03 * style.length)
        * t**1.3
    )
    length = rng.uniform(0.8, 1.06, (len(points), 1, 1))
    curves = points[:, None] + path * length + gather + frizz
    under = guides[rng.random(len(guides)) < 0.9] + rng.normal(0, 0.8, (1, 1, 3))
    inner = Strands(
        under,
        (0.25 + 0.75 * (1 - detail)) * (0.3 if style.turns else 1.0) * rng.uniform(3.0, 9.0, len(under)),
        taper=0.9,
        tone=0.5,
    )
    return [inner, Strands(curves, np.full(len(points), style.width / detail**0.6), taper=0.6)]


def _grow(
    surface: Surface,
    weight: Floats,
    style: Style,
    subject: Subject,
    rng: np.random.Generator,
    steps: int = 12,
) -> Floats:
    """Guides (g, steps + 1, 3) that walk over the head, held off the skin, then fall."""
    roots, normal, rest = surface.sample(weight, GUIDES, rng)
    tree = cKDTree(surface.points)
    part = 25.0 * subject.traits["hair_part"]
    side = np.sign(rest[:, :1] - part) * np.clip(np.abs(rest[:, :1] - part) / 12, 0, 1)
    wish = (
        side * [[style.side, 0, 0]]
        + np.array([0, -style.down, -style.back])
        + rng.normal(0, 0.12, roots.shape)
    )
    lift = style.lift * subject.traits["hair_volume"] * rng.uniform(0.25, 1.0, (len(roots), 1))
    edge = np.clip(tree_weight(tree, weight, roots) * 1.5, 0.25, 1)[:, None]
    stride = style.length * rng.uniform(0.75, 1.05, (len(roots), 1)) * (0.35 + 0.65 * edge) / steps
    spin = rng.uniform(0, 6.28, (len(roots), 1))
    at, path = roots, [roots]
    heading = along_surface(wish, normal)
    for step in range(steps):
        share = (step + 1) / steps
        heading = unit(
            heading + 0.22 * wish + style.out * normal * 0.3 + np.array([0, -0.5 * style.down * share, 0])
        )
        moved = at + heading * stride
        distance, nearest = tree.query(moved)
        normal = surface.normals[nearest]
        above = ((moved - surface.points[nearest]) * normal).sum(1, keepdims=True)
        room = lift * min(1.0, 2.5 * share)
        hold = np.where(distance[:, None] < 45, np.maximum(room - above, 0) * 0.8, 0)
        drop = np.where((distance[:, None] < 30) & (style.out < 0.5), np.minimum(room - above, 0) * 0.5, 0)
        at = moved + normal * (hold + drop)
        heading = unit(at - path[-1])
        turn = spin + 6.28 * style.turns * share
        curl = (
            style.curl
            * min(1.0, 2 * share)
            * np.concatenate([np.cos(turn), np.sin(turn), np.cos(turn + 1.6)], 1)
        )
        path.append(at + curl)
    guides = np.stack(path, 1)
    clear = ~_hides_face(guides, subject.hair_style == "fringe")
    return guides[clear] if clear.any() else guides


def _hides_face(guides: Floats, fringe: bool) -> NDArray[np.bool_]:
    """Guides (g,) that fall before eyes, nose or mouth; a fringe may cover the brows."""
    x, y, z = np.abs(guides[..., 0]), guides[..., 1], guides[..., 2]
    return np.asarray(((x < 56 + 0.1 * y) & (y < (12 if fringe else 34)) & (y > -125) & (z > -45)).any(1))


def tree_weight(tree: cKDTree, weight: Floats, points: Floats) -> Floats:
    """`weight` of the vertex nearest to each point."""
    return np.asarray(weight[tree.query(points)[1]])


def beard_hair(
    surface: Surface, weight: Floats, subject: Subject, rng: np.random.Generator, detail: float
) -> list[Strands]:
    """Strands of the beard style; none for a shaved or merely shadowed face."""
    lengths = {"stubble": 1.4, "short": 6.0, "full": 20.0, "goatee": 9.0, "moustache": 8.0}
    counts = {"stubble": 9000, "short": 9000, "full": 10000, "goatee": 3500, "moustache": 1700}
    if subject.beard_style not in lengths:
        return []
    points, normals, rest = surface.sample(weight, int(counts[subject.beard_style] * detail), rng)
    down = np.stack(
        [
            0.35 * np.sign(rest[:, 0]) * np.clip(np.abs(rest[:, 0]) / 20, 0, 1),
            -1 + 0 * rest[:, 0],
            0.15 + 0 * rest[:, 0],
        ],
        1,
    )
    direction = along_surface(down + rng.normal(0, 0.3, down.shape), normals)
    length = lengths[subject.beard_style] * rng.uniform(0.5, 1.1, len(points))
    rise = 0.55 + rng.normal(0, 0.12, (len(points), 1))
    curves = parabola(points, 0.8 * direction + rise * normals, 0.3 * direction - 0.25 * normals, length, 5)
    return [Strands(curves, np.full(len(points), 0.085 / np.sqrt(detail)))]
