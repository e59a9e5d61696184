"""The tracker of attentive one-dimensional heatmaps, after Yin et al. (ACM MM 2020): a detector with temporal refinement.

Only that paper's abstract could be read; this is a reconstruction. The 1D maps of a frame are refined by those of the frame
before. The landmarks of now ask those of before by cross-attention how the face moved, the maps of before are carried along
by the answer, and a gate says how much they count. The gate starts at zero, so that a fresh tracker is its detector, exactly.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from annotator.nn.axis_logits import AxisLogits, Stages
from annotator.nn.heatmap_1d import Heatmap1d, Heatmap1dConfig
from annotator.nn.patch_motion import patch_motion
from annotator.nn.soft_argmax import moments

_OWN = 5.0  # how much more a landmark asks itself than another, where pixels tell its motion
_FEATURES = 6
_WILLING = (
    2.0  # log odds, at first, that pixels tell a motion rather than maps, and that a landmark's gate is used
)
_NEXT_TO_NOTHING = 1e-9


@dataclass(frozen=True)
class Heatmap1dTrackerConfig(Heatmap1dConfig):
    """The detector's, and what the refinement is made of.

    Attributes:
        memory: dimensions of the temporal attention's queries and keys.
        pixels: motion is also read from the two pictures (`patch_motion`), not from the maps alone.
    """

    memory: int = 32
    pixels: bool = True


@dataclass(frozen=True, eq=False)
class TrackState:
    """What is carried from a frame to the next: its refined maps, and its picture in grey [B, 1, H, W], -1..1."""

    maps: AxisLogits
    grey_B1HW: Tensor

    def to(self, device: torch.device) -> "TrackState":
        """The same on a device."""
        maps = AxisLogits(self.maps.over_x_BKw.to(device), self.maps.over_y_BKh.to(device))
        return TrackState(maps, self.grey_B1HW.to(device))

    def seen_from(self, scale: float, x: float, y: float) -> "TrackState":
        """The same as another window of the frame sees it: its unit place u is `scale` * u + (x, y) of this one."""
        over_x, over_y = self.maps.over_x_BKw, self.maps.over_y_BKh
        maps = AxisLogits(_resampled(over_x, scale, x), _resampled(over_y, scale, y))
        theta = torch.tensor([[scale, 0.0, 2 * x + scale - 1], [0.0, scale, 2 * y + scale - 1]])
        theta = theta.to(self.grey_B1HW).expand(len(self.grey_B1HW), 2, 3)
        grid = functional.affine_grid(theta, list(self.grey_B1HW.shape), align_corners=False)
        grey = functional.grid_sample(self.grey_B1HW, grid, padding_mode="border", align_corners=False)
        return TrackState(maps, grey)


class TemporalRefinement(nn.Module):
    """Maps of now, refined by those of the frame before.

    Each landmark of now asks all landmarks of before (cross-attention over landmarks, their two maps being their tokens). What is
    answered is how far they moved, by the maps and, with `pixels`, by patches of the two pictures. The landmark's own map of
    before is carried so far and added to its logits, times a gate for each axis: a number of the landmark's own, zero at first,
    times a share that reads how wide both maps are, how well they agree, and how good the motion is.
    """

    def __init__(self, landmarks: int, cells: int, dimensions: int, pixels: bool) -> None:
        super().__init__()
        self.pixels = pixels
        self.query = nn.Linear(2 * cells, dimensions)
        self.key = nn.Linear(2 * cells, dimensions)
        # which landmark of before tells of which of now, whatever the maps look like
        self.neighbours = nn.Parameter((_OWN if pixels else 0.0) * torch.eye(landmarks))
        self.trust = nn.Linear(2, 1)
        self.gate = nn.Linear(_FEATURES, 2)
        self.gate_of_landmark = nn.Parameter(torch.zeros(landmarks, 2))
        for layer in (self.trust, self.gate):
            nn.init.zeros_(layer.weight)
            nn.init.constant_(layer.bias, _WILLING)

    def forward(self, now: AxisLogits, grey_B1HW: Tensor, before: TrackState) -> AxisLogits:
        """Refined logits, of the same shapes; float32 or better."""
        with torch.autocast(grey_B1HW.device.type, enabled=False):
            now, held = now.float(), before.maps.float()
            here, spread = _places(now)
            there, spread_before = _places(held)
            move, quality = here - there, torch.zeros_like(here)
            if self.pixels:
                by_pixels, quality = self._by_pixels(grey_B1HW, before.grey_B1HW, there, here, now)
                move = torch.lerp(move, by_pixels, torch.sigmoid(self.trust(quality)))
            carried = self._attention(now, held) @ move
            apart = (here - there - carried).square() / (spread.square() + spread_before.square())
            features = torch.cat(
                [spread.log().mean(-1, keepdim=True), spread_before.log().mean(-1, keepdim=True),
                 apart.log1p(), quality], -1,
            )  # fmt: skip
            # the share is never negative: maps are not to be divided by those of before, wherever they lie
            gate_x, gate_y = (torch.tanh(self.gate_of_landmark) * torch.sigmoid(self.gate(features))).unbind(
                -1
            )
            along_x = shifted(held.over_x_BKw.log_softmax(-1), carried[..., 0])
            along_y = shifted(held.over_y_BKh.log_softmax(-1), carried[..., 1])
            return AxisLogits(
                now.over_x_BKw + gate_x[..., None] * along_x, now.over_y_BKh + gate_y[..., None] * along_y
            )

    def _attention(self, now: AxisLogits, held: AxisLogits) -> Tensor:
        """[B, K, K]: for each landmark of now the shares of those of before."""
        query, key = self.query(_tokens(now)), self.key(_tokens(held))
        score = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1]) + self.neighbours
        shares: Tensor = score.softmax(-1)
        return shares

    @staticmethod
    def _by_pixels(
        now_B1HW: Tensor, before_B1HW: Tensor, there: Tensor, here: Tensor, maps: AxisLogits
    ) -> tuple[Tensor, Tensor]:
        """Moves in cells by patches, from where the landmarks were; and how good they are."""
        h, w = now_B1HW.shape[-2:]
        pixel = torch.tensor([w / maps.over_x_BKw.shape[-1], h / maps.over_y_BKh.shape[-1]]).to(there)
        # the face's motion as a whole is where each patch begins to look
        expected = (here - there).median(1, keepdim=True).values.expand_as(there)
        pictures = (before_B1HW.to(there), now_B1HW.to(there))
        found = patch_motion(*pictures, (there * pixel).detach(), (expected * pixel).detach())
        return found.move_BK2 / pixel, found.quality_BK2


class Heatmap1dTracker(nn.Module):
    """A `Heatmap1d` that can look back. `forward` sees single pictures as the detector does; `track` sees takes."""

    def __init__(self, landmarks: int, config: Heatmap1dTrackerConfig) -> None:
        super().__init__()
        self.detector = Heatmap1d(landmarks, config)
        cells = self.detector.cells
        self.temporal = TemporalRefinement(landmarks, cells, config.memory, config.pixels)

    def forward(self, picture_B3HW: Tensor) -> Stages:
        """The detector's answer."""
        stages: Stages = self.detector(picture_B3HW)
        return stages

    def step(self, picture_B3HW: Tensor, before: TrackState | None) -> TrackState:
        """The state after a frame, whose maps are the answer for it; `before` None where a take or a shot begins."""
        return self._refined(self.detector.marginals(picture_B3HW), _grey(picture_B3HW), before)

    def track(self, picture_B3HW: Tensor, frames: int) -> AxisLogits:
        """Refined maps [B, K, ...] of runs of `frames` consecutive pictures, one run after another in the batch.

        Raises ValueError where the batch does not hold whole runs.
        """
        count = len(picture_B3HW)
        if count % frames:
            raise ValueError(f"{count} pictures are no runs of {frames}")
        found, grey = self.detector.marginals(picture_B3HW), _grey(picture_B3HW)
        order = torch.arange(count, device=picture_B3HW.device).view(-1, frames)
        state: TrackState | None = None
        answers = []
        for at in order.unbind(1):
            state = self._refined(AxisLogits(found.over_x_BKw[at], found.over_y_BKh[at]), grey[at], state)
            answers.append(state.maps)
        along_x = torch.stack([own.over_x_BKw for own in answers], 1)
        along_y = torch.stack([own.over_y_BKh for own in answers], 1)
        return AxisLogits(along_x.flatten(0, 1), along_y.flatten(0, 1))

    def _refined(self, now: AxisLogits, grey_B1HW: Tensor, before: TrackState | None) -> TrackState:
        return TrackState(now if before is None else self.temporal(now, grey_B1HW, before), grey_B1HW)


