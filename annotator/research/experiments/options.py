"""What an experiment is asked for: data, sizes, budget, and how far the networks are narrowed."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ExperimentOptions:
    """How to run a preset.

    Attributes:
        train, test: data folders (dataset folders, or folders of .pts files beside pictures). out: where systems and tables go.
        sizes: training resolutions; empty takes the preset's. progressive: start each size from the weights of the one below.
        steps, minutes: budget of every system; neither takes the default recipe's steps.
        width: channels in place of the full ones; stride: of the global network of attention-driven cropping.
        crop, batch, rate: in place of the paper's crop and batch and the default recipe's rate. augment: vary the pictures;
            runs of few steps, which see no picture twice, learn faster without.
        only: names of systems to train and measure; empty takes all. device, workers, seed: as in training.
    """

    train: Path
    test: Path
    out: Path
    sizes: tuple[int, ...] = ()
    progressive: bool = True
    steps: int | None = None
    minutes: float | None = None
    width: int | None = None
    stride: int | None = None
    crop: int | None = None
    batch: int | None = None
    rate: float | None = None
    augment: bool = True
    only: tuple[str, ...] = ()
    device: str = "auto"
    workers: int = 1
    seed: int = 1
