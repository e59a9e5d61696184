"""Everything that decides how a network is trained, as frozen values that a model card can hold."""

from dataclasses import asdict, dataclass, field
from math import cos, pi
from typing import Any, Literal

from annotator.training.augment import AugmentConfig

LossName = Literal["ce", "js", "nll", "l1", "l2", "wing"]
Precision = Literal["32-true", "bf16-mixed", "16-mixed"]
Units = Literal["cells", "paper"]
Parts = Literal["all", "global", "regions", "shapes"]


@dataclass(frozen=True)
class Phase:
    """A part of the run with its losses.

    Attributes:
        until: share of the run at which it ends, 0..1. losses: weight of each loss.
        own_boxes: share of samples whose regions are cropped by the network's own boxes rather than true ones.
        regional: losses of the regional networks where they differ, such as for those that regress coordinates.
    """

    until: float
    losses: dict[LossName, float]
    own_boxes: float = 0.0
    regional: dict[LossName, float] | None = None


@dataclass(frozen=True)
class TrainingConfig:
    """A recipe.

    Attributes:
        name: of the recipe. architecture: name in the zoo. changes: what to change in it.
        steps: optimiser steps; `minutes` (wall clock) ends a run earlier, and the schedule then follows the clock.
        batch: samples a step and device. source: side of the square pictures that regions are cropped from.
        sizes: several such sides, one drawn for each step, so that one model learns to serve them all; empty keeps to `source`.
        rate, final_rate: learning rate at the start and, as a share of it, at the end. schedule: `cosine`, or `drop` to the final
            rate at 75 % of the run. warmup: share of the run with a rising rate.
        clip: greatest gradient norm, 0 for none. ema: decay of the averaged weights, which become the model; 0 for none.
        blend: with a parent, the share of the trained weights in the model; the parent's weights are the rest (Wortsman et al.,
            "Robust fine-tuning of zero-shot models", CVPR 2022). 1 keeps what was trained.
        precision: of the forward and backward pass, as Fabric names it; devices without fast half precision use `32-true`.
        parts: what learns: `all` networks, the `global` or the `regions` alone, or no network (`shapes`: see `services.train`).
            outside_weight: of landmarks outside the regions in the global network's loss.
        phases: losses over the run. units: `cells` of each heatmap, or the paper's pixels of each resolution (its Eq. 1).
        sigma: of the Gaussian targets, cells. size_noise, shift_noise: box noise, shares of the box.
        sequential: run backward region by region, which holds one regional network's activations at a time.
        augment: how samples are varied. seed: of everything random.
        validate_every: steps between validations; 0 only at the ends. validation_frames: at most so many. iterations: crops at
            validation.
        save_minutes: between checkpoints of the run. workers: threads that prepare samples.
    """

    name: str
    architecture: str = "starter"
    changes: dict[str, Any] = field(default_factory=dict)
    steps: int = 20_000
    minutes: float = 0.0
    batch: int = 8
    source: int = 640
    sizes: tuple[int, ...] = ()
    rate: float = 1e-3
    final_rate: float = 0.02
    schedule: Literal["cosine", "drop"] = "cosine"
    warmup: float = 0.01
    weight_decay: float = 0.0
    clip: float = 1.0
    ema: float = 0.998
    blend: float = 1.0
    precision: Precision = "bf16-mixed"
    phases: tuple[Phase, ...] = (
        Phase(0.25, {"ce": 1.0}, 0.0),
        Phase(0.7, {"ce": 1.0}, 0.6),
        Phase(1.0, {"ce": 0.2, "nll": 0.5, "l1": 0.5}, 0.8),
    )
    parts: Parts = "all"
    outside_weight: float = 1.0
    units: Units = "cells"
    sigma: float = 1.0
    size_noise: float = 0.2
    shift_noise: float = 0.08
    sequential: bool = False
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    seed: int = 1
    validate_every: int = 500
    validation_frames: int = 64
    iterations: int = 2
    save_minutes: float = 3.0
    workers: int = 1

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1 or self.minutes < 0:
            raise ValueError("a run needs at least one step and one sample a batch, and no negative minutes")
        if not self.phases or self.phases[-1].until < 1:
            raise ValueError("the last phase must last until 1")
        if any(size < 1 for size in self.sizes):
            raise ValueError(f"sizes are sides in pixels, not {self.sizes}")

    def phase_at(self, progress: float) -> int:
        """Number of the phase at a share 0..1 of the run."""
        last = len(self.phases) - 1
        return next((i for i, phase in enumerate(self.phases) if progress < phase.until), last)

    def rate_at(self, progress: float) -> float:
        """The learning rate at a share 0..1 of the run."""
        if progress < self.warmup:
            return self.rate * (0.02 + 0.98 * progress / self.warmup)
        if self.schedule == "drop":
            return self.rate * (1.0 if progress < 0.75 else self.final_rate)
        wave = (1 + cos(pi * min(1.0, progress))) / 2
        return self.rate * (self.final_rate + (1 - self.final_rate) * wave)

    def plain(self) -> dict[str, Any]:
        """As plain values for a model card or a log."""
        return asdict(self)
