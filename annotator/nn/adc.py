"""Attention-driven cropping (Chandran et al., CVPR 2020): a global network on the proxy,
regional networks on crops of the source.

How many regions there are, and which landmarks they hold, comes from the scheme; with none the model is a holistic baseline.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from annotator.nn.attention_crop import BoxRule, boxes_from_landmarks, from_unit
from annotator.nn.axis_logits import Stages, chunk, mirrored
from annotator.nn.heatmap_tracker import Heatmap1dTracker, TrackState
from annotator.nn.outputs import GlobalOutput, ModelOutput, RegionOutput, combine
from annotator.nn.roi_align import MAX_SAMPLES, crop_boxes
from annotator.nn.soft_argmax import Decode, soft_argmax

BoxGradient = Literal["none", "uncrop", "full"]
Backbone = Callable[[int], nn.Module]
"""Makes a network for K landmarks: [B, 3, H, W] normalised pixels to its `Stages`."""

PIXEL_MEAN = 127.5
PIXEL_SCALE = 127.5


@dataclass(frozen=True)
class AdcConfig:
    """How the parts are joined.

    Attributes:
        regions: landmark indices of each region. mirror: the scheme's mirror indices, needed to share networks.
        proxy, crop: sides in pixels of the global network's picture and of every crop.
        box: how boxes follow from landmarks.
        box_grad: what regional errors teach the global network through its boxes: `none` (boxes are constants), `uncrop` (only
            the way back to the frame) or `full` (the crop too, as in the paper).
        share_mirrored: regions that mirror each other use one network, the second one on flipped crops.
        decode: the soft-argmax used for answers outside training.
    """

    regions: tuple[tuple[int, ...], ...]
    mirror: tuple[int, ...] = ()
    proxy: int = 256
    crop: int = 256
    box: BoxRule = field(default_factory=BoxRule)
    box_grad: BoxGradient = "none"
    share_mirrored: bool = False
    decode: Decode = "plain"


@dataclass(frozen=True)
class _Assignment:
    """Which network serves a region, and how its channels are read: `order` is None for a network's own region."""

    network: int
    order: tuple[int, ...] | None


