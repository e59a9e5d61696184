"""What the views of a moment say together, frame by frame: as the project keeps it."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.annotation import Flag
from annotator.domain.faces.confidence import landmark_confidence
from annotator.domain.faces.face_frame import face_size
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.rigs.occlusion import predicted_occlusion
from annotator.rigs.triangulate import triangulate
from annotator.services.rigs.consensus import MomentConsensus
from annotator.services.rigs.moments import SHARED_ERROR, calibration_floor

_LEAST_AGREEING = 2
_MOST_SIGMAS = 1e6


def frame_consensus(
    found: MomentConsensus, model_id: str, view_dependent: NDArray[np.bool_], taken: bool
) -> dict[int, FrameConsensus]:
    """Frame id -> what is kept of it; frames of another size than the calibration are left out.

    It stands in for the model's points where two views or more agree. It does not where a person set the landmark in that frame,
    so that what is told of the model's errors there stays true, nor for view-dependent landmarks (bool [L]) that the model has:
    their place is the frame's own.
    """
    moment, sightings, consensus = found.moment, found.sightings, found.consensus
    cameras = list(moment.rig.rig.cameras.values())
    hidden = predicted_occlusion(cameras, consensus.points, sightings.usable)
    agreeing = (sightings.usable & ~consensus.disagrees).sum(0) >= _LEAST_AGREEING
    apart = np.linalg.norm(sightings.xy - _seen_by_others(found, view_dependent), axis=-1)
    made = {}
    for row, camera in enumerate(cameras):
        frame = moment.frames.get(camera.name)
        if frame is None or (frame.width, frame.height) != (camera.width, camera.height):
            continue
        xy, covariance = consensus.xy[row], consensus.xy_covariance[row]
        sound = np.isfinite(xy).all(-1) & np.isfinite(covariance).all((-1, -2))
        inside = ((xy >= 0) & (xy <= [camera.width, camera.height])).all(-1)
        own = np.isfinite(sightings.xy[row]).all(-1)
        sure = landmark_confidence(np.nan_to_num(covariance, nan=np.inf), face_size(xy), 1.0, inside)
        predicted = np.where(hidden[row] & sound, Flag.OCCLUDED, 0) | np.where(
            sound & ~inside, Flag.OUT_OF_FRAME, 0
        )
        made[frame.id] = FrameConsensus(
            moment.rig.id,
            model_id,
            xy.astype(np.float32),
            covariance.astype(np.float32),
            np.where(sound, sure, 0).astype(np.float32),
            np.minimum(consensus.residuals[row], _MOST_SIGMAS).astype(np.float32),
            apart[row].astype(np.float32),
            consensus.disagrees[row],
            predicted.astype(np.uint8),
            sound & agreeing & ~sightings.trusted[row] & ~(view_dependent & own),
            taken,
        )
    return made


def _seen_by_others(found: MomentConsensus, view_dependent: NDArray[np.bool_]) -> NDArray[np.float64]:
    """[V, L, 2]: where the views that agree see the landmarks; where fewer than two do, where all of them do."""
    wrong = found.consensus.disagrees
    if not wrong.any():
        return found.consensus.xy
    at = np.flatnonzero(wrong.any(0))
    all_of = found.sightings
    some = replace(
        all_of,
        xy=all_of.xy[:, at],
        covariance=all_of.covariance[:, at],
        votes=(all_of.votes & ~wrong)[:, at],
        trusted=all_of.trusted[:, at],
    )
    cameras = list(found.moment.rig.rig.cameras.values())
    floor = calibration_floor(found.moment)
    others = triangulate(cameras, some, floor, view_dependent[at], SHARED_ERROR).xy
    xy = found.consensus.xy.copy()
    xy[:, at] = np.where(np.isfinite(others), others, xy[:, at])
    return xy
