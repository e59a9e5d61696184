"""Finding the face with the global network: the whole frame first, windows of it if need be, then a view round the face.

Captures are not all framed alike: a face may fill a fifth of the frame or stand at its side, where 256 pixels for all of it
are too few. The global network is its own detector: where its maps look like a face, the view moves there and it looks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import frame_from_box_grid
from annotator.inference.decode import Maps, Points, sigma
from annotator.inference.options import GLOBAL, InferenceOptions
from annotator.inference.runner import Runner
from annotator.inference.sanity import PRESENT, check_face
from annotator.inference.views import (
    View,
    face_view_box,
    search_boxes,
    view_of_box,
    whole_frame,
    worth_refining,
)

_SEARCH_SHARES = (0.5, 0.3)
_REFINEMENTS = 2
_BLUR = 2.0  # a refined view that spreads the points wider than this, in frame pixels, has lost the face
_KEEP = 0.9  # a face once seen is kept in its refined view unless the score falls below this share of the one before


@dataclass(frozen=True)
class Look:
    """One view of a frame with what the global network makes of it; `score` 0..1 is how much it looks like a face."""

    view: View
    maps: Maps
    points: Points
    score: float


class FaceFinder:
    """Gives the best look at the face of each frame."""

    def __init__(self, runner: Runner, options: InferenceOptions, proxy: int) -> None:
        self._runner, self._options, self._proxy = runner, options, proxy

    def find(self, frames: Sequence[NDArray[np.uint8]]) -> list[Look]:
        """The best look at each frame uint8[H,W,3]; its score tells whether there is a face at all."""
        looks = self._look([whole_frame(frame, self._proxy) for frame in frames])
        if self._options.search:
            looks = [
                self._search(frame, look) if look.score < PRESENT else look
                for frame, look in zip(frames, looks, strict=True)
            ]
        for _ in range(_REFINEMENTS if self._options.refine_face else 0):
            looks = self._refine(frames, looks)
        return looks

    def _look(self, views: Sequence[View]) -> list[Look]:
        maps = self._runner.overview([view.pixels for view in views])
        return [self._judge(view, own) for view, own in zip(views, maps, strict=True)]

    def _judge(self, view: View, maps: Maps) -> Look:
        points = maps.in_frame(frame_from_box_grid(view.box, 1, 1), self._options.scale(GLOBAL))
        score = check_face(points.xy, points.covariance, self._options.mean_shape).score(self._options.limits)
        return Look(view, maps, points, score)

    def _search(self, frame: NDArray[np.uint8], whole: Look) -> Look:
        """The best look at windows of the frame, large ones first; the present one where none of them shows a face."""
        height, width = frame.shape[:2]
        for share in _SEARCH_SHARES:
            boxes = search_boxes(width, height, share)
            looks = self._look([view_of_box(frame, box, self._proxy) for box in boxes])
            best = max(looks, key=lambda look: look.score)
            if best.score >= PRESENT:
                return best
        return whole

    def _refine(self, frames: Sequence[NDArray[np.uint8]], looks: list[Look]) -> list[Look]:
        """Look again, round the face, where the view frames it badly."""
        wanted = {}
        for number, look in enumerate(looks):
            box = face_view_box(look.points.xy, self._options.face_fill)
            if look.score > 0 and box is not None and worth_refining(look.view, box):
                wanted[number] = view_of_box(frames[number], box, self._proxy)
        result = list(looks)
        for number, better in zip(wanted, self._look(list(wanted.values())), strict=True):
            if _improves(looks[number], better):
                result[number] = better
        return result


def _improves(before: Look, after: Look) -> bool:
    """A refined look must see the face about as clearly as the one before, and not spread its points out."""
    least = _KEEP * before.score if before.score >= PRESENT else before.score
    blur = float(np.median(sigma(after.points.covariance)) / np.median(sigma(before.points.covariance)))
    return after.score >= least and blur < _BLUR
