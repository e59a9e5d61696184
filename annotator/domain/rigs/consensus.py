"""What all cameras of a moment say of one of its frames: a layer between a model's proposal and what is shown of it."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.proposal import Proposal


@dataclass(frozen=True, eq=False)
class FrameConsensus:
    """Where a rig's views together expect the landmarks of one frame. NaN where fewer than two views tell.

    Attributes:
        rig_id: the version of the rig, as the project numbers it. model_id: whose proposals voted beside people's points.
        xy: float32 [L, 2] frame pixels. covariance: float32 [L, 2, 2], pixels squared. confidence: float32 [L], 0..1, by the
            same scale as a proposal's.
        residuals: float32 [L], standard deviations between what the frame has and what the other views expect.
        apart: float32 [L], the same in pixels; NaN where the frame has no point.
        disagrees: bool [L], points of the frame that are too far from what the other views expect.
        predicted: uint8 [L] of `Flag`, what the camera probably cannot see; a suggestion, never a flag that anybody set.
        stands_in: bool [L], where it takes the place of the model's point: never where a person set the frame's landmark.
        taken: whether it does so at all. at: when it was made, ISO 8601 in UTC; empty before it is kept.
    """

    rig_id: int
    model_id: str
    xy: NDArray[np.float32]
    covariance: NDArray[np.float32]
    confidence: NDArray[np.float32]
    residuals: NDArray[np.float32]
    apart: NDArray[np.float32]
    disagrees: NDArray[np.bool_]
    predicted: NDArray[np.uint8]
    stands_in: NDArray[np.bool_]
    taken: bool = False
    at: str = ""

    def __post_init__(self) -> None:
        size = len(self.xy)
        shapes: dict[str, tuple[int, ...]] = {"xy": (size, 2), "covariance": (size, 2, 2)}
        flat = ("confidence", "residuals", "apart", "disagrees", "predicted", "stands_in")
        for name, shape in (shapes | dict.fromkeys(flat, (size,))).items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must be {shape}, not {getattr(self, name).shape}")
        if not np.isfinite(self.xy[self.stands_in]).all():
            raise ValueError("a point that is not known cannot stand in for another")

    def over(self, own: Proposal) -> Proposal:
        """What is shown of the model's own proposal: the consensus where it is taken and stands in, all else as it was."""
        if not self.taken:
            return own
        here = self.stands_in
        return replace(
            own,
            xy=np.where(here[:, None], self.xy, own.xy),
            covariance=np.where(here[:, None, None], self.covariance, own.covariance),
            confidence=np.where(here, self.confidence, own.confidence),
        )
