"""Every network learns eight samples by heart, to under half a pixel at proxy scale.

Some take a while and are marked slow: `pytest tests/training/test_overfit.py -m slow` runs them alone.
"""

from typing import Any

import pytest
import torch

from annotator.domain.scheme import LandmarkScheme
from annotator.nn.attention_crop import BoxRule
from annotator.nn.zoo import architecture, build
from annotator.training.augment import plain
from annotator.training.batches import collate
from annotator.training.config import LossName, Phase, TrainingConfig
from annotator.training.objective import Objective

from .toys import toy_sample

SIDE = 64
SMALL = {"backbone": "hourglass", "channels": 16, "depth": 2, "stride": 2}
MAPS: dict[LossName, float] = {"ce": 0.2, "l1": 1.0}


def learnt_error(
    scheme: LandmarkScheme,
    description: dict[str, Any],
    steps: int,
    losses: dict[LossName, float],
    rate: float,
) -> float:
    """Mean error of the final points in proxy pixels, after learning eight plain samples."""
    torch.manual_seed(1)
    model = build(description)
    config = TrainingConfig(
        "overfit", phases=(Phase(1.0, losses, own_boxes=0.5),), size_noise=0.05, shift_noise=0.02
    )
    objective = Objective(model, config).train()
    batch = collate([plain(toy_sample(seed), SIDE) for seed in range(8)])
    optimizer = torch.optim.Adam(model.parameters(), rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps)
    for step in range(steps):
        optimizer.zero_grad()
        objective(batch.source_B3SS, batch.xy_BL2, batch.weight_BL, 0, step)["loss"].backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    model.eval()
    with torch.inference_mode():
        output = model(batch.source_B3SS, iterations=2)
    error = (output.xy_BL2 - batch.xy_BL2).norm(dim=-1) * model.config.proxy / SIDE
    return error.mean().item()


def describe(scheme: LandmarkScheme, **values: Any) -> dict[str, Any]:
    """A tiny architecture with other networks in it; without `regional` it is holistic."""
    base = architecture(
        "tiny", scheme, box={"margin": 0.8, "min_aspect": 1.0, "min_size": BoxRule().min_size}
    )
    base |= {"overview": SMALL, **values}
    return base


HOLISTIC: dict[str, Any] = {"regions": []}
SLOW = pytest.mark.slow
CASES = [
    pytest.param({"regional": SMALL}, 120, MAPS, 5e-3, id="adc"),
    pytest.param({"regional": {**SMALL, "light": True}}, 200, MAPS, 5e-3, id="adc-light", marks=SLOW),
    pytest.param({"regional": {**SMALL, "stacks": 2}}, 150, MAPS, 5e-3, id="adc-stacked"),
    pytest.param(
        {"regional": SMALL, "share_mirrored": False},
        220,
        MAPS,
        5e-3,
        id="adc-own",
        marks=SLOW,
    ),
    pytest.param(
        {"regional": {"backbone": "pose-machine", "channels": 16, "stages": 1, "stride": 4}},
        200,
        MAPS,
        5e-3,
        id="adc-pose-machine",
        marks=SLOW,
    ),
    pytest.param(
        {"regional": {"backbone": "plain-cnn", "layers": 6, "channels": 8, "hidden": 128, "stride": 2}},
        400,
        {"l1": 1.0},
        2e-3,
        id="adc-cnn6",
        marks=SLOW,
    ),
    pytest.param(
        {
            "crop": 64,
            "regional": {"backbone": "plain-cnn", "layers": 7, "channels": 8, "hidden": 128, "stride": 2},
        },
        400,
        {"l1": 1.0},
        2e-3,
        id="adc-cnn7",
        marks=SLOW,
    ),
    pytest.param(
        {"regional": {"backbone": "heatmap-1d", "hourglass": {"channels": 16, "depth": 2, "stride": 4}}},
        250,
        MAPS,
        5e-3,
        id="adc-heatmap-1d",
        marks=SLOW,
    ),
    pytest.param(
        HOLISTIC | {"overview": {**SMALL, "stacks": 2}}, 150, MAPS, 5e-3, id="hourglass-2", marks=SLOW
    ),
    pytest.param(
        HOLISTIC | {"overview": {**SMALL, "stacks": 4, "block": "hierarchical"}},
        350,
        MAPS,
        5e-3,
        id="fan-4",
        marks=SLOW,
    ),
    pytest.param(
        HOLISTIC
        | {"overview": {"backbone": "pose-machine", "channels": 16, "stages": 6, "stride": 4, "kernel": 5}},
        450,
        MAPS,
        5e-3,
        id="pose-machine-6",
        marks=SLOW,
    ),
    pytest.param(
        HOLISTIC
        | {"overview": {"backbone": "plain-cnn", "layers": 6, "channels": 8, "hidden": 128, "stride": 2}},
        400,
        {"l1": 1.0},
        2e-3,
        id="cnn6",
        marks=SLOW,
    ),
    pytest.param(
        HOLISTIC
        | {"overview": {"backbone": "plain-cnn", "layers": 7, "channels": 8, "hidden": 128, "stride": 2}},
        400,
        {"l1": 1.0},
        2e-3,
        id="cnn7",
        marks=SLOW,
    ),
    pytest.param(
        HOLISTIC
        | {"overview": {"backbone": "heatmap-1d", "hourglass": {"channels": 16, "depth": 2, "stride": 2}}},
        200,
        MAPS,
        5e-3,
        id="heatmap-1d",
        marks=SLOW,
    ),
]


@pytest.mark.parametrize(("values", "steps", "losses", "rate"), CASES)
def test_eight_samples_are_learnt_by_heart(
    scheme: LandmarkScheme, values: dict[str, Any], steps: int, losses: dict[LossName, float], rate: float
) -> None:
    assert learnt_error(scheme, describe(scheme, **values), steps, losses, rate) < 0.5
