"""Checkpoints of a run: one safetensors file, replaced atomically, from which a run goes on bit-exactly.

All randomness of a step follows from the seed and the step's number, so weights, their average, the optimiser's moments, the step
and the clock are the whole state. Source: `batches.make_batch`, `loop`.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from annotator.domain.errors import ModelError
from annotator.training.ema import MovingAverage

FILE = "checkpoint.safetensors"


@dataclass(frozen=True)
class RunState:
    """Where a run stands: steps done, seconds spent, and the NME before its first step."""

    step: int = 0
    seconds: float = 0.0
    before: dict[str, float] | None = None


def save_state(
    folder: Path,
    state: RunState,
    fingerprint: str,
    model: nn.Module,
    average: MovingAverage[Any],
    optimizer: torch.optim.Optimizer,
) -> None:
    """Writes the checkpoint beside its place, syncs it, and moves it there."""
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.module.state_dict().items()}
    for number, values in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{k}": v for k, v in values.items() if isinstance(v, Tensor)}
    about = {
        "step": state.step,
        "seconds": state.seconds,
        "before": state.before,
        "updates": average.updates,
        "fingerprint": fingerprint,
    }
    plain = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / (FILE + ".partial")
    save_file(plain, partial, {"run": json.dumps(about)})
    with partial.open("rb+") as file:
        os.fsync(file.fileno())
    partial.replace(folder / FILE)


def load_state(
    folder: Path,
    fingerprint: str,
    model: nn.Module,
    average: MovingAverage[Any],
    optimizer: torch.optim.Optimizer,
) -> RunState | None:
    """Puts a checkpoint back into the objects.

    Returns:
        Where the run stood; None where the folder has no checkpoint.

    Raises:
        ModelError: the checkpoint is damaged, or of a run with other settings.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    try:
        with safe_open(path, "pt") as file:
            about = json.loads(file.metadata()["run"])
            tensors: dict[str, Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is damaged ({error}); delete it to start the run anew") from error
    if about["fingerprint"] != fingerprint:
        raise ModelError(
            f"{path} belongs to a run with other settings; choose another run folder or delete it"
        )
    model.load_state_dict(_part(tensors, "model."))
    average.module.load_state_dict(_part(tensors, "average."))
    average.updates = int(about["updates"])
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in _part(tensors, "optimizer.").items():
        number, _, key = name.partition(".")
        moments.setdefault(int(number), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
    return RunState(int(about["step"]), float(about["seconds"]), about["before"])


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
