"""Model folders: `weights.safetensors` and `model.toml`. The only file of this room that touches the disk.

A folder is written beside its place and moved there whole; weights are checked against the card's hash before they are used.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import nn

from annotator.domain.errors import ModelError
from annotator.domain.model_card import CARD, WEIGHTS, ModelCard, read_card
from annotator.domain.outside_files import read_outside
from annotator.files import atomic_folder
from annotator.nn.zoo import build

MAX_WEIGHT_BYTES = 2 << 30


def save_model(folder: Path, module: nn.Module, card: ModelCard, half: bool = False) -> ModelCard:
    """Writes a model folder; other files of an existing folder are kept.

    Args:
        folder: the model's own folder; made if need be.
        module: what `zoo.build(card.architecture)` gives, on any device.
        card: everything known; `sha256` is filled in, and `created` where it is empty.
        half: store floating weights as float16 (half the size; answers change by a few thousandths of a cell).

    Returns:
        The card as written.
    """
    tensors = {name: _stored(value, half) for name, value in module.state_dict().items()}
    blob = save(tensors)
    created = card.created or datetime.now(UTC).isoformat(timespec="seconds")
    written = replace(card, sha256=hashlib.sha256(blob).hexdigest(), created=created)
    with atomic_folder(folder) as staging:
        (staging / WEIGHTS).write_bytes(blob)
        (staging / CARD).write_text(written.to_toml(), encoding="utf-8", newline="\n")
    return written


def load_model(folder: Path, device: str | torch.device = "cpu") -> tuple[nn.Module, ModelCard]:
    """Reads a model folder.

    Returns:
        The module in evaluation mode on the device with float32 weights, and its card.

    Raises:
        ModelError: something is missing, damaged, newer than this version or does not fit together; nothing was changed.
    """
    card = read_card(folder)
    path = folder / WEIGHTS
    try:
        blob = read_outside(path, MAX_WEIGHT_BYTES)
    except FileNotFoundError as error:
        raise ModelError(f"{folder} lacks {WEIGHTS}; copy the whole model folder again") from error
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read: {error.strerror or error}; copy the whole model folder again"
        ) from error
    if hashlib.sha256(blob).hexdigest() != card.sha256:
        raise ModelError(
            f"{path} is damaged or belongs to another {CARD}: its hash differs. Copy the model again."
        )
    try:
        tensors = load(blob)
    except (SafetensorError, ValueError, KeyError, OverflowError) as error:
        raise ModelError(f"{path} is no safetensors file: {error}") from error
    _check_fits(path, card, tensors)
    module = build(card.architecture)
    try:
        module.load_state_dict(
            {name: v.float() if v.is_floating_point() else v for name, v in tensors.items()}
        )
    except RuntimeError as error:
        raise ModelError(f"{path} does not fit the architecture in {CARD}: {error}") from error
    return module.to(device).eval(), card


def _check_fits(path: Path, card: ModelCard, tensors: Mapping[str, torch.Tensor]) -> None:
    """Whether the weights are those of the architecture; a network is only planned for it, so a card asks for no memory."""
    wanted = _planned(json.dumps(card.architecture, default=str))
    found = {name: tuple(value.shape) for name, value in tensors.items()}
    if wanted != found:
        name = next(name for name in (*wanted, *found) if wanted.get(name) != found.get(name))
        raise ModelError(
            f"{path} does not fit the architecture in {CARD}: {name} is {found.get(name, 'missing')}, "
            f"not {wanted.get(name, 'there')}"
        )


@lru_cache(maxsize=16)
def _planned(architecture: str) -> dict[str, tuple[int, ...]]:
    """Shapes of the weights by name; `architecture` is JSON."""
    with torch.device("meta"):
        module = build(json.loads(architecture))
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


def _stored(value: torch.Tensor, half: bool) -> torch.Tensor:
    plain = value.detach().to("cpu", copy=True).contiguous()
    return plain.half() if half and plain.is_floating_point() else plain
