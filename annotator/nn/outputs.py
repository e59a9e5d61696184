"""What networks return: logits, points and boxes, as frozen values of tensors (see the package for the suffixes)."""

from dataclasses import dataclass

from torch import Tensor

from annotator.nn.axis_logits import Stages, maps


@dataclass(frozen=True, eq=False)
class GlobalOutput:
    """The global network's answer for proxies.

    Attributes:
        stages: logits of every stage, 2D [B, L, h, w] or 1D; the last one is the answer.
        xy_BL2: soft-argmax in unit coordinates of the proxy, 0..1; float32.
    """

    stages: Stages
    xy_BL2: Tensor

    @property
    def logits_BLhw(self) -> Tensor:
        """The answer's latent heatmaps, before the softmax."""
        return maps(self.stages[-1])


@dataclass(frozen=True, eq=False)
class RegionOutput:
    """One region's answer.

    Attributes:
        region: its number in the scheme's order. indices: the scheme's landmarks that it answers for, K of them.
        boxes_B4: the box that was cropped, frame pixels.
        stages: logits of every stage, 2D [B, K, h, w] or 1D, upright (a shared, mirrored network's are turned back).
        unit_BK2: soft-argmax in unit coordinates of the box. xy_BK2: the same in frame pixels.
    """

    region: int
    indices: tuple[int, ...]
    boxes_B4: Tensor
    stages: Stages
    unit_BK2: Tensor
    xy_BK2: Tensor

    @property
    def logits_BKhw(self) -> Tensor:
        """The answer's latent heatmaps, before the softmax."""
        return maps(self.stages[-1])


@dataclass(frozen=True, eq=False)
class ModelOutput:
    """Everything that a forward pass finds.

    Attributes:
        overview: the global network's answer.
        boxes_BR4: boxes of all regions, source pixels; R = 0 for a holistic model.
        regions: one answer a region, in the scheme's order.
        xy_BL2: final points in source pixels: a region's where a landmark has one, the global network's otherwise.
    """

    overview: GlobalOutput
    boxes_BR4: Tensor
    regions: tuple[RegionOutput, ...]
    xy_BL2: Tensor


def combine(global_xy_BL2: Tensor, regions: tuple[RegionOutput, ...]) -> Tensor:
    """Final points [B, L, 2]: regional values in place of the global ones (same space) where there are any."""
    xy = global_xy_BL2.clone()
    for region in regions:
        xy[:, list(region.indices)] = region.xy_BK2.to(xy)
    return xy
