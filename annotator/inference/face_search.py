"""Finding the face with the global network: the whole frame first, windows of it if need be, then views round the face.

Captures are not all framed alike: a face may fill a fifth of the frame, stand at its side or be rolled, where 256 pixels for
all of it are too few or too unlike training. The global network is its own detector: where its maps look like a face, the
view moves there, upright, and it looks again; what a search finds must look like a face to the regional networks as well.
Further looks from slightly other windows are averaged: they take error away, and how much they differ is part of the
uncertainty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.inference.decode import Maps, Points, fused, sigma
from annotator.inference.options import GLOBAL, InferenceOptions
from annotator.inference.regions import RegionReader, regional_points
from annotator.inference.runner import Runner
from annotator.inference.sanity import CLEAR, PRESENT, check_face, roll_of
from annotator.inference.test_time_views import (
    FrameViews,
    View,
    Window,
    face_window,
    search_windows,
    tilt,
    turned_windows,
    worth_refining,
)

_SEARCH_SHARES = (0.5, 0.3)
_SEARCH_TURNS = (-50.0, 50.0, 90.0, -90.0, 180.0)
_REFINEMENTS = 2
_BLUR = 2.0  # a refined view that spreads the points wider than this, in frame pixels, has lost the face
_KEEP = 0.9  # a face once seen is kept in its refined view unless the score falls below this share of the one before
_LOST = 3.0  # doubt from which a look that passes for a face may still be something else, such as a room seen askew
_TRIES = 3  # so many looks are followed until the regional networks see a face, too
_CLEARER = 0.9  # another look must leave less than this share of the doubt
JITTERS = (
    (1.0, 0.0, 0.0, 0.0, True),
    (1.12, 0.03, -0.02, 0.08, False),
    (0.9, -0.03, 0.02, -0.08, True),
    (1.05, -0.02, 0.03, -0.12, False),
    (0.95, 0.02, -0.03, 0.12, True),
)
"""Further looks round the face: scale, shift along both axes in shares of the side, turn in radians, mirrored."""


@dataclass(frozen=True)
class Look:
    """One view of a frame with what the global network makes of it; `score` 0..1 is how much it looks like a face, `doubt`
    how unlike a face clearly seen (the least is best), `spread` the median sigma over the face size, `roll` how it is turned in
    the frame (radians)."""

    view: View
    maps: Maps
    points: Points
    score: float
    doubt: float
    spread: float
    roll: float


class FaceFinder:
    """Gives the best look at the face of each frame."""

    def __init__(
        self,
        runner: Runner,
        options: InferenceOptions,
        proxy: int,
        mirror: NDArray[np.int64],
        reader: RegionReader | None = None,
    ) -> None:
        """`mirror` int64[L]: the landmark that each becomes in a mirrored picture. `reader`: reads regions; None where the
        model has none."""
        self._runner, self._options, self._mirror = runner, options, mirror
        self.proxy, self._reader = proxy, reader

    def find(self, frames: Sequence[FrameViews]) -> list[Look]:
        """The best look at each frame; its score tells whether there is a face at all."""
        looks = self._refined(frames, self._look([views.whole(self.proxy) for views in frames]))
        if self._options.search:
            looks = [
                self._search(views, look) if look.doubt > CLEAR else look
                for views, look in zip(frames, looks, strict=True)
            ]
        return [self._averaged(*one) for one in zip(frames, looks, strict=True)]

    def find_elsewhere(self, views: FrameViews, look: Look) -> Look:
        """Another look at a frame where the regional networks see no face in the one given; the same if none is better."""
        found = self._search(views, look)
        return look if found.score < PRESENT else self._averaged(views, found)

    def look_at(self, views: FrameViews, changed: NDArray[np.uint8]) -> Look:
        """What a changed picture uint8[S,S,3] of the whole frame shows, looked at again in the frame itself."""
        return self._refined([views], self._look([replace(views.whole(self.proxy), pixels=changed)]))[0]

    def look_around(self, views: FrameViews, share: float, closer: float = 0.0) -> list[Look]:
        """A look at every window of the frame with sides of this share of its longer side (see `search_windows`); looks with
        a doubt of at most `closer` are refined."""
        height, width = views.pixels.shape[:2]
        looks = self._windows(views, search_windows(width, height, share))
        return [self._refined([views], [look])[0] if look.doubt <= closer else look for look in looks]

    def _look(self, views: Sequence[View]) -> list[Look]:
        maps = self._runner.overview([view.pixels for view in views])
        return [self._judge(view, own) for view, own in zip(views, maps, strict=True)]

    def _judge(self, view: View, seen: Maps) -> Look:
        maps = seen.reordered(self._mirror) if view.window.mirrored else seen
        points = maps.in_frame(view.frame_from_unit, self._options.scale(GLOBAL))
        shape = self._options.mean_shape
        checks = check_face(points.xy, points.covariance, shape)
        limits, roll = self._options.limits, 0.0 if shape is None else roll_of(points.xy, shape)
        return Look(view, maps, points, checks.score(limits), checks.doubt(limits), checks.spread, roll)

    def _search(self, views: FrameViews, present: Look) -> Look:
        """A look at the frame turned, or at windows of it (large ones first), where it is clearer than the present one."""
        height, width = views.pixels.shape[:2]
        whole = Window((width / 2, height / 2), float(max(width, height)))
        turns = self._windows(views, turned_windows(whole, _SEARCH_TURNS))
        best = self._clearest(views, self._read(views, present), turns)
        for share in _SEARCH_SHARES:
            if best.score < PRESENT or best.doubt > _LOST:
                best = self._clearest(views, best, self.look_around(views, share))
        return best

    def _clearest(self, views: FrameViews, present: Look, looks: Sequence[Look]) -> Look:
        """The least doubtful look that the regions take for a face, refined and read; the present one where it is no clearer."""
        likely = sorted(looks, key=lambda look: look.doubt)[:_TRIES]
        tried = (self._read(views, self._refined([views], [look])[0]) for look in likely)
        first = next(tried)
        refined = (
            first if first.score >= PRESENT else next((own for own in tried if own.score >= PRESENT), first)
        )
        if (refined.score >= PRESENT) != (present.score >= PRESENT):
            return max(present, refined, key=lambda look: look.score)
        # a face that is there is given up only for a sharper one: upside down, the points may lie more like the mean face
        sharper = present.score < PRESENT or refined.spread <= present.spread
        return refined if sharper and refined.doubt < _CLEARER * present.doubt else present

    def _read(self, views: FrameViews, look: Look) -> Look:
        """The look with a score to which the regional networks' agreement counts, which see through what only resembles a
        face."""
        if self._reader is None or look.score < PRESENT:
            return look
        readings = self._reader.glance(views.pixels, look.points, tilt(look.roll))
        regional = regional_points(readings, look.points).xy
        checks = check_face(look.points.xy, look.points.covariance, self._options.mean_shape, regional)
        return replace(look, score=checks.score(self._options.limits))

    def _windows(self, views: FrameViews, windows: Sequence[Window]) -> list[Look]:
        return self._look([views.view(window, self.proxy) for window in windows])

    def _refined(self, frames: Sequence[FrameViews], looks: list[Look]) -> list[Look]:
        """The looks after as many refinements as pay."""
        for _ in range(_REFINEMENTS if self._options.refine_face else 0):
            looks = self._refine(frames, looks)
        return looks

    def _refine(self, frames: Sequence[FrameViews], looks: list[Look]) -> list[Look]:
        """Look again, round the face, where the view frames it badly."""
        wanted = {}
        for number, look in enumerate(looks):
            window = face_window(look.points.xy, self._options.face_fill, look.roll)
            if look.score > 0 and window is not None and worth_refining(look.view.window, window):
                wanted[number] = frames[number].view(window, self.proxy)
        result = list(looks)
        for number, better in zip(wanted, self._look(list(wanted.values())), strict=True):
            if _improves(looks[number], better):
                result[number] = better
        return result

    def _averaged(self, views: FrameViews, look: Look) -> Look:
        """The look with its points averaged over further looks round the face; those that see no face do not count."""
        window = face_window(look.points.xy, self._options.face_fill, look.roll)
        if self._options.looks < 2 or look.score <= 0 or window is None:
            return look
        chosen = JITTERS[: self._options.looks - 1]
        others = self._windows(views, [window.moved(*jitter) for jitter in chosen])
        agreeing = [other for other in others if _improves(look, other)]
        answers = [look.points, *(other.points for other in agreeing)]
        return replace(look, points=fused(answers, self._options.scale(GLOBAL)))


def _improves(before: Look, after: Look) -> bool:
    """A refined look must see the face about as clearly as the one before, and not spread its points out."""
    least = _KEEP * before.score if before.score >= PRESENT else before.score
    blur = float(np.median(sigma(after.points.covariance)) / np.median(sigma(before.points.covariance)))
    return after.score >= least and blur < _BLUR
