"""What a model thinks of a frame: coordinates with their uncertainty, the crops it looked at, and its latent heatmaps."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine


@dataclass(frozen=True, eq=False)
class Heatmap:
    """The latent heatmaps of one network, with the picture that it saw.

    Attributes:
        name: `global`, or the region's name.
        indices: int64 [K], the scheme's landmarks that the maps belong to.
        logits: float32 [K, h, w], before the softmax.
        frame_from_heatmap: affine from the maps' pixels to frame pixels.
        crop: uint8 [H, W, 3] RGB, the network's input; frame_from_crop: affine from its pixels to frame pixels.
    """

    name: str
    indices: NDArray[np.int64]
    logits: NDArray[np.float32]
    frame_from_heatmap: Affine
    crop: NDArray[np.uint8]
    frame_from_crop: Affine

    def probability(self) -> NDArray[np.float32]:
        """float32 [K, h, w]: the spatial softmax of each map; each sums to 1."""
        shifted = self.logits - self.logits.max((1, 2), keepdims=True)
        weights: NDArray[np.float32] = np.exp(shifted, dtype=np.float32)
        weights /= weights.sum((1, 2), keepdims=True)
        return weights


@dataclass(frozen=True, eq=False)
class Proposal:
    """A model's landmarks for one frame: never truth.

    Attributes:
        model_id, scheme_id: what made it, and in which scheme.
        xy: float32 [L, 2] frame pixels. covariance: float32 [L, 2, 2], pixels squared. confidence: float32 [L], 0..1.
        rois: float32 [R, 4], the box of each region in the scheme's order (R = 0 for a holistic model).
        global_xy, global_covariance: the same from the global network alone.
        message: for the artist, such as `no face found`; empty when all is well.
        heatmaps: `global` first, then one a region; empty when they were not kept.
        width, height: of the image that it was made of, 0 where that is not known.
    """

    model_id: str
    scheme_id: str
    xy: NDArray[np.float32]
    covariance: NDArray[np.float32]
    confidence: NDArray[np.float32]
    rois: NDArray[np.float32]
    global_xy: NDArray[np.float32]
    global_covariance: NDArray[np.float32]
    message: str = ""
    heatmaps: tuple[Heatmap, ...] = ()
    width: int = 0
    height: int = 0

    def __post_init__(self) -> None:
        size = len(self.xy)
        shapes = {
            "xy": (size, 2),
            "global_xy": (size, 2),
            "confidence": (size,),
            "covariance": (size, 2, 2),
            "global_covariance": (size, 2, 2),
            "rois": (len(self.rois), 4),
        }
        for name, shape in shapes.items():
            if getattr(self, name).shape != shape:
                raise ValueError(f"{name} must be {shape}, not {getattr(self, name).shape}")

    def without_heatmaps(self) -> "Proposal":
        """The same, light enough to keep for every frame."""
        return replace(self, heatmaps=())
