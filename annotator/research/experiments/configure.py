"""From a system to its training configuration: the same recipe for all, narrowed where asked for."""

from dataclasses import replace
from typing import Any

from annotator.nn.zoo import ARCHITECTURES
from annotator.research.experiments.options import ExperimentOptions
from annotator.research.experiments.presets import LADDER, System
from annotator.training.config import AugmentConfig, GeometryConfig, Phase, PhotometryConfig, TrainingConfig
from annotator.training.recipes import recipe

_AS_SHOT = AugmentConfig(
    # more known landmarks than there are never happens: frames keep their framing and are only jittered
    geometry=GeometryConfig(whole=2.0, rotation=8.0),
    photometry=PhotometryConfig(strength=0.6),
)
_FIXED_INPUT = "plain-cnn"


def training_config(system: System, options: ExperimentOptions) -> TrainingConfig:
    """The default recipe for a system: its crop and batch by the paper's ladder, the budget and widths asked for."""
    base = recipe("default")
    crop, batch = LADDER.get(system.size, (256, 4))
    changes = _narrowed(system, options)
    if not system.holistic and not _regresses(system, "regional"):
        changes["crop"] = options.crop or crop
    return replace(
        base.with_budget(options.steps, options.minutes),
        name=system.name,
        architecture=system.architecture,
        changes=changes,
        source=system.size,
        batch=options.batch or batch,
        rate=options.rate or base.rate,
        phases=_phases(system, base.phases),
        sequential=not system.holistic and system.size >= 2048,
        augment=_AS_SHOT if options.augment else AugmentConfig(enabled=False),
        seed=options.seed,
        validate_every=0,
        validation_frames=16,
        save_minutes=1.0,
        workers=options.workers,
    )


def _narrowed(system: System, options: ExperimentOptions) -> dict[str, Any]:
    """What to change in the zoo's architecture for the width and stride asked for."""
    described = ARCHITECTURES[system.architecture]
    changes: dict[str, Any] = {}
    for part in ("overview", "regional"):
        own: dict[str, Any] = described.get(part, {})
        if own and options.width:
            changes[part] = _width(own, options.width)
    if options.stride and not system.holistic:
        changes["overview"] = {**changes.get("overview", {}), "stride": options.stride}
    return changes


def _width(network: dict[str, Any], width: int) -> dict[str, Any]:
    """Channels of a network; plain CNNs start with a quarter of them and have their last layer narrowed alike."""
    if network["backbone"] == _FIXED_INPUT:
        return {"channels": max(4, width // 4), "hidden": 8 * width}
    if network["backbone"] == "heatmap-1d":
        return {"hourglass": {**network["hourglass"], "channels": width}}
    return {"channels": width}


def _regresses(system: System, part: str) -> bool:
    """Whether the networks of a part are plain CNNs: they regress coordinates and take pictures of one size."""
    own = ARCHITECTURES[system.architecture].get(part, {})
    return bool(own.get("backbone") == _FIXED_INPUT)


def _phases(system: System, usual: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """Networks that regress coordinates are taught as the recipes of their kind say."""
    if _regresses(system, "overview"):
        return recipe("baseline-cnn7").phases
    return recipe("cnn7").phases if _regresses(system, "regional") else usual
