"""Where a run's weights come from and where they go: fresh or a parent's; blended with it in the end, as a model folder."""

import copy
import os
import platform
import shutil
from typing import Any

import torch

from annotator.domain.errors import ModelError
from annotator.domain.model_card import SHAPES_FILE, ModelCard, read_card
from annotator.domain.scheme import LandmarkScheme
from annotator.files import atomic_folder
from annotator.nn.adc import PIXEL_MEAN, PIXEL_SCALE, AttentionDrivenCropping
from annotator.nn.checkpoint import load_model, save_model
from annotator.nn.inherit import inherit
from annotator.nn.widen import widen
from annotator.nn.zoo import architecture, build, changed
from annotator.training.config import TrainingConfig
from annotator.training.job import TrainingJob
from annotator.training.run_state import RunState
from annotator.training.validate import Validation


def initial_model(
    config: TrainingConfig, job: TrainingJob
) -> tuple[AttentionDrivenCropping, str | None, dict[str, Any]]:
    """The network to train, its parent's id (None for fresh weights) and its architecture.

    A parent of another version of the same scheme may go on: its networks learn where the landmarks lie now.

    Raises:
        ModelError: the parent cannot be used, is of another scheme, or does not fit the recipe's changes.
    """
    if job.parent is None:
        description = architecture(config.architecture, job.scheme, **config.changes)
        return build(description), None, description
    module, card = load_model(job.parent)
    if not _continues(module, card.scheme, job.scheme):
        raise ModelError(f"{card.id} is a model for {card.scheme}, but the data is in {job.scheme.id}")
    if not isinstance(module, AttentionDrivenCropping):
        raise ModelError(f"{card.id} cannot be trained by this version")
    if config.inherit == "weights":
        description = architecture(config.architecture, job.scheme, **config.changes)
        other = build(description)
        inherit(other.overview, module.overview)
        return other, card.id, description
    description = changed(card.architecture, config.changes)
    if description == card.architecture:
        return module, card.id, description
    other = build(description)
    try:
        _take_over(other, module)
    except ModelError as error:
        raise ModelError(
            f"the weights of {card.id} do not fit what {config.name} changes: {error}"
        ) from error
    return other, card.id, description


def _continues(module: Any, scheme_id: str, scheme: LandmarkScheme) -> bool:
    """Whether a model of a scheme can go on learning another: the same, or a version of it with as many landmarks in the same
    regions."""
    if scheme_id == scheme.id:
        return True
    regions = tuple(region.indices for region in scheme.regions)
    same_name = scheme_id.partition("@")[0] == scheme.name
    return same_name and module.landmarks == scheme.size and module.regions in ((), regions)


def _take_over(other: AttentionDrivenCropping, parent: AttentionDrivenCropping) -> None:
    """Gives `other` the parent's weights: a larger crop needs nothing, since convolutions fit any size; more channels grow."""
    if len(other.regional) != len(parent.regional):
        raise ModelError("their regions have other networks")
    networks = [(other.overview, parent.overview, parent.config.proxy)]
    networks += [
        (new, old, parent.config.crop) for new, old in zip(other.regional, parent.regional, strict=True)
    ]
    for new, old, side in networks:
        try:
            new.load_state_dict(old.state_dict())
        except RuntimeError:
            random = torch.Generator().manual_seed(0)
            widen(new, old, torch.rand(2, 3, side, side, generator=random) * 2 - 1)


def choose_learning(model: AttentionDrivenCropping, parts: str) -> None:
    """Lets the named parts of a model learn (`TrainingConfig.parts`) and freezes the rest.

    Raises ModelError where only what looks back should learn and nothing does.
    """
    model.overview.requires_grad_(parts in ("all", "global"))
    model.regional.requires_grad_(parts in ("all", "regions"))
    if parts == "temporal":
        if model.tracker is None:
            raise ModelError(
                "this network does not look back: choose another recipe, or a tracker to go on from"
            )
        model.tracker.temporal.requires_grad_(True)


def blended(
    trained: AttentionDrivenCropping, parent: AttentionDrivenCropping | None, share: float
) -> AttentionDrivenCropping:
    """A network with this share of the trained weights and the rest of the parent's; both stay as they are. Without a parent it
    is the trained one."""
    if parent is None:
        return trained
    start, result = parent.state_dict(), copy.deepcopy(trained)
    with torch.no_grad():
        for name, value in result.state_dict().items():
            if value.is_floating_point():
                value.lerp_(start[name].to(value), 1.0 - share)
    return result


def write_model(
    module: AttentionDrivenCropping,
    description: dict[str, Any],
    config: TrainingConfig,
    job: TrainingJob,
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
            "machine": _machine(),
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
    same = job.parent is not None and read_card(job.parent).scheme == job.scheme.id
    with atomic_folder(job.model_folder) as staging:
        if job.parent is not None and same and (job.parent / SHAPES_FILE).is_file():
            shutil.copyfile(job.parent / SHAPES_FILE, staging / SHAPES_FILE)
        return save_model(staging, module, card, half=True)


def _machine() -> str:
    """The machine in a few words."""
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else f"{os.cpu_count()}-core CPU"
    return f"{device}, {platform.system()}, torch {torch.__version__}"
