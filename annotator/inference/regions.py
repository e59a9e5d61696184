"""Reading the regions of a face: upright crops of the original pixels, the regional networks, and which points to believe.

Boxes are upright with the face: for a face rolled by `roll` they are turned with it. A reading keeps the affine of its box;
`box` is the bounding box in the frame, which is the box itself for an upright face.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, bounding_box, frame_from_box_grid
from annotator.domain.faces.confidence import sigma
from annotator.domain.proposal import Heatmap
from annotator.domain.scheme import LandmarkScheme, Region
from annotator.inference.decode import Maps, Points, fused
from annotator.inference.options import InferenceOptions
from annotator.inference.runner import Runner
from annotator.inference.test_time_views import FrameViews, grid_affine, tilt, turned

Floats = NDArray[np.float64]
_UNIFORM = 1.0 / np.sqrt(12.0)
_UNREADABLE = 0.85  # median sigma of a region's maps, as a share of that of flat maps
_SETTLED = 0.03  # of a box's side: one whose corners would move by less is not read again
_CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


@dataclass(frozen=True)
class Reading:
    """One region of one frame: the affine of its box, maps, points (frame pixels), and the crop that was read
    (float32 tensor [3,S,S], 0..255)."""

    region: Region
    frame_from_unit: Affine
    maps: Maps
    points: Points
    crop: torch.Tensor

    @property
    def box(self) -> Floats:
        """x0 y0 x1 y1 in frame pixels: the bounding box of what was read."""
        return bounding_box(apply_affine(self.frame_from_unit, _CORNERS))

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
            grid_affine(self.frame_from_unit, logits.shape[2], logits.shape[1]),
            picture,
            grid_affine(self.frame_from_unit, width, height),
        )


def merged(global_points: Points, readings: Sequence[Reading]) -> Points:
    """Regional points where a region could be read, the global network's elsewhere (a copy)."""
    points = Points(global_points.xy.copy(), global_points.covariance.copy())
    for reading in readings:
        if reading.readable:
            reading.place(points)
    return points


def regional_points(readings: Sequence[Reading], like: Points) -> Points:
    """Points [L] of the regions that could be read, NaN elsewhere; `like` gives their number."""
    return merged(Points(np.full_like(like.xy, np.nan), np.zeros_like(like.covariance)), readings)


def box_affines(boxes: Floats, roll: float) -> Floats:
    """float64[R,2,3]: `frame_from_unit` of boxes [R,4] that are upright with a face rolled by `roll` (their coordinates are
    those of the frame turned back by it)."""
    affines = np.stack([frame_from_box_grid(box, 1, 1) for box in boxes])
    cos, sin = np.cos(roll), np.sin(roll)
    turned_affines: Floats = np.array([[cos, -sin], [sin, cos]]) @ affines if roll else affines
    return turned_affines


def drawn_affines(boxes: Floats, roll: float) -> Floats:
    """The same for boxes [R,4] drawn in the frame round a face rolled by `roll`: the largest turned box of the same proportions
    that each one holds."""
    roll = tilt(roll)
    if not roll:
        return box_affines(boxes, 0.0)
    size = boxes[:, 2:] - boxes[:, :2]
    cos, sin = abs(np.cos(roll)), abs(np.sin(roll))
    reach = size @ np.array([[cos, sin], [sin, cos]])
    half = size * (size / reach).min(axis=1, keepdims=True) / 2
    centre = turned((boxes[:, :2] + boxes[:, 2:]) / 2, -roll)
    return box_affines(np.concatenate([centre - half, centre + half], axis=1), roll)


