"""An untrained model in a folder, for tests that need a model and not its answers."""

from pathlib import Path
from typing import Any

import torch

from annotator.domain.model_card import ModelCard
from annotator.domain.scheme import LandmarkScheme
from annotator.nn.checkpoint import save_model
from annotator.nn.zoo import architecture, build


def blank_model(parent: Path, scheme: LandmarkScheme, seed: int = 0, **card: Any) -> Path:
    """Its folder, `blank` in `parent`; the seed alone decides its weights, whatever ran before."""
    description = architecture("tiny", scheme)
    folder = parent / "blank"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        module = build(description)
    save_model(folder, module, ModelCard("blank", scheme.id, description, **card))
    return folder
