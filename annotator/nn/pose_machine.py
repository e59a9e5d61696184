"""Convolutional pose machines (Wei et al., CVPR 2016): each stage refines the last one's heatmaps by large convolutions.

Six stages are the holistic baseline of the paper's ablation, one stage its backbone inside attention-driven cropping.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from annotator.nn.axis_logits import Stages
from annotator.nn.blocks import Head, Norm, convolution, normalisation


@dataclass(frozen=True)
class PoseMachineConfig:
    """What a pose machine is made of.

    Attributes:
        channels: width of every stage. stages: 1 or more. stride: 4 or 8 (as published): heatmaps are that much smaller.
        kernel: of the refining stages' convolutions. light: depthwise separable. norm: the published net has `none`, which
            needs a long warm-up; `group` trains at once.
    """

    channels: int = 128
    stages: int = 6
    stride: int = 8
    kernel: int = 11
    light: bool = False
    norm: Norm = "group"


class PoseMachine(nn.Module):
    """[B, 3, H, W] to the logits [B, K, H / stride, W / stride] of every stage."""

    def __init__(self, landmarks: int, config: PoseMachineConfig) -> None:
        super().__init__()
        if config.stride not in (4, 8) or config.stages < 1:
            raise ValueError(f"a pose machine has stride 4 or 8 and at least one stage, not {config}")
        width = config.channels
        self.first = nn.Sequential(*_trunk(config), *_score(config, 9, width * 4))
        self.first_head = Head(width * 4, landmarks)
        again = config.stages - 1
        self.image = nn.Sequential(*_trunk(config)) if again else nn.Identity()
        self.refine = nn.ModuleList(
            nn.Sequential(
                *_step(config, width + landmarks, width, config.kernel),
                *_step(config, width, width, config.kernel),
                *_step(config, width, width, config.kernel),
                *_step(config, width, width, 1),
            )
            for _ in range(again)
        )
        self.heads = nn.ModuleList(Head(width, landmarks) for _ in range(again))

    def forward(self, picture_B3HW: Tensor) -> Stages:
        """Logits of every stage, the answer last."""
        stages = [self.first_head(self.first(picture_B3HW))]
        if len(self.refine):
            image = self.image(picture_B3HW)
            for refine, head in zip(self.refine, self.heads, strict=True):
                stages.append(head(refine(torch.cat([image, stages[-1].to(image.dtype)], 1))))
        return tuple(stages)


def _step(config: PoseMachineConfig, inputs: int, outputs: int, kernel: int) -> list[nn.Module]:
    bias = config.norm == "none"
    convolved = convolution(inputs, outputs, kernel, config.light and inputs > 3, bias=bias)
    return [convolved, normalisation(outputs, config.norm), nn.ReLU()]


def _trunk(config: PoseMachineConfig) -> list[nn.Module]:
    """Pixels to features: 9x9 convolutions, each followed by a max-pool, as often as the stride asks for."""
    layers: list[nn.Module] = []
    inputs = 3
    for _ in range(2 if config.stride == 4 else 3):
        layers += [*_step(config, inputs, config.channels, 9), nn.MaxPool2d(2)]
        inputs = config.channels
    return [*layers, *_step(config, inputs, config.channels, 5)]


def _score(config: PoseMachineConfig, kernel: int, wide: int) -> list[nn.Module]:
    return [*_step(config, config.channels, wide, kernel), *_step(config, wide, wide, 1)]
