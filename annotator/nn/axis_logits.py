"""Logits of two independent one-dimensional softmaxes, over x and over y: what attentive 1D heatmaps give while they learn.

Losses and decoding read them as they are, so that no 2D map of the output's resolution is ever made; `joint` makes it for people
and for inference.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class AxisLogits:
    """Logits over x [B, K, w] and over y [B, K, h]."""

    over_x_BKw: Tensor
    over_y_BKh: Tensor

    def joint(self) -> Tensor:
        """2D logits [B, K, h, w] of the product of the two softmaxes; its marginals are they."""
        return self.over_y_BKh[..., :, None] + self.over_x_BKw[..., None, :]

    def float(self) -> "AxisLogits":
        """The same in float32, or in float64 where it was."""
        parts = (self.over_x_BKw, self.over_y_BKh)
        return AxisLogits(*(part if part.dtype == torch.float64 else part.float() for part in parts))


Stage = Tensor | AxisLogits
"""One stage's answer: 2D logits [B, K, h, w], or 1D ones."""

Stages = tuple[Stage, ...]
"""The answers of all stages of a network; the last one counts."""


def cells(stage: Stage) -> tuple[int, int]:
    """Rows and columns of a stage's maps."""
    if isinstance(stage, AxisLogits):
        return stage.over_y_BKh.shape[-1], stage.over_x_BKw.shape[-1]
    return stage.shape[-2], stage.shape[-1]


def maps(stage: Stage) -> Tensor:
    """2D logits [B, K, h, w] of any stage."""
    return stage.joint() if isinstance(stage, AxisLogits) else stage


def chunk(stage: Stage, count: int) -> tuple[Stage, ...]:
    """A stage's batch in equal parts."""
    if isinstance(stage, AxisLogits):
        pairs = zip(stage.over_x_BKw.chunk(count), stage.over_y_BKh.chunk(count), strict=True)
        return tuple(AxisLogits(x, y) for x, y in pairs)
    return stage.chunk(count)


def mirrored(stage: Stage, order: Sequence[int]) -> Stage:
    """A stage seen in a mirror, its landmarks read in another order."""
    chosen = list(order)
    if isinstance(stage, AxisLogits):
        return AxisLogits(stage.over_x_BKw[:, chosen].flip(-1), stage.over_y_BKh[:, chosen])
    return stage[:, chosen].flip(-1)
