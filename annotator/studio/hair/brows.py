"""Eyebrows and lashes. The brow's outline follows the subject, and the brow landmarks follow the outline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.hair.strands import Strands, Surface, along_surface, parabola, unit
from annotator.studio.person.eyes import Eyeball
from annotator.studio.person.head_model import HeadModel
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_LINE_X = (10.5, 21.0, 34.0, 44.0, 56.0)
_LINE_Y = (748.6, 750.0, 751.5, 750.8, 745.4)
_HALF_X, _HALF_Y = (8.5, 12.5, 22.0, 34.0, 46.0, 57.0), (0.0, 3.5, 4.2, 3.6, 2.5, 0.2)
_BORDER_X = (9.0, 10.2, 12.0, 14.0, 18.0, 23.0, 28.0, 33.0, 38.0, 43.0, 48.0, 52.0, 55.0, 57.0)


def _smooth(low: float, high: float, x: Floats) -> Floats:
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t))


def centre_line(x: Floats, subject: Subject | None = None) -> Floats:
    """Height in mm of the brow's middle on the resting face at |x| mm; of the average face without a subject."""
    line = np.interp(x, _LINE_X, _LINE_Y)
    if subject is not None:
        arch = _smooth(10.0, 38.0, x) * (1 - _smooth(42.0, 58.0, x))
        line = line + subject.traits["brow_lift"] + subject.traits["brow_arch"] * arch
    return np.asarray(line)


def brow_anchor(x: float, y: float, subject: Subject) -> tuple[float, float]:
    """Where the outline point (x, y) of the average brow lies on this subject's resting face."""
    at = np.array([x])
    thickness = 1 + 0.8 * (subject.traits["brow_thickness"] - 1)
    return x, float((centre_line(at, subject) + (y - centre_line(at)) * thickness)[0])


def brow_border(subject: Subject, upper: bool) -> tuple[Floats, Floats]:
    """The upper or lower border of this subject's brow on the resting face, from the inner to the outer end of the hair: |x|
    and y (n,) mm. Both begin and end at the middle of the ends."""
    x = np.array(_BORDER_X)
    off = _half_height(x, subject)
    off[[0, -1]] = 0.0
    return x, centre_line(x, subject) + (off if upper else -off)


def _half_height(x: Floats, subject: Subject) -> Floats:
    """Half the height of the hair's ground at |x| mm, where every second root is left out."""
    height = np.interp(x, _HALF_X, _HALF_Y)
    return np.asarray(height * subject.traits["brow_thickness"])


def brow_weight(rest: Floats, lid: Floats, side: int, subject: Subject) -> Floats:
    """Chance of a hair root a vertex (n,), for `side` +1 left or -1 right."""
    x = rest[:, 0] * side
    height = np.maximum(_half_height(x, subject), 1e-3)
    off = np.abs(rest[:, 1] - centre_line(x, subject)) / height
    inside = (x > 9) & (x < 57) & (rest[:, 2] > 60) & (lid < 1.5)
    return np.asarray(np.clip((1.15 - off) / 0.35, 0, 1) * inside)


def brows(
    surface: Surface, lid: Floats, subject: Subject, rng: np.random.Generator, detail: float
) -> list[Strands]:
    """Brow hairs of both sides, combed along the brow and gathered in small tufts; `detail` scales their number (fewer
    are drawn wider)."""
    groups = []
    tone = 1 - 0.45 * subject.traits["brow_grey"]
    for side in (1, -1):
        weight = brow_weight(surface.rest, lid, side, subject)
        for share, thin, short in ((620, 1.0, 1.0), (420, 0.6, 0.62)):
            count = int(share * subject.traits["brow_density"] * detail)
            points, normals, rest = surface.sample(weight, count, rng)
            if len(points):
                curves = _combed(points, normals, rest, side, short, subject, rng)
                width = np.full(len(curves), 0.105 * thin / detail)
                groups.append(Strands(curves, width, taper=0.9, tone=tone))
    return groups


