"""Clothes below the head and glasses before the eyes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.synthesis.eyes import Eyeball, eye_mesh
from annotator.synthesis.head_model import Level, head_model
from annotator.synthesis.mouth import Part
from annotator.synthesis.subdivision import triangles, vertex_normals
from annotator.synthesis.subject import Subject

Floats = NDArray[np.float64]
_COLLARS = {"crew": (560.0, 0.0035), "vee": (545.0, 0.012), "wide": (538.0, 0.0008), "turtle": (597.0, 0.001)}


def accessories(
    subject: Subject, points: Floats, level: Level, eyes: tuple[Eyeball, Eyeball], rng: np.random.Generator
) -> list[Part]:
    """What the subject wears in this capture, in head space; `points` are the posed vertices of `level`."""
    worn = [_garment(points, level, rng), *caruncles(points, eyes)]
    if subject.glasses:
        worn.append(_glasses(eyes, points, level, rng))
    return worn


def caruncles(points: Floats, eyes: tuple[Eyeball, Eyeball]) -> list[Part]:
    """The pink bodies in the inner corners of the eyes, which also close the gap between ball and lids."""
    model, mesh = head_model(), eye_mesh(24, 18)
    parts = []
    for rings, eye in zip(model.eye_rings, eyes, strict=True):
        corner = points[model.local[[rings[8][k] for k in (21, 22, 23)]]].mean(0)
        inwards = eye.centre - corner
        inwards /= np.linalg.norm(inwards)
        ahead = np.array([0.0, 0.0, 1.0])
        centre = corner + 1.5 * inwards - 1.6 * ahead
        body = mesh.points[:, [2, 1, 0]] * [-3.2, 2.0, 2.4] + centre
        tint = np.tile([0.52, 0.22, 0.19], (len(body), 1))
        parts.append(Part("caruncle", body, mesh.faces, tint))
    return parts


def _garment(points: Floats, level: Level, rng: np.random.Generator) -> Part:
    """The neck's and shoulders' skin below a collar line, a little thicker, and carried down out of the picture."""
    low, bend = _COLLARS[str(rng.choice(list(_COLLARS), p=[0.5, 0.2, 0.2, 0.1]))]
    rest = level.rest
    line = low + bend * rest[:, 0] ** 2 + rng.normal(0, 4)
    below = rest[:, 1] < line
    quads = level.quads[below[level.quads].any(1)]
    ids, local = np.unique(quads, return_inverse=True)
    local = local.reshape(-1, 4)
    out = vertex_normals(points, triangles(level.quads))[ids]
    thick = np.clip((line[ids] - rest[ids, 1]) / 5 + 0.4, 0.3, 1)[:, None]
    skin = points[ids] + out * (3.0 * thick)
    ends = np.sort(np.stack([local, np.roll(local, -1, 1)], -1).reshape(-1, 2), axis=1)
    edges, uses = np.unique(ends, axis=0, return_counts=True)
    rim = np.unique(edges[uses == 1])
    rim = rim[rest[ids[rim], 1] < line[ids[rim]] - 6.0]
    rim = rim[np.argsort(np.arctan2(skin[rim, 0], skin[rim, 2] - skin[rim, 2].mean()))]
    hem = skin[rim] * [1.9, 1.0, 1.6] + [0.0, -700.0, -30.0]
    below_rim = np.arange(len(rim)) + len(ids)
    skirt = np.stack([rim, below_rim, np.roll(below_rim, -1), np.roll(rim, -1)], 1)
    all_points = np.concatenate([skin, hem])
    colour = np.exp(rng.uniform(np.log(0.012), np.log(0.55))) * np.clip(rng.normal(1, 0.22, 3), 0.3, 1.7)
    keep = np.concatenate([line[ids] - rest[ids, 1], np.ones(len(hem))])
    faces = triangles(np.concatenate([local, skirt]))
    return Part("cloth", all_points, faces, np.tile(colour, (len(all_points), 1)), keep)


def _tube(path: Floats, radius: float, closed: bool) -> tuple[Floats, NDArray[np.int64]]:
    """A tube of eight sides along `path` (n, 3): points and quads."""
    ahead = np.roll(path, -1, 0) - np.roll(path, 1, 0) if closed else np.gradient(path, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    helper = np.where(np.abs(ahead[:, 2:]) > 0.8, [[0.0, 1.0, 0.0]], [[0.0, 0.0, 1.0]])
    u = np.cross(ahead, helper)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(ahead, u)
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    points = path[:, None] + radius * (
        np.cos(angle)[None, :, None] * u[:, None] + np.sin(angle)[None, :, None] * v[:, None]
    )
    rows = np.arange(len(path) if closed else len(path) - 1)
    here, after = rows[:, None] * 8, (rows[:, None] + 1) % len(path) * 8
    k, k1 = np.arange(8)[None], (np.arange(8)[None] + 1) % 8
    return points.reshape(-1, 3), np.stack([here + k, here + k1, after + k1, after + k], -1).reshape(-1, 4)


def _glasses(eyes: tuple[Eyeball, Eyeball], points: Floats, level: Level, rng: np.random.Generator) -> Part:
    """Two rims, a bridge and temples as tubes; the lenses are clear."""
    wide, tall = rng.uniform(22, 28), rng.uniform(15, 22)
    power, radius = rng.uniform(2.0, 4.0), float(np.exp(rng.uniform(np.log(0.5), np.log(2.4))))
    ahead, drop = rng.uniform(13, 19), rng.uniform(-5, 0)
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    x = np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** (2 / power) * wide
    y = np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** (2 / power) * tall
    pieces: list[tuple[Floats, NDArray[np.int64]]] = []
    middle_gap = max(abs(eye.centre[0]) for eye in eyes) * 1.02
    middle_gap = max(middle_gap, wide + 6.0)
    front = max(eye.centre[2] + eye.radius for eye in eyes) + ahead
    height = float(np.mean([eye.centre[1] for eye in eyes])) + drop
    for side in (1.0, -1.0):
        rim = np.stack([side * middle_gap + x, height + y, front - 0.0022 * (side * middle_gap + x) ** 2], 1)
        pieces.append(_tube(rim, radius, True))
        t = np.linspace(0, 1, 24)
        hinge = np.array(
            [side * (middle_gap + wide), height + 0.55 * tall, front - 0.0022 * (middle_gap + wide) ** 2]
        )
        ear = np.array(
            [
                side * (np.abs(points[:, 0][level.rest[:, 1] > 735]).max() * 0.96),
                height + 4.0,
                hinge[2] - 115.0,
            ]
        )
        pieces.append(
            _tube(
                hinge + t[:, None] * (ear - hinge) + np.sin(np.pi * t)[:, None] * [side * 3.0, 0, 0],
                radius,
                False,
            )
        )
    gap = middle_gap - wide
    t = np.linspace(-1, 1, 16)
    bridge = np.stack(
        [t * gap, height + 0.35 * tall + 2.0 * (1 - t * t), front + 1.5 - 0.0022 * (t * gap) ** 2], 1
    )
    pieces.append(_tube(bridge, radius, False))
    all_points, quads, count = [], [], 0
    for tube_points, tube_quads in pieces:
        all_points.append(tube_points)
        quads.append(tube_quads + count)
        count += len(tube_points)
    colour = np.exp(rng.uniform(np.log(0.008), np.log(0.4))) * np.clip(rng.normal(1, 0.25, 3), 0.3, 1.7)
    return Part(
        "frame", np.concatenate(all_points), triangles(np.concatenate(quads)), np.tile(colour, (count, 1))
    )
