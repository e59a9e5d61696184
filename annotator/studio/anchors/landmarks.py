"""The landmarks of a scheme on the posed head, by the tables in `resources/studio/landmarks`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.studio.anchors.curves import FaceCurve, smooth, straight
from annotator.studio.anchors.drawn_borders import iris_border, lip_border
from annotator.studio.anchors.drawn_edges import Column, Sight
from annotator.studio.anchors.edge_places import FoundEdge, edge_points
from annotator.studio.anchors.resting_face import on_face
from annotator.studio.anchors.tables import Place, anchors, curve_places
from annotator.studio.hair.brows import brow_anchor, brow_border
from annotator.studio.person.columns import fine_chain, ring_column
from annotator.studio.person.eyes import Eyeball
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import Subject

Floats = NDArray[np.float64]
EDGE_TOLERANCE_MM = 0.1
"""A landmark this near to the border that a camera sees counts as seen: it lies just round the edge."""
CANTHUS_TOLERANCE_MM = 1.2
"""A corner of the eye is seen as the end of the lids, also by cameras that see them from the side."""


@dataclass(frozen=True)
class Opening:
    """How to tell whether a landmark on an opening of the skin is seen: the columns on either side of it, its share of the way
    from the first to the second, and its step (3,) from the straight line between their edges; no columns for a fixed place
    of the skin. It is seen where the border that a camera sees is no farther off than `tolerance` mm."""

    columns: tuple[Column, Column] | None = None
    share: float = 0.0
    bulge: tuple[float, float, float] = (0.0, 0.0, 0.0)
    tolerance: float = EDGE_TOLERANCE_MM


@dataclass(frozen=True)
class PlacedLandmarks:
    """Landmarks `points` (L, 3) in head space; `openings` by the index of those that lie on openings of the skin."""

    points: Floats
    openings: dict[int, Opening] = field(default_factory=dict)


def is_inside_eye(scheme: LandmarkScheme) -> NDArray[np.bool_]:
    """Landmarks that lie on the eyeball, bool (L,)."""
    return np.array([anchor.place.kind == "eye" for anchor in anchors(scheme)])


def place_landmarks(
    scheme: LandmarkScheme,
    head: Floats,
    eyes: tuple[Eyeball, Eyeball],
    subject: Subject,
    level: int,
    sight: Sight,
) -> PlacedLandmarks:
    """Places a scheme's landmarks; `head` holds the drawn vertices of refinement `level`, `sight` rays against it."""
    return _Placing(scheme, head, eyes, subject, level, sight).placed()


