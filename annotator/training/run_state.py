"""Checkpoints of a run: one safetensors file, replaced atomically, from which a run goes on bit-exactly.

All randomness of a step follows from the seed and the step's number, so weights, their average, the optimiser's moments, the step
and the clock are the whole state. Source: `batches.make_batch`, `loop`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from annotator.domain.errors import ModelError
from annotator.files import atomic_file
from annotator.training.config import ClipConfig, TrainingConfig

FILE = "checkpoint.safetensors"


@dataclass(frozen=True)
class RunState:
    """Where a run stands: steps done, seconds spent, and the NME before its first step."""

    step: int = 0
    seconds: float = 0.0
    before: dict[str, float] | None = None


def moving_average(module: nn.Module, decay: float) -> AveragedModel:
    """A copy of the module (its `module`) that keeps a moving average of the weights; with decay 0 it simply follows.

    The decay rises from 0, so that early weights do not linger.
    """

    def mix(ours: Any, theirs: Any, _: Any) -> None:
        updates = int(
            average.n_averaged
        )  # the argument lies on the device, and reading it would wait for that
        now = min(decay, (1 + updates) / (10 + updates)) if decay else 0.0
        if ours[0].is_floating_point():
            torch._foreach_lerp_(ours, theirs, 1 - now)
        else:  # counters
            torch._foreach_copy_(ours, theirs)

    average = AveragedModel(module, multi_avg_fn=mix, use_buffers=True).eval().requires_grad_(False)
    average.n_averaged.fill_(1)  # at 0 the first weights would be taken as they are
    return average


def fingerprint(config: TrainingConfig, description: dict[str, Any]) -> str:
    """Hash of everything that a run's weights depend on, but for its length and what comes after it:
    steps and minutes may be extended."""
    free = ("steps", "minutes", "workers", "save_minutes", "blend")
    values = {k: v for k, v in config.plain().items() if k not in free}
    # came later: left out where they are not used, so that older checkpoints still fit their runs
    later = {"sizes": (), "parts": "all", "outside_weight": 1.0, "inherit": "architecture"}
    for name, unused in {**later, "clips": asdict(ClipConfig()), "neighbours": 0.0}.items():
        if values[name] == unused:
            del values[name]
    values["phases"] = [
        {k: v for k, v in phase.items() if k != "regional" or v} for phase in values["phases"]
    ]
    text = json.dumps([values, description], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def save_state(
    folder: Path,
    state: RunState,
    fingerprint: str,
    model: nn.Module,
    average: AveragedModel,
    optimizer: torch.optim.Optimizer,
) -> None:
    """Writes the checkpoint, whole or not at all."""
    tensors = {f"model.{k}": v for k, v in model.state_dict().items()}
    tensors |= {f"average.{k}": v for k, v in average.module.state_dict().items()}
    for number, values in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{number}.{k}": v for k, v in values.items() if isinstance(v, Tensor)}
    about = {
        "step": state.step,
        "seconds": state.seconds,
        "before": state.before,
        "updates": int(average.n_averaged) - 1,
        "fingerprint": fingerprint,
    }
    plain = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    with atomic_file(folder / FILE) as staging:
        save_file(plain, staging, {"run": json.dumps(about)})


def load_state(
    folder: Path,
    fingerprints: Sequence[str],
    model: nn.Module,
    average: AveragedModel,
    optimizer: torch.optim.Optimizer,
) -> RunState | None:
    """Puts a checkpoint back into the objects; `fingerprints` are those under which this run may have been saved.

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
    if about["fingerprint"] not in fingerprints:
        raise ModelError(
            f"{path} belongs to a run with other settings; choose another run folder or delete it"
        )
    model.load_state_dict(_part(tensors, "model."))
    average.module.load_state_dict(_part(tensors, "average."))
    average.n_averaged.fill_(int(about["updates"]) + 1)
    moments: dict[int, dict[str, Tensor]] = {}
    for name, value in _part(tensors, "optimizer.").items():
        number, _, key = name.partition(".")
        moments.setdefault(int(number), {})[key] = value
    groups = optimizer.state_dict()["param_groups"]
    optimizer.load_state_dict({"state": moments, "param_groups": groups})
    return RunState(int(about["step"]), float(about["seconds"]), about["before"])


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
