"""Hats, headbands and earrings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from annotator.studio.geometry.subdivision import subdivide, triangles, vertex_normals
from annotator.studio.geometry.tubes import tube
from annotator.studio.hair.scalp import hair_thickness, hat_line, scalp_weight
from annotator.studio.hair.strands import unit
from annotator.studio.person.appearance import stream
from annotator.studio.person.eyes import eye_mesh
from annotator.studio.person.head_model import Level
from annotator.studio.person.mouth import Part
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_LOBE = np.array([74.5, 693.0, 51.0])
_VISOR_MM = 62.0
_METALS = np.array([[0.55, 0.40, 0.16], [0.56, 0.55, 0.53], [0.5, 0.33, 0.26]])


def headwear(subject: Subject, points: Floats, level: Level) -> list[Part]:
    """What the subject wears on the head; `points` are the posed vertices of `level`."""
    if subject.headwear == "none":
        return []
    rng = stream(subject.seed, "headwear")
    colour = np.exp(rng.uniform(np.log(0.012), np.log(0.5))) * np.clip(rng.normal(1, 0.3, 3), 0.2, 1.8)
    above = level.rest[:, 1] - hat_line(level.rest, subject.headwear)
    dome = _dome(subject, points, level, above, colour)
    if subject.headwear == "cap":
        return [dome, _visor(points, level, colour * float(rng.choice([1.0, 0.4])))]
    return [dome]


def _dome(subject: Subject, points: Floats, level: Level, above: Floats, colour: Floats) -> Part:
    kind = subject.headwear
    quads = level.quads[(above[level.quads].max(1) > 0) & (level.rest[level.quads, 1].min(1) > 735)]
    ids, local = np.unique(quads, return_inverse=True)
    normals = vertex_normals(points, triangles(level.quads))[ids]
    away = unit(level.rest[ids] - [0.0, 768.0, 48.0])
    direction = unit(normals + away)
    rise = np.clip(above[ids] / 30, 0, 1)
    if kind == "beanie":
        thick = np.where(above[ids] < 30, 9.0, 7.0) + 7.0 * rise**2
    elif kind == "cap":
        ahead = np.clip((level.rest[ids, 2] - 60.0) / 50, 0, 1)
        thick = 5.0 + (9.0 + 12.0 * ahead) * rise
    else:
        hair = hair_thickness(level.rest, scalp_weight(level.rest, subject), subject)[ids]
        thick = 3.0 + 0.8 * hair
    keep = above[ids]
    if kind == "headband":
        keep = np.minimum(keep, 26.0 - keep)
    shell = points[ids] + direction * thick[:, None]
    knit = {"weave": 0.7 if kind == "beanie" else 0.3, "shine": 0.1, "roughness": 0.5}
    return Part("hat", shell, triangles(local.reshape(-1, 4)), np.tile(colour, (len(ids), 1)), keep, knit)


def _visor(points: Floats, level: Level, colour: Floats) -> Part:
    """A curved peak over the forehead."""
    across = np.linspace(-62, 62, 41)
    front = level.rest[:, 2] > 60
    line = hat_line(np.stack([across, 0 * across, np.full(len(across), 130.0)], 1), "cap") + 2.0
    nearest = cKDTree(level.rest[front][:, :2]).query(np.stack([across, line], 1))[1]
    found = points[front][nearest] + [0.0, 0.0, 5.0]
    base = np.stack([np.polyval(np.polyfit(across, found[:, k], 5), across) for k in range(3)], 1)
    t = np.linspace(-0.12, 1, 10)[:, None, None]  # begins inside the dome
    reach = t * (np.clip(1 - (across / 62) ** 2, 0, 1) ** 0.4)[None, :, None]
    arch = 0.0035 * across[None, :, None] ** 2
    sheet = base[None] + _VISOR_MM * reach * [0.0, -0.22, 1.0] - np.maximum(reach, 0) * arch * [0.0, 1.0, 0.0]
    rows = np.concatenate([sheet, sheet[::-1] - [0.0, 2.2, 0.0]])
    wide = len(across)
    here = np.arange(len(rows) - 1)[:, None] * wide + np.arange(wide - 1)[None]
    quads = np.stack([here, here + wide, here + wide + 1, here + 1], -1).reshape(-1, 4)
    fine, step = subdivide(quads, len(rows) * wide)
    flat = np.asarray(step @ rows.reshape(-1, 3))
    values = {"weave": 0.3, "shine": 0.1, "roughness": 0.5}
    return Part("hat", flat, triangles(fine), np.tile(colour, (len(flat), 1)), None, values)


def earrings(subject: Subject, points: Floats, level: Level) -> list[Part]:
    """Studs, hoops or drops in both ear lobes (sometimes one only)."""
    if subject.earrings == "none":
        return []
    rng = stream(subject.seed, "earrings")
    metal = _METALS[rng.integers(len(_METALS))] * rng.uniform(0.6, 1.1)
    size = float(rng.uniform(0.0, 1.0))
    tree = cKDTree(level.rest)
    sides = (1.0, -1.0) if rng.random() < 0.9 else (1.0,)
    parts = []
    values = {"metal": 1.0, "shine": 1.0, "roughness": 0.1, "weave": 0.0}
    for side in sides:
        lobe = points[tree.query(_LOBE * [side, 1, 1])[1]] + [0.8 * side, 0.0, 0.5]
        if subject.earrings == "hoop":
            radius = 7.0 + 16.0 * size
            angle = np.linspace(0, 2 * np.pi, 48, endpoint=False)
            path = lobe + np.stack([0 * angle, radius * (np.cos(angle) - 0.9), radius * np.sin(angle)], 1)
            mesh, quads = tube(path, 0.7 + 0.9 * size, True)
            faces = triangles(quads)
        else:
            ball = eye_mesh(20, 14)
            drop = subject.earrings == "drop"
            scale = [2.2 + 2 * size, 7.0 + 14 * size, 2.2 + 2 * size] if drop else [1.8 + 1.8 * size] * 3
            mesh = lobe + ball.points * scale - [0.0, scale[1] if drop else 0.0, 0.0]
            faces = ball.faces
        parts.append(Part("metal", mesh, faces, np.tile(metal, (len(mesh), 1)), None, values))
    return parts
