"""Backward region by region: the same gradients as all at once."""

from dataclasses import replace

import pytest
import torch

from annotator.domain.scheme import LandmarkScheme
from annotator.nn.zoo import architecture, build
from annotator.training.batches import collate
from annotator.training.config import Phase, TrainingConfig
from annotator.training.objective import Objective

from .toys import toy_sample

CONFIG = TrainingConfig(
    "s", phases=(Phase(1.0, {"ce": 1.0, "l2": 0.5, "nll": 0.3}, own_boxes=1.0),), size_noise=0.1
)


@pytest.mark.parametrize("box_grad", ["none", "uncrop", "full"])
@pytest.mark.parametrize("units", ["cells", "paper"])
def test_gradients_equal_those_of_the_joint_pass(scheme: LandmarkScheme, box_grad: str, units: str) -> None:
    torch.manual_seed(3)
    model = build(architecture("tiny", scheme, box_grad=box_grad))
    for parameter in model.parameters():
        if parameter.ndim > 1:
            torch.nn.init.normal_(parameter, std=0.2)
    objective = Objective(model, replace(CONFIG, units=units)).train()
    batch = collate([toy_sample(1, 64), toy_sample(2, 64)])
    found = []
    for sequential in (False, True):
        model.zero_grad()
        if sequential:
            told = objective.backward_by_region(batch, 0, 5, lambda loss: loss.backward())
        else:
            told = objective(batch.source_B3SS, batch.xy_BL2, batch.weight_BL, 0, 5)
            told["loss"].backward()
        gradients = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
        found.append((gradients, {name: value.item() for name, value in told.items()}))
    (joint, joint_told), (apart, apart_told) = found
    assert apart_told == pytest.approx(joint_told, rel=1e-4)
    largest = max(g.abs().max() for g in joint.values())
    for name, gradient in joint.items():
        torch.testing.assert_close(apart[name], gradient, atol=2e-5 * float(largest), rtol=2e-3)
