"""Every kind of network learns a few samples by heart."""

from typing import Any

import numpy as np
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

SIDE, SAMPLES = 64, 3
SMALL = {"backbone": "hourglass", "channels": 16, "depth": 2, "stride": 2}
MAPS: dict[LossName, float] = {"ce": 0.2, "l1": 1.0}
POINTS: dict[LossName, float] = {"l1": 1.0}


def learnt_error(
    scheme: LandmarkScheme,
    description: dict[str, Any],
    steps: int,
    losses: dict[LossName, float],
    rate: float,
) -> float:
    """Mean error of the final points in proxy pixels, after learning a few plain samples."""
    torch.manual_seed(1)
    model = build(description)
    config = TrainingConfig(
        "overfit", phases=(Phase(1.0, losses, own_boxes=0.5),), size_noise=0.05, shift_noise=0.02
    )
    objective = Objective(model, config).train()
    batch = collate([plain(toy_sample(seed), SIDE) for seed in range(SAMPLES)])
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


HEAVY = pytest.mark.slow  # of each kind of network one is learnt by the quick proofs
HOLISTIC: dict[str, Any] = {"regions": []}
LINES = {"backbone": "heatmap-1d", "hourglass": {"channels": 16, "depth": 2, "stride": 4}}
POSE = {"backbone": "pose-machine", "channels": 16, "stride": 4}


def plain_cnn(layers: int) -> dict[str, Any]:
    return {"backbone": "plain-cnn", "layers": layers, "channels": 8, "hidden": 128, "stride": 2}


@pytest.mark.parametrize(
    ("values", "steps", "losses", "rate"),
    [
        pytest.param({"regional": SMALL}, 50, MAPS, 1e-2, id="adc"),
        pytest.param({"regional": {**SMALL, "light": True}}, 60, MAPS, 1e-2, id="adc-light", marks=HEAVY),
        pytest.param({"regional": {**SMALL, "stacks": 2}}, 50, MAPS, 1e-2, id="adc-stacked", marks=HEAVY),
        pytest.param({"regional": SMALL, "share_mirrored": False}, 50, MAPS, 1e-2, id="adc-own", marks=HEAVY),
        pytest.param(
            {"regional": {**POSE, "stages": 1}},
            100,
            MAPS,
            1e-2,
            id="adc-pose-machine",
            marks=HEAVY,
        ),
        pytest.param({"crop": 64, "regional": plain_cnn(7)}, 160, POINTS, 4e-3, id="adc-cnn7", marks=HEAVY),
        pytest.param({"regional": LINES}, 60, MAPS, 1e-2, id="adc-heatmap-1d", marks=HEAVY),
        pytest.param(HOLISTIC | {"overview": {**SMALL, "stacks": 2}}, 70, MAPS, 1e-2, id="hourglass-2"),
        pytest.param(
            HOLISTIC | {"overview": {**SMALL, "stacks": 2, "block": "hierarchical"}},
            90,
            MAPS,
            1e-2,
            id="fan",
            marks=HEAVY,
        ),
        pytest.param(
            HOLISTIC | {"overview": {**POSE, "stages": 3, "kernel": 5}},
            160,
            MAPS,
            1e-2,
            id="pose-machine",
            marks=HEAVY,
        ),
        pytest.param(HOLISTIC | {"overview": plain_cnn(6)}, 80, POINTS, 2e-3, id="cnn6"),
        pytest.param(HOLISTIC | {"overview": plain_cnn(7)}, 80, POINTS, 2e-3, id="cnn7", marks=HEAVY),
        pytest.param(
            HOLISTIC | {"overview": {**LINES, "hourglass": {**LINES["hourglass"], "stride": 2}}},
            100,
            MAPS,
            1e-2,
            id="heatmap-1d",
        ),
    ],
)
def test_a_few_samples_are_learnt_by_heart(
    scheme: LandmarkScheme, values: dict[str, Any], steps: int, losses: dict[LossName, float], rate: float
) -> None:
    """Far nearer than their mean shape, which is what a network finds that does not look."""
    points = np.stack([plain(toy_sample(seed), SIDE).xy for seed in range(SAMPLES)])
    blind = np.linalg.norm(points - points.mean(axis=0), axis=-1).mean()
    assert learnt_error(scheme, describe(scheme, **values), steps, losses, rate) < 0.5 * blind
