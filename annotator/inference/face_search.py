"""Face search with the global network: the whole frame first, windows of it if need be, then views round the face.

Captures are not all framed alike: a face may fill a fifth of the frame, stand at its side or be rolled, where 256 pixels for
all of it are too few or too unlike training. The global network is its own detector: where its maps look like a face, the
view moves there, upright, and is read again; what a search finds must look like a face to the regional networks as well.
Test-time views from slightly other windows are averaged: they take error away, and how much they differ is part of the
uncertainty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.faces.confidence import sigma
from annotator.domain.faces.face_frame import face_size
from annotator.inference.decode import Maps, Points, fused
from annotator.inference.options import GLOBAL, InferenceOptions
from annotator.inference.regions import Reading, RegionReader, regional_points
from annotator.inference.runner import Runner
from annotator.inference.sanity import CLEAR, PRESENT, check_face, roll_of
from annotator.inference.test_time_views import (
    FrameViews,
    View,
    ViewWindow,
    face_window,
    search_windows,
    turned_windows,
    worth_refining,
)

_SEARCH_SHARES = (0.5, 0.3)
_SEARCH_TURNS = (-50.0, 50.0, 90.0, -90.0, 180.0)
_REFINEMENTS = 2
_BLUR = 2.0  # a refined view that spreads the points wider than this, in frame pixels, has lost the face
_KEEP = 0.9  # a face once seen is kept in its refined view unless the score falls below this share of the one before
_LOST = 3.0  # doubt from which what passes for a face may still be something else, such as a room seen askew
_TRIES = 3  # so many faces are followed until the regional networks see one, too
_PROMISING = 3.5  # doubt up to which a look may show a face: small and rolled ones have 2.8 at most, other things mostly more
_FAINT = 5.0  # doubt of a large window up to which it is worth looking closer for a face too small for it
_AGREE = 0.01  # of the face's size, median: two views that are so near each other are believed
_CLEARER = 0.9  # another face must leave less than this share of the doubt
JITTERS = (
    (1.0, 0.0, 0.0, 0.0, True),
    (1.12, 0.03, -0.02, 0.08, False),
    (0.9, -0.03, 0.02, -0.08, True),
    (1.05, -0.02, 0.03, -0.12, False),
    (0.95, 0.02, -0.03, 0.12, True),
)
"""Test-time views round the face: scale, shift along both axes in shares of the side, turn in radians, mirrored."""


@dataclass(frozen=True)
class FoundFace:
    """The face that the global network finds in one view of a frame: its maps and points (frame pixels), a `score` 0..1 of how
    much it looks like a face, the `doubt` of how unlike a face clearly seen it is (the least is best), the `spread` (median sigma
    over the face size), and the `roll` by which it is turned in the frame (radians)."""

    view: View
    maps: Maps
    points: Points
    score: float
    doubt: float
    spread: float
    roll: float


class FaceSearch:
    """Finds the best view of the face of each frame."""

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

    def find(self, frames: Sequence[FrameViews]) -> list[FoundFace]:
        """The best face of each frame; its score says whether there is one at all."""
        faces = self._refined(frames, self._see([views.whole(self.proxy) for views in frames]))
        if self._options.search:
            faces = [
                self._search(views, face) if face.doubt > CLEAR else face
                for views, face in zip(frames, faces, strict=True)
            ]
        return [self._averaged(*one) for one in zip(frames, faces, strict=True)]

    def find_elsewhere(self, views: FrameViews, face: FoundFace) -> FoundFace:
        """Another face of a frame where the regional networks see none in the one given; the same if none is better."""
        found = self._search(views, face)
        return face if found.score < PRESENT else self._averaged(views, found)

    def find_in_picture(self, views: FrameViews, changed: NDArray[np.uint8]) -> FoundFace:
        """What a changed picture uint8[S,S,3] of the whole frame shows, refined in the frame itself."""
        return self._refined([views], self._see([replace(views.whole(self.proxy), pixels=changed)]))[0]

    def find_in_windows(self, views: FrameViews, share: float, closer: float = 0.0) -> list[FoundFace]:
        """What each window of the frame with sides of this share of its longer side shows (see `search_windows`); faces with
        a doubt of at most `closer` are refined."""
        height, width = views.pixels.shape[:2]
        faces = self._see_windows(views, search_windows(width, height, share))
        return [self._refined([views], [face])[0] if face.doubt <= closer else face for face in faces]

    def score(self, face: FoundFace, readings: Sequence[Reading]) -> float:
        """How much it looks like a face, 0..1, where the regional networks' agreement counts, too: they see through what only
        resembles one."""
        regional = regional_points(readings, face.points).xy
        checks = check_face(face.points.xy, face.points.covariance, self._options.mean_shape, regional)
        return checks.score(self._options.limits)

    def _see(self, views: Sequence[View]) -> list[FoundFace]:
        maps = self._runner.global_maps([view.pixels for view in views])
        return [self.judged(view, own) for view, own in zip(views, maps, strict=True)]

    def _see_windows(self, views: FrameViews, windows: Sequence[ViewWindow]) -> list[FoundFace]:
        return self._see([views.view(window, self.proxy) for window in windows])

    def judged(self, view: View, seen: Maps) -> FoundFace:
        """What a view's maps show, and how much it looks like a face."""
        maps = seen.reordered(self._mirror) if view.window.mirrored else seen
        points = maps.in_frame(view.frame_from_unit, self._options.scale(GLOBAL))
        shape = self._options.mean_shape
        checks = check_face(points.xy, points.covariance, shape)
        limits, roll = self._options.limits, 0.0 if shape is None else roll_of(points.xy, shape)
        return FoundFace(view, maps, points, checks.score(limits), checks.doubt(limits), checks.spread, roll)

    def _search(self, views: FrameViews, present: FoundFace) -> FoundFace:
        """The face in the frame turned, or in windows of it (large ones first), where it is clearer than the present one."""
        height, width = views.pixels.shape[:2]
        whole = ViewWindow((width / 2, height / 2), float(max(width, height)))
        turns = self._see_windows(views, turned_windows(whole, _SEARCH_TURNS))
        best = self._clearest(views, self._checked(views, present), turns)
        large, small = _SEARCH_SHARES
        if best.score < PRESENT or best.doubt > _LOST:
            seen = self.find_in_windows(views, large)
            best = self._clearest(views, best, seen)
        if best.score < PRESENT or best.doubt > _LOST:
            if self._options.is_adaptive:
                likely = sorted(seen, key=lambda face: face.doubt)[:_TRIES]
                likely = [face for face in likely if face.doubt <= _FAINT]
                closer = self._see_windows(views, [_closer(face, small / large) for face in likely])
            else:
                closer = self.find_in_windows(views, small)
            best = self._clearest(views, best, closer)
        return best

    def _clearest(self, views: FrameViews, present: FoundFace, faces: Sequence[FoundFace]) -> FoundFace:
        """The least doubtful face that the regions take for one, refined and read; the present one where it is no clearer."""
        likely = sorted(faces, key=lambda face: face.doubt)[:_TRIES]
        if self._options.is_adaptive:
            likely = [face for face in likely if face.doubt <= _PROMISING]
        if not likely:
            return present
        tried = (self._checked(views, self._refined([views], [face])[0]) for face in likely)
        first = next(tried)
        refined = (
            first if first.score >= PRESENT else next((own for own in tried if own.score >= PRESENT), first)
        )
        if (refined.score >= PRESENT) != (present.score >= PRESENT):
            return max(present, refined, key=lambda face: face.score)
        # a face that is there is given up only for a sharper one: upside down, the points may lie more like the mean face
        sharper = present.score < PRESENT or refined.spread <= present.spread
        return refined if sharper and refined.doubt < _CLEARER * present.doubt else present

    def _checked(self, views: FrameViews, face: FoundFace) -> FoundFace:
        """The face with the score that the regional networks leave it."""
        if self._reader is None or face.score < PRESENT:
            return face
        return replace(face, score=self.score(face, self._reader.glance(views, face.points, face.roll)))

    def _refined(self, frames: Sequence[FrameViews], faces: list[FoundFace]) -> list[FoundFace]:
        """The faces read again, round their points, as long as the view frames them badly."""
        for _ in range(_REFINEMENTS if self._options.refine_face else 0):
            wanted = {}
            for number, face in enumerate(faces):
                window = face_window(face.points.xy, self._options.face_fill, face.roll)
                if face.score > 0 and window is not None and worth_refining(face.view.window, window):
                    wanted[number] = frames[number].view(window, self.proxy)
            faces = list(faces)
            for number, better in zip(wanted, self._see(list(wanted.values())), strict=True):
                if _improves(faces[number], better):
                    faces[number] = better
        return faces

    def _averaged(self, views: FrameViews, face: FoundFace) -> FoundFace:
        """The face with its points averaged over test-time views round it; those that see no face do not count."""
        window = face_window(face.points.xy, self._options.face_fill, face.roll)
        least = (
            PRESENT if self._options.is_adaptive else 1e-9
        )  # of what shows no face, the place need not be known better
        if self._options.views < 2 or face.score < least or window is None:
            return face
        chosen = [window.moved(*jitter) for jitter in JITTERS[: self._options.views - 1]]
        seen = self._see_windows(views, chosen[:1] if self._options.is_adaptive else chosen)
        if self._options.is_adaptive and not (face.doubt <= CLEAR and _agree(face, seen[0])):
            seen += self._see_windows(views, chosen[1:])
        answers = [face.points, *(own.points for own in seen if _improves(face, own))]
        return replace(face, points=fused(answers, self._options.scale(GLOBAL)))


def _closer(face: FoundFace, share: float) -> ViewWindow:
    """A window of a `share` of the face's view, round the middle of what it shows there."""
    x, y = np.median(face.points.xy, axis=0)
    return ViewWindow((float(x), float(y)), face.view.window.side * share)


def _agree(face: FoundFace, other: FoundFace) -> bool:
    """Whether two views of a face have its points at the same places, so that further ones would tell nothing new."""
    apart = np.linalg.norm(face.points.xy - other.points.xy, axis=-1)
    return bool(np.median(apart) < _AGREE * face_size(face.points.xy))


def _improves(before: FoundFace, after: FoundFace) -> bool:
    """A refined view must show the face about as clearly as the one before, and not spread its points out."""
    least = _KEEP * before.score if before.score >= PRESENT else before.score
    blur = float(np.median(sigma(after.points.covariance)) / np.median(sigma(before.points.covariance)))
    return after.score >= least and blur < _BLUR
