"""An exponential moving average of a module's weights."""

import copy
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn

M = TypeVar("M", bound=nn.Module)


class MovingAverage(Generic[M]):
    """Keeps an averaged copy; with decay 0 it simply follows. The decay rises from 0 so that early weights do not linger."""

    def __init__(self, module: M, decay: float) -> None:
        self.module: M = copy.deepcopy(module).eval().requires_grad_(False)
        self._decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, module: nn.Module) -> None:
        """Takes in the module's weights after a step; integers (counters) are copied."""
        self.updates += 1
        decay = min(self._decay, (1 + self.updates) / (10 + self.updates)) if self._decay else 0.0
        theirs = module.state_dict()
        ours: dict[str, Tensor] = self.module.state_dict()
        floating = [name for name, value in ours.items() if value.is_floating_point()]
        torch._foreach_lerp_(
            [ours[n] for n in floating], [theirs[n].to(ours[n]) for n in floating], 1 - decay
        )
        for name in ours.keys() - set(floating):
            ours[name].copy_(theirs[name])
