"""What cameras say of a frame, made up for the store's tests."""

import numpy as np

from annotator.domain.proposal import Proposal
from annotator.domain.rigs.consensus import FrameConsensus
from annotator.domain.rigs.rig import CameraModel, Rig
from annotator.domain.scheme import LandmarkScheme


def own_proposal(
    scheme: LandmarkScheme, x: float = 100.0, confidence: float = 0.5, model: str = "m"
) -> Proposal:
    """Points in a row that begins at x, sure to 2 px, both networks of one mind."""
    xy = np.stack([x + 20.0 * np.arange(scheme.size), np.full(scheme.size, 50.0)], 1).astype(np.float32)
    wide = np.tile(4 * np.eye(2, dtype=np.float32), (scheme.size, 1, 1))
    sure = np.full(scheme.size, confidence, np.float32)
    rois = np.zeros((len(scheme.regions), 4), np.float32)
    return Proposal(model, scheme.id, xy, wide, sure, rois, xy, wide)


def together(
    scheme: LandmarkScheme,
    x: float = 105.0,
    confidence: float = 0.9,
    rig_id: int = 1,
    taken: bool = True,
    off: tuple[int, ...] = (),
    stands_in: tuple[int, ...] | None = None,
    model: str = "m",
) -> FrameConsensus:
    """The same row from another x; `off`: landmarks that disagree by 12 px and 7 sigmas; `stands_in`: None for all."""
    size = scheme.size
    disagrees = np.isin(np.arange(size), off)
    own = own_proposal(scheme, x, confidence)
    return FrameConsensus(
        rig_id,
        model,
        own.xy,
        own.covariance / 4,
        own.confidence,
        np.where(disagrees, 7, 1).astype(np.float32),
        np.where(disagrees, 12, 2).astype(np.float32),
        disagrees,
        np.zeros(size, np.uint8),
        np.ones(size, bool) if stands_in is None else np.isin(np.arange(size), stands_in),
        taken,
    )


def rig(*takes: str, name: str = "dome") -> Rig:
    """Two cameras, `left` and `right`."""
    matrix = np.array([[900.0, 0, 320], [0, 900, 240], [0, 0, 1]])
    poses = [np.concatenate([np.eye(3), [[x], [0.0], [1500.0]]], axis=1) for x in (0.0, -90.0)]
    cameras = [
        CameraModel(camera, 640, 480, matrix, np.zeros(5), pose)
        for camera, pose in zip(("left", "right"), poses, strict=True)
    ]
    return Rig(name, {camera.name: camera for camera in cameras}, takes)
