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
from annotator.studio.anchors.drawn_borders import iris_border, lip_border
from annotator.studio.anchors.drawn_edges import Column, Sight, edge_column, facing_positions
from annotator.studio.errors import StudioError
from annotator.studio.hair.brows import brow_anchor
from annotator.studio.person.eyes import Eyeball
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
BROW_LEVEL = 2


@dataclass(frozen=True)
class Anchor:
    """One landmark: its table entry and whether it is the mirrored twin of it."""

    name: str
    entry: Mapping[str, Any]
    mirrored: bool


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


def edge_columns(scheme: LandmarkScheme, level: int) -> dict[int, Column]:
    """The columns of the landmarks that lie on edges of the skin, by landmark index."""
    return {
        number: edge_column(anchor.entry["edge"][0], anchor.entry["edge"][1:], anchor.mirrored, level)
        for number, anchor in enumerate(anchors(scheme.names))
        if "edge" in anchor.entry
    }


def place_landmarks(
    scheme: LandmarkScheme,
    head: Floats,
    eyes: tuple[Eyeball, Eyeball],
    subject: Subject,
    level: int,
    sight: Sight,
) -> Floats:
    """Landmarks (L, 3) in head space; `head` holds the drawn vertices of refinement `level`, `sight` rays against it."""
    columns = edge_columns(scheme, level)
    points = np.empty((scheme.size, 3))
    points[list(columns)] = _edge_points(scheme, columns, sight, level)
    for number, anchor in enumerate(anchors(scheme.names)):
        if number not in columns:
            points[number] = _place(anchor, head, eyes, subject, level)
    return points


def _edge_points(scheme: LandmarkScheme, columns: dict[int, Column], sight: Sight, level: int) -> Floats:
    """Landmarks (n, 3) on edges of the skin. Where lips or lids touch, the border between them is the edge of the one in
    front, so that both have the other's edge to choose from."""
    points, covered = sight.edges(list(columns.values()))
    found = dict(zip(columns, points, strict=True))
    touching = [
        number
        for (number, column), lost in zip(columns.items(), covered, strict=True)
        if column.kind == "lip_inner" or (lost and column.kind in ("lashes", "lid"))
    ]
    lines = []
    for number in touching:
        anchor, kind = anchors(scheme.names)[number], columns[number].kind
        other = "lip_inner" if kind == "lip_inner" else "lashes"
        positions = facing_positions(kind, anchor.entry["edge"][1])
        lines += [edge_column(other, [position], anchor.mirrored, level) for position in positions]
    if touching:
        edges = sight.edges(lines)[0].reshape(len(touching), -1, 3)
        ways = [columns[number] for number in touching]
        rivals = [
            np.concatenate([_refined(edge), sight.outer(way)]) for way, edge in zip(ways, edges, strict=True)
        ]
        chosen, _ = sight.edges(ways, rivals)
        found |= dict(zip(touching, chosen, strict=True))
    return np.stack(list(found.values()))


def _refined(line: Floats) -> Floats:
    """Eight points to each step of a line (n, 3)."""
    at = np.linspace(0, len(line) - 1, 8 * (len(line) - 1) + 1)
    return np.stack([np.interp(at, np.arange(len(line)), line[:, axis]) for axis in range(3)], 1)


def _place(
    anchor: Anchor, head: Floats, eyes: tuple[Eyeball, Eyeball], subject: Subject, level: int
) -> Floats:
    side = 1 if anchor.mirrored else 0
    model, entry = head_model(), anchor.entry
    if "vertex" in entry:
        index = model.base_index(entry["vertex"])
        return np.asarray(head[model.mirror[index] if anchor.mirrored else index])
    if "lip" in entry:
        return lip_border(head, subject, int(entry["lip"]), level)
    if "eye" in entry:
        if entry["eye"] == "pupil":
            return eyes[side].iris_centre()
        outwards = (entry["eye"] == "outer") != anchor.mirrored
        return iris_border(eyes[side], subject, 0.0 if outwards else np.pi)
    x, y = brow_anchor(float(entry["brow"][0]), float(entry["brow"][1]), subject)
    corners, weights = on_face(-x if anchor.mirrored else x, y)
    return np.asarray(weights @ head[corners])


@lru_cache(maxsize=1)
def _front_triangles() -> tuple[NDArray[np.int64], Floats, Floats, Floats]:
    """Vertices and resting corners of the triangles before the face, and boxes round them in x and y."""
    level = head_model().level(BROW_LEVEL)
    faces = level.faces.astype(np.int64)
    corners = level.rest[faces]
    front = (corners[..., 2].min(1) > 55) & (np.abs(corners[..., 1] - 750).max(1) < 60)
    flat = corners[front][..., :2]
    return faces[front], corners[front], flat.min(1) - 0.01, flat.max(1) + 0.01


def on_face(x: float, y: float) -> tuple[NDArray[np.int64], Floats]:
    """Vertices (3,) and weights (3,) of the resting face's foremost point at (x, y) mm."""
    faces, corners, low, high = _front_triangles()
    point = np.array([x, y])
    near = np.flatnonzero(((low < point) & (point < high)).all(1))
    faces, corners = faces[near], corners[near]
    a, b, c = corners[:, 0, :2], corners[:, 1, :2], corners[:, 2, :2]
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
