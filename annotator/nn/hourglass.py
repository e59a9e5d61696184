"""Hourglass networks (Newell et al., ECCV 2016): one heatmap a landmark, before the softmax.

One class serves the global and the regional networks of attention-driven cropping and, with more stacks, the holistic baselines.
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from annotator.nn.blocks import BlockName, Head, Norm, convolution, normalisation, residual


@dataclass(frozen=True)
class HourglassConfig:
    """What an hourglass is made of.

    Attributes:
        channels: width. depth: how often it halves the picture inside; the picture's side must divide by stride * 2**depth.
        stride: 1, 2 or 4: the heatmap's side is the picture's side over it. Stride 1 needs a depth of 5 or more to see a
            whole face at 256; stride 2 and 4 see it at 4.
        stacks: hourglasses in a row, each with its own heatmaps (intermediate supervision).
        init: `zero` head, or `xavier` throughout as in the paper.
        recompute: trade time for memory in training: residual blocks are computed again in the backward pass.
    """

    channels: int = 128
    depth: int = 4
    stride: int = 2
    stacks: int = 1
    block: BlockName = "bottleneck"
    light: bool = False
    norm: Norm = "group"
    init: Literal["zero", "xavier"] = "zero"
    recompute: bool = False


class Hourglass(nn.Module):
    """One hourglass: halves the map `depth` times, and adds every scale back on the way up. [B, C, h, w] -> the same."""

    def __init__(self, depth: int, config: HourglassConfig) -> None:
        super().__init__()
        self.keep = _block(config, config.channels, config.channels)
        self.down = _block(config, config.channels, config.channels)
        inner = _block(config, config.channels, config.channels)
        self.inner = Hourglass(depth - 1, config) if depth > 1 else inner
        self.up = _block(config, config.channels, config.channels)

    def forward(self, x_BChw: Tensor) -> Tensor:
        """Skip at this scale plus everything below, nearest up-sampled."""
        below = self.up(self.inner(self.down(functional.max_pool2d(x_BChw, 2))))
        with torch.autocast(
            below.device.type, enabled=False
        ):  # which on CPUs would turn the whole stream into float32
            enlarged = functional.interpolate(below, scale_factor=2, mode="nearest")
        summed: Tensor = self.keep(x_BChw) + enlarged
        return summed


class HourglassNetwork(nn.Module):
    """Stem, hourglasses and heads: a picture [B, 3, H, W] to the logits [B, K, H / stride, W / stride] of each stack."""

    def __init__(self, landmarks: int, config: HourglassConfig) -> None:
        super().__init__()
        self.config = config
        width = config.channels
        self.stem = _stem(config)
        self.hourglasses = nn.ModuleList(Hourglass(config.depth, config) for _ in range(config.stacks))
        self.features = nn.ModuleList(_features(config) for _ in range(config.stacks))
        zero = config.init == "zero"
        self.heads = nn.ModuleList(Head(width, landmarks, zero) for _ in range(config.stacks))
        again = config.stacks - 1
        self.merge_features = nn.ModuleList(nn.Conv2d(width, width, 1) for _ in range(again))
        self.merge_heatmaps = nn.ModuleList(nn.Conv2d(landmarks, width, 1) for _ in range(again))
        if not zero:
            xavier(self)

    @property
    def multiple(self) -> int:
        """The picture's sides must be multiples of this."""
        return self.config.stride << self.config.depth

    def forward(self, picture_B3HW: Tensor) -> tuple[Tensor, ...]:
        """Logits of every stack, the answer last."""
        if picture_B3HW.shape[-1] % self.multiple or picture_B3HW.shape[-2] % self.multiple:
            raise ValueError(
                f"this hourglass takes sides that are multiples of {self.multiple}, not {tuple(picture_B3HW.shape)}"
            )
        carried = self.stem(picture_B3HW)
        stages: list[Tensor] = []
        for i, hourglass in enumerate(self.hourglasses):
            features = self.features[i](hourglass(carried))
            stages.append(self.heads[i](features))
            if i + 1 < len(self.hourglasses):
                carried = carried + self.merge_features[i](features) + self.merge_heatmaps[i](stages[-1])
        return tuple(stages)


def xavier(network: nn.Module) -> None:
    """The paper's start: Xavier-uniform convolutions with zero bias."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def _block(config: HourglassConfig, inputs: int, outputs: int) -> nn.Module:
    return residual(config.block, inputs, outputs, config.light, config.norm, config.recompute)


def _stem(config: HourglassConfig) -> nn.Sequential:
    """From pixels to `channels` features; half the width until the last block."""
    if config.stride not in (1, 2, 4):
        raise ValueError(f"stride must be 1, 2 or 4, not {config.stride}")
    half = config.channels // 2
    first = min(64, max(8, config.channels // 4 if config.stride == 1 else half))
    layers = [
        convolution(3, first, 7, stride=1 if config.stride == 1 else 2),
        normalisation(first, config.norm),
        nn.ReLU(),
        _block(config, first, half),
    ]
    if config.stride == 4:
        layers.append(nn.MaxPool2d(2))
    layers += [_block(config, half, half), _block(config, half, config.channels)]
    return nn.Sequential(*layers)


def _features(config: HourglassConfig) -> nn.Sequential:
    """What stands between an hourglass and its head: a residual, then 1x1, norm, ReLU."""
    width = config.channels
    return nn.Sequential(
        _block(config, width, width),
        nn.Conv2d(width, width, 1),
        normalisation(width, config.norm),
        nn.ReLU(),
    )
