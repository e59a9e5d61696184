"""Reading the regions of a face: crops of the original pixels, the regional networks, and which points to believe."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.coords import frame_from_box_grid
from annotator.domain.proposal import Heatmap
from annotator.domain.scheme import LandmarkScheme, Region
from annotator.inference.decode import Maps, Points, sigma
from annotator.inference.options import InferenceOptions
from annotator.inference.runner import Runner

_UNIFORM = 1.0 / np.sqrt(12.0)
_UNREADABLE = 0.85  # median sigma of a region's maps, as a share of that of flat maps


@dataclass(frozen=True)
class Reading:
    """One region of one frame: its number, box [4] in frame pixels, maps, points, and the crop that was read
    (float32 tensor [3,S,S], 0..255)."""

    region: Region
    box: NDArray[np.float64]
    maps: Maps
    points: Points
    crop: torch.Tensor

    @property
    def readable(self) -> bool:
        """False when the maps are nearly flat: a covered region gives a meaningless crop."""
        return bool(np.median(sigma(self.maps.covariance)) < _UNREADABLE * _UNIFORM)

    def place(self, points: Points) -> None:
        """Write the region's points into those of all landmarks, in place."""
        indices = list(self.region.indices)
        points.xy[indices] = self.points.xy
        points.covariance[indices] = self.points.covariance

    def heatmap(self) -> Heatmap:
        """The maps and the crop as they are shown."""
        logits = self.maps.logits.cpu().numpy()
        bytes_HW3 = self.crop.round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0)
        picture = np.ascontiguousarray(bytes_HW3.cpu().numpy())
        height, width = picture.shape[:2]
        return Heatmap(
            self.region.name,
            np.asarray(self.region.indices, np.int64),
            logits,
            frame_from_box_grid(self.box, logits.shape[2], logits.shape[1]),
            picture,
            frame_from_box_grid(self.box, width, height),
        )


def merged(overview: Points, readings: Sequence[Reading]) -> Points:
    """Regional points where a region could be read, the global network's elsewhere (a copy)."""
    points = Points(overview.xy.copy(), overview.covariance.copy())
    for reading in readings:
        if reading.readable:
            reading.place(points)
    return points


class RegionReader:
    """Runs the regional networks on frames."""

    def __init__(self, runner: Runner, scheme: LandmarkScheme, options: InferenceOptions) -> None:
        self._runner, self._scheme, self._options = runner, scheme, options

    def read(self, frames: Sequence[NDArray[np.uint8]], overviews: Sequence[Points]) -> list[list[Reading]]:
        """All regions of each frame, in boxes round the global points and then, pass by pass, round the points found."""
        sides = [float(max(frame.shape[:2])) for frame in frames]
        points = list(overviews)
        readings: list[list[Reading]] = []
        for _ in range(self._options.passes):
            boxes = [self._runner.boxes(own.xy, side) for own, side in zip(points, sides, strict=True)]
            readings = self.read_boxes(frames, boxes)
            points = [merged(first, own) for first, own in zip(overviews, readings, strict=True)]
        return readings

    def read_boxes(
        self,
        frames: Sequence[NDArray[np.uint8]],
        boxes: Sequence[NDArray[np.float64]],
        numbers: Sequence[int] | None = None,
    ) -> list[list[Reading]]:
        """The regions `numbers` (None: all) of each frame in given boxes [len(numbers),4], frame pixels."""
        chosen = list(range(len(self._scheme.regions)) if numbers is None else numbers)
        crops = [self._runner.crops(frame, own) for frame, own in zip(frames, boxes, strict=True)]
        maps = self._runner.regions(crops, chosen)
        return [self._readings(chosen, *one) for one in zip(boxes, crops, maps, strict=True)]

    def _readings(
        self, chosen: Sequence[int], boxes: NDArray[np.float64], crops: torch.Tensor, maps: Sequence[Maps]
    ) -> list[Reading]:
        result = []
        for number, box, crop, own in zip(chosen, boxes, crops, maps, strict=True):
            region = self._scheme.regions[number]
            points = own.in_frame(frame_from_box_grid(box, 1, 1), self._options.scale(region.name))
            result.append(Reading(region, box, own, points, crop))
        return result
