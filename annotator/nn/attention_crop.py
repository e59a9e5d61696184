"""Boxes from landmarks, their training noise, and the maps between a box's unit square and its frame.

A box is x0 y0 x1 y1 in the space of the points that it was made from. Everything is differentiable. The paper gives
neither margin nor noise: a margin of .5 and a size noise of .2 are what converged best.
"""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class BoxRule:
    """How a region's box follows from its landmarks.

    Attributes:
        margin: share of the landmarks' extent that is added on each side.
        min_aspect: the shorter side is at least this share of the longer one; 1 makes squares.
        min_size: least side, as a share of the frame's longer side; keeps a collapsed region croppable.
        max_size: greatest side, likewise; 2 lets a frame-filling region keep its whole margin.
    """

    margin: float = 0.5
    min_aspect: float = 0.7
    min_size: float = 0.02
    max_size: float = 2.0


def boxes_from_landmarks(
    xy_BL2: Tensor,
    regions: tuple[tuple[int, ...], ...],
    frame_side: Tensor | float,
    rule: BoxRule,
    weight_BL: Tensor | None = None,
) -> Tensor:
    """One box a region round its landmarks.

    Args:
        xy_BL2: points of the whole scheme, any unit.
        regions: landmark indices of each region.
        frame_side: longer side of the frame in the same unit; a number, or [B].
        rule: margin and limits.
        weight_BL: landmarks of weight 0 are ignored; a region without any takes its box from all its points.

    Returns:
        [B, R, 4]; R = 0 gives an empty tensor.
    """
    if not regions:
        return xy_BL2.new_zeros(len(xy_BL2), 0, 4)
    boxes = []
    for indices in regions:
        points = xy_BL2[:, list(indices)]
        low, high = points, points
        if weight_BL is not None:
            known = weight_BL[:, list(indices)] > 0
            known = (known | ~known.any(1, keepdim=True))[..., None]
            low = points.masked_fill(~known, float("inf"))
            high = points.masked_fill(~known, float("-inf"))
        boxes.append(_box(low.amin(1), high.amax(1), frame_side, rule))
    return torch.stack(boxes, 1)


def jitter_boxes(
    boxes_BR4: Tensor, size_noise: float, shift_noise: float, generator: torch.Generator | None = None
) -> Tensor:
    """Training noise: normal factors on width and height independently (paper), and a shift in shares of the size.

    The factors stay within 0.6..1.6 so that a crop never degenerates.
    """
    size = boxes_BR4[..., 2:] - boxes_BR4[..., :2]
    centre = (boxes_BR4[..., 2:] + boxes_BR4[..., :2]) / 2
    noise = torch.randn(
        (2, *size.shape), generator=generator, dtype=torch.float32, device="cpu" if generator else size.device
    ).to(size)
    grown = size * (1 + size_noise * noise[0]).clamp(0.6, 1.6)
    moved = centre + size * (shift_noise * noise[1]).clamp(-0.4, 0.4)
    return torch.cat([moved - grown / 2, moved + grown / 2], -1)


def to_unit(xy_BRK2: Tensor, boxes_BR4: Tensor) -> Tensor:
    """Points [..., K, 2] of the boxes' space in their box's unit square; inverse of `from_unit`."""
    corner, size = boxes_BR4[..., None, :2], boxes_BR4[..., None, 2:] - boxes_BR4[..., None, :2]
    return (xy_BRK2 - corner) / size


def from_unit(unit_BRK2: Tensor, boxes_BR4: Tensor) -> Tensor:
    """Un-cropping: points [..., K, 2] of a box's unit square in the boxes' own space."""
    corner, size = boxes_BR4[..., None, :2], boxes_BR4[..., None, 2:] - boxes_BR4[..., None, :2]
    return corner + unit_BRK2 * size


def _box(low_B2: Tensor, high_B2: Tensor, frame_side: Tensor | float, rule: BoxRule) -> Tensor:
    side = torch.as_tensor(frame_side, dtype=low_B2.dtype, device=low_B2.device)
    side = side[:, None] if side.ndim else side
    size = (high_B2 - low_B2) * (1 + 2 * rule.margin)
    size = torch.maximum(size, rule.min_aspect * size.amax(-1, keepdim=True))
    size = torch.minimum(torch.maximum(size, rule.min_size * side), rule.max_size * side)
    centre = (low_B2 + high_B2) / 2
    return torch.cat([centre - size / 2, centre + size / 2], -1)
