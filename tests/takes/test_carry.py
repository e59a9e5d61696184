"""Corrections carried between keys: turned and scaled with the face, mixed by distance; straight lines beside them."""

import numpy as np
import pytest

from annotator.takes.carry import between, carried, straight
from annotator.takes.face_motion import face_turns, turn_and_scale
from annotator.takes.observations import Observations

SQUARE = np.array([[0.0, 0], [10, 0], [10, 10], [0, 10]])
QUARTER = np.array([[0.0, -1], [1, 0]])


def observations(proposed: np.ndarray, keys: dict[tuple[int, int], tuple[float, float]]) -> Observations:
    set_by_hand = np.full_like(proposed, np.nan)
    for place, xy in keys.items():
        set_by_hand[place] = xy
    covariance = np.tile(np.eye(2), (*proposed.shape[:2], 1, 1))
    return Observations.of_proposals(np.arange(len(proposed)), proposed, covariance, set_by_hand)


def test_turn_and_scale_are_found_whatever_the_shift() -> None:
    np.testing.assert_allclose(
        turn_and_scale(SQUARE, 2 * SQUARE @ QUARTER.T + (5, 7)), 2 * QUARTER, atol=1e-12
    )
    np.testing.assert_array_equal(turn_and_scale(SQUARE[:2], SQUARE[:2] * 3), np.eye(2))  # too few points
    np.testing.assert_array_equal(turn_and_scale(SQUARE * 0, SQUARE), np.eye(2))


def test_a_frame_without_a_face_is_turned_as_the_nearest_one() -> None:
    faces = np.stack([SQUARE, SQUARE @ QUARTER.T, np.full_like(SQUARE, np.nan), SQUARE @ QUARTER.T])
    turns = face_turns(faces)
    np.testing.assert_allclose(turns[1], np.eye(2), atol=1e-12)
    np.testing.assert_allclose(turns[0], QUARTER.T, atol=1e-12)
    np.testing.assert_allclose(turns[2], turns[1])
    np.testing.assert_array_equal(face_turns(np.full((2, 4, 2), np.nan)), np.tile(np.eye(2), (2, 1, 1)))


def test_a_correction_is_turned_and_scaled_with_the_face() -> None:
    proposed = np.stack([SQUARE, 2 * SQUARE @ QUARTER.T])
    path = carried(observations(proposed, {(0, 0): (1.0, 0.0)}))
    np.testing.assert_allclose(path[0, 0], (1, 0))
    np.testing.assert_allclose(
        path[1, 0], proposed[1, 0] + (0, 2), atol=1e-12
    )  # turned by a quarter, twice as long
    np.testing.assert_allclose(path[:, 1:], proposed[:, 1:], atol=1e-12)


def test_corrections_of_two_keys_are_mixed_by_distance() -> None:
    proposed = np.tile(SQUARE, (5, 1, 1))
    path = carried(observations(proposed, {(0, 0): (1.0, 0.0), (4, 0): (5.0, 8.0)}))
    np.testing.assert_allclose(path[:, 0], [(1, 0), (2, 2), (3, 4), (4, 6), (5, 8)], atol=1e-12)


def test_straight_lines_are_for_landmarks_with_keys() -> None:
    proposed = np.tile(SQUARE, (4, 1, 1))
    path = straight(observations(proposed, {(1, 0): (1.0, 0.0), (3, 0): (3.0, 4.0)}))
    np.testing.assert_allclose(path[:, 0], [(1, 0), (1, 0), (2, 2), (3, 4)])
    np.testing.assert_allclose(path[:, 1:], proposed[:, 1:])


def test_where_no_model_placed_a_landmark_its_keys_are_joined() -> None:
    proposed = np.tile(SQUARE, (3, 1, 1))
    proposed[1, 0] = np.nan
    path = carried(observations(proposed, {(0, 0): (0.0, 0.0), (2, 0): (4.0, 2.0)}))
    np.testing.assert_allclose(path[1, 0], (2, 1))


def test_filling_goes_by_numbers_and_holds_beyond_the_ends() -> None:
    values = np.full((4, 2, 2), np.nan)
    values[1, 0], values[2, 0] = (0, 0), (10, 20)
    filled = between(np.array([1, 2, 12, 13]), values)
    np.testing.assert_allclose(filled[:, 0], [(0, 0), (0, 0), (10, 20), (10, 20)])
    assert np.isnan(filled[:, 1]).all()


def test_observations_of_another_shape_are_refused() -> None:
    good = np.zeros((2, 3, 2))
    with pytest.raises(ValueError, match="keys must be"):
        Observations.of_proposals(np.arange(2), good, np.zeros((2, 3, 2, 2)), good[:1])
    with pytest.raises(ValueError, match="must rise"):
        Observations.of_proposals(np.array([2, 2]), good, np.zeros((2, 3, 2, 2)), good)
