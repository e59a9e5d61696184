"""Walks along the edges of a quad mesh: loops round eyes, mouth and nostrils."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


class QuadWalker:
    """Edge walks over quads (m, 4): straight on at every vertex of four edges."""

    def __init__(self, quads: NDArray[np.int64]) -> None:
        self._faces: dict[int, set[int]] = defaultdict(set)
        self.neighbours: dict[int, set[int]] = defaultdict(set)
        for face, corners in enumerate(quads.tolist()):
            for k, vertex in enumerate(corners):
                self._faces[vertex].add(face)
                self.neighbours[vertex] |= {corners[k - 1], corners[(k + 1) % 4]}

    def ahead(self, previous: int, vertex: int) -> int | None:
        """The vertex straight on after `previous` -> `vertex`, or None where the mesh is irregular."""
        around = self.neighbours[vertex]
        if len(around) != 4:
            return None
        shared = self._faces[previous] & self._faces[vertex]
        options = [v for v in around if v != previous and not (self._faces[v] & self._faces[vertex] & shared)]
        return options[0] if len(options) == 1 else None

    def column(self, first: int, second: int, length: int) -> list[int]:
        """Up to `length` vertices of a straight walk that starts first -> second."""
        walk = [first, second]
        while len(walk) < length:
            vertex = self.ahead(walk[-2], walk[-1])
            if vertex is None:
                break
            walk.append(vertex)
        return walk

    def loop(self, first: int, second: int, limit: int = 400) -> list[int] | None:
        """The closed loop through first -> second, or None when the walk does not close."""
        walk = self.column(first, second, 2)
        while len(walk) < limit:
            vertex = self.ahead(walk[-2], walk[-1])
            if vertex is None:
                return None
            if vertex == walk[0]:
                return walk
            walk.append(vertex)
        return None

    def rings(self, column: Sequence[int]) -> list[list[int]]:
        """One closed loop across each vertex of `column`, all starting on it and turning the same way."""
        rings: list[list[int]] = []
        for start in column:
            sides = (side for side in sorted(self.neighbours[start]) if side not in column)
            ring = next((found for side in sides if (found := self.loop(start, side)) is not None), None)
            if ring is None:
                raise ValueError(f"no closed loop through vertex {start}")
            if rings and rings[-1][1] not in self.neighbours[ring[1]]:
                ring = [ring[0], *reversed(ring[1:])]
            rings.append(ring)
        return rings

    def flood(self, start: int, barrier: set[int], limit: int = 80) -> set[int]:
        """Vertices reachable from `start` without crossing `barrier`."""
        seen: set[int] = set()
        front = [start]
        while front and len(seen) < limit:
            vertex = front.pop()
            if vertex not in seen and vertex not in barrier:
                seen.add(vertex)
                front.extend(self.neighbours[vertex])
        return seen
