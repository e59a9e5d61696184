"""Differentiable crops: RoIAlign (aligned) by `grid_sample`, with exact gradients to pixels and boxes.

Pixel (row, col) covers [col, col + 1) x [row, row + 1). Each crop pixel is the mean of s x s bilinear samples spread evenly over
its bin, s the number of source pixels that a bin spans, so that nothing aliases. Outside the source is black.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional

MAX_SAMPLES = 16
_BORDER = 2  # source pixels kept round a window, more than the one that bilinear interpolation reaches


def crop_boxes(
    source_B3HW: Tensor,
    boxes_BR4: Tensor,
    size: int,
    offset_B2: Tensor | None = None,
    max_samples: int = MAX_SAMPLES,
) -> Tensor:
    """Resamples every box to a size x size picture.

    Args:
        source_B3HW: uint8 (only the window of each box is turned into floats) or float pixels, any value range.
        boxes_BR4: x0 y0 x1 y1 in frame pixels; may have fractions and reach beyond the source.
        size: side of the crops in pixels.
        offset_B2: frame coordinates (x, y) of each source's top left corner, where sources are slices of larger frames.
        max_samples: most samples along a bin's side.

    Returns:
        [B, R, 3, size, size], values as in the source; float32, or the source's own float type.
    """
    boxes = boxes_BR4 if offset_B2 is None else boxes_BR4 - offset_B2.to(boxes_BR4).repeat(1, 2)[:, None]
    rows = [
        torch.stack([_crop(source, box, size, max_samples) for box in own])
        for source, own in zip(source_B3HW, boxes, strict=True)
    ]
    return torch.stack(rows)


def samples_per_bin(extent: float, size: int, max_samples: int = MAX_SAMPLES) -> int:
    """How many samples along one side of a bin: one for each source pixel that it spans."""
    return max(1, min(max_samples, math.ceil(extent / size - 1e-6)))


def _crop(source_3HW: Tensor, box_4: Tensor, size: int, max_samples: int) -> Tensor:
    x0, y0, x1, y1 = (float(value) for value in box_4.detach())
    nx, ny = (samples_per_bin(extent, size, max_samples) for extent in (x1 - x0, y1 - y0))
    window, corner = _window(source_3HW, x0, y0, x1, y1)
    if window.numel() == 0:
        return torch.zeros(3, size, size, dtype=window.dtype, device=window.device) + 0 * box_4.sum()
    precise = box_4.double() if window.dtype == torch.float64 else box_4.float()
    x = _unit(precise[0], precise[2], size * nx, corner[0], window.shape[-1])
    y = _unit(precise[1], precise[3], size * ny, corner[1], window.shape[-2])
    grid = torch.stack([x.expand(len(y), -1), y[:, None].expand(-1, len(x))], -1)
    fine = functional.grid_sample(
        window[None], grid[None].to(window.dtype), mode="bilinear", padding_mode="zeros", align_corners=False
    )
    return functional.avg_pool2d(fine, (ny, nx))[0] if nx * ny > 1 else fine[0]


def _window(source_3HW: Tensor, x0: float, y0: float, x1: float, y1: float) -> tuple[Tensor, tuple[int, int]]:
    """The part of a source that a box can see, as floats, and its top left corner."""
    height, width = source_3HW.shape[-2:]
    left, top = (min(max(math.floor(low) - _BORDER, 0), end) for low, end in ((x0, width), (y0, height)))
    right, bottom = (min(max(math.ceil(high) + _BORDER, 0), end) for high, end in ((x1, width), (y1, height)))
    window = source_3HW[:, top:bottom, left:right]
    return (window if window.is_floating_point() else window.float()), (left, top)


def _unit(low: Tensor, high: Tensor, count: int, corner: int, extent: int) -> Tensor:
    """Places of `count` samples across a box side, in `grid_sample`'s -1..1 over the window."""
    share = (torch.arange(count, device=low.device, dtype=low.dtype) + 0.5) / count
    place = (low - corner) + share * (high - low)
    return place * (2 / extent) - 1
