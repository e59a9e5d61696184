"""What the views of a moment say together, as one value; worked out anew for some landmarks while they are dragged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, Flag
from annotator.domain.capture import Frame
from annotator.domain.proposal import Proposal
from annotator.domain.rigs.rig import CameraModel
from annotator.domain.scheme import LandmarkScheme
from annotator.domain.schemes.view_dependent import view_dependent
from annotator.rigs.occlusion import predicted_occlusion
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import Consensus, triangulate
from annotator.services.rigs.expected import expected_places, only, quick_look
from annotator.services.rigs.moments import Moment, calibration_floor, human_sigma, sightings


@dataclass(frozen=True, eq=False)
class Outlook:
    """A moment as its views see it; V views in the rig's order, L landmarks.

    Attributes:
        cameras: V. frames: of each its frame, None where it has none. fits: bool [V], the frame is as large as was calibrated.
        seen: what each view has. found: what all of them say together.
        expected: float64 [V, L, 2], where each view should see each landmark; what a person set there, by the others alone.
        hidden: bool [V, L], what a view probably cannot see.
    """

    moment: Moment
    cameras: tuple[CameraModel, ...]
    frames: tuple[Frame | None, ...]
    fits: NDArray[np.bool_]
    seen: Sightings
    found: Consensus
    expected: NDArray[np.float64]
    hidden: NDArray[np.bool_]
    view_dependent: NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        moment: Moment,
        scheme: LandmarkScheme,
        annotations: Mapping[int, Annotation],
        proposals: Mapping[int, Proposal],
    ) -> Outlook:
        """From people's points, without those that were taken from the views, and proposals, both by frame id."""
        cameras = tuple(moment.rig.rig.cameras.values())
        frames = tuple(moment.frames.get(camera.name) for camera in cameras)
        fits = [
            frame is not None and (frame.width, frame.height) == (camera.width, camera.height)
            for camera, frame in zip(cameras, frames, strict=True)
        ]
        seen, soft = sightings(moment, annotations, proposals, scheme.size), view_dependent(scheme)
        floor = calibration_floor(moment)
        found = triangulate(cameras, seen, floor, soft)
        expected = expected_places(cameras, seen, found, floor, soft)
        hidden = predicted_occlusion(cameras, found.points, seen.votes)
        return cls(moment, cameras, frames, np.array(fits), seen, found, expected, hidden, soft)

    def row(self, frame_id: int) -> int:
        """The place of a frame among the views, -1 where it is none of them."""
        ids = [0 if frame is None else frame.id for frame in self.frames]
        return ids.index(frame_id) if frame_id in ids else -1

    def with_held(self, view: int, at: NDArray[np.int64], xy: NDArray[np.float64]) -> Outlook:
        """While a person holds landmarks of a view elsewhere, at xy [K, 2]; the others are not worked out anew.

        Flags stay: who drags a landmark that is marked as occluded says where it would be, not that it is seen.
        """
        part, count = only(self.seen, at), np.arange(len(at))
        places, covariance = part.xy.copy(), part.covariance.copy()
        places[view, count] = xy
        sigma = human_sigma(self.seen.xy[view], self.cameras[view].width)
        covariance[view, count] = sigma * sigma * np.eye(2)
        trusted, votes = part.trusted.copy(), part.votes.copy()
        votes[view, count] |= ~np.isfinite(self.seen.xy[view, at]).all(-1)
        trusted[view, count] = True
        part = Sightings(places, covariance, votes, trusted)
        floor, soft = calibration_floor(self.moment), self.view_dependent[at]
        there, places = quick_look(self.cameras, part, floor, soft)
        expected = self.expected.copy()
        expected[:, at] = places
        xy_all, trusted_all = self.seen.xy.copy(), self.seen.trusted.copy()
        xy_all[:, at], trusted_all[:, at] = part.xy, part.trusted
        points = self.found.points.copy()
        points[at] = there
        return replace(
            self,
            seen=replace(self.seen, xy=xy_all, trusted=trusted_all),
            found=replace(self.found, points=points),
            expected=expected,
        )

    def apart(self, view: int, xy: NDArray[np.floating]) -> NDArray[np.float64]:
        """float64 [L]: pixels between points [L, 2] of a view and where they are expected; NaN where one is not known."""
        if not self.fits[view]:
            return np.full(len(xy), np.nan)
        return np.asarray(np.linalg.norm(xy - self.expected[view], axis=-1), np.float64)

    def inside(self, view: int) -> NDArray[np.bool_]:
        """bool [L]: landmarks that are expected within a view's picture."""
        camera, xy = self.cameras[view], self.expected[view]
        within = (xy >= 0) & (xy <= (camera.width, camera.height))  # no NaN passes
        return np.asarray(within.all(-1) & self.fits[view])


def not_occluded(annotation: Annotation) -> NDArray[np.bool_]:
    """bool [L]: landmarks that nobody marked as occluded."""
    return np.asarray((annotation.flags & int(Flag.OCCLUDED)) == 0)
