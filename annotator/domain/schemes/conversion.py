"""From one version of a scheme to the next: what of an annotation stays, and where the rest is proposed.

A landmark that means the same place is carried over as it is. One that moved is placed by the offset that was measured on
rendered faces, in the face's own frame, and is only proposed: nobody has looked at it there. A frame in which something moved
needs work again if it was approved.
"""

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, LandmarkState, ReviewState
from annotator.domain.assets import asset
from annotator.domain.errors import AnnotatorError
from annotator.domain.faces.face_frame import face_axes
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.scheme_file import load_scheme

_FOLDER = "resources/conversions"


@dataclass(frozen=True, eq=False)
class Conversion:
    """How annotations go from one scheme to another.

    Attributes:
        origin: int64 [L] of the new scheme: the landmark of the old one that each comes from, -1 for those that none tells.
        moved: bool [L]: which of them lie elsewhere now.
        offset: float64 [L, 2]: how far, in parts of the distance of the old outer eye corners, along the line through them
            and down from it.
    """

    source: LandmarkScheme
    target: LandmarkScheme
    origin: NDArray[np.int64]
    moved: NDArray[np.bool_]
    offset: NDArray[np.float64]

    def annotation(self, old: Annotation) -> Annotation:
        """The annotation in the new scheme; moved landmarks are missing where the frame lacks an outer eye corner."""
        known = self.origin >= 0
        xy = np.where(known[:, None], old.xy[self.origin].astype(np.float64), np.nan)
        xy[self.moved] += (self.offset @ face_axes(self.source, old.xy))[self.moved]
        placed = np.isfinite(xy).all(-1)
        state = np.where(self.moved, np.uint8(LandmarkState.PROPOSED), old.state[self.origin])
        state = np.where(placed, state, np.uint8(LandmarkState.MISSING)).astype(np.uint8)
        again = self.moved.any() and old.review == ReviewState.APPROVED
        return replace(
            old,
            scheme_id=self.target.id,
            xy=xy.astype(np.float32),
            state=state,
            flags=np.where(known & placed, old.flags[self.origin], 0).astype(np.uint8),
            review=ReviewState.NEEDS_WORK if again else old.review,
        )


def load_conversion(source: LandmarkScheme, target_id: str) -> Conversion:
    """The shipped conversion from a scheme; raises AnnotatorError where there is none."""
    path = asset(f"{_FOLDER}/{source.id}-to-{target_id.partition('@')[2]}.toml")
    target = load_scheme(target_id)
    if target.name != source.name or not path.is_file():
        known = sorted(file.stem.replace("-to-", " to @") for file in asset(_FOLDER).glob("*.toml"))
        raise AnnotatorError(
            f"There is no conversion from {source.id} to {target_id}; there is: {', '.join(known)}."
        )
    return read_conversion(path, source, target)


def read_conversion(path: Path, source: LandmarkScheme, target: LandmarkScheme) -> Conversion:
    """Reads a table of conversion: for each landmark of `target` where it comes `from`, and its `move` if it moved."""
    table = tomllib.loads(path.read_text("utf-8"))["landmarks"]
    rows = [table[name] for name in target.names]
    offset = np.array([row.get("move", (0.0, 0.0)) for row in rows], np.float64)
    origin = np.array([source.index(row["from"]) if row else -1 for row in rows], np.int64)
    return Conversion(source, target, origin, np.array(["move" in row or not row for row in rows]), offset)
