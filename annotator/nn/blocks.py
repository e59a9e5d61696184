"""Residual blocks and the small layers that every network is made of.

Tensors are [B, C, H, W]. `light` makes every convolution wider than 1x1 depthwise separable, as the light variant of Chandran et
al. (CVPR 2020) does; `norm` is `group` (does not depend on the batch, the default recipe's choice), `batch` or `none`.
"""

from typing import Literal

from torch import Tensor, cat, is_grad_enabled, nn
from torch.utils.checkpoint import checkpoint

Norm = Literal["group", "batch", "none"]
BlockName = Literal["bottleneck", "hierarchical"]


def normalisation(channels: int, kind: Norm) -> nn.Module:
    """A normalisation layer; groups are four channels wide where that divides, and never more than 32."""
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    if kind == "none":
        return nn.Identity()
    if kind != "group":
        raise ValueError(f"norm must be group, batch or none, not {kind!r}")
    groups = next(g for g in range(min(32, max(1, channels // 4)), 0, -1) if channels % g == 0)
    return nn.GroupNorm(groups, channels)


def convolution(
    inputs: int, outputs: int, kernel: int, light: bool = False, stride: int = 1, bias: bool = True
) -> nn.Module:
    """A convolution that keeps the size (but for its stride); `light` splits it into depthwise and 1x1."""
    if light and kernel > 1:
        return nn.Sequential(
            nn.Conv2d(inputs, inputs, kernel, stride, kernel // 2, groups=inputs, bias=False),
            nn.Conv2d(inputs, outputs, 1, bias=bias),
        )
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=bias)


class _PreActivated(nn.Sequential):
    """Norm, ReLU, convolution: a residual block's step, activated before it convolves."""

    def __init__(self, inputs: int, outputs: int, kernel: int, light: bool, norm: Norm) -> None:
        super().__init__(
            normalisation(inputs, norm),
            nn.ReLU(),
            convolution(inputs, outputs, kernel, light, bias=norm == "none"),
        )


class Residual(nn.Module):
    """A residual block; with `recompute` set, training keeps only its input and computes the rest again in the backward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.recompute = False

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """[B, Ci, H, W] -> [B, Co, H, W]."""
        if self.recompute and self.training and is_grad_enabled():
            again: Tensor = checkpoint(self._summed, x_BCHW, use_reentrant=False, preserve_rng_state=False)
            return again
        return self._summed(x_BCHW)

    def _summed(self, x_BCHW: Tensor) -> Tensor:
        raise NotImplementedError


class Bottleneck(Residual):
    """Newell's pre-activation residual (ECCV 2016): 1x1 to half the channels, 3x3, 1x1 back."""

    def __init__(self, inputs: int, outputs: int, light: bool = False, norm: Norm = "group") -> None:
        super().__init__()
        half = outputs // 2
        self.branch = nn.Sequential(
            _PreActivated(inputs, half, 1, light, norm),
            _PreActivated(half, half, 3, light, norm),
            _PreActivated(half, outputs, 1, light, norm),
        )
        self.shortcut = nn.Identity() if inputs == outputs else nn.Conv2d(inputs, outputs, 1)

    def _summed(self, x_BCHW: Tensor) -> Tensor:
        summed: Tensor = self.branch(x_BCHW) + self.shortcut(x_BCHW)
        return summed


class HierarchicalBlock(Residual):
    """FAN's multi-scale residual (Bulat and Tzimiropoulos, ICCV 2017): three 3x3 steps of C/2, C/4 and C/4, concatenated."""

    def __init__(self, inputs: int, outputs: int, light: bool = False, norm: Norm = "group") -> None:
        super().__init__()
        quarter = outputs // 4
        half = outputs - 2 * quarter
        self.first = _PreActivated(inputs, half, 3, light, norm)
        self.second = _PreActivated(half, quarter, 3, light, norm)
        self.third = _PreActivated(quarter, quarter, 3, light, norm)
        same = inputs == outputs
        self.shortcut = nn.Identity() if same else _PreActivated(inputs, outputs, 1, light, norm)

    def _summed(self, x_BCHW: Tensor) -> Tensor:
        first = self.first(x_BCHW)
        second = self.second(first)
        third = self.third(second)
        summed: Tensor = cat([first, second, third], 1) + self.shortcut(x_BCHW)
        return summed


def residual(
    name: BlockName, inputs: int, outputs: int, light: bool, norm: Norm, recompute: bool = False
) -> nn.Module:
    """A residual block by name."""
    kinds: dict[str, type[Bottleneck] | type[HierarchicalBlock]]
    kinds = {"bottleneck": Bottleneck, "hierarchical": HierarchicalBlock}
    if name not in kinds:
        raise ValueError(f"block must be {' or '.join(kinds)}, not {name!r}")
    block = kinds[name](inputs, outputs, light, norm)
    block.recompute = recompute
    return block


class Head(nn.Module):
    """1x1 convolution to one logit map a landmark, [B, C, h, w] -> [B, K, h, w].

    A zero start makes every first heatmap flat, its soft-argmax the picture's centre, and is what converges; `xavier` is the
    paper's.
    """

    def __init__(self, channels: int, landmarks: int, zero: bool = True) -> None:
        super().__init__()
        self.out = nn.Conv2d(channels, landmarks, 1)
        if zero:
            nn.init.zeros_(self.out.weight)
        else:
            nn.init.xavier_uniform_(self.out.weight)
        if self.out.bias is not None:
            nn.init.zeros_(self.out.bias)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Logits before the softmax."""
        logits: Tensor = self.out(x_BCHW)
        return logits
