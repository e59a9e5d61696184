"""Where skin goes out of sight: the edges of lids, the inner border or seam of the lips, the rims of nostrils.

A column is a chain of drawn vertices that runs into an opening. The last place of a column that a camera sees is the
border that its picture shows there. A landmark is the place of the column that is such a border for the middle of the
views from which it can be seen, so it stays one point for all cameras.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from annotator.studio.geometry.camera import Camera
from annotator.studio.light.baking import Mesh, RayScene
from annotator.studio.person.columns import column_between
from annotator.studio.person.head_model import Level, head_model

Floats = NDArray[np.float64]
START_MM = 0.05
"""Rays start this far before the skin, so that its own grain does not stop them."""
HALVINGS = 7


@dataclass(frozen=True)
class EdgeKind:
    """How a kind of edge is found.

    `first` and `last`: numbers along the column between which the edge lies. A camera that sees the column no farther
    than `least` looks at a fold before the edge and says nothing of it; `usual` stands in where most cameras do so.
    `line`: number of a line that is drawn on the skin and counts as border as well.
    """

    first: float
    usual: float
    last: float
    least: float
    line: float | None = None


LASH_LINE = 6.05
KINDS = {
    "lashes": EdgeKind(4.8, 6.2, 9.0, 0.2, LASH_LINE),
    "lid": EdgeKind(4.8, 8.2, 9.0, 0.2),
    "lip_inner": EdgeKind(4.0, 7.6, 9.65, 2.4),
    "lip_corner": EdgeKind(2.4, 6.0, 9.65, 2.4),
    "nostril": EdgeKind(0.3, 1.1, 1.1, 0.3),
}
YAWS, PITCHES = (-42.0, -28.0, -14.0, 0.0, 14.0, 28.0, 42.0), (-13.0, -6.0, 0.0, 6.0, 13.0)
ENOUGH = 0.4
"""Share of these views that must see a column for its edge to be looked for."""
LIP_POSITIONS, LEFT_CORNER, LOWER_MIDDLE, RIGHT_CORNER = 38, 11, 19, 27
LID_POSITIONS, LID_CORNERS = 28, 8 + 8
CLOSE_MM = 0.07
"""A place this far from a border is about one pixel off at 4K."""
STEP = 0.05
SLIDE_MM = 2.5
"""A place on the other lip or lid this far along the border counts six tenths: it marks another part of the mouth or eye."""


@dataclass(frozen=True)
class Column:
    """Fine vertices (m,) that lead into an opening and their ascending numbers (m,); `along`: two vertices between which
    the opening's border runs past the column."""

    kind: str
    vertices: NDArray[np.int64]
    numbers: Floats
    along: tuple[int, int]

    def places(self, head: Floats, numbers: Floats) -> Floats:
        """Points (n, 3) of the posed head at fractional numbers (n,)."""
        return np.stack([np.interp(numbers, self.numbers, head[self.vertices, axis]) for axis in range(3)], 1)


def facing_positions(kind: str, position: int) -> list[int]:
    """Positions on the other lip or lid round the one that faces `position` of the loops."""
    if not kind.startswith("lip"):
        return [(LID_CORNERS - position + step) % LID_POSITIONS for step in range(-2, 3)]
    right = RIGHT_CORNER - LIP_POSITIONS
    if LEFT_CORNER < position < RIGHT_CORNER:
        facing = np.interp(position, (LEFT_CORNER, LOWER_MIDDLE, RIGHT_CORNER), (LEFT_CORNER, 0, right))
    else:
        signed = position - LIP_POSITIONS if position >= RIGHT_CORNER else position
        facing = np.interp(signed, (right, 0, LEFT_CORNER), (RIGHT_CORNER, LOWER_MIDDLE, LEFT_CORNER))
    return [(round(float(facing)) + step) % LIP_POSITIONS for step in range(-2, 3)]


