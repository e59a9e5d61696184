"""Affines of the transform box and the falloff of soft selection, against values worked out by hand."""

import math

import numpy as np
import pytest

from annotator.domain.coords import apply_affine
from annotator.domain.shaping.transform import (
    LEAST_SCALE,
    angle_between,
    carried,
    falloff,
    shift,
    soft_weights,
    stretch,
    turn,
)


def test_a_quarter_turn_goes_clockwise_as_seen() -> None:
    np.testing.assert_allclose(
        apply_affine(turn([10, 10], math.pi / 2), [[20, 10], [10, 10]]), [[10, 20], [10, 10]]
    )


def test_stretching_leaves_the_fixed_point_and_works_along_its_axes() -> None:
    upright = stretch([0, 0], np.eye(2), [2, 1])
    np.testing.assert_allclose(apply_affine(upright, [[3, 4], [0, 0]]), [[6, 4], [0, 0]])
    slope = np.array([[1, 1], [-1, 1]]) / math.sqrt(2)
    np.testing.assert_allclose(
        apply_affine(stretch([1, 1], slope, [3, 1]), [[2, 2], [0, 2]]), [[4, 4], [0, 2]], atol=1e-9
    )


def test_nothing_is_turned_inside_out() -> None:
    flat = apply_affine(stretch([0, 0], np.eye(2), [-5, 1]), [[10.0, 7.0]])
    np.testing.assert_allclose(flat, [[10 * LEAST_SCALE, 7]])


def test_the_angle_between_two_directions_has_a_sign() -> None:
    assert angle_between([0, 0], [1, 0], [0, 2]) == pytest.approx(math.pi / 2)
    assert angle_between([0, 0], [0, 2], [1, 0]) == pytest.approx(-math.pi / 2)
    assert angle_between([5, 5], [5, 5], [9, 9]) == 0


def test_the_falloff_is_one_half_half_way_and_flat_at_both_ends() -> None:
    np.testing.assert_allclose(falloff([0, 0.25, 0.5, 1, 4]), [1, 0.84375, 0.5, 0, 0])


def test_soft_weights_count_from_the_nearest_held_landmark() -> None:
    xy = np.array([[0, 0], [50, 0], [100, 0], [150, 0], [np.nan, np.nan]])
    weights = soft_weights(xy, np.array([0, 2]), 100)
    np.testing.assert_allclose(weights, [1, 0.5, 1, 0.5, 0])
    np.testing.assert_allclose(soft_weights(xy, np.array([0]), 0), [1, 0, 0, 0, 0])


def test_points_follow_by_their_weights() -> None:
    np.testing.assert_allclose(carried([[0, 0], [1, 1]], [1, 0.5], shift([10, 4])), [[10, 4], [6, 3]])
