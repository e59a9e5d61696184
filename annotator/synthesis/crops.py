"""What training reads of a frame, rendered alone: a small proxy of the whole and windows round the regions.

The pixels of a region window are those of the full frame, so coordinates keep its precision at a part of its cost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.synthesis.errors import StudioError

Window = tuple[float, float, float, float]
PROXY_PIXELS = 256
GENEROSITY = 1.7
"""Side of a window over the larger extent of its region's landmarks: room for boxes that are off and for augmentation."""
GRANULE = 64
"""Windows have sides of whole granules, so that few render targets are needed."""


@dataclass(frozen=True)
class CropPlan:
    """A picture to render: `window` x0 y0 x1 y1 in frame pixels, drawn into `pixels` (width, height)."""

    name: str
    window: Window
    pixels: tuple[int, int]


@dataclass(frozen=True)
class RenderedCrop:
    """A rendered picture of a plan, uint8 (h, w, 3)."""

    plan: CropPlan
    image: NDArray[np.generic]


def plan_crops(xy: NDArray[np.float64], scheme: LandmarkScheme, size: int) -> Iterator[CropPlan]:
    """The proxy, then one square window a region of the scheme, for landmarks `xy` (L, 2) of a size x size frame."""
    yield CropPlan("proxy", (0.0, 0.0, float(size), float(size)), (PROXY_PIXELS, PROXY_PIXELS))
    for region in scheme.regions:
        points = xy[list(region.indices)]
        low, high = points.min(0), points.max(0)
        side = GENEROSITY * float((high - low).max())
        side = float(min(size, max(GRANULE, GRANULE * np.ceil(side / GRANULE))))
        corner = np.clip(np.round((low + high) / 2 - side / 2), 0, size - side)
        x, y = float(corner[0]), float(corner[1])
        yield CropPlan(region.name, (x, y, x + side, y + side), (int(side), int(side)))


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
