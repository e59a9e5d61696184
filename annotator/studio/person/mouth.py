"""Teeth, gums and tongue: modelled crowns along the dental arch, carried by the jaw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from annotator.studio.geometry.subdivision import subdivide, triangles, vertex_normals
from annotator.studio.person.head_model import MOUTH_HELPERS, HeadModel
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
_UPPER = ((8.5, 10.4), (6.7, 9.2), (7.7, 10.2), (7.0, 8.6), (6.8, 8.0), (9.6, 7.4), (9.4, 7.0))
_LOWER = ((5.3, 8.8), (5.9, 9.0), (6.8, 9.8), (7.0, 8.4), (7.1, 8.0), (10.4, 7.4), (10.0, 7.0))
"""Width and height of the crowns in mm from the middle outwards."""
_ROOT_MM = 1.8
"""Crowns reach so far into the gum, whose margin then is what is seen of their end."""
_OFFSET = {
    "upper": np.array([0.0, -3.5, 2.5]),
    "lower": np.array([0.0, 0.5, 1.5]),
    "tongue": np.array([0.0, -1.0, -2.0]),
}


@dataclass(frozen=True)
class Part:
    """A piece of the mouth, clothing or glasses: posed `points` (n, 3), `faces`, `tint` (n, 3) times the kind's colour.

    `keep` (n,): where it falls below zero the surface is cut away; None keeps all. `values` override the kind's shading.
    `refined` (n, m): light is baked at the first m points, from which this makes that of all.
    """

    kind: str
    points: Floats
    faces: NDArray[np.uint32]
    tint: Floats
    keep: Floats | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    refined: sp.csr_matrix | None = None


def _rigid(rest: Floats, posed: Floats) -> tuple[Floats, Floats]:
    """Rotation and shift that carry `rest` (n, 3) best to `posed`."""
    left, _, right = np.linalg.svd((rest - rest.mean(0)).T @ (posed - posed.mean(0)))
    handed = np.diag([1.0, 1.0, np.sign(np.linalg.det(right.T @ left.T))])
    rotation = right.T @ handed @ left.T
    return rotation, posed.mean(0) - rotation @ rest.mean(0)


def _arch(distance: Floats, half_width: float, depth: float) -> tuple[Floats, Floats]:
    """Points (n, 2) in x and z and outward directions on a parabolic arch at arc length `distance` from its middle."""
    x = np.linspace(-half_width, half_width, 400)
    z = -depth * np.abs(x / half_width) ** 2.3
    length = np.concatenate([[0], np.cumsum(np.hypot(np.diff(x), np.diff(z)))])
    length -= length[-1] / 2
    px, pz = np.interp(distance, length, x), np.interp(distance, length, z)
    slope = np.interp(distance, length, np.gradient(z, x))
    out = np.stack([-slope, np.ones_like(slope)], -1)
    return np.stack([px, pz], -1), out / np.linalg.norm(out, axis=-1, keepdims=True)


def _crown(width: float, height: float, depth: float, point: float) -> Floats:
    """A crown as a rounded block (20 x 14 grid): x across, y from gum 0 to edge -height, z outwards."""
    u, v = np.meshgrid(np.linspace(0, 2 * np.pi, 20, endpoint=False), np.linspace(0, 1, 14), indexing="ij")
    cos, sin = np.cos(u), np.sin(u)
    x = np.sign(cos) * np.abs(cos) ** 0.62
    z = np.sign(sin) * np.abs(sin) ** 0.75
    taper = 0.84 + 0.16 * np.sin(np.pi * np.clip(0.15 + 0.7 * v, 0, 1))
    close = np.sqrt(np.clip(1 - np.clip((v - 0.80) / 0.20, 0, 1) ** 2.2, 0, 1))
    thick = (1 - 0.62 * v) * close
    drop = -height * v * (1 - point * np.abs(x) ** 1.6 * v)
    return np.stack(
        [0.5 * width * x * taper * (0.25 + 0.75 * close), drop, depth * z * np.maximum(thick, 0.02)], -1
    ).reshape(-1, 3)


@lru_cache(maxsize=1)
def _crown_faces() -> NDArray[np.uint32]:
    row, column = np.arange(20)[:, None], np.arange(13)[None]
    here, beside = row * 14 + column, (row + 1) % 20 * 14 + column
    return triangles(np.stack([here, here + 1, beside + 1, beside], -1).reshape(-1, 4))


def _outwards(points: Floats, faces: NDArray[np.uint32], centres: Floats) -> NDArray[np.uint32]:
    """The faces, turned over where they look towards `centres` (n, 3), the middle of the tube at each vertex."""
    away = (vertex_normals(points, faces) * (points - centres)).sum()
    return faces if away > 0 else faces[:, ::-1]


def _row(name: str, rest: Floats, subject: Subject) -> list[tuple[str, Floats, NDArray[np.uint32], Floats]]:
    """Crowns and gum of one jaw in resting space: (kind, points, faces, tint)."""
    rng = np.random.default_rng([subject.seed, 31 if name == "upper" else 32])
    sizes = _UPPER if name == "upper" else _LOWER
    up = 1.0 if name == "upper" else -1.0
    half_width = 0.5 * float(np.ptp(rest[:, 0])) * 0.97
    front = float(rest[:, 2].max()) - 1.5
    incisors = rest[np.abs(rest[:, 0]) < 3.0, 1]
    gum = float(incisors.min()) + 10.4 if up > 0 else float(incisors.max()) - 9.0
    depth = float(np.ptp(rest[:, 2]))
    points, faces, tints, count = [], [], [], 0
    for side in (-1.0, 1.0):
        edges = [0.0]
        along = 0.02 + 0.25 * subject.traits["teeth_gap"] * max(0.0, rng.normal(0, 0.5))
        for number, (width, height) in enumerate(sizes):
            thick = 3.4 + 0.5 * number
            crown = _crown(
                width * 0.985,
                height * rng.normal(1, 0.025),
                thick,
                0.18 if number == 2 else 0.05,
            )
            turn = rng.normal(0, 0.045)
            crown[:, [0, 2]] = crown[:, [0, 2]] @ np.array(
                [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
            )
            place, out = _arch(np.array([side * (along + width / 2)]), half_width, depth)
            across = np.array([out[0, 1], -out[0, 0]])
            flat = place[0] + crown[:, :1] * across + (crown[:, 2:] - thick) * out[0]
            share = np.clip(-crown[:, 1:2] / height, 0, 1)
            crown[:, 1] += _ROOT_MM * (1 - share[:, 0])
            points.append(np.stack([flat[:, 0], gum + up * crown[:, 1], front + flat[:, 1]], 1))
            stain = np.array([1.0, 0.93, 0.80])
            tints.append(stain + (1 - stain) * share**0.6 * np.ones(3))
            faces.append(_outwards(points[-1], _crown_faces(), points[-1].mean(0)) + count)
            count += len(crown)
            along += width + max(0.0, rng.normal(0.02, 0.06))
            edges.append(along)
    parts = [
        ("teeth", np.concatenate(points), np.concatenate(faces).astype(np.uint32), np.concatenate(tints))
    ]
    parts.append(_gum(half_width, depth, front, gum, up, np.array(edges)))
    return parts


def _gum(
    half_width: float,
    depth: float,
    front: float,
    gum: float,
    up: float,
    edges: Floats,
) -> tuple[str, Floats, NDArray[np.uint32], Floats]:
    """A tube over the roots that reaches down between the crowns; `edges` mm along the arch where crowns meet."""
    total = edges[-1]
    s = np.linspace(-total, total, 420)
    within = np.interp(np.abs(s), edges, np.arange(len(edges))) % 1
    papilla = np.abs(2 * within - 1) ** 1.7
    place, out = _arch(s, half_width, depth)
    angle = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    bulge = 3.1 * np.cos(angle)[None, :] + 0.25 * papilla[:, None]
    height = 3.6 * np.sin(angle)[None, :]
    low = np.clip(-np.sin(angle), 0, 1)[None, :] ** 0.7
    y = gum + up * (2.1 + height - low * papilla[:, None] * 1.7)
    flat = place[:, None] + (bulge[..., None] - 2.9) * out[:, None]
    points = np.stack([flat[..., 0], y, front + flat[..., 1]], -1).reshape(-1, 3)
    row, column = np.arange(len(s) - 1)[:, None] * 20, np.arange(20)[None]
    quads = np.stack(
        [row + column, row + 20 + column, row + 20 + (column + 1) % 20, row + (column + 1) % 20], -1
    )
    centres = points.reshape(len(s), 20, 3).mean(1).repeat(20, 0)
    return (
        "gum",
        points,
        _outwards(points, triangles(quads.reshape(-1, 4)), centres),
        np.ones((len(points), 3)),
    )


@lru_cache(maxsize=1)
def _tongue_topology() -> tuple[NDArray[np.uint32], object]:
    from annotator.studio.person.head_model import head_model

    quads = head_model().base.quads[MOUTH_HELPERS[2]]
    ids, local = np.unique(quads, return_inverse=True)
    local = local.reshape(quads.shape)
    first, step = subdivide(local, len(ids))
    second, step2 = subdivide(first, step.shape[0])
    return triangles(second), (step2 @ step).tocsr()


def mouth_parts(model: HeadModel, neutral: Floats, posed: Floats, subject: Subject) -> list[Part]:
    """Teeth and gums of both jaws and the tongue, sized by the helpers of the `neutral` face (as `morph` returns) and
    moved as the `posed` ones."""
    parts = []
    for name, helper in (("upper", MOUTH_HELPERS[0]), ("lower", MOUTH_HELPERS[1])):
        rest = model.base.vertices[model.helper_ids(helper)]
        still = model.helper(helper, neutral)
        scale = still.std(0) / rest.std(0)
        rotation, shift = _rigid(still, model.helper(helper, posed))
        for kind, points, faces, tint in _row(name, rest, subject):
            sized = (points - rest.mean(0)) * scale + still.mean(0) + _OFFSET[name]
            parts.append(Part(kind, sized @ rotation.T + shift, faces, tint))
    faces, matrix = _tongue_topology()
    tongue = np.asarray(matrix @ model.helper(MOUTH_HELPERS[2], posed)) + _OFFSET["tongue"]  # type: ignore[operator]
    return [*parts, _tongue(tongue, faces)]


def _tongue(points: Floats, faces: NDArray[np.uint32]) -> Part:
    """The tongue with its furrow, paler along the middle, and rough."""
    across = points[:, :1] - np.median(points[:, 0])
    upwards = np.clip(vertex_normals(points, faces)[:, 1:2], 0, 1)
    furrow, coat = upwards * np.exp(-((across / 2.0) ** 2)), upwards * np.exp(-((across / 9.0) ** 2))
    tint = (1 + coat * [0.12, 0.32, 0.30]) * (1 - 0.35 * furrow)
    return Part("tongue", points - furrow * [0.0, 0.9, 0.0], faces, tint, None, {"bumps": 0.45})