class RegionReader:
    """Runs the regional networks on frames."""

    def __init__(self, runner: Runner, scheme: LandmarkScheme, options: InferenceOptions) -> None:
        self._runner, self._scheme, self._options = runner, scheme, options
        names = [region.name for region in scheme.regions]
        self._twins = [names.index(region.mirror) for region in scheme.regions]

    def read(
        self, frames: Sequence[FrameViews], global_points: Sequence[Points], rolls: Sequence[float]
    ) -> list[list[Reading]]:
        """All regions of each frame, in boxes round the global points and then, refinement by refinement, round those found."""
        affines = [self._boxes(*one) for one in zip(frames, global_points, rolls, strict=True)]
        answers = [self.read_affines(frames, affines)]
        for _ in range(self._options.iterations - 1):
            points = [merged(first, own) for first, own in zip(global_points, answers[-1], strict=True)]
            wanted = [self._boxes(*one) for one in zip(frames, points, rolls, strict=True)]
            if self._options.is_adaptive:
                answers.append([self._moved(*one) for one in zip(frames, answers[-1], wanted, strict=True)])
            else:
                answers.append(self.read_affines(frames, wanted))
            affines = [np.stack([region.frame_from_unit for region in own]) for own in answers[-1]]
        shown = answers[-1]
        if self._options.flip:
            answers.append(self.read_mirrored(frames, affines))
        return [self._averaged([own[i] for own in answers], shown[i]) for i in range(len(frames))]

    def _moved(self, frame: FrameViews, before: Sequence[Reading], wanted: Floats) -> list[Reading]:
        """The readings of a frame, those anew whose boxes are wanted elsewhere [R,2,3] than they were read."""
        now = np.stack([own.frame_from_unit for own in before])
        apart = [
            np.abs(apply_affine(new, _CORNERS) - apply_affine(old, _CORNERS)).max()
            for new, old in zip(wanted, now, strict=True)
        ]
        numbers = np.flatnonzero(apart > _SETTLED * np.linalg.norm(now[:, :, 0], axis=-1)).tolist()
        after = list(before)
        if numbers:
            for number, own in zip(
                numbers, self.read_affines([frame], [wanted[numbers]], numbers)[0], strict=True
            ):
                after[number] = own
        return after

    def glance(self, frame: FrameViews, global_points: Points, roll: float) -> list[Reading]:
        """All regions of one frame, read once in boxes round the global points."""
        return self.read_affines([frame], [self._boxes(frame, global_points, roll)])[0]

    def read_again(
        self, frame: FrameViews, expected: Points, roll: float, numbers: Sequence[int]
    ) -> list[Reading]:
        """Some regions of one frame, read where the rest of the face expects them and then once more round what was found."""
        points = expected
        answers: list[list[Reading]] = []
        for _ in range(self._options.iterations):
            affines = self._boxes(frame, points, roll)[list(numbers)]
            answers.append(self.read_affines([frame], [affines], numbers)[0])
            points = merged(expected, answers[-1])
        return self._averaged(answers, answers[-1])

    def read_affines(
        self,
        frames: Sequence[FrameViews],
        affines: Sequence[Floats],
        numbers: Sequence[int] | None = None,
    ) -> list[list[Reading]]:
        """The regions `numbers` (None: all) of each frame in given boxes, `frame_from_unit` [len(numbers),2,3]."""
        chosen = list(range(len(self._scheme.regions)) if numbers is None else numbers)
        crops = [self._runner.crops(frame, own) for frame, own in zip(frames, affines, strict=True)]
        maps = self._runner.regional_maps(crops, chosen)
        return [self._readings(chosen, *one) for one in zip(affines, crops, maps, strict=True)]

    def read_mirrored(self, frames: Sequence[FrameViews], affines: Sequence[Floats]) -> list[list[Reading]]:
        """All regions in a mirror: each crop is flipped and read as the region that it then is."""
        flip = np.array([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
        flipped = [own @ flip for own in affines]
        crops = [self._runner.crops(frame, own) for frame, own in zip(frames, flipped, strict=True)]
        maps = self._runner.regional_maps(crops, self._twins)
        readings = []
        for own_affines, own_crops, own_maps in zip(flipped, crops, maps, strict=True):
            own = [each.reordered(self._order(i)) for i, each in enumerate(own_maps)]
            readings.append(self._readings(range(len(own)), own_affines, own_crops, own))
        return readings

    def _boxes(self, frame: FrameViews, points: Points, roll: float) -> Floats:
        """float64[R,2,3]: the affines of the regions' boxes round points of a face rolled by `roll`."""
        turn = tilt(roll)
        boxes = self._runner.boxes(turned(points.xy, -turn), float(max(frame.pixels.shape[:2])))
        return box_affines(boxes, turn)

    def _order(self, number: int) -> NDArray[np.int64]:
        """Where the mirrored region keeps the landmarks of region `number`."""
        twin = self._scheme.regions[self._twins[number]].indices
        return np.array(
            [twin.index(int(self._scheme.mirror[i])) for i in self._scheme.regions[number].indices]
        )

    def _readings(
        self, chosen: Sequence[int], affines: Floats, crops: torch.Tensor, maps: Sequence[Maps]
    ) -> list[Reading]:
        result = []
        for number, affine, crop, own in zip(chosen, affines, crops, maps, strict=True):
            region = self._scheme.regions[number]
            points = own.in_frame(affine, self._options.scale(region.name))
            result.append(Reading(region, affine, own, points, crop))
        return result

    def _averaged(self, answers: Sequence[Sequence[Reading]], shown: Sequence[Reading]) -> list[Reading]:
        """The readings `shown` with points averaged over the answers that could be read."""
        result = []
        for number, reading in enumerate(shown):
            read = {id(own[number]): own[number] for own in answers}  # one that stayed counts once
            usable = [own.points for own in read.values() if own.readable]
            if usable and reading.readable:
                points = fused(usable, self._options.scale(reading.region.name))
                reading = replace(reading, points=points)
            result.append(reading)
        return result
