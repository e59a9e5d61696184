"""The landmarks of a scheme on the posed head, by their names, from the anchor table in `resources/studio`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import asset
from annotator.domain.scheme import LandmarkScheme
from annotator.synthesis.brows import brow_anchor
from annotator.synthesis.columns import ring_point
from annotator.synthesis.errors import StudioError
from annotator.synthesis.eyes import Eyeball
from annotator.synthesis.head_model import HeadModel, head_model
from annotator.synthesis.subject import Subject

Floats = NDArray[np.float64]
BROW_LEVEL = 2
LIP_BORDER = "border"
VISIBLE_LIMBUS = 0.462
NOSTRIL_BORDER = 1.1


@dataclass(frozen=True)
class Anchor:
    """One landmark: its table entry and whether it is the mirrored twin of it."""

    name: str
    entry: Mapping[str, Any]
    mirrored: bool


def lip_border(subject: Subject) -> float:
    """Ring number at which the shader of the skin has half mixed the lip's colour in."""
    return float(1.925 - 0.05 * subject.traits["lip_softness"] - subject.traits["lip_shift"])


@lru_cache(maxsize=4)
def anchors(names: tuple[str, ...]) -> tuple[Anchor, ...]:
    """Anchors of the named landmarks; `StudioError` lists names that the table does not place."""
    table = tomllib.loads(asset("resources/studio/landmarks.toml").read_text("utf-8"))["anchors"]
    found, missing = [], []
    for name in names:
        twin = name.replace("right", "left")
        if name in table:
            found.append(Anchor(name, table[name], False))
        elif twin in table:
            found.append(Anchor(name, table[twin], True))
        else:
            missing.append(name)
    if missing:
        raise StudioError(
            f"the studio cannot place these landmarks: {', '.join(missing)}; add them to landmarks.toml"
        )
    return tuple(found)


def is_inside_eye(scheme: LandmarkScheme) -> NDArray[np.bool_]:
    """Landmarks that lie on the eyeball, bool (L,)."""
    return np.array(["eye" in anchor.entry for anchor in anchors(scheme.names)])


def place_landmarks(
    scheme: LandmarkScheme, head: Floats, eyes: tuple[Eyeball, Eyeball], subject: Subject, level: int
) -> Floats:
    """Landmarks (L, 3) in head space; `head` holds the fine vertices of refinement `level`."""
    model = head_model()
    return np.stack([_place(anchor, model, head, eyes, subject, level) for anchor in anchors(scheme.names)])


def _place(
    anchor: Anchor,
    model: HeadModel,
    head: Floats,
    eyes: tuple[Eyeball, Eyeball],
    subject: Subject,
    level: int,
) -> Floats:
    side = 1 if anchor.mirrored else 0
    entry = anchor.entry
    if "vertex" in entry:
        index = model.base_index(entry["vertex"])
        return np.asarray(head[model.mirror[index] if anchor.mirrored else index])
    if "ring" in entry:
        kind, number, position = entry["ring"]
        if number == LIP_BORDER:
            number = lip_border(subject)
        return ring_point(head, kind, side, position, float(number), level)
    if "eye" in entry:
        if entry["eye"] == "pupil":
            return eyes[side].iris_centre()
        outwards = (entry["eye"] == "outer") != anchor.mirrored
        return eyes[side].surface_point(VISIBLE_LIMBUS, 0.0 if outwards else np.pi)
    x, y = brow_anchor(float(entry["brow"][0]), float(entry["brow"][1]), subject)
    corners, weights = on_face(-x if anchor.mirrored else x, y)
    return np.asarray(weights @ head[corners])


@lru_cache(maxsize=1)
def _front_triangles() -> tuple[NDArray[np.int64], Floats]:
    level = head_model().level(BROW_LEVEL)
    faces = level.faces.astype(np.int64)
    corners = level.rest[faces]
    front = (corners[..., 2].min(1) > 55) & (np.abs(corners[..., 1] - 750).max(1) < 60)
    return faces[front], corners[front]


def on_face(x: float, y: float) -> tuple[NDArray[np.int64], Floats]:
    """Vertices (3,) and weights (3,) of the resting face's foremost point at (x, y) mm."""
    faces, corners = _front_triangles()
    a, b, c = corners[:, 0, :2], corners[:, 1, :2], corners[:, 2, :2]
    point = np.array([x, y])
    area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    area = np.where(np.abs(area) < 1e-9, 1e-9, area)
    p = point - a
    second = (p[:, 0] * (c[:, 1] - a[:, 1]) - p[:, 1] * (c[:, 0] - a[:, 0])) / area
    third = ((b[:, 0] - a[:, 0]) * p[:, 1] - (b[:, 1] - a[:, 1]) * p[:, 0]) / area
    weights = np.stack([1 - second - third, second, third], 1)
    hits = np.flatnonzero((weights >= -1e-6).all(1))
    if not len(hits):
        raise StudioError(f"no face at x {x:.1f}, y {y:.1f} mm; correct the anchor in landmarks.toml")
    best = max(hits.tolist(), key=lambda hit: float(weights[hit] @ corners[hit, :, 2]))
    return faces[best], weights[best]