def edge_column(kind: str, place: Sequence[int], right: bool, level: int) -> Column:
    """The column of a table entry: a position on the loops, or for a nostril its chain of base vertices and the two
    neighbours along the rim."""
    model = head_model()
    if kind == "nostril":
        ids = [model.base_index(vertex) for vertex in place]
        ids = [int(model.mirror[index]) for index in ids] if right else ids
        chain, along, field = ids[:-2], ids[-2:], 4
    else:
        lip = kind.startswith("lip")
        rings = model.mouth_rings[1:] if lip else model.eye_rings[int(right)][:10]
        chain, field = [model.base_index(ring[place[0]]) for ring in rings], 1 if lip else 0
        rim = rings[5 if lip else 7]
        along = [model.base_index(rim[(place[0] + step) % len(rim)]) for step in (-1, 1)]
    vertices, numbers = column_between(tuple(chain), field, level)
    return Column(kind, vertices, numbers, (along[0], along[1]))


class Sight:
    """Rays against what is drawn round eyes, nostrils and mouth; `head` are the drawn vertices of `level`."""

    def __init__(self, head: Floats, level: int, others: Sequence[Mesh]) -> None:
        self._head = head
        self._scene = RayScene([(head, _near_openings(level)), *others])

    def free(self, points: Floats, eye_point: Floats) -> NDArray[np.bool_]:
        """True (n,) where nothing lies between the points (n, 3) and the camera, at one place or at (n, 3)."""
        towards = eye_point - points
        towards /= np.linalg.norm(towards, axis=1, keepdims=True)
        return ~self._scene.blocked(points + START_MM * towards, towards)

    def last_seen(self, columns: Sequence[Column], eye_point: Floats) -> tuple[Floats, Floats]:
        """The last visible place (n, 3) of each column and its number (n,); NaN where none of it is seen."""
        places, numbers = self._last_seen(columns, eye_point[None])
        return places[0], numbers[0]

    def _last_seen(self, columns: Sequence[Column], eye_points: Floats) -> tuple[Floats, Floats]:
        """`last_seen` for cameras at `eye_points` (v, 3) at once: (v, n, 3) and (v, n)."""
        vertices = np.concatenate([column.vertices for column in columns])
        steps = np.concatenate([column.numbers for column in columns])
        ends = np.cumsum([len(column.vertices) for column in columns])
        shape = (len(eye_points), len(vertices))
        points = np.broadcast_to(self._head[vertices], (*shape, 3)).reshape(-1, 3)
        free = self.free(points, np.repeat(eye_points, len(vertices), axis=0)).reshape(shape)
        parts = np.split(free[:, ::-1], len(vertices) - ends[-2::-1], axis=1)[::-1]
        last = ends - 1 - np.stack([part.argmax(1) for part in parts], 1)
        view, column = np.nonzero(np.stack([part.any(1) for part in parts], 1))
        here = last[view, column]
        after = np.minimum(here + 1, ends[column] - 1)
        near, far = self._head[vertices[here]], self._head[vertices[after]]
        share = self._share(near, far, eye_points[view])
        places = np.full((len(eye_points), len(columns), 3), np.nan)
        numbers = np.full(places.shape[:2], np.nan)
        places[view, column] = near + share[:, None] * (far - near)
        numbers[view, column] = steps[here] + share * (steps[after] - steps[here])
        return places, numbers

    def _share(self, near: Floats, far: Floats, eye_points: Floats) -> Floats:
        """How far one can go from visible `near` towards hidden `far` and still be seen, 0..1; all (k, 3)."""
        low, high = np.zeros(len(near)), np.ones(len(near))
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            free = self.free(near + middle[:, None] * (far - near), eye_points)
            low, high = np.where(free, middle, low), np.where(free, high, middle)
        return low

    def across(self, columns: Sequence[Column], directions: Floats) -> Floats:
        """Unit vectors (..., n, 3) across the border past each column, as seen along `directions` (..., n, 3)."""
        ends = self._head[np.array([column.along for column in columns])]
        across = np.cross(directions, ends[:, 1] - ends[:, 0])
        return np.asarray(across / np.linalg.norm(across, axis=-1, keepdims=True))

    def edges(
        self, columns: Sequence[Column], rivals: Sequence[Floats] | None = None
    ) -> tuple[Floats, NDArray[np.bool_]]:
        """The landmark (n, 3) of each column, the place that lies on the border in as many views as can be, and whether
        most cameras lose the column before its edge can come (n,).

        `rivals` are further points (k, 3) a column that may take the place, such as the edge of the other lip.
        """
        views = _views()
        seen, numbers = self._last_seen(columns, views)
        across = self.across(columns, views[:, None] - seen)
        enough, found, covered = ENOUGH * len(views), [], []
        for at, column in enumerate(columns):
            kind, reached = KINDS[column.kind], numbers[:, at]
            places = column.places(self._head, _candidates(column.kind))
            if rivals is not None:
                places = np.concatenate([places, rivals[at]])
            usual = column.places(self._head, np.array([kind.usual]))[0]
            trusted = reached >= kind.least
            covered.append((~(reached >= kind.first)).sum() >= enough)
            if trusted.sum() >= enough:
                score = self._closeness(column, places, across[trusted, at], reached[trusted]).sum(0)
                if rivals is not None:
                    score = score * self._beside(column, places, usual)
                found.append(places[np.argmax(score)])
            else:
                found.append(usual)
        return np.stack(found), np.array(covered)

    def _beside(self, column: Column, places: Floats, middle: Floats) -> Floats:
        """1 for places (n, 3) across from the column's `middle`, less for those that have slid along the border."""
        along = self._head[column.along[1]] - self._head[column.along[0]]
        slid = (places - middle) @ (along / np.linalg.norm(along))
        return np.asarray(np.exp(-0.5 * (slid / SLIDE_MM) ** 2))

    def outer(self, column: Column) -> Floats:
        """Places (n, 3) of a column before those where its edge lies, for edges that the other lip or lid covers."""
        kind = KINDS[column.kind]
        return column.places(self._head, np.arange(kind.least, kind.first, STEP))

    def _closeness(self, column: Column, places: Floats, across: Floats, reached: Floats) -> Floats:
        """1 on the border .. 0 far from it, for each of the places (p, 3) as each of the cameras sees it, (v, p); `across`
        (v, 3), `reached` (v,) the numbers of the last places seen."""
        kind = KINDS[column.kind]

        def away(numbers: Floats) -> Floats:
            borders = column.places(self._head, numbers)
            return np.asarray(np.abs(((places - borders[:, None]) @ across[..., None])[..., 0]))

        off = away(np.minimum(reached, kind.last))
        if kind.line is not None:
            lined = away(np.full(len(reached), kind.line))
            off = np.where((reached >= kind.line - STEP)[:, None], np.minimum(off, lined), off)
        return np.asarray(np.exp(-0.5 * (off / CLOSE_MM) ** 2))


@lru_cache(maxsize=1)
def _views() -> Floats:
    return np.stack([Camera("", yaw, pitch).position for yaw in YAWS for pitch in PITCHES])


@lru_cache(maxsize=16)
def _candidates(kind: str) -> Floats:
    return np.arange(KINDS[kind].first, KINDS[kind].last + 1e-6, STEP)


@lru_cache(maxsize=3)
def _near_openings(level: int) -> NDArray[np.uint32]:
    """Drawn triangles round eyes, mouth and nostrils."""
    drawn: Level = head_model().level(level)
    corners = drawn.faces.astype(np.int64)
    middle = drawn.rest[corners].mean(1)
    wide, height, deep = np.abs(middle[:, 0]), middle[:, 1], middle[:, 2]
    nose = (deep > 120) & (wide < 30) & (np.abs(height - 692) < 23)
    cheeks = (deep > 90) & (wide < 46) & (np.abs(height - 660) < 26)
    lid, lip = drawn.fields[corners, 0].max(1), drawn.fields[corners, 1].max(1)
    return np.asarray(drawn.faces[(lid > 0.0) | (lip > 0.0) | nose | cheeks])
