"""The mean of models that were taught apart from the same start: better than each of them, at the cost of one."""

from collections.abc import Sequence
from pathlib import Path

import torch

from annotator.domain.errors import ModelError
from annotator.domain.model_card import ModelCard, read_card
from annotator.files import atomic_folder
from annotator.nn.checkpoint import load_model, save_model
from annotator.services.models.training.finished_model import copy_model


def average_models(folders: Sequence[Path], out: Path) -> ModelCard:
    """Write to `out` a model whose every weight is the mean of those of `folders` (Wortsman et al. 2022, model soups).

    The card is the first one's, with `average` telling of all; what that knows of faces and of its own errors goes along,
    so calibrate the result.

    Raises:
        ModelError: fewer than two models, of different architectures or schemes, damaged, or `out` is there already.
    """
    if len(folders) < 2:
        raise ModelError("The mean is of two models or more: name another one.")
    if out.exists():
        raise ModelError(f"{out} is there already: choose another folder.")
    loaded = [load_model(folder) for folder in folders]
    first, card = loaded[0]
    for folder, (_, other) in zip(folders, loaded, strict=True):
        if (other.architecture, other.scheme) != (card.architecture, card.scheme):
            raise ModelError(f"{folder} has another architecture or scheme than {folders[0]}.")
    states = [module.state_dict() for module, _ in loaded]
    with torch.no_grad():
        for name, value in first.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.stack([state[name] for state in states]).mean(0))
    data = {**card.data, "average": [other.id for _, other in loaded]}
    with atomic_folder(out) as staging:
        copy_model(folders[0], staging, out.name, data)
        return save_model(staging, first, read_card(staging), half=True)
