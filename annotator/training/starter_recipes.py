"""How the shipped model came about, recipe by recipe, each going on from the model of the one before; and the default, which
all recipes vary."""

from dataclasses import dataclass, replace

from annotator.training.augment import AugmentConfig
from annotator.training.config import Phase, TrainingConfig
from annotator.training.geometry import GeometryConfig
from annotator.training.photometry import PhotometryConfig


@dataclass(frozen=True)
class Recipe:
    """A configuration with a line for people."""

    summary: str
    config: TrainingConfig


DEFAULT = TrainingConfig("default", architecture="adc", steps=30_000)
"""From scratch, as `annotator train --data` does it."""

_CLOSER_PHASES = (
    Phase(0.55, {"ce": 1.0}, 0.6),
    Phase(1.0, {"ce": 0.2, "nll": 0.5, "l1": 0.5}, 0.8),
)
_CLOSER_AUGMENT = AugmentConfig(
    geometry=GeometryConfig(extent=(0.2, 0.75), rotation=14.0), photometry=PhotometryConfig(strength=0.8)
)

_OUTLINE = replace(
    DEFAULT,
    name="starter-outline",
    parts="global",
    outside_weight=4.0,
    source=256,
    batch=12,
    warmup=0.02,
    phases=_CLOSER_PHASES,
    augment=AugmentConfig(
        geometry=GeometryConfig(extent=(0.16, 0.9), centred=0.6, rotation=14.0),
        photometry=PhotometryConfig(strength=0.7),
    ),
)
_SHARP = replace(
    DEFAULT,
    name="starter-sharp",
    rate=7e-4,
    changes={"crop": 192},
    parts="regions",
    source=768,
    sequential=True,
    warmup=0.02,
    phases=(Phase(0.5, {"ce": 1.0}, 0.4), Phase(1.0, {"ce": 0.2, "nll": 0.5, "l1": 0.5}, 0.4)),
    size_noise=0.15,
    shift_noise=0.05,
    augment=AugmentConfig(
        geometry=GeometryConfig(extent=(0.4, 1.1), rotation=12.0), photometry=PhotometryConfig(strength=0.7)
    ),
)

STARTERS: dict[str, Recipe] = {
    "starter": Recipe(
        "The shipped model's: narrow networks that two CPU cores train in an hour",
        replace(
            DEFAULT,
            name="starter",
            architecture="starter",
            steps=20_000,
            source=512,
            rate=1.5e-3,
            augment=AugmentConfig(
                geometry=GeometryConfig(extent=(0.16, 0.7), rotation=12.0),
                photometry=PhotometryConfig(strength=0.8),
            ),
        ),
    ),
    "starter-closer": Recipe(
        "Goes on from a model of `starter`: larger crops from larger pictures (give it with --model)",
        replace(
            DEFAULT,
            name="starter-closer",
            architecture="starter",
            changes={"crop": 128},
            source=768,
            warmup=0.02,
            phases=_CLOSER_PHASES,
            augment=_CLOSER_AUGMENT,
        ),
    ),
    "starter-overview": Recipe(
        "Goes on from a model of `starter-closer`: its global network, twice as wide, mostly for what no region refines",
        replace(
            _OUTLINE,
            name="starter-overview",
            changes={"overview": {"channels": 96}},
            batch=8,
            augment=_CLOSER_AUGMENT,
        ),
    ),
    "starter-regions": Recipe(
        "Goes on from a model of `starter-closer`: its regional networks, twice as wide",
        replace(
            _SHARP,
            name="starter-regions",
            rate=5e-4,
            changes={"regional": {"channels": 96}},
            phases=_CLOSER_PHASES,
            shift_noise=0.06,
            augment=_CLOSER_AUGMENT,
        ),
    ),
    "starter-sharp": Recipe(
        "Goes on from a model of `starter-closer`: its regional networks on finer crops of large, sharp faces",
        _SHARP,
    ),
    "starter-outline": Recipe(
        "Goes on from a model of `starter-sharp`: its global network on larger faces, mostly for what no region refines",
        _OUTLINE,
    ),
    "starter-tight": Recipe(
        "Goes on from a model of `starter-outline`: its regional networks on crops that lie closer round their landmarks",
        replace(_SHARP, name="starter-tight", changes={"crop": 192, "box": {"margin": 0.25}}),
    ),
}
"""By name, in their order; `starter-overview` and `starter-regions` are the record of what did not help."""
