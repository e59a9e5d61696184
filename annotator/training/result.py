"""What a run leaves: the model folder with its card, and the fingerprint by which a checkpoint knows its run."""

import hashlib
import json
import os
import platform
import shutil
from typing import Any

import torch

from annotator.domain.model_card import SHAPES_FILE, ModelCard
from annotator.nn.adc import PIXEL_MEAN, PIXEL_SCALE, AttentionDrivenCropping
from annotator.nn.checkpoint import read_card, save_model
from annotator.training.config import TrainingConfig
from annotator.training.job import Job
from annotator.training.run_state import RunState
from annotator.training.validate import Validation


def fingerprint(config: TrainingConfig, description: dict[str, Any]) -> str:
    """Hash of everything that a run's weights depend on, but for its length and what comes after it:
    steps and minutes may be extended."""
    free = ("steps", "minutes", "workers", "save_minutes", "blend")
    values = {k: v for k, v in config.plain().items() if k not in free}
    # came later: left out where they are not used, so that older checkpoints still fit their runs
    for name, unused in {"sizes": (), "parts": "all", "outside_weight": 1.0}.items():
        if values[name] == unused:
            del values[name]
    values["phases"] = [
        {k: v for k, v in phase.items() if k != "regional" or v} for phase in values["phases"]
    ]
    text = json.dumps([values, description], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def machine() -> str:
    """The machine in a few words."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{os.cpu_count()}-core CPU"
    return f"{device}, {platform.system()}, torch {torch.__version__}"


def write_model(
    module: AttentionDrivenCropping,
    description: dict[str, Any],
    config: TrainingConfig,
    job: Job,
    state: RunState,
    final: Validation,
    parent_id: str | None,
) -> ModelCard:
    """Writes the model folder with float16 weights, and returns its card."""
    held_out = job.validation.describe() if job.validation is not None else {}
    card = ModelCard(
        id=job.model_id,
        title=job.model_id,
        scheme=job.scheme.id,
        architecture=description,
        preprocessing={
            "proxy": description["proxy"],
            "crop": description.get("crop", 0),
            "mean": PIXEL_MEAN,
            "scale": PIXEL_SCALE,
            "iterations": config.iterations,
        },
        data={
            "train": job.source.describe(),
            "validation": held_out,
            "recipe": config.name,
            "seed": config.seed,
            "steps": state.step,
            "minutes": round(state.seconds / 60, 1),
            "machine": machine(),
        },
        metrics={
            "validation": {
                "nme_percent": final.nme,
                "before_percent": state.before or {},
                "normaliser": final.normaliser,
                "frames": final.frames,
            }
        },
        parent=parent_id,
    )
    written = save_model(job.model_folder, module, card, half=True)
    same = job.parent is not None and read_card(job.parent).scheme == job.scheme.id
    if job.parent is not None and same and (job.parent / SHAPES_FILE).is_file():
        shutil.copyfile(job.parent / SHAPES_FILE, job.model_folder / SHAPES_FILE)
    return written
