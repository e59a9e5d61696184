"""Moments of heatmaps against maps whose moments are known."""

import numpy as np
import pytest
import torch

from annotator.inference.decode import heatmap_moments, sigma


def _gaussian(mean: tuple[float, float], covariance: np.ndarray, width: int, height: int) -> np.ndarray:
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    d = np.stack([x - mean[0], y - mean[1]], axis=-1)
    return -0.5 * np.einsum("hwi,ij,hwj->hw", d, np.linalg.inv(covariance), d)


def test_gaussians_come_back_with_mean_and_covariance() -> None:
    covariances = [np.array([[9.0, 4.0], [4.0, 6.0]]), np.array([[2.0, -0.7], [-0.7, 5.0]])]
    means = [(20.3, 31.9), (40.0, 25.5)]
    maps = [[_gaussian(m, c, 64, 56) for m, c in zip(means, covariances, strict=True)] for _ in range(2)]
    maps[1].reverse()
    found = heatmap_moments(torch.tensor(np.array(maps), dtype=torch.float32) + 7.0)
    assert len(found) == 2
    for moments, order in zip(found, ([0, 1], [1, 0]), strict=True):
        for k, which in enumerate(order):
            assert moments.xy[k] == pytest.approx(means[which], abs=1e-3)
            assert moments.covariance[k] == pytest.approx(covariances[which] + 0.01 * np.eye(2), abs=2e-3)


def test_flat_map_is_centred_and_as_wide_as_the_map() -> None:
    (moments,) = heatmap_moments(torch.zeros(1, 1, 12, 20))
    assert moments.xy[0] == pytest.approx([10.0, 6.0])
    assert np.diag(moments.covariance[0]) == pytest.approx(
        [(400 - 1) / 12 + 0.01, (144 - 1) / 12 + 0.01], rel=1e-5
    )


def test_single_cell_keeps_a_floor_and_half_precision_logits_are_summed_in_single() -> None:
    logits = torch.full((1, 1, 64, 64), -30.0, dtype=torch.bfloat16)
    logits[0, 0, 50, 3] = 30.0
    (moments,) = heatmap_moments(logits)
    assert moments.xy[0] == pytest.approx([3.5, 50.5], abs=1e-4)
    assert moments.covariance[0] == pytest.approx(0.01 * np.eye(2), abs=1e-4)


def test_moments_follow_the_affine_into_the_frame() -> None:
    (moments,) = heatmap_moments(torch.zeros(1, 1, 10, 10))
    affine = np.array([[3.0, 0.0, 100.0], [0.0, 2.0, 50.0]])
    moved = moments.in_frame(affine, scale=4.0)
    assert moved.xy[0] == pytest.approx([115.0, 60.0])
    assert moved.covariance[0, 0, 0] == pytest.approx(4 * 9 * moments.covariance[0, 0, 0])
    assert moved.covariance[0, 1, 1] == pytest.approx(4 * 4 * moments.covariance[0, 1, 1])


def test_sigma_averages_directions() -> None:
    assert sigma(np.array([[[9.0, 1.0], [1.0, 41.0]]])) == pytest.approx([5.0])
