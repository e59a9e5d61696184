"""Losses against hand-computed values, their masks and gradients."""

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

from annotator.nn import losses

HEATMAP_LOSSES = [losses.cross_entropy, losses.jensen_shannon, losses.negative_log_likelihood]
POINT_LOSSES = [losses.l1, losses.l2, losses.wing]
TRUE = torch.tensor([[[0.3, 0.4], [0.6, 0.7]], [[0.5, 0.2], [0.8, 0.5]]])
ONES = torch.ones(2, 2)


def test_l2_and_l1_by_hand() -> None:
    found = TRUE + torch.tensor([[[0.03, 0.04], [0.0, 0.0]], [[0.0, 0.1], [0.06, 0.08]]])
    weight = torch.tensor([[1.0, 1.0], [0.0, 2.0]])
    assert losses.l2(found, TRUE, weight).item() == pytest.approx((0.0025 + 0 + 2 * 0.01) / 4)
    assert losses.l1(found, TRUE, weight).item() == pytest.approx((0.05 + 0 + 2 * 0.1) / 4, abs=1e-5)


def test_wing_is_logarithmic_then_linear_and_has_no_step() -> None:
    def at(error: float) -> float:
        return losses.wing(TRUE + torch.tensor([error, 0.0]), TRUE, ONES, width=0.04, bend=0.008).item()

    assert at(0.01) == pytest.approx(0.04 * math.log(1 + 0.01 / 0.008), rel=1e-4)
    assert at(0.3) - at(0.2) == pytest.approx(0.1, rel=1e-4)
    assert at(0.0401) == pytest.approx(at(0.0399), abs=5e-4)


def test_cross_entropy_of_flat_maps_is_the_log_of_their_cells() -> None:
    flat = losses.cross_entropy(torch.zeros(2, 2, 8, 16), TRUE, ONES)
    assert flat.item() == pytest.approx(math.log(128), rel=1e-5)


def test_divergence_is_zero_at_the_target_and_log_two_far_away() -> None:
    target = losses.gaussian_target(TRUE, 32, 32, 1.0)
    assert losses.jensen_shannon(target.clamp_min(1e-30).log(), TRUE, ONES).item() == pytest.approx(
        0, abs=1e-5
    )
    elsewhere = losses.gaussian_target(1 - TRUE.flip(-1), 32, 32, 0.5).clamp_min(1e-30).log()
    assert losses.jensen_shannon(elsewhere, TRUE, ONES).item() == pytest.approx(math.log(2), rel=0.02)


def test_target_has_the_point_as_mean_and_sums_to_one() -> None:
    target = losses.gaussian_target(TRUE, 40, 32, 1.5)
    torch.testing.assert_close(target.sum((-1, -2)), ONES)
    columns = (torch.arange(32) + 0.5) / 32
    torch.testing.assert_close((target.sum(-2) * columns).sum(-1), TRUE[..., 0], atol=2e-3, rtol=0)


def test_likelihood_by_hand() -> None:
    # a Gaussian map of sigma 2 cells, the truth 3 cells right of it: (9 / v + 2 log v) / 2 with v = 4 + floor
    side = 64
    mean = torch.full((1, 1, 2), 0.5)
    logits = losses.gaussian_target(mean, side, side, 2.0).clamp_min(1e-30).log()
    value = losses.negative_log_likelihood(
        logits, mean + torch.tensor([3 / side, 0.0]), torch.ones(1, 1)
    ).item()
    variance = 4 + losses.VARIANCE_FLOOR
    assert value == pytest.approx((9 / variance + 2 * math.log(variance)) / 2, rel=1e-3)


def test_likelihood_prefers_maps_as_wide_as_the_error() -> None:
    mean = torch.full((1, 1, 2), 0.5)
    true = mean + torch.tensor([4 / 64, 0.0])
    cost = [
        losses.negative_log_likelihood(
            losses.gaussian_target(mean, 64, 64, sigma).clamp_min(1e-30).log(), true, torch.ones(1, 1)
        ).item()
        for sigma in (0.7, 2.8, 9.0)
    ]
    assert cost[1] < cost[0]
    assert cost[1] < cost[2]


@pytest.mark.parametrize("loss", HEATMAP_LOSSES + POINT_LOSSES)
def test_masked_landmarks_have_no_influence(loss: Callable[..., Tensor]) -> None:
    heat = loss in HEATMAP_LOSSES
    torch.manual_seed(0)
    found = torch.randn(2, 2, 6, 6) if heat else torch.rand(2, 2, 2)
    weight = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    broken = TRUE.clone()
    broken[:, 1] = float("nan")
    found.requires_grad_()
    value = loss(found, broken, weight)
    value.backward()
    assert found.grad is not None
    assert torch.isfinite(found.grad).all()
    assert not found.grad[:, 1].any()
    assert found.grad[:, 0].any()
    torch.testing.assert_close(value, loss(found[:, :1], TRUE[:, :1], weight[:, :1]))


@pytest.mark.parametrize("loss", HEATMAP_LOSSES)
def test_points_outside_the_map_are_masked(loss: Callable[..., Tensor]) -> None:
    outside = TRUE.clone()
    outside[0, 0] = torch.tensor([1.2, 0.5])
    logits = torch.randn(2, 2, 6, 6, requires_grad=True)
    loss(logits, outside, ONES).backward()
    assert logits.grad is not None
    assert not logits.grad[0, 0].any()


@pytest.mark.parametrize("loss", HEATMAP_LOSSES + POINT_LOSSES)
def test_all_masked_is_zero_and_differentiable(loss: Callable[..., Tensor]) -> None:
    found = torch.randn(*((2, 2, 6, 6) if loss in HEATMAP_LOSSES else (2, 2, 2)), requires_grad=True)
    value = loss(found, TRUE, torch.zeros(2, 2))
    value.backward()
    assert value.item() == 0
    assert found.grad is not None
    assert not found.grad.any()


def test_gradient_of_the_likelihood() -> None:
    logits = torch.randn(1, 2, 4, 4, dtype=torch.float64, requires_grad=True)
    true = TRUE[:1].double()
    weight = torch.ones(1, 2, dtype=torch.float64)
    assert gradcheck(lambda z: losses.negative_log_likelihood(z, true, weight), (logits,))
