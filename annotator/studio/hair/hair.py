"""Strands of scalp hair: guides grow over the head and past the face, locks wind round them, strands follow the locks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.hair.hair_styles import STYLES, Style
from annotator.studio.hair.scalp import fullness, parting
from annotator.studio.hair.strands import Strands, Surface, along_surface, parabola, unit
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_STEPS = 12
_PER_TURN = 10
_PER_TURN_FINE = 13
_MOST_POINTS = 110
_BELOW_EARS_MM = (35.0, 65.0)
_RIM_MM = 10.0
_RIM_COUNT = 7000


def scalp_hair(
    surface: Surface, weight: Floats, subject: Subject, rng: np.random.Generator, detail: float
) -> list[Strands]:
    """Strands of the subject's style on `surface` (for an afro, on the body of hair); `detail` scales their number
    (fewer are drawn wider)."""
    style = STYLES[subject.hair_style]
    if style is None or weight.max(initial=0.0) <= 0:
        return []
    style = replace(style, length=style.length * subject.traits["hair_length"])
    if subject.headwear in ("beanie", "cap") and style.fill < 1.0:  # pressed to the head
        style = replace(style, lift=min(3.0, 0.4 * style.lift), out=0.3 * style.out)
    if subject.hair_style == "buzz":
        return _buzz(surface, weight, style, rng, detail)
    points, _, _ = surface.sample(weight, int(style.count * detail), rng)
    paths, depth = _grow(surface, weight, style, subject, rng)
    locks = wound(paths, style, rng, _PER_TURN_FINE if detail > 0.5 else _PER_TURN)
    nearest = cKDTree(paths[:, 0]).query(points, k=2)[1]
    pick = np.where(rng.random(len(points)) < 0.85, nearest[:, 0], nearest[:, 1])
    t = np.linspace(0, 1, locks.shape[1])[None, :, None]
    gather = (paths[pick, 0] - points)[:, None] * (
        style.clump * t**0.7 * rng.uniform(0.5, 1.0, (len(points), 1, 1))
    )
    loose = np.where(rng.random(len(points)) < style.stray, 3.0, 1.0) * subject.traits["hair_frizz"]
    loose *= (1 - 0.85 * style.clump) * (0.5 + 0.014 * style.length)
    length = rng.uniform(*((0.5, 1.4) if style.fill >= 1.0 else (0.8, 1.05)), (len(points), 1, 1))
    curves = points[:, None] + (locks[pick] - locks[pick, :1]) * length + gather
    curves += wander(len(points), locks.shape[1], rng) * (loose[:, None, None] * t)
    lock_tone = np.exp(rng.normal(0, 0.22, len(paths)))
    grey = 1 - 0.25 * subject.traits["grey"]  # strands without pigment let light through
    tone = grey * lock_tone[pick] * (0.5 + 0.5 * depth[pick]) * rng.uniform(0.75, 1.25, len(points))
    return [Strands(curves, np.full(len(points), style.width / detail**0.75), taper=0.6, tone=tone)]


def rim_hair(
    surface: Surface, weight: Floats, inside: Floats, like: Strands, rng: np.random.Generator, detail: float
) -> Strands:
    """Short hairs on the skin near the edge of a deep body of hair, which would end there like a wig; as many points a
    strand as `like`. `inside` (n,): mm from bare skin."""
    near = weight * np.exp(-((inside / _RIM_MM) ** 2))
    roots, normals, _ = surface.sample(near, int(_RIM_COUNT * detail), rng)
    wish = 0.9 * normals + rng.normal(0, 0.45, roots.shape)
    length = rng.uniform(3.0, 9.0, len(roots))
    steps = like.curves.shape[1]
    curves = parabola(roots, unit(wish), rng.normal(0, 0.3, roots.shape), length, steps)
    t = np.linspace(0, 1, steps)[None, :, None]
    curves += 1.2 * t * wander(len(roots), steps, rng)
    tone = rng.uniform(0.5, 1.0, len(roots))
    return Strands(curves, np.full(len(roots), float(like.width[0])), taper=0.6, tone=tone)


def _buzz(
    surface: Surface, weight: Floats, style: Style, rng: np.random.Generator, detail: float
) -> list[Strands]:
    points, normals, _ = surface.sample(weight, int(style.count * detail), rng)
    wish = np.stack([0.001 * points[:, 0], np.full(len(points), -0.3), rng.normal(-1, 0.5, len(points))], 1)
    direction = along_surface(wish, normals)
    length = style.length * rng.uniform(0.5, 1.2, len(points))
    curves = parabola(points, 0.5 * direction + 0.9 * normals, 0.25 * direction, length, 4)
    return [Strands(curves, np.full(len(points), style.width / np.sqrt(detail)))]


def wander(count: int, steps: int, rng: np.random.Generator) -> Floats:
    """Smooth random detours (count, steps, 3) of about unit size that start at zero."""
    t = np.linspace(0, 1, steps)[None, :, None]
    turns, phase = rng.uniform(0.3, 1.5, (count, 1, 3)), rng.uniform(0, 1, (count, 1, 3))
    size = rng.normal(0, 1, (count, 1, 3))
    return np.asarray(size * (np.sin(6.28 * (turns * t + phase)) - np.sin(6.28 * phase)))


def wound(paths: Floats, style: Style, rng: np.random.Generator, per_turn: int = _PER_TURN) -> Floats:
    """Locks (g, k, 3) that wind round `paths` (g, s, 3) with the radius and pitch of the style; finer where they curl."""
    count, steps, _ = paths.shape
    along = np.linalg.norm(np.diff(paths, axis=1), axis=2).sum(1)
    turns = float(np.median(along)) / style.pitch if style.curl else 0.0
    fine = int(np.clip(np.ceil(turns * per_turn) + 1, steps, _MOST_POINTS))
    share = np.linspace(0, steps - 1, fine)
    low = np.minimum(share.astype(int), steps - 2)
    mix = (share - low)[None, :, None]
    lock = paths[:, low] * (1 - mix) + paths[:, low + 1] * mix
    t = np.linspace(0, 1, fine)[None, :, None]
    lock = lock + style.wave * wander(count, fine, rng) * t
    if not style.curl:
        return np.asarray(lock)
    ahead = unit(np.gradient(lock, axis=1))
    helper = np.where(np.abs(ahead[..., 2:]) > 0.9, [0.0, 1.0, 0.0], [0.0, 0.0, 1.0])
    across = unit(np.cross(ahead, helper))
    third = np.cross(ahead, across)
    own = turns * rng.uniform(0.75, 1.3, (count, 1, 1)) * rng.choice([-1.0, 1.0], (count, 1, 1))
    angle = 6.28 * (own * t + rng.uniform(0, 1, (count, 1, 1)))
    radius = style.curl * rng.uniform(0.6, 1.25, (count, 1, 1)) * np.minimum(1, 3 * t) * (1 - 0.25 * t)
    return np.asarray(lock + radius * (np.cos(angle) * across + np.sin(angle) * third))


def _grow(
    surface: Surface, weight: Floats, style: Style, subject: Subject, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Guides (g, steps + 1, 3) that walk over the head, held off the skin, aside of the face, then fall; and how high
    in the body of hair each lies, 0..1 (g,)."""
    roots, normal, rest = surface.sample(weight, style.guides, rng)
    tree = cKDTree(surface.points)
    off = rest[:, :1] - parting(subject)
    side = np.sign(off) * np.clip(np.abs(off) / (4 if style.parted else 12), 0, 1)
    wish = side * [[style.side, 0, 0]] + np.array([0, -style.down, -style.back])
    wish = wish + rng.normal(0, 0.06, roots.shape) + 0.14 * wander_field(rest, subject.seed)
    depth = rng.uniform(0.2, 1.0, len(roots))
    full = fullness(rest, style)[:, None]
    lift = style.lift * subject.traits["hair_volume"] * depth[:, None] * full
    edge = np.clip(weight[tree.query(roots)[1]] * 1.5, 0.25, 1)[:, None]
    stride = style.length * rng.uniform(0.8, 1.05, (len(roots), 1)) * (0.35 + 0.65 * edge) * full / _STEPS
    reach = rng.uniform(0.85, 1.2, len(roots))
    at, path = roots, [roots]
    heading = along_surface(wish, normal)
    for step in range(_STEPS):
        share = (step + 1) / _STEPS
        hangs = np.interp(-at[:, 1:2], _BELOW_EARS_MM, (0.0, 1.0))
        fall = np.array([0, -0.5 * style.down * share, 0]) + hangs * [[0, -0.5, 0]]
        heading = unit(heading + 0.22 * wish * (1 - hangs) + style.out * full**2 * normal * 0.3 + fall)
        moved = at + heading * stride
        distance, nearest = tree.query(moved)
        normal = surface.normals[nearest]
        if style.fill < 1.0:
            above = ((moved - surface.points[nearest]) * normal).sum(1, keepdims=True)
            room = lift * min(1.0, 2.5 * share)
            hold = np.where(distance[:, None] < 45, np.maximum(room - above, 0) * 0.8, 0)
            near = (distance[:, None] < 30) & (style.out < 0.5)
            cling = np.where(near, np.minimum(room - above, 0) * 0.5, 0) * (1 - hangs)
            moved = moved + normal * (hold + cling)
        at = beside_face(moved, side, reach, style, subject)
        heading = unit(at - path[-1])
        path.append(at)
    paths = np.stack(path, 1)
    for _ in range(2):  # a path that was moved aside has a kink there
        paths[:, 1:-1] = (paths[:, :-2] + 2 * paths[:, 1:-1] + paths[:, 2:]) / 4
    return paths, depth


