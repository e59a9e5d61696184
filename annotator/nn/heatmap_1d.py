"""Attentive one-dimensional heatmaps, after Yin et al. (ACM MM 2020).

Only that paper's abstract could be read; this is a reconstruction. Two groups of 1D maps, over x and over y, take the place of 2D
maps, so that a fine output costs little; co-attention between the groups restores what they tell of each other. The maps start as
the marginals of latent 2D maps (logsumexp over the other axis equals the marginal of the 2D softmax) and are then refined at
`scale` times the resolution.

The paper's tracker is `heatmap_tracker`: this detector with temporal refinement of its maps.
"""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from annotator.nn.axis_logits import AxisLogits, Stages
from annotator.nn.hourglass import HourglassConfig, HourglassNetwork


@dataclass(frozen=True)
class Heatmap1dConfig:
    """What the detector is made of.

    Attributes:
        side: of the picture; the attention's linear layers fix it. scale: output cells per cell of the 2D maps, 1..4.
        dimensions: of the attention's queries and keys. hourglass: the network below, as `HourglassConfig` takes it.
    """

    side: int
    scale: int = 2
    dimensions: int = 64
    hourglass: dict[str, object] = field(default_factory=dict)


def marginals(logits_BKhw: Tensor) -> AxisLogits:
    """1D logits whose softmaxes are the marginals of the 2D softmax: logsumexp over the other axis."""
    values = logits_BKhw.float() if logits_BKhw.dtype != torch.float64 else logits_BKhw
    return AxisLogits(values.logsumexp(-2), values.logsumexp(-1))


class CoAttention(nn.Module):
    """One group asks the other: X + softmax(Q_x K_y^T / sqrt d) V_y, landmarks being the tokens. Starts as the identity."""

    def __init__(self, own: int, other: int, dimensions: int) -> None:
        super().__init__()
        self.query = nn.Linear(own, dimensions)
        self.key = nn.Linear(other, dimensions)
        self.value = nn.Linear(other, own)
        nn.init.zeros_(self.value.weight)
        nn.init.zeros_(self.value.bias)

    def forward(self, own_BKn: Tensor, other_BKm: Tensor) -> Tensor:
        """[B, K, n] tokens, refined by [B, K, m] tokens."""
        mine, theirs = own_BKn.softmax(-1), other_BKm.softmax(-1)
        score = self.query(mine) @ self.key(theirs).transpose(-1, -2) / math.sqrt(self.query.out_features)
        refined: Tensor = own_BKn + score.softmax(-1) @ self.value(theirs)
        return refined


class Heatmap1d(nn.Module):
    """[B, 3, side, side] to 1D maps of side / stride * scale cells.

    In training `forward` gives the 1D maps themselves, so that memory grows with w + h; otherwise their product as 2D logits,
    which decoders and panes for 2D maps understand.
    """

    def __init__(self, landmarks: int, config: Heatmap1dConfig) -> None:
        super().__init__()
        below = HourglassConfig(**config.hourglass)  # type: ignore[arg-type]
        self.cells = cells = config.side // below.stride * config.scale
        self.network = HourglassNetwork(landmarks, below)
        # the same up-sampling for every landmark, as 1D convolutions over cells
        self.finer_x, self.finer_y = _Finer(config.scale), _Finer(config.scale)
        self.ask_y = CoAttention(cells, cells, config.dimensions)
        self.ask_x = CoAttention(cells, cells, config.dimensions)

    def marginals(self, picture_B3HW: Tensor) -> AxisLogits:
        """The 1D maps, memory in K * (w + h) rather than K * w * h."""
        coarse = marginals(self.network(picture_B3HW)[-1])
        over_x, over_y = self.finer_x(coarse.over_x_BKw), self.finer_y(coarse.over_y_BKh)
        return AxisLogits(self.ask_y(over_x, over_y), self.ask_x(over_y, over_x))

    def forward(self, picture_B3HW: Tensor) -> Stages:
        """One stage: 1D maps while training, else 2D logits."""
        found = self.marginals(picture_B3HW)
        return (found if self.training else found.joint(),)


class _Finer(nn.Module):
    """Linear interpolation of 1D maps plus a learnt correction that starts at zero."""

    def __init__(self, scale: int, hidden: int = 16) -> None:
        super().__init__()
        self._scale = scale
        self.first = nn.Conv1d(1, hidden, 5, padding=2)
        self.last = nn.Conv1d(hidden, 1, 5, padding=2)
        nn.init.zeros_(self.last.weight)
        if self.last.bias is not None:
            nn.init.zeros_(self.last.bias)

    def forward(self, maps_BKn: Tensor) -> Tensor:
        """[B, K, n] to [B, K, n * scale]."""
        wide = functional.interpolate(
            maps_BKn, scale_factor=float(self._scale), mode="linear", align_corners=False
        )
        profile = wide.log_softmax(-1).flatten(0, 1)[:, None]
        learnt = self.last(torch.relu(self.first(profile)))[:, 0].view_as(wide)
        finer: Tensor = wide + learnt.to(wide.dtype)
        return finer
