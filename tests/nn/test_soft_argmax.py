"""Soft-argmax: hand-computed maps, symmetries, the known bias, gradients."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck

from annotator.nn.soft_argmax import covariance, moments, soft_argmax, spatial_softmax


def gaussian_logits(points: torch.Tensor, side: int, sigma: float) -> torch.Tensor:
    """Log of isotropic Gaussians [B, K, side, side] round points in cells (sigma in cells)."""
    cells = torch.arange(side, dtype=points.dtype) + 0.5
    x = (cells - points[..., :1]) ** 2
    y = (cells - points[..., 1:]) ** 2
    return -(y[..., :, None] + x[..., None, :]) / (2 * sigma**2)


def test_two_cells_of_a_hand_computed_map() -> None:
    # weights 1 and 3 on the first row of 2 x 4 maps, all else at minus infinity
    logits = torch.full((2, 2, 2, 4), -math.inf)
    logits[:, 0, 0, 0], logits[:, 0, 0, 2] = 0.0, math.log(3)
    logits[:, 1, 0, 3], logits[:, 1, 1, 3] = 0.0, 0.0
    xy, spread = moments(logits)
    torch.testing.assert_close(xy[0], torch.tensor([[(0.125 + 3 * 0.625) / 4, 0.25], [0.875, 0.5]]))
    torch.testing.assert_close(xy[0], xy[1])
    # variance of x: .25 * .75 * (.5)^2; of y in the second map: a half each at .25 and .75
    expected = torch.tensor([[[0.046875, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0625]]])
    torch.testing.assert_close(spread[1], expected)


def test_covariance_has_the_sign_of_the_diagonal() -> None:
    probability = torch.zeros(1, 2, 4, 4)
    probability[0, 0, 0, 0] = probability[0, 0, 3, 3] = 0.5
    probability[0, 1, 0, 3] = probability[0, 1, 3, 0] = 0.5
    spread = covariance(probability)
    assert spread[0, 0, 0, 1] == pytest.approx(0.375**2)
    assert spread[0, 1, 0, 1] == pytest.approx(-(0.375**2))


@given(st.floats(12, 52), st.floats(12, 52))
def test_a_gaussian_is_recovered(x: float, y: float) -> None:
    points = torch.tensor([[[x, y], [y, x]]], dtype=torch.float64)
    found = soft_argmax(gaussian_logits(points, 64, 2.0)) * 64
    assert (found - points).abs().max() < 1e-3


def test_flip_is_symmetric_about_the_half_pixel() -> None:
    logits = torch.randn(2, 3, 16, 16, dtype=torch.float64)
    straight, turned = soft_argmax(logits), soft_argmax(logits.flip(-1))
    torch.testing.assert_close(straight[..., 0], 1 - turned[..., 0])
    torch.testing.assert_close(straight[..., 1], turned[..., 1])


@pytest.mark.parametrize("decode", ["plain", "window", "compensated"])
def test_a_shift_of_all_logits_changes_nothing(decode: str) -> None:
    logits = 8 * torch.randn(2, 3, 24, 24, dtype=torch.float64)
    torch.testing.assert_close(soft_argmax(logits, decode), soft_argmax(logits + 37.5, decode))  # type: ignore[arg-type]


@pytest.mark.parametrize("peak", [6.0, 10.0, 14.0, 20.0])
def test_the_background_pulls_a_peak_to_the_centre_as_the_formula_says(peak: float) -> None:
    cells = 256 * 256
    logits = torch.zeros(1, 2, 256, 256, dtype=torch.float64)
    logits[0, 0, 20, 30] = logits[0, 1, 200, 100] = peak
    true = torch.tensor([[[30.5, 20.5], [100.5, 200.5]]], dtype=torch.float64)
    # the background without the peak's own cell has its mean a little off the centre
    expected = (math.exp(peak) * true + cells * 128 - true) / (math.exp(peak) + cells - 1)
    torch.testing.assert_close(soft_argmax(logits) * 256, expected)


@pytest.mark.parametrize("decode", ["window", "compensated"])
@pytest.mark.parametrize("peak", [8.0, 14.0])
def test_window_and_compensation_remove_the_pull(decode: str, peak: float) -> None:
    points = torch.tensor([[[20.3, 31.8]]], dtype=torch.float64)
    logits = peak * torch.exp(gaussian_logits(points, 64, 2.0))
    plain = (soft_argmax(logits) * 64 - points).norm().item()
    better = (soft_argmax(logits, decode) * 64 - points).norm().item()  # type: ignore[arg-type]
    assert better < 0.06
    assert better < plain


def test_half_precision_logits_are_decoded_in_full() -> None:
    points = torch.tensor([[[200.2, 31.7]]])
    logits = gaussian_logits(points, 256, 3.0)
    found = soft_argmax(logits.bfloat16()) * 256
    assert found.dtype == torch.float32
    assert (found - points).abs().max() < 0.02


def test_every_map_sums_to_one() -> None:
    total = spatial_softmax(30 * torch.randn(2, 3, 8, 12)).sum((-1, -2))
    torch.testing.assert_close(total, torch.ones(2, 3))


def test_gradients() -> None:
    logits = torch.randn(2, 2, 4, 5, dtype=torch.float64, requires_grad=True)
    assert gradcheck(lambda z: moments(z), (logits,))


def test_autocast_leaves_points_in_single_precision() -> None:
    logits = torch.zeros(2, 3, 64, 64)
    logits[..., 41, 22] = 30.0
    plain = soft_argmax(logits)
    with torch.autocast("cpu", torch.bfloat16):
        points = soft_argmax(logits)
    assert points.dtype == torch.float32
    assert torch.equal(points, plain)
