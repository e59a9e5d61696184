"""Places on edges of the skin, found by sight for each posed head: the rims of lids, inner lips and nostrils."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.studio.anchors.drawn_edges import Column, Sight, edge_column, facing_positions
from annotator.studio.anchors.tables import Place

Floats = NDArray[np.float64]


def column_of(place: Place, level: int) -> Column:
    """The column of an edge's table entry."""
    return edge_column(place.values[0], place.values[1:], place.right, level)


@dataclass(frozen=True)
class FoundEdge:
    """Where an edge lies: point (3,), the column that leads to it, and whether most cameras lose that before the edge can
    come, as where lids are shut."""

    point: Floats
    column: Column
    covered: bool


def edge_points(places: Sequence[Place], sight: Sight, level: int) -> dict[Place, FoundEdge]:
    """Each place on an edge. Where lips or lids touch, the border between them is the edge of the
    one in front, so that both have the other's edge to choose from."""
    ways = {place: column_of(place, level) for place in places}
    if not ways:
        return {}
    points, covered = sight.edges(list(ways.values()))
    found = dict(zip(ways, points, strict=True))
    hidden = dict(zip(ways, covered.tolist(), strict=True))
    touching = [
        place
        for (place, column), lost in zip(ways.items(), covered, strict=True)
        if column.kind == "lip_inner" or (lost and column.kind in ("lashes", "lid"))
    ]
    lines = []
    for place in touching:
        kind = ways[place].kind
        other = "lip_inner" if kind == "lip_inner" else "lashes"
        for position in facing_positions(kind, place.values[1]):
            lines.append(edge_column(other, [position], place.right, level))
    if touching:
        edges = sight.edges(lines)[0].reshape(len(touching), -1, 3)
        chosen_ways = [ways[place] for place in touching]
        rivals = [
            np.concatenate([_refined(edge), sight.outer(way)])
            for way, edge in zip(chosen_ways, edges, strict=True)
        ]
        chosen, _ = sight.edges(chosen_ways, rivals)
        found |= dict(zip(touching, chosen, strict=True))
    return {place: FoundEdge(found[place], ways[place], hidden[place]) for place in ways}


def _refined(line: Floats) -> Floats:
    """Eight points to each step of a line (n, 3)."""
    at = np.linspace(0, len(line) - 1, 8 * (len(line) - 1) + 1)
    return np.stack([np.interp(at, np.arange(len(line)), line[:, axis]) for axis in range(3)], 1)
