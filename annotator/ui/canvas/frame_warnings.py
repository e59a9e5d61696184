"""What deserves a second look on a frame: networks that disagree, and points that lie near their crop's edge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation
from annotator.domain.faces.face_frame import face_size
from annotator.domain.proposal import Proposal
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.uncertainty import disagreement
from annotator.domain.words import counted

_EDGE = 0.04  # share of the crop's side


@dataclass(frozen=True)
class FrameWarnings:
    """Landmarks to warn of; only such as no person set."""

    apart: frozenset[int] = frozenset()  # the global and the regional network put them elsewhere
    edge: frozenset[int] = frozenset()  # near the border of the crop, or beyond it

    @property
    def text(self) -> str:
        """One line for the frame's corner; empty where there is nothing to warn of."""
        found = []
        if self.apart:
            found.append(f"global and regional network disagree on {_count(self.apart)}")
        if self.edge:
            found.append(f"{_count(self.edge)} near the crop's edge")
        text = "   ·   ".join(found)
        return text[:1].upper() + text[1:]


def _count(found: frozenset[int]) -> str:
    return counted(len(found), "landmark")


def frame_warnings(
    scheme: LandmarkScheme, annotation: Annotation, proposal: Proposal | None
) -> FrameWarnings:
    """The warnings for what is shown; disagreement is judged as in the queue of that name."""
    if proposal is None:
        return FrameWarnings()
    is_open = ~annotation.is_human
    apart = disagreement(scheme, proposal, is_open, face_size(proposal.xy)).indices
    near = np.flatnonzero(is_open & near_edge(scheme, proposal.xy, proposal.rois))
    return FrameWarnings(frozenset(map(int, apart)), frozenset(map(int, near)))


def near_edge(
    scheme: LandmarkScheme, xy: NDArray[np.floating], rois: NDArray[np.floating], share: float = _EDGE
) -> NDArray[np.bool_]:
    """bool [L]: the landmark lies within ``share`` of the side of its region's box [R, 4] from the border, or beyond it."""
    found = np.zeros(len(xy), bool)
    for region, box in zip(scheme.regions, np.asarray(rois, np.float64), strict=False):
        indices = list(region.indices)
        margin = share * (box[2:] - box[:2])
        inside = (xy[indices] >= box[:2] + margin) & (xy[indices] <= box[2:] - margin)
        placed = np.isfinite(xy[indices]).all(-1) & np.isfinite(box).all()
        found[indices] = placed & ~inside.all(-1)
    return found