def shifted(values_BKn: Tensor, cells_BK: Tensor) -> Tensor:
    """Rows of values moved along by so many cells each (any fraction); what comes in at an end repeats its last value."""
    count = values_BKn.shape[-1]
    at = torch.arange(count, device=values_BKn.device, dtype=values_BKn.dtype) - cells_BK[..., None]
    at = at.clamp(0, count - 1)
    low = at.detach().floor().clamp(max=count - 2).long()
    share = at - low
    moved: Tensor = torch.lerp(values_BKn.gather(-1, low), values_BKn.gather(-1, low + 1), share)
    return moved


def _resampled(values_BKn: Tensor, scale: float, offset: float) -> Tensor:
    """Rows at the centres of another window's cells."""
    count = values_BKn.shape[-1]
    unit = (torch.arange(count, device=values_BKn.device, dtype=values_BKn.dtype) + 0.5) / count
    at = ((scale * unit + offset) * count - 0.5).clamp(0, count - 1)
    low = at.floor().clamp(max=count - 2).long()
    return torch.lerp(values_BKn[..., low], values_BKn[..., low + 1], at - low)


def _places(maps: AxisLogits) -> tuple[Tensor, Tensor]:
    """Points [B, K, 2] and standard deviations [B, K, 2], both in cells."""
    mean, spread = moments(maps)
    cells = torch.tensor([maps.over_x_BKw.shape[-1], maps.over_y_BKh.shape[-1]]).to(mean)
    variance = spread.diagonal(dim1=-2, dim2=-1).clamp_min(_NEXT_TO_NOTHING)
    return mean * cells, variance.sqrt() * cells


def _tokens(maps: AxisLogits) -> Tensor:
    """[B, K, w + h]: both maps of each landmark."""
    return torch.cat([maps.over_x_BKw.softmax(-1), maps.over_y_BKh.softmax(-1)], -1)


def _grey(picture_B3HW: Tensor) -> Tensor:
    return picture_B3HW.mean(1, keepdim=True)
