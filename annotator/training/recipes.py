"""Named recipes: what `annotator train --recipe NAME` does."""

from dataclasses import replace

from annotator.domain.errors import AnnotatorError
from annotator.training.augment import AugmentConfig
from annotator.training.config import Phase, TrainingConfig
from annotator.training.geometry import GeometryConfig
from annotator.training.photometry import PhotometryConfig
from annotator.training.starter_recipes import DEFAULT, STARTERS, Recipe

_PAPER = TrainingConfig(
    "paper",
    architecture="adc-paper",
    steps=60_000,
    source=1024,
    batch=4,
    rate=1e-4,
    final_rate=0.1,
    schedule="drop",
    warmup=0.0,
    clip=0.0,
    ema=0.0,
    precision="32-true",
    phases=(Phase(1.0, {"l2": 1.0}, 1.0),),
    units="paper",
    size_noise=0.1,
    shift_noise=0.0,
    augment=AugmentConfig(enabled=False),
)

_GENTLE = AugmentConfig(
    geometry=GeometryConfig(extent=(0.35, 1.0), centred=0.8, rotation=10.0),
    photometry=PhotometryConfig(strength=0.4),
)

_FINETUNE = TrainingConfig(
    "finetune",
    steps=400,
    minutes=5.0,
    batch=6,
    source=768,
    sequential=True,
    rate=1e-4,
    final_rate=0.1,
    warmup=0.05,
    ema=0.98,
    blend=0.5,  # a few frames teach more than they should: half way back costs little of what is new
    phases=(Phase(1.0, {"ce": 0.5, "nll": 0.25, "l1": 0.5}, 0.7),),
    size_noise=0.15,
    augment=_GENTLE,
    validate_every=100,
    save_minutes=1.0,
)

COORDINATES = (Phase(1.0, {"wing": 1.0, "l1": 0.1}, 0.5),)
"""For networks that regress coordinates: their drawn maps have a fixed width, so only the points can be taught."""

COORDINATES_IN_REGIONS = tuple(
    replace(phase, regional=COORDINATES[0].losses) for phase in TrainingConfig("").phases
)
"""For such networks in the regions, below a global network with heatmaps."""


def _holistic(name: str, architecture: str) -> TrainingConfig:
    return replace(DEFAULT, name=name, architecture=architecture, source=256)


LADDER = {256: (128, 8), 512: (128, 8), 1024: (256, 4), 2048: (192, 4), 4096: (256, 4)}
"""Training resolution: crop and batch of the paper; each rung starts from the weights of the one below."""


def _rung(side: int, kind: str) -> Recipe:
    crop, batch = LADDER[side]
    architecture = "adc-light" if kind == "light" else "adc"
    config = replace(
        DEFAULT,
        name=f"ladder-{kind}-{side}",
        architecture=architecture,
        changes={"crop": crop},
        source=side,
        batch=batch,
        sequential=side >= 2048,
    )
    start = "from scratch" if side == 256 else f"start it from a model of ladder-{kind}-{side // 2}"
    return Recipe(f"Resolution ladder of the paper, {kind} network at {side} px; {start}", config)


RECIPES: dict[str, Recipe] = {
    "default": Recipe(
        "Attention-driven cropping from scratch, by the recipe that converges; hours on a GPU", DEFAULT
    ),
    **STARTERS,
    "multi-resolution": Recipe(
        "The default on pictures of 256 to 2048 px in turn: one model for all of them",
        replace(
            DEFAULT,
            name="multi-resolution",
            source=2048,
            sizes=(256, 512, 1024, 2048),
            batch=4,
            sequential=True,
        ),
    ),
    "light": Recipe(
        "The default with depthwise separable convolutions: half the weights",
        replace(DEFAULT, name="light", architecture="adc-light"),
    ),
    "stacked": Recipe(
        "The default with a second regional hourglass (ablation of the paper)",
        replace(DEFAULT, name="stacked", architecture="adc-stacked"),
    ),
    "heatmap-1d": Recipe(
        "Attention-driven cropping with attentive 1D heatmaps in the regions",
        replace(DEFAULT, name="heatmap-1d", architecture="adc-heatmap-1d"),
    ),
    "pose-machine": Recipe(
        "One pose machine stage in place of each hourglass's region (ablation of the paper)",
        replace(DEFAULT, name="pose-machine", architecture="adc-pose-machine"),
    ),
    "cnn7": Recipe(
        "Plain CNN-7 regression in the regions (ablation of the paper)",
        replace(DEFAULT, name="cnn7", architecture="adc-cnn7", phases=COORDINATES_IN_REGIONS),
    ),
    "baseline-hourglass": Recipe(
        "Holistic baseline: two stacked hourglasses at 256", _holistic("baseline-hourglass", "hourglass-2")
    ),
    "baseline-fan": Recipe(
        "Holistic baseline: the four-stage FAN at 256", _holistic("baseline-fan", "fan-4")
    ),
    "baseline-pose-machine": Recipe(
        "Holistic baseline: a six-stage pose machine at 256",
        _holistic("baseline-pose-machine", "pose-machine-6"),
    ),
    "baseline-cnn7": Recipe(
        "Holistic baseline: CNN-7 at 128", replace(_holistic("baseline-cnn7", "cnn7"), phases=COORDINATES)
    ),
    "baseline-heatmap-1d": Recipe(
        "Holistic baseline: attentive 1D heatmaps at 256", _holistic("baseline-heatmap-1d", "heatmap-1d")
    ),
    "paper": Recipe("As published (CVPR 2020): coordinates alone, L2, Adam 1e-4; converges slowly", _PAPER),
    "placement": Recipe(
        "Learns in seconds how you place points; the networks stay as they are (for projects)",
        replace(_FINETUNE, name="placement", parts="shapes", steps=1, minutes=0.0),
    ),
    "finetune": Recipe("Teaches an existing model your corrections; minutes on two CPU cores", _FINETUNE),
    **{f"ladder-{kind}-{side}": _rung(side, kind) for kind in ("full", "light") for side in LADDER},
}
"""Every recipe by name."""


def recipe(name: str) -> TrainingConfig:
    """A recipe's configuration; raises `AnnotatorError` where there is none of that name."""
    if name not in RECIPES:
        raise AnnotatorError(f"there is no recipe {name!r}; choose one of {', '.join(RECIPES)}")
    return RECIPES[name].config
