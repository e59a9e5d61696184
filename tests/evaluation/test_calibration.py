"""Coverage and scale of the uncertainties, on errors whose distribution is known."""

import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError
from annotator.evaluation.calibration import (
    coverage,
    expected_coverage,
    far_and_unsure,
    fit_calibration,
    fit_covariance_scale,
    landmark_factors,
    mahalanobis_squared,
    rank_correlation,
    reliability,
)


def _errors(count: int, covariance: np.ndarray) -> np.ndarray:
    return np.random.default_rng(0).multivariate_normal([0, 0], covariance, count)


def test_mahalanobis_by_hand_and_missing_ones() -> None:
    covariance = np.array([[[4.0, 0.0], [0.0, 1.0]], [[2.0, 1.0], [1.0, 2.0]], [[0.0, 0.0], [0.0, 0.0]]])
    errors = np.array([[2.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    distance = mahalanobis_squared(errors, covariance)
    assert distance[:2] == pytest.approx([2.0, 2.0])
    assert np.isnan(distance[2])


def test_calibrated_ellipses_hold_39_and_86_percent() -> None:
    covariance = np.array([[3.0, 1.0], [1.0, 2.0]])
    distance = mahalanobis_squared(_errors(20000, covariance), np.broadcast_to(covariance, (20000, 2, 2)))
    assert expected_coverage(1.0) == pytest.approx(0.3935, abs=1e-4)
    for sigmas in (1.0, 2.0):
        assert coverage(distance, sigmas) == pytest.approx(expected_coverage(sigmas), abs=0.015)
    levels = np.linspace(0.1, 0.9, 9)
    assert reliability(distance, levels) == pytest.approx(levels, abs=0.015)


def test_overconfident_ellipses_are_found_and_scaled_right_despite_outliers() -> None:
    claimed = np.array([[1.0, 0.0], [0.0, 4.0]])
    errors = _errors(5000, 9.0 * claimed)
    errors[:50] = 1e4
    covariance = np.broadcast_to(claimed, (5000, 2, 2))
    assert coverage(mahalanobis_squared(errors, covariance), 1.0) < 0.1
    assert fit_covariance_scale(errors, covariance) == pytest.approx(9.0, rel=0.06)


def test_too_few_errors_are_refused() -> None:
    errors = np.full((12, 2), np.nan)
    errors[:9] = 1.0
    with pytest.raises(AnnotatorError, match="at least ten"):
        fit_covariance_scale(errors, np.broadcast_to(np.eye(2), (12, 2, 2)))


def test_heavy_tails_get_a_floor_and_gaussian_errors_none() -> None:
    rng = np.random.default_rng(4)
    sizes = np.full(400, 100.0)
    claimed = np.tile(np.eye(2), (400, 20, 1, 1))
    plain = fit_calibration(rng.normal(0, 2.0, (400, 20, 2)), claimed, sizes)
    assert plain.factor == pytest.approx(4.0, rel=0.08)
    assert plain.floor == 0.0
    # half of the maps claim next to nothing, though all err alike
    sharp = claimed * np.where(np.arange(20) % 2, 1.0, 1e-4)[:, None, None]
    found = fit_calibration(rng.normal(0, 1.0, (400, 20, 2)), sharp, sizes)
    assert found.floor == pytest.approx(0.01, abs=0.003)


def test_landmark_factors_follow_their_own_errors_but_few_frames_say_little() -> None:
    rng = np.random.default_rng(5)
    errors = rng.normal(0, 1.0, (600, 3, 2)) * np.array([1.0, 3.0, 1.0])[:, None]
    errors[:, 2] = np.nan
    factors = landmark_factors(errors, np.tile(np.eye(2), (600, 3, 1, 1)))
    assert factors == pytest.approx([1.0, 9.0, 1.0], rel=0.2)
    few = landmark_factors(errors[:3], np.tile(np.eye(2), (3, 3, 1, 1)))
    assert 1.0 < few[1] < 2.5


def test_confidence_that_orders_errors_is_told_by_ranks() -> None:
    errors = np.array([[0.01, 0.02, np.nan], [0.08, 0.3, 0.001]])
    right = 1 - errors
    assert rank_correlation(errors, right) == pytest.approx(1.0)
    assert rank_correlation(errors, 1 - right) == pytest.approx(-1.0)
    tied = np.array([[0.5, 0.5, 0.1], [0.2, 0.2, 0.5]])
    assert rank_correlation(errors, tied) == pytest.approx(np.sqrt(3.0) / 2.0)
    assert np.isnan(rank_correlation(errors, np.full_like(errors, 0.5)))
    assert np.isnan(rank_correlation(errors[:, 2:], right[:, 2:]))


def test_of_far_points_the_unsure_are_counted() -> None:
    errors = np.array([0.2, 0.06, 0.049, np.nan, 0.3])
    confidence = np.array([0.1, 0.9, 0.1, 0.1, np.nan])
    assert far_and_unsure(errors, confidence, 0.05, 0.5) == pytest.approx(0.5)
    assert np.isnan(far_and_unsure(errors, confidence, 0.5, 0.5))
