"""Clothes: a torso with sleeves from the body that belongs to the head, necklines, collars, hoods and jackets."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.clothing.torso import last_refinement, posed_torso
from annotator.studio.geometry.subdivision import subdivide, triangles, vertex_normals
from annotator.studio.person.appearance import stream
from annotator.studio.person.head_model import Level
from annotator.studio.person.mouth import Part
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_NECKLINES = {
    "crew": (562.0, 0.0035), "vee": (540.0, 0.014), "wide": (538.0, 0.0008), "turtle": (590.0, 0.001), "shirt": (574.0, 0.004),
    "hood": (566.0, 0.003), "jacket": (574.0, 0.004),
}  # fmt: skip
_ANGLES = 64
_CLEAR_MM, _NEAR_SKIN_MM = 2.5, 9.0


def neckline(subject: Subject, rest: Floats) -> Floats:
    """Millimetres (n,) by which resting points lie below the edge of the garment (negative: bare skin)."""
    low, bend = _NECKLINES[subject.garment]
    own = stream(subject.seed, "neckline").normal(0, 3.5)
    edge = low + own + bend * np.minimum(rest[:, 0] ** 2, 9000.0)
    if subject.garment in ("shirt", "jacket"):
        gap, depth = _collar_opening(subject)
        edge -= depth * np.clip(1 - np.abs(rest[:, 0]) / (70 * np.sin(gap)), 0, 1)
    return np.asarray(edge - rest[:, 1])


def _collar_opening(subject: Subject) -> tuple[float, float]:
    """Half the angle (radians) that a shirt's collar leaves open in front, and the depth in mm of the V below it, which ends
    above the first button."""
    rng = stream(subject.seed, "collar")
    return float(rng.uniform(0.06, 0.35)), float(rng.uniform(12, 24))


def garment(subject: Subject, points: Floats, level: Level) -> list[Part]:
    """What the subject wears below the neck, in head space; `points` (n, 3) are the posed vertices of `level`."""
    rng, rest = stream(subject.seed, "garment"), level.rest
    torso, torso_rest, quads = posed_torso(subject, points)
    faces = triangles(quads)
    out = vertex_normals(torso, faces)
    keep = neckline(subject, torso_rest)
    loose = rng.uniform(3.0, 7.0) * np.clip(keep / 12 + 0.35, 0.35, 1)
    folds = 1.5 * np.sin(torso_rest @ [0.05, 0.03, 0.06] + rng.uniform(0, 6)) * np.clip(keep / 60, 0, 1)
    colour, cloth = _colour(rng), _cloth(rng)
    shell = _off_skin(torso + out * (loose + folds)[:, None], out, points, level)
    worn = [Part("cloth", shell, faces, np.tile(colour, (len(shell), 1)), keep, cloth, last_refinement())]
    if subject.garment == "jacket":
        worn.append(_jacket(torso, torso_rest, faces, out, rng))
    ring = _neck_ring(points, rest)
    if subject.garment in ("shirt", "jacket"):
        worn.append(_collar(ring, colour, cloth, _collar_opening(subject)[0], rng))
    if subject.garment == "shirt":
        worn.append(_buttons(shell, torso_rest, rng))
    if subject.garment == "turtle":
        # folded over, its edge turned in on the shirt
        worn.append(_band(ring, (14.0, 24.0, 27.0, 8.0, 5.0), (1.0, 3.5, 7.5, 9.5, 1.0), colour, cloth, -6.0))
    if subject.garment == "hood":
        worn.append(_hood(ring, colour, cloth))
    return worn


def _off_skin(shell: Floats, out: Floats, points: Floats, level: Level) -> Floats:
    """Cloth (m, 3) moved along `out` to where it clears the skin, whose edge would stick through it and leave it dark."""
    distance, nearest = cKDTree(points).query(shell, distance_upper_bound=_NEAR_SKIN_MM)
    near = np.flatnonzero(np.isfinite(distance))
    skin = nearest[near]
    normals = vertex_normals(points, level.faces)[skin]
    above = ((shell[near] - points[skin]) * normals).sum(1)
    moved = shell.copy()
    moved[near] += out[near] * np.clip(_CLEAR_MM - above, 0, _NEAR_SKIN_MM)[:, None]
    return moved


def _colour(rng: np.random.Generator) -> Floats:
    return np.asarray(
        np.exp(rng.uniform(np.log(0.012), np.log(0.6))) * np.clip(rng.normal(1, 0.22, 3), 0.3, 1.7)
    )


def _cloth(rng: np.random.Generator) -> dict[str, Any]:
    """Weave and pattern: plain, stripes across or down, checks, blotches."""
    kind = int(rng.choice([0, 1, 2, 3, 4], p=[0.62, 0.11, 0.07, 0.11, 0.09]))
    return {
        "pattern": float(kind), "pattern_mm": float(np.exp(rng.uniform(np.log(5), np.log(45)))),
        "pattern_colour": _colour(rng), "weave": float(rng.uniform(0.1, 0.6)), "shine": 0.15, "roughness": 0.5,
    }  # fmt: skip


def _jacket(
    torso: Floats, rest: Floats, faces: NDArray[np.uint32], out: Floats, rng: np.random.Generator
) -> Part:
    opening = np.interp(rest[:, 1], [300, 390, 560, 590], [2, 12, 58, 64])
    front = rest[:, 2] > 20
    keep = np.where(front, np.abs(rest[:, 0]) - opening, 30.0)
    keep = np.minimum(keep, 588.0 - rest[:, 1] + np.where(front, 0, 6))
    shell = torso + out * (10.0 + 1.5 * np.sin(rest @ [0.04, 0.05, 0.03]))[:, None]
    colour = _colour(rng) * 0.6
    values = {"weave": float(rng.uniform(0.2, 0.7)), "shine": 0.1, "roughness": 0.5}
    return Part("cloth", shell, faces, np.tile(colour, (len(shell), 1)), keep, values, last_refinement())


def _neck_ring(points: Floats, rest: Floats) -> Floats:
    """The neck's surface (n, 3) at `_ANGLES` directions, from the front to the subject's left and round; rises backwards."""
    angle = np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False)
    aim = np.stack([60 * np.sin(angle), 578 + 12 * (1 - np.cos(angle)) / 2, 25 + 60 * np.cos(angle)], 1)
    slab = np.flatnonzero((rest[:, 1] > 560) & (rest[:, 1] < 606) & (np.abs(rest[:, 0]) < 75))
    offset = rest[slab] - [0.0, 0.0, 25.0]
    ring = []
    for target, a in zip(aim, angle, strict=True):
        off = np.abs(np.angle(np.exp(1j * (np.arctan2(offset[:, 0], offset[:, 2]) - a))))
        near = np.exp(-((off / 0.12) ** 2) - ((rest[slab, 1] - target[1]) / 6.0) ** 2)
        ring.append((near[:, None] * points[slab]).sum(0) / max(float(near.sum()), 1e-9))
    found = np.array(ring)
    smooth = (np.roll(found, 1, 0) + 2 * found + np.roll(found, -1, 0)) / 4
    return np.asarray(smooth)


def _band(
    ring: Floats,
    heights: tuple[float, ...],
    offsets: tuple[float, ...],
    colour: Floats,
    cloth: dict[str, Any],
    low: float,
) -> Part:
    """A closed strip round the neck: rows at `heights` mm over the ring, `offsets` mm off it."""
    out = ring - ring.mean(0)
    out[:, 1] = 0
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    rows = [ring + out * o + [0.0, low + h, 0.0] for h, o in zip(heights, offsets, strict=True)]
    return _strip(np.stack(rows), colour, cloth, True)


def _strip(rows: Floats, colour: Floats, cloth: dict[str, Any], closed: bool) -> Part:
    """A sheet through rows (r, n, 3)."""
    many, around, _ = rows.shape
    last = around if closed else around - 1
    row, column = np.arange(many - 1)[:, None] * around, np.arange(last)[None]
    beside = (column + 1) % around
    quads = np.stack([row + column, row + around + column, row + around + beside, row + beside], -1).reshape(
        -1, 4
    )
    fine, step = subdivide(quads, many * around)
    flat = np.asarray(step @ rows.reshape(-1, 3))
    return Part("cloth", flat, triangles(fine), np.tile(colour, (len(flat), 1)), None, cloth)


def _collar(
    ring: Floats, colour: Floats, cloth: dict[str, Any], gap: float, rng: np.random.Generator
) -> Part:
    """A shirt collar: stands up, folds over, ends in points before a front that is open by the angle `gap` to each side."""
    angle = np.linspace(gap, 2 * np.pi - gap, 72)
    dense = np.linspace(0, 2 * np.pi, _ANGLES + 1)
    closed = np.concatenate([ring, ring[:1]])
    at = np.stack([np.interp(angle, dense, closed[:, k]) for k in range(3)], 1)
    out = at - ring.mean(0)
    out[:, 1] = 0
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    ahead = np.exp(-(((np.minimum(angle, 2 * np.pi - angle) - gap) / 0.5) ** 2))[:, None]
    point = float(rng.uniform(18, 40))
    up = np.array([0.0, 1.0, 0.0])
    rows = [
        at + out * 3 - up * 16,
        at + out * 4 + up * 8,
        at + out * 5.5 + up * (15 - 5 * ahead),
        at + out * 9 + up * (14 - 5 * ahead),
        at + out * (14 + 6 * ahead) - up * (10 + (point - 10) * ahead),
    ]
    sheet = np.stack(rows)
    # each end is sewn up: stand and leaf meet half way, so that nobody looks in between
    ends = (sheet[:, [0, -1]] + sheet[::-1, [0, -1]]) / 2
    sheet = np.concatenate([ends[:, :1], sheet, ends[:, 1:]], 1)
    return _strip(sheet, colour * 1.03, cloth, False)


def _buttons(shell: Floats, rest: Floats, rng: np.random.Generator) -> Part:
    from annotator.studio.person.eyes import eye_mesh

    mesh = eye_mesh(12, 9)
    colour = np.full(3, float(rng.choice([0.03, 0.5])))
    points, faces = [], []
    for number, height in enumerate((545.0, 470.0, 395.0)):
        goal = np.array([0.0, height, 200.0])
        nearest = int(np.argmin(((rest - goal) ** 2 * [1, 1, 0.02]).sum(1)))
        points.append(shell[nearest] + mesh.points * [4.5, 4.5, 1.6] + [0, 0, 1.0])
        faces.append(mesh.faces + number * len(mesh.points))
    flat = np.concatenate(points)
    return Part("cloth", flat, np.concatenate(faces).astype(np.uint32), np.tile(colour, (len(flat), 1)))


def _hood(ring: Floats, colour: Floats, cloth: dict[str, Any]) -> Part:
    """A hood that lies on back and shoulders: a thick roll, thin in front."""
    back = (0.5 - 0.5 * np.cos(np.linspace(0, 2 * np.pi, _ANGLES, endpoint=False)))[:, None]
    out = ring - ring.mean(0)
    out[:, 1] = 0
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    up = np.array([0.0, 1.0, 0.0])
    size = 7 + 20 * back
    rows = [
        ring + out * (8 + size * (1 + np.cos(a)) * (0.8 + 0.5 * back)) + up * (size * np.sin(a) - 10)
        for a in np.linspace(np.pi, -0.75 * np.pi, 9)
    ]
    return _strip(np.stack(rows), colour * 0.95, cloth, True)
