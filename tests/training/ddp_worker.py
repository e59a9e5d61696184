"""What each of several processes runs in `test_ddp`: two steps on toys, then its weights into a file. Started by torchrun."""

import os
import sys
from pathlib import Path

import torch
from list_source import ListSource
from safetensors.torch import save_file
from torch.optim.swa_utils import AveragedModel

from annotator.training import loop
from annotator.training.config import TrainingConfig
from annotator.training.job import TrainingJob
from annotator.training.run_state import moving_average
from tests.training.toys import toy_sample, toy_scheme


def train_once(folder: Path, sequential: bool) -> None:
    """Train, and write `rank-N.safetensors`: the averaged weights, which follow the trained ones with decay 0."""
    torch.set_num_threads(1)
    rank = int(os.environ["RANK"])
    own = folder / f"scheme-{rank}"
    own.mkdir(parents=True)
    kept: list[AveragedModel] = []

    def seen(module: torch.nn.Module, decay: float) -> AveragedModel:
        kept.append(moving_average(module, decay))
        return kept[-1]

    loop.moving_average = seen
    config = TrainingConfig(
        "ddp", architecture="tiny", steps=2, batch=1, source=64, ema=0.0, precision="32-true",
        validate_every=0, save_minutes=1e9, sequential=sequential, seed=5,
    )  # fmt: skip
    source = ListSource([toy_sample(seed) for seed in range(8)], "toys")
    job = TrainingJob(
        toy_scheme(own), source, source, folder / "run", folder / "model", "toy",
        device="cpu", devices=2, strategy="ddp",
    )  # fmt: skip
    loop.train(config, job, lambda event: None)
    save_file(kept[0].module.state_dict(), folder / f"rank-{rank}.safetensors")


if __name__ == "__main__":
    for kind in ("whole", "sequential"):
        train_once(Path(sys.argv[1]) / kind, kind == "sequential")
