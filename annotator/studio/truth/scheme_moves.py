"""How far landmarks moved from one version of a scheme to the next, measured on made-up faces.

`python -m annotator.studio.truth.scheme_moves FILE [PEOPLE]` writes the table that `annotator convert` reads.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.faces.face_frame import face_axes
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.files import write_whole
from annotator.studio.truth.faces_alone import made_up_faces

Floats = NDArray[np.float64]
OLD, NEW = "studio-89@1", "studio-89@2"
PEOPLE = 80
SAME_PX = 1e-3
FARTHEST = 0.05
"""A landmark whose place the old ones tell no better than this, in parts of the eye distance, is left to people."""
_HEADER = """# From {old} to {new}: the landmark of the old version that tells best where each lies; where it moved, the
# median over {faces} made-up faces in parts of the distance of the outer eye corners, along the line from the subject's right to
# the left and down from it, and the median distance from that. Empty: no old one tells it.
# Written by: python -m annotator.studio.truth.scheme_moves
schema = 1

[landmarks]
"""


@dataclass(frozen=True)
class Move:
    """Where a landmark comes from: the old one that tells its place best, the offset from there in parts of the distance of
    the outer eye corners, and how far faces stray from that; `offset` None where it did not move."""

    name: str
    origin: str
    offset: tuple[float, float] | None
    scatter: float

    def line(self) -> str:
        """Its line in the table."""
        if self.offset is None:
            return f'{self.name} = {{ from = "{self.origin}" }}\n'
        if self.scatter > FARTHEST:
            return f"{self.name} = {{}}\n"
        x, y = self.offset
        return f'{self.name} = {{ from = "{self.origin}", move = [{x:.4f}, {y:.4f}], scatter = {self.scatter:.4f} }}\n'


def moves(source: LandmarkScheme, target: LandmarkScheme, before: Floats, after: Floats) -> list[Move]:
    """How each landmark of `target` follows from `source`, by faces `before` (n, L, 2) and the same ones `after`; the same on
    both sides of the face."""
    axes = np.stack([face_axes(source, xy) for xy in before])
    undo = np.linalg.inv(axes)
    found = []
    for index, name in enumerate(target.names):
        if name in source.names and np.allclose(after[:, index], before[:, source.index(name)], atol=SAME_PX):
            found.append(Move(name, name, None, 0.0))
            continue
        tries = []
        for at in _candidates(source, target, index):
            here = (after[:, index] - before[:, at])[:, None] @ undo
            twin = (after[:, target.mirror[index]] - before[:, source.mirror[at]])[:, None] @ undo
            steps = np.concatenate([here, twin * [-1.0, 1.0]])[:, 0]
            middle = np.median(steps, axis=0)
            scatter = float(np.median(np.linalg.norm(steps - middle, axis=1)))
            tries.append(Move(name, source.names[at], (float(middle[0]), float(middle[1])), scatter))
        found.append(min(tries, key=lambda move: move.scatter))
    return found


def _candidates(source: LandmarkScheme, target: LandmarkScheme, index: int) -> list[int]:
    """Landmarks of the old version in the region of a new one; for one on the middle of the face only those there."""
    region, is_middle = target.landmarks[index].region, target.mirror[index] == index
    return [
        i
        for i, landmark in enumerate(source.landmarks)
        if landmark.region == region and (source.mirror[i] == i or not is_middle)
    ]


def write_moves(path: Path, people: int = PEOPLE) -> None:
    """Measures and writes the table."""
    source, target = load_scheme(OLD), load_scheme(NEW)
    before, after = (made_up_faces(people, scheme) for scheme in (source, target))
    lines = [move.line() for move in moves(source, target, before, after)]
    write_whole(path, _HEADER.format(old=OLD, new=NEW, faces=len(before)) + "".join(lines))


if __name__ == "__main__":
    write_moves(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else PEOPLE)
