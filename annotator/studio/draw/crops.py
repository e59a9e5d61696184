"""What training reads of a frame, rendered alone: a small proxy of the whole and windows round the regions.

Windows are as fine as the frame, or as the crops of a network can use where that is less: coordinates stay those of the frame.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.studio.errors import StudioError

Window = tuple[float, float, float, float]
PROXY_PIXELS = 256
GENEROSITY = 1.7
"""Side of a window over the larger extent of its region's landmarks: room for boxes that are off and for augmentation."""
GRANULE = 64
"""Windows have sides of whole granules of their own pixels, so that few render targets are needed."""
CROP_PIXELS = 800
"""The most pixels of a window's side: the finest crops of our recipes, 256 pixels, read at most 290 of it."""


@dataclass(frozen=True)
class CropPlan:
    """A picture to render: `window` x0 y0 x1 y1 in frame pixels, drawn into `pixels` (width, height)."""

    name: str
    window: Window
    pixels: tuple[int, int]

    @property
    def block(self) -> int:
        """Frame pixels that a pixel is wide."""
        return int(self.window[2] - self.window[0]) // self.pixels[0]


@dataclass(frozen=True)
class RenderedCrop:
    """A rendered picture of a plan, uint8 (h, w, 3)."""

    plan: CropPlan
    image: NDArray[np.generic]


def plan_crops(
    xy: NDArray[np.float64], scheme: LandmarkScheme, size: int, most_pixels: int = CROP_PIXELS
) -> Iterator[CropPlan]:
    """The proxy, then one square window a region of the scheme, for landmarks `xy` (L, 2) of a size x size frame.

    A pixel of a window is a block of n x n frame pixels, the same n for all windows: the least with which none has
    more than about `most_pixels` a side. Their corners lie on whole blocks.
    """
    yield CropPlan("proxy", (0.0, 0.0, float(size), float(size)), (PROXY_PIXELS, PROXY_PIXELS))
    regions = [xy[list(region.indices)] for region in scheme.regions]
    boxes = [(points.min(0), points.max(0)) for points in regions]
    sides = [GENEROSITY * float((high - low).max()) for low, high in boxes]
    block = int(np.ceil(min(size, max(sides)) / most_pixels))
    blocks = size // block
    for region, (low, high), side in zip(scheme.regions, boxes, sides, strict=True):
        pixels = min(blocks, GRANULE * max(1, int(np.ceil(side / block / GRANULE))))
        corner = np.clip(np.round((low + high) / 2 / block - pixels / 2), 0, blocks - pixels)
        x0, y0, x1, y1 = (float(block * edge) for edge in (*corner, *(corner + pixels)))
        yield CropPlan(region.name, (x0, y0, x1, y1), (pixels, pixels))


def to_crop(xy: NDArray[np.float64], plan: CropPlan) -> NDArray[np.float64]:
    """Frame pixels (L, 2) as pixels of the crop."""
    x0, y0, x1, y1 = plan.window
    scale = np.array(plan.pixels) / (x1 - x0, y1 - y0)
    return np.asarray((xy - (x0, y0)) * scale)


def inside_crop(xy: NDArray[np.float64], plan: CropPlan) -> NDArray[np.bool_]:
    """Crop pixels (L, 2) that lie within the crop."""
    return np.asarray(((xy >= 0) & (xy < np.array(plan.pixels))).all(1))


def check_format(file_format: str) -> None:
    """Crops are what training reads: 8-bit pictures."""
    if file_format not in ("jpg", "png"):
        raise StudioError(f"crops are written as jpg or png, not {file_format}")
