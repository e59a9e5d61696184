"""Moments of a project: the frames that a rig's cameras took at once, and what is known of the landmarks in each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Annotation, Flag
from annotator.domain.capture import Frame
from annotator.domain.faces.face_frame import face_size
from annotator.domain.layers import shows_through
from annotator.domain.proposal import Proposal
from annotator.rigs.sightings import Sightings
from annotator.store.project_store import ProjectStore
from annotator.store.rigs import ProjectRig

HUMAN_SIGMA = 0.0007
"""Standard deviation of a point that a person set, as a share of the face's size: about 0.15 % of the eye distance."""
CALIBRATION_SIGMA = 1.2e-4
"""By how much calibration and landmarks are wrong at least, as a share of a frame's longer side (0.5 px at 4096)."""
SHARED_ERROR = 0.25
"""The part of a proposal's variance that the other views' proposals have in common with it, as one model made them all (measured
on renders: `annotator bench rig`)."""


@dataclass(frozen=True, eq=False)
class Moment:
    """What a rig saw at once.

    Attributes:
        rig: the project's. subject, take, index: as the frames have them.
        frames: camera -> its frame, those that there are, in the rig's order.
    """

    rig: ProjectRig
    subject: str
    take: str
    index: str
    frames: Mapping[str, Frame]

    @property
    def name(self) -> str:
        """For people: subject, take and index."""
        return " / ".join(part for part in (self.subject, self.take, self.index) if part)

    def row(self, frame_id: int) -> int:
        """The place of a frame's camera among the rig's; raises `ValueError` for a frame of another moment."""
        camera = next((name for name, frame in self.frames.items() if frame.id == frame_id), None)
        if camera is None:
            raise ValueError(f"Frame {frame_id} is none of the moment {self.name}.")
        return list(self.rig.rig.cameras).index(camera)


def moment_of(store: ProjectStore, frame: Frame) -> Moment | None:
    """The moment that a frame belongs to; None without a rig for its take, or where no other calibrated camera saw the moment."""
    rig = store.rigs.of_take(frame.subject, frame.take)
    if rig is None or frame.camera not in rig.rig.cameras:
        return None
    beside = store.frames.of_moment(frame.subject, frame.take, frame.index)
    return next(moments_among(rig, beside), None)


def moments(store: ProjectStore, frame_ids: Sequence[int] | None = None) -> Iterator[Moment]:
    """All moments that two or more calibrated cameras saw, in capture order; those of some frames alone where ids are given."""
    asked = None if frame_ids is None else {int(frame_id) for frame_id in frame_ids}
    ids = store.frames.list().ids.tolist()
    order = {frame_id: place for place, frame_id in enumerate(ids)}
    takes: dict[tuple[str, str], list[Frame]] = defaultdict(list)
    for frame in sorted(store.frames.of_ids(ids), key=lambda frame: order[frame.id]):
        takes[frame.subject, frame.take].append(frame)
    for (subject, take), frames in takes.items():
        rig = store.rigs.of_take(subject, take)
        if rig is not None:
            for moment in moments_among(rig, frames):
                if asked is None or any(frame.id in asked for frame in moment.frames.values()):
                    yield moment


def sightings(
    moment: Moment, annotations: Mapping[int, Annotation], proposals: Mapping[int, Proposal], landmarks: int
) -> Sightings:
    """What the views of a moment say, in the order of the rig's cameras: people's points, proposals where nobody set one.

    Points that are flagged as occluded do not vote. Of a camera without a frame, and of a frame of another size than the
    calibration, nothing is known.

    Args:
        annotations, proposals: by frame id, of those frames that have them. landmarks: L, of the scheme.
    """
    frames = []
    for camera in moment.rig.rig.cameras.values():
        frame = moment.frames.get(camera.name)
        same = frame is not None and (frame.width, frame.height) == (camera.width, camera.height)
        frames.append(frame if same else None)
    return sightings_of(frames, annotations, proposals, landmarks)


def sightings_of(
    frames: Sequence[Frame | None],
    annotations: Mapping[int, Annotation],
    proposals: Mapping[int, Proposal],
    landmarks: int,
) -> Sightings:
    """As `sightings`, of the views as they are given; of None nothing is known."""
    shape = (len(frames), landmarks)
    xy = np.full((*shape, 2), np.nan)
    covariance = np.tile(np.eye(2), (*shape, 1, 1))
    votes, trusted = np.zeros(shape, np.bool_), np.zeros(shape, np.bool_)
    for row, frame in enumerate(frames):
        if frame is None:
            continue
        human, proposal = annotations.get(frame.id), proposals.get(frame.id)
        if proposal is not None:
            shown = np.isfinite(proposal.xy).all(-1) if human is None else shows_through(human, proposal)
            xy[row, shown], covariance[row, shown] = proposal.xy[shown], proposal.covariance[shown]
        if human is not None:
            own = human.is_human & np.isfinite(human.xy).all(-1)
            xy[row, own] = human.xy[own]
            covariance[row, own] = np.square(human_sigma(xy[row], frame.width)) * np.eye(2)
            trusted[row] = own
        votes[row] = np.isfinite(xy[row]).all(-1)
        if human is not None:
            votes[row] &= (human.flags & Flag.OCCLUDED) == 0
    return Sightings(xy, covariance, votes, trusted)


def human_sigma(xy: NDArray[np.floating], width: int) -> float:
    """How well a person places a point, in pixels, by the size of the face [L, 2]; a share of the width where it has none."""
    return HUMAN_SIGMA * (face_size(xy) or width / 2)


def calibration_floor(moment: Moment) -> NDArray[np.float64]:
    """float64 [V, 1]: what calibration and landmarks are believed to be wrong by at least in each view, in its pixels."""
    cameras = moment.rig.rig.cameras.values()
    return np.array([[CALIBRATION_SIGMA * max(camera.width, camera.height)] for camera in cameras])


def moments_among(rig: ProjectRig, frames: Iterable[Frame]) -> Iterator[Moment]:
    """The moments of a rig among frames of one take, those of two cameras or more; where a camera has several of one index the
    first counts."""
    cameras = rig.rig.cameras
    for index, seen in by_index(frames).items():
        ordered = {camera: seen[camera] for camera in cameras if camera in seen}
        if len(ordered) > 1:
            one = next(iter(ordered.values()))
            yield Moment(rig, one.subject, one.take, index, ordered)


def by_index(frames: Iterable[Frame]) -> dict[str, dict[str, Frame]]:
    """Frames of one take as index -> camera -> frame; where a camera has several of one index the first counts."""
    found: dict[str, dict[str, Frame]] = defaultdict(dict)
    for frame in frames:
        found[frame.index].setdefault(frame.camera, frame)
    return found