def wander_field(rest: Floats, seed: int) -> Floats:
    """A direction (n, 3) that changes slowly over the head, so that neighbours lie alike."""
    phase = np.random.default_rng([seed, 78]).uniform(0, 6.28, 3)
    waves = [np.sin(rest @ (0.06 * np.roll([1.0, 0.6, -0.8], k)) + phase[k]) for k in range(3)]
    return np.stack(waves, 1)


def beside_face(points: Floats, side: Floats, reach: Floats, style: Style, subject: Subject) -> Floats:
    """Moves `points` (n, 3) that would hang before eyes, nose or mouth to the side of the face that `side` (n, 1) tells,
    `reach` (n,) times as far as usual; a fringe may reach the brows, and hair covers more or less of cheeks and forehead."""
    x, y, z = points[:, 0], points[:, 1], points[:, 2]
    cover = subject.traits["hair_cover"]
    top = (30.0 - 20.0 * cover) if style.fringe else (66.0 - 14.0 * cover)
    if style.curl > 2.0 and not style.fringe:
        top += 12.0  # curls would lie on the forehead as a net
    ramp = 4.0 if style.fringe else 40.0
    half = (58.0 - 9.0 * cover + 0.1 * y) * np.clip((top - y) / ramp, 0, 1) ** 0.6
    free = np.where((z > -45) & (y > -125), half * reach, 0.0)
    way = np.where(np.abs(x) > 6, np.sign(x), np.where(side[:, 0] >= 0, 1.0, -1.0))
    inside = np.abs(x) < free
    return np.stack([np.where(inside, way * free, x), y, z], 1)