@dataclass(frozen=True)
class _Placing:
    """One placing: the head, and what was found on it."""

    scheme: LandmarkScheme
    head: Floats
    eyes: tuple[Eyeball, Eyeball]
    subject: Subject
    level: int
    sight: Sight
    edges: dict[Place, FoundEdge] = field(default_factory=dict)
    curves: dict[tuple[str, bool], FaceCurve] = field(default_factory=dict)

    def placed(self) -> PlacedLandmarks:
        wanted = [anchor.place for anchor in anchors(self.scheme)]
        for place in list(wanted):
            if place.kind == "curve":
                wanted += curve_places(place.values[0], place.right)
        edges = dict.fromkeys(place.edge for place in wanted if place.edge is not None)
        self.edges.update(edge_points(list(edges), self.sight, self.level))
        points, openings = np.empty((self.scheme.size, 3)), {}
        for number, anchor in enumerate(anchors(self.scheme)):
            points[number], opening = self.place(anchor.place)
            if opening is not None:
                openings[number] = opening
        return PlacedLandmarks(points, openings)

    def place(self, place: Place) -> tuple[Floats, Opening | None]:
        """Point (3,) of a place, and how it is seen where it lies on an opening of the skin."""
        if place.kind == "curve":
            return self.on_curve(*place.values, right=place.right)
        edge = self.edges[place.edge] if place.edge is not None else None
        if edge is not None and (place.kind != "corner" or edge.covered):
            tolerance = CANTHUS_TOLERANCE_MM if place.kind == "canthus" else EDGE_TOLERANCE_MM
            return edge.point, Opening((edge.column, edge.column), tolerance=tolerance)
        if place.kind == "corner":
            return self.between_loops(*place.values[0], right=place.right), Opening()
        if place.kind == "ring":
            return self.between_loops(*place.values, right=place.right), Opening()
        return self.on_skin(place), None

    def on_curve(self, name: str, share: float, *, right: bool) -> tuple[Floats, Opening | None]:
        """Point at a share of a curve's length."""
        places = curve_places(name, right)
        if (name, right) not in self.curves:
            self.curves[name, right] = self.curve(places)
        point, piece = self.curves[name, right].at(share)
        first = min(int(piece), len(places) - 2)
        ends = places[first : first + 2] if len(places) > 1 else places
        if not all(place.kind in ("edge", "ring", "corner") for place in ends):
            return point, None
        beside = [self.edges[place] for place in ends if place.kind == "edge"]
        if not beside:
            return point, Opening()
        share, near, far = piece - first, beside[0], beside[-1]
        x, y, z = point - (near.point + share * (far.point - near.point))
        return point, Opening((near.column, far.column), share, (float(x), float(y), float(z)))

    def curve(self, places: Sequence[Place]) -> FaceCurve:
        """The line of a curve."""
        if any(place.kind == "vertices" for place in places):
            return straight(np.concatenate([self.line(place) for place in places]))
        if places[0].kind == "brow":
            x, y = brow_border(self.subject, places[0].values[0] == "upper")
            return smooth([self.before_face(*at, places[0].right) for at in zip(x, y, strict=True)])
        return smooth([self.place(place)[0] for place in places])

    def line(self, place: Place) -> Floats:
        """Points (n, 3) of a line of vertices, or the one point of another place."""
        if place.kind == "vertices":
            return np.asarray(self.head[self.chain(place.values, place.right)])
        return self.on_skin(place)[None]

    def chain(self, ids: Sequence[int], right: bool) -> NDArray[np.int64]:
        """Fine vertices along base vertices of the left side, or along their twins."""
        return fine_chain(tuple(_coarse(vertex, right) for vertex in ids), self.level)

    def between_loops(self, kind: str, ring: float, position: float, *, right: bool) -> Floats:
        """Point between the loops round eye or mouth, at fractions of their number and of their positions."""
        low = int(np.floor(position))
        ends = []
        for at in (low, low + 1):
            loops, side = ("mouth", 0) if kind == "lip" else ("eye", int(right))
            indices, numbers = ring_column(loops, side, at, self.level)
            ends.append([np.interp(ring, numbers, self.head[indices, axis]) for axis in range(3)])
        first, second = np.array(ends)
        return np.asarray(first + (position - low) * (second - first))

    def before_face(self, x: float, y: float, right: bool) -> Floats:
        corners, weights = on_face(-x if right else x, y)
        return np.asarray(weights @ self.head[corners])

    def on_skin(self, place: Place) -> Floats:
        side = int(place.right)
        if place.kind == "vertex":
            return np.asarray(self.head[_coarse(place.values[0], place.right)])
        if place.kind == "between":
            first, second = (self.head[_coarse(vertex, place.right)] for vertex in place.values[:2])
            return np.asarray(first + place.values[2] * (second - first))
        if place.kind == "reach":
            chain, (x, y, z) = place.values
            return farthest(
                self.head[self.chain(chain, place.right)], np.array([-x if place.right else x, y, z])
            )
        if place.kind == "lip":
            return lip_border(self.head, self.subject, int(place.values[0]), self.level)
        if place.kind == "eye":
            if place.values[0] == "pupil":
                return self.eyes[side].iris_centre()
            outwards = (place.values[0] == "outer") != place.right
            return iris_border(self.eyes[side], self.subject, 0.0 if outwards else np.pi)
        across, up = brow_anchor(float(place.values[0]), float(place.values[1]), self.subject)
        return self.before_face(across, up, place.right)


def _coarse(vertex: int, right: bool) -> int:
    """Index of a base vertex of the left side, or of its twin on the right."""
    model = head_model()
    index = model.base_index(vertex)
    return int(model.mirror[index]) if right else index


def farthest(line: Floats, towards: Floats) -> Floats:
    """The place (3,) of a line of points (n, 3) that lies farthest in a direction, between its points by a parabola."""
    reach = line @ towards
    best = int(np.argmax(reach))
    if not 0 < best < len(line) - 1:
        return np.asarray(line[best])
    before, here, after = reach[best - 1 : best + 2]
    offset = float(np.clip(0.5 * (before - after) / (before - 2 * here + after), -1, 1))
    other = line[best + (1 if offset > 0 else -1)]
    return np.asarray(line[best] + abs(offset) * (other - line[best]))