class AttentionDrivenCropping(nn.Module):
    """The whole model. Pictures are RGB with values 0..255, uint8 or float; the model normalises them itself.

    `forward` does everything on square sources. Callers that hold larger or oblong frames use the parts: `forward_global` on the
    proxies, `boxes` on its points brought to frame pixels, then `forward_regions` (or `forward_crops` on crops made elsewhere).
    """

    def __init__(self, landmarks: int, config: AdcConfig, overview: Backbone, regional: Backbone) -> None:
        super().__init__()
        self.landmarks = landmarks
        self.config = config
        self.overview = overview(landmarks)
        self._assignments, sizes = _assign(config)
        self.regional = nn.ModuleList(regional(size) for size in sizes)

    @property
    def regions(self) -> tuple[tuple[int, ...], ...]:
        """Landmark indices of each region."""
        return self.config.regions

    def forward(
        self, source_B3SS: Tensor, boxes_BR4: Tensor | None = None, iterations: int = 1
    ) -> ModelOutput:
        """Runs everything on square sources.

        Args:
            source_B3SS: uint8 or float, 0..255, any side from the proxy's up.
            boxes_BR4: boxes to crop, source pixels; None takes the global network's.
            iterations: how often regions are cropped, each time round the points found before; 2 or 3 help at test time.
        """
        side = source_B3SS.shape[-1]
        if source_B3SS.shape[-2] != side:
            raise ValueError(f"forward takes square sources, not {tuple(source_B3SS.shape)}; use the parts")
        overview = self.forward_global(shrink(source_B3SS, self.config.proxy))
        xy = overview.xy_BL2 * side
        boxes = self.boxes(xy, side) if boxes_BR4 is None else boxes_BR4
        regions = self.forward_regions(source_B3SS, boxes)
        for _ in range(iterations - 1 if regions else 0):
            boxes = self.boxes(combine(xy, regions), side)
            regions = self.forward_regions(source_B3SS, boxes)
        return ModelOutput(overview, boxes, regions, combine(xy, regions))

    def forward_global(self, proxy_B3PP: Tensor, frames: int = 1) -> GlobalOutput:
        """The global network alone, on proxies [B, 3, proxy, proxy]; points in unit coordinates of the proxy.

        With `frames` above 1 the batch holds runs of so many consecutive pictures, one run after another, and a network that can
        look back (`tracker`) does.
        """
        pictures = normalise(proxy_B3PP)
        tracker = self.tracker
        if frames > 1 and tracker is not None:
            stages: Stages = (tracker.track(pictures, frames),)
        else:
            stages = self.overview(pictures)
        return GlobalOutput(stages, soft_argmax(stages[-1], self._decode))

    @property
    def tracker(self) -> Heatmap1dTracker | None:
        """The global network where it can look back at the frame before, else None."""
        return self.overview if isinstance(self.overview, Heatmap1dTracker) else None

    def track(self, proxy_B3PP: Tensor, before: TrackState | None) -> tuple[GlobalOutput, TrackState]:
        """One frame of a take by a `tracker`, and the state to hand on; `before` None where a take or a shot begins.

        Raises ValueError for a network that cannot look back.
        """
        if self.tracker is None:
            raise ValueError("this network cannot look back at the frame before")
        state = self.tracker.step(normalise(proxy_B3PP), before)
        return GlobalOutput((state.maps,), soft_argmax(state.maps, self._decode)), state

    def boxes(self, xy_BL2: Tensor, frame_side: Tensor | float, weight_BL: Tensor | None = None) -> Tensor:
        """Boxes [B, R, 4] of all regions in the points' own space, without gradient unless `box_grad` asks for it."""
        points = xy_BL2.detach() if self.config.box_grad == "none" else xy_BL2
        return boxes_from_landmarks(points, self.regions, frame_side, self.config.box, weight_BL)

    def forward_regions(
        self,
        source_B3HW: Tensor,
        boxes_BR4: Tensor,
        regions: Sequence[int] | None = None,
        offset_B2: Tensor | None = None,
        max_samples: int = MAX_SAMPLES,
    ) -> tuple[RegionOutput, ...]:
        """The regional networks on given boxes.

        Args:
            source_B3HW: pixels 0..255, uint8 or float; the frame or a slice of it.
            boxes_BR4: one box for each of `regions`, frame pixels.
            regions: numbers of the regions to run; None runs all.
            offset_B2: frame coordinates (x, y) of the slices' top left corners.
            max_samples: most bilinear samples along a crop pixel's side.
        """
        chosen = tuple(range(len(self.regions))) if regions is None else tuple(regions)
        if not chosen:
            return ()
        looked_at = boxes_BR4 if self.config.box_grad == "full" else boxes_BR4.detach()
        crops = crop_boxes(source_B3HW, looked_at, self.config.crop, offset_B2, max_samples)
        return self.forward_crops(crops, boxes_BR4, chosen)

    def forward_crops(
        self, crops_BR3SS: Tensor, boxes_BR4: Tensor, regions: Sequence[int] | None = None
    ) -> tuple[RegionOutput, ...]:
        """The regional networks on ready crops [B, R, 3, crop, crop] (0..255) of the boxes, one for each of `regions`."""
        chosen = tuple(range(len(self.regions))) if regions is None else tuple(regions)
        stages = self._run(normalise(crops_BR3SS), chosen)
        answers = []
        for i, region in enumerate(chosen):
            unit = soft_argmax(stages[region][-1], self._decode)
            xy = from_unit(unit, boxes_BR4[:, i])
            answers.append(
                RegionOutput(region, self.regions[region], boxes_BR4[:, i], stages[region], unit, xy)
            )
        return tuple(answers)

    @property
    def _decode(self) -> Decode:
        return "plain" if self.training else self.config.decode

    def _run(self, crops_BR3SS: Tensor, chosen: tuple[int, ...]) -> dict[int, Stages]:
        """Logits of each chosen region; those that share a network go through it in one batch."""
        found: dict[int, Stages] = {}
        for number, network in enumerate(self.regional):
            mine = [(i, r) for i, r in enumerate(chosen) if self._assignments[r].network == number]
            if not mine:
                continue
            pictures = [
                crops_BR3SS[:, i].flip(-1) if self._assignments[r].order is not None else crops_BR3SS[:, i]
                for i, r in mine
            ]
            stages: Stages = network(torch.cat(pictures))
            parts = zip(*(chunk(stage, len(mine)) for stage in stages), strict=True)
            for (_, r), own in zip(mine, parts, strict=True):
                order = self._assignments[r].order
                found[r] = own if order is None else tuple(mirrored(stage, order) for stage in own)
        return found


def normalise(pixels: Tensor) -> Tensor:
    """Pixels 0..255 of any type as floats -1..1."""
    values = pixels if pixels.is_floating_point() else pixels.float()
    return (values - PIXEL_MEAN) / PIXEL_SCALE


def shrink(source_B3SS: Tensor, side: int) -> Tensor:
    """Exact area average of square sources to side x side, floats 0..255; integers become floats one picture at a time."""
    if not source_B3SS.is_floating_point() and len(source_B3SS) > 1:
        return torch.cat([shrink(one[None], side) for one in source_B3SS])
    values = source_B3SS if source_B3SS.is_floating_point() else source_B3SS.float()
    have = values.shape[-1]
    if have == side:
        return values
    if have % side == 0:
        return functional.avg_pool2d(values, have // side)
    return functional.interpolate(values, size=(side, side), mode="area")


def _assign(config: AdcConfig) -> tuple[tuple[_Assignment, ...], list[int]]:
    """For each region its network, and the number of landmarks of each network."""
    assignments: list[_Assignment] = []
    sizes: list[int] = []
    owner: dict[int, int] = {}
    for number, indices in enumerate(config.regions):
        flipped = [config.mirror[i] for i in indices] if config.share_mirrored else []
        twin = next((r for r in owner if set(config.regions[r]) == set(flipped)), None)
        if twin is None:
            owner[number] = len(sizes)
            assignments.append(_Assignment(len(sizes), None))
            sizes.append(len(indices))
        else:
            order = tuple(config.regions[twin].index(i) for i in flipped)
            assignments.append(_Assignment(owner[twin], order))
    return tuple(assignments), sizes
