"""Everything that decides how a network is trained, as frozen values that a model card can hold.

These are the keys of the recipe files (`resources/recipes`): the types and limits here say what a recipe may state.
"""

from dataclasses import asdict, dataclass, field, replace
from math import cos, inf, isfinite, pi
from typing import Annotated, Any, Literal


@dataclass(frozen=True)
class Limits:
    """What a number of a recipe may be: finite, from `low` to `high`, both included."""

    low: float
    high: float = inf

    def hold(self, value: float) -> bool:
        """Whether the value lies within."""
        return isfinite(value) and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:g} or more" if self.high == inf else f"{self.low:g} to {self.high:g}"


class ImpossibleValue(ValueError):
    """Values that do not go together; `key` names the one to change."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key, self.problem = key, problem


_ENDLESS = 100_000_000  # steps of a run that only the clock ends
Count = Annotated[int, Limits(1)]
Whole = Annotated[int, Limits(0)]
NotNegative = Annotated[float, Limits(0)]
Share = Annotated[float, Limits(0, 1)]
LossName = Literal["ce", "js", "nll", "l1", "l2", "wing"]
Precision = Literal["32-true", "bf16-mixed", "16-mixed"]


@dataclass(frozen=True)
class GeometryConfig:
    """Where augmentation puts the face.

    Attributes:
        extent: least and greatest longer side of the landmarks' box, as shares of the square; drawn evenly in log.
        centred: share of samples whose face stands near the middle rather than anywhere.
        rotation: standard deviation in degrees, cut at 2.5 of them. aspect, shear: standard deviations (log, share).
        flip: probability of mirroring. whole: share of landmarks that must be known to measure the face; above 1 it never is.
        jitter: standard deviations (log scale, shift as a share) where the frame is kept instead.
    """

    extent: tuple[Annotated[float, Limits(0.01, 4)], Annotated[float, Limits(0.01, 4)]] = (0.16, 0.8)
    centred: Share = 0.5
    rotation: NotNegative = 17.0
    aspect: NotNegative = 0.05
    shear: NotNegative = 0.03
    flip: Share = 0.5
    whole: NotNegative = 0.6
    jitter: tuple[NotNegative, NotNegative] = (0.15, 0.05)

    def __post_init__(self) -> None:
        if self.extent[0] > self.extent[1]:
            raise ImpossibleValue("extent", "the least size comes first, then the greatest")


@dataclass(frozen=True)
class PhotometryConfig:
    """Probability of each change of the pixels, all multiplied by `strength`; see `photometry` for their ranges."""

    strength: NotNegative = 1.0
    tone: Share = 0.9
    grey: Share = 0.15
    light: Share = 0.4
    blur: Share = 0.3
    soften: Share = 0.25
    noise: Share = 0.5
    jpeg: Share = 0.4
    occlude: Share = 0.25


@dataclass(frozen=True)
class AugmentConfig:
    """How samples are varied; `enabled` False only letterboxes them."""

    enabled: bool = True
    geometry: GeometryConfig = field(default_factory=GeometryConfig)
    photometry: PhotometryConfig = field(default_factory=PhotometryConfig)


@dataclass(frozen=True)
class ClipConfig:
    """Runs of consecutive frames in place of single pictures, for networks that look back.

    Attributes:
        frames: of a run; 1 learns from single pictures. A source without takes gives stills, which are moved.
        shift, turn, scale: standard deviations of the motion from frame to frame: shares of the square, degrees, log.
        blur: probability that a run has motion blur.
        steady: weight of the error of the points' motion from frame to frame, in cells.
    """

    frames: Count = 1
    shift: NotNegative = 0.008
    turn: NotNegative = 0.8
    scale: NotNegative = 0.006
    blur: Share = 0.3
    steady: NotNegative = 0.0


@dataclass(frozen=True)
class Phase:
    """A part of the run with its losses.

    Attributes:
        until: share of the run at which it ends. losses: weight of each loss.
        own_boxes: share of samples whose regions are cropped by the network's own boxes rather than true ones.
        regional: losses of the regional networks where they differ, such as for those that regress coordinates.
    """

    until: Share
    losses: dict[LossName, float]
    own_boxes: Share = 0.0
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
        clip: greatest gradient norm, 0 for none. ema: decay of the weights' moving average, which becomes the model; 0: none.
        blend: with a parent, the share of the trained weights in the model; the parent's weights are the rest (Wortsman et al.,
            "Robust fine-tuning of zero-shot models", CVPR 2022). 1 keeps what was trained.
        precision: of the forward and backward pass, as Fabric names it; devices without fast half precision use `32-true`.
        inherit: what a parent gives: its `architecture` with its weights, or its global network's `weights` alone, for the
            recipe's own architecture.
        clips: runs of frames. neighbours: share of single pictures with another sample's face beside the one that is taught.
        parts: what learns: `all` networks, the `global` or the `regions` alone, or of a tracker only what
            looks back (`temporal`).
        outside_weight: of landmarks outside the regions in the global network's loss.
        phases: losses over the run. units: `cells` of each heatmap, or the paper's pixels of each resolution (its Eq. 1).
        sigma: of the Gaussian targets, cells. size_noise, shift_noise: box noise, shares of the box.
        sequential: run backward region by region, which holds one regional network's activations at a time.
        augment: how samples are varied. seed: of everything random.
        validate_every: steps between validations; 0 only at the ends. validation_frames: at most so many. iterations: refinement
            iterations of the crops at validation.
        save_minutes: between checkpoints of the run. workers: threads that prepare samples.
    """

    name: str
    architecture: str = "starter"
    changes: dict[str, Any] = field(default_factory=dict)
    steps: Count = 20_000
    minutes: NotNegative = 0.0
    batch: Count = 8
    source: Count = 640
    sizes: tuple[Count, ...] = ()
    rate: NotNegative = 1e-3
    final_rate: Share = 0.02
    schedule: Literal["cosine", "drop"] = "cosine"
    warmup: Share = 0.01
    weight_decay: NotNegative = 0.0
    clip: NotNegative = 1.0
    ema: Share = 0.998
    blend: Share = 1.0
    precision: Precision = "bf16-mixed"
    phases: tuple[Phase, ...] = (
        Phase(0.25, {"ce": 1.0}, 0.0),
        Phase(0.7, {"ce": 1.0}, 0.6),
        Phase(1.0, {"ce": 0.2, "nll": 0.5, "l1": 0.5}, 0.8),
    )
    parts: Literal["all", "global", "regions", "temporal"] = "all"
    outside_weight: NotNegative = 1.0
    units: Literal["cells", "paper"] = "cells"
    sigma: Annotated[float, Limits(0.1)] = 1.0
    size_noise: NotNegative = 0.2
    shift_noise: NotNegative = 0.08
    sequential: bool = False
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    inherit: Literal["architecture", "weights"] = "architecture"
    clips: ClipConfig = field(default_factory=ClipConfig)
    neighbours: Share = 0.0
    seed: int = 1
    validate_every: Whole = 500
    validation_frames: Whole = 64
    iterations: Count = 2
    save_minutes: NotNegative = 3.0
    workers: Count = 1

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch < 1 or self.minutes < 0:
            raise ValueError("a run needs at least one step and one sample a batch, and no negative minutes")
        ends = [phase.until for phase in self.phases]
        if not ends or ends[-1] < 1 or ends != sorted(ends):
            raise ImpossibleValue("phases", "they follow one another, and the last one lasts until 1")
        if any(size < 1 for size in self.sizes):
            raise ValueError(f"sizes are sides in pixels, not {self.sizes}")

    def with_budget(self, steps: int | None, minutes: float | None) -> "TrainingConfig":
        """The recipe with other budgets, the same for every command: minutes alone leave the steps to the clock, steps alone
        leave the clock out, with both the one that is spent first ends the run, and with none the recipe's own hold."""
        if steps is None and minutes is None:
            return self
        return replace(self, steps=steps or _ENDLESS, minutes=minutes or 0.0)

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
