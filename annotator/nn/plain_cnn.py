"""CNN-6 and CNN-7 (Feng et al., Wing loss, CVPR 2018): plain convolutions and max-pools that regress coordinates.

They have no heatmaps of their own. So that losses, crops and panes treat them like the others, the coordinates are drawn as
Gaussian logit maps, whose soft-argmax gives them back; their spread says nothing of the network's certainty.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from annotator.nn.axis_logits import Stages
from annotator.nn.blocks import Norm, convolution, normalisation
from annotator.nn.soft_argmax import centres

_SIGMA = 1.0  # cells


@dataclass(frozen=True)
class PlainCnnConfig:
    """What a plain network is made of.

    Attributes:
        side: of the picture; the fully connected layer fixes it. layers: 6 (five convolutions, for 64 px) or 7 (six, for 128 px).
        channels: of the first convolution; each next one has twice as many, at most 16 times. stride: of the drawn maps.
        hidden: units of the fully connected layer. light: depthwise separable. norm: the published net has `none`.
    """

    side: int
    layers: int = 6
    channels: int = 32
    stride: int = 4
    hidden: int = 1024
    light: bool = False
    norm: Norm = "group"


class PlainCnn(nn.Module):
    """[B, 3, side, side] to drawn logits [B, K, side / stride, side / stride]."""

    def __init__(self, landmarks: int, config: PlainCnnConfig) -> None:
        super().__init__()
        halvings = config.layers - 1
        if config.side % 2**halvings:
            raise ValueError(f"CNN-{config.layers} needs a side that is a multiple of {2**halvings}")
        layers: list[nn.Module] = []
        inputs, width = 3, config.channels
        for _ in range(halvings):
            convolved = convolution(inputs, width, 3, config.light and inputs > 3)
            layers += [convolved, normalisation(width, config.norm), nn.ReLU(), nn.MaxPool2d(2)]
            inputs, width = width, min(2 * width, 16 * config.channels)
        rest = config.side >> halvings
        self.features = nn.Sequential(*layers, nn.Flatten(), nn.Linear(inputs * rest * rest, config.hidden))
        self.out = nn.Linear(config.hidden, 2 * landmarks)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)
        self._cells = config.side // config.stride

    def forward(self, picture_B3HW: Tensor) -> Stages:
        """One stage of drawn maps."""
        hidden = torch.relu(self.features(picture_B3HW))
        # 0 is the centre; .6 lets a landmark lie a little outside, where the map's border holds it
        xy = 0.5 + 0.6 * torch.tanh(self.out(hidden).float()).unflatten(-1, (-1, 2))
        return (draw(xy, self._cells),)


def draw(xy_BK2: Tensor, cells: int) -> Tensor:
    """Gaussian logits [B, K, cells, cells] whose softmax has its mean at points in unit coordinates (away from the border)."""
    place = centres(cells, xy_BK2)
    x = ((place - xy_BK2[..., :1]) * cells) ** 2
    y = ((place - xy_BK2[..., 1:]) * cells) ** 2
    return -(y[..., :, None] + x[..., None, :]) / (2 * _SIGMA**2)