def _combed(
    points: Floats,
    normals: Floats,
    rest: Floats,
    side: int,
    short: float,
    subject: Subject,
    rng: np.random.Generator,
) -> Floats:
    """Hairs (n, 6, 3) that rise at the inner end, lie along the brow further out, and close from above and below on its
    middle line."""
    x = rest[:, 0] * side
    order = subject.traits["brow_order"]
    height = np.clip((rest[:, 1] - centre_line(x, subject)) / 3.5, -1.2, 1.2)
    lean = np.interp(x, [9, 14, 21, 32, 44, 56], [1.25, 0.95, 0.5, 0.26, -0.1, -0.45])
    lean = lean - np.interp(x, [8, 20, 40], [0.12, 0.42, 0.34]) * height
    slow = np.random.default_rng([subject.seed, 79 + side]).uniform(0, 6.28, 2)
    lean = lean + 0.10 * np.sin(0.5 * x + slow[0]) * np.sin(0.7 * rest[:, 1] + slow[1])
    lean = lean + (0.10 - 0.06 * order) * rng.normal(0, 1, len(x))
    direction = along_surface(np.stack([side * np.cos(lean), np.sin(lean), 0 * lean], 1), normals)
    length = short * subject.traits["brow_length"] * rng.uniform(0.6, 1.05, len(x))
    length = length * np.interp(x, [10, 18, 40, 56], [0.62, 1, 0.9, 0.6])
    turn = np.interp(x, [8, 16, 30], [0.35, 0.25, 0.12])[:, None]
    down = along_surface(np.stack([side + 0 * x, -0.6 + 0 * x, 0 * x], 1), normals) * turn
    curves = parabola(
        points + 0.02 * normals, 0.95 * direction + 0.15 * normals, down - 0.13 * normals, length, 6
    )
    tufts = rng.choice(len(x), max(1, len(x) // 4), replace=False)
    nearest = tufts[cKDTree(rest[tufts]).query(rest)[1]]
    pull = (curves[nearest, -1] - curves[:, -1]) * (0.25 + 0.3 * order)
    far = np.linalg.norm(pull, axis=1, keepdims=True)
    pull = pull * np.minimum(1.0, 1.2 / np.maximum(far, 1e-6))
    return np.asarray(curves + pull[:, None] * np.linspace(0, 1, 6)[None, :, None] ** 1.5)


def lashes(
    head: Floats,
    model: HeadModel,
    eyes: tuple[Eyeball, Eyeball],
    subject: Subject,
    rng: np.random.Generator,
    detail: float,
) -> list[Strands]:
    """Upper and lower lashes along lid ring 6, gathered in clumps of varying size. `head`: fine vertices (n, 3)."""
    upper = [*range(23, 28), *range(7)]
    lower = list(range(10, 20))
    groups = []
    for rings, eye in zip(model.eye_rings, eyes, strict=True):
        edge, outside = head[model.local[rings[6]]], head[model.local[rings[4]]]
        away = unit(outside - edge)
        for positions, is_upper in ((upper, True), (lower, False)):
            count = int((150 if is_upper else 65) * subject.traits["lash_density"] * detail)
            groups.append(
                _lash_row(edge[positions], away[positions], eye, is_upper, count, subject, rng, detail)
            )
    return groups


def _lash_row(
    edge: Floats,
    away: Floats,
    eye: Eyeball,
    is_upper: bool,
    count: int,
    subject: Subject,
    rng: np.random.Generator,
    detail: float,
) -> Strands:
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(edge, axis=0), axis=1))])
    along /= along[-1]
    place = np.sort(rng.uniform(0.03, 0.99, count))
    clump = np.sort(rng.uniform(0, 1, max(3, count // 3)))
    nearest = clump[np.clip(np.searchsorted(clump, place), 0, len(clump) - 1)]
    tip = place + (nearest - place) * rng.uniform(0.2, 0.9, count)
    root = np.stack([np.interp(place, along, edge[:, i]) for i in range(3)], 1)
    tip_root = np.stack([np.interp(tip, along, edge[:, i]) for i in range(3)], 1)
    lift = np.stack([np.interp(place, along, away[:, i]) for i in range(3)], 1)
    out = unit(root - eye.centre)
    fan = np.zeros_like(out)
    fan[:, 0] = (root[:, 0] - eye.centre[0]) / eye.radius
    direction = unit(out + lift * (-0.02 if is_upper else 0.1) + 0.55 * fan + rng.normal(0, 0.09, root.shape))
    length = subject.traits["lash_length"] * (1.0 if is_upper else 0.52) * rng.uniform(0.5, 1.08, count)
    length = length * (0.62 + 0.38 * np.sin(np.pi * np.clip(place, 0, 1)) + (0.15 * place if is_upper else 0))
    curl = lift * (0.24 if is_upper else 0.19) * rng.uniform(0.5, 1.4, (count, 1)) + (tip_root - root) * 0.08
    curves = parabola(root + 0.05 * lift + 0.08 * out, 0.95 * direction, curl, length, 8)
    return Strands(curves, np.full(count, (0.115 if is_upper else 0.07) / detail**0.8), taper=0.9)
