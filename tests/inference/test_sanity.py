"""No face must never look certain; a usual face must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.faces.confidence import landmark_confidence
from annotator.inference.sanity import (
    CLEAR,
    FaceChecks,
    UsualValues,
    check_face,
    face_size,
    mean_shape_of,
    shape_distance,
    upright,
)

FACE = np.array([[0.0, 0.0], [100.0, 0.0], [50.0, 60.0], [20.0, 100.0], [80.0, 100.0], [50.0, 150.0]])


def _similar(points: np.ndarray, degrees: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    angle = np.radians(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * points @ rotation.T + shift


@given(st.floats(-180, 180), st.floats(0.1, 50), st.floats(-1e3, 1e3))
def test_shape_distance_forgives_any_similarity(degrees: float, scale: float, shift: float) -> None:
    assert shape_distance(_similar(FACE, degrees, scale, (shift, -shift)), FACE) == pytest.approx(
        0.0, abs=1e-5
    )


def test_shape_distance_sees_mirroring_collapse_and_disorder() -> None:
    rng = np.random.default_rng(0)
    assert shape_distance(FACE * [-1.0, 1.0], FACE) > 0.5
    assert shape_distance(np.tile([3.0, 4.0], (6, 1)), FACE) == 1.0
    assert shape_distance(rng.normal(size=(6, 2)), FACE) > 0.4
    assert 0.0 < shape_distance(FACE + rng.normal(0, 2.0, FACE.shape), FACE) < 0.08


def test_mean_shape_is_the_shape_behind_turned_noisy_and_partial_faces() -> None:
    rng = np.random.default_rng(1)
    faces = np.stack(
        [
            _similar(FACE + rng.normal(0, 0.5, FACE.shape), a, s, (a, s))
            for a, s in ((0, 1), (30, 4), (-50, 0.3), (9, 2))
        ]
    )
    faces[1, 5] = np.nan
    faces[2, 0] = np.nan
    mean = mean_shape_of(faces)
    assert shape_distance(FACE, mean) < 0.015
    assert np.sqrt((mean**2).sum(-1).mean()) == pytest.approx(1.0)
    faces[:, 3] = np.nan
    assert np.isnan(mean_shape_of(faces)[3]).all()


def test_sharp_face_scores_one_and_flat_maps_score_zero() -> None:
    sharp = np.broadcast_to(np.eye(2) * 4.0, (6, 2, 2))
    assert check_face(FACE, sharp, FACE, FACE + 1.0).score(UsualValues()) == 1.0
    flat = np.broadcast_to(np.eye(2) * 74.0**2, (6, 2, 2))
    centre = np.full((6, 2), 128.0) + np.random.default_rng(0).normal(0, 3, (6, 2))
    assert check_face(centre, flat, FACE).score(UsualValues()) == 0.0


def test_each_check_alone_can_reject() -> None:
    assert FaceChecks(0.05, 0.05, 0.02).score(UsualValues()) == 1.0
    assert FaceChecks(0.5, 0.05, 0.02).score(UsualValues()) == 0.0
    assert FaceChecks(0.05, 0.5, 0.02).score(UsualValues()) == 0.0
    assert FaceChecks(0.05, 0.05, 0.3).score(UsualValues()) == 0.0
    assert 0.0 < FaceChecks(0.05, 0.2, 0.02).score(UsualValues()) < 1.0
    assert FaceChecks(0.05).score(UsualValues()) == 1.0


@pytest.mark.parametrize("degrees", [-60.0, 0.0, 25.0])
def test_a_turned_shape_is_levelled_by_its_mirror_pairs(degrees: float) -> None:
    mirror = np.array([1, 0, 2, 4, 3, 5])
    level = FACE - FACE.mean(0)
    turned = _similar(level, degrees, 1.0, (0.0, 0.0))
    assert upright(turned, mirror) == pytest.approx(level, abs=1e-9)
    turned[3] = np.nan  # a pair that is not known does not count
    kept = np.delete(np.arange(6), 3)
    assert upright(turned, mirror)[kept] == pytest.approx(level[kept], abs=1e-9)
    assert upright(level, np.arange(6)) is level


def test_a_face_in_doubt_must_have_its_regions_agree() -> None:
    clear, doubtful = FaceChecks(0.02, 0.05, 0.11), FaceChecks(0.04, 0.05, 0.11)
    assert doubtful.doubt(UsualValues()) > CLEAR >= clear.doubt(UsualValues())
    assert clear.score(UsualValues()) == pytest.approx((0.2 - 0.11) / 0.12)
    assert doubtful.score(UsualValues()) == 0.0
    assert FaceChecks(0.04, 0.05, 0.07).score(UsualValues()) == 1.0


def test_limits_come_from_the_card() -> None:
    limits = UsualValues.from_card({"sanity": {"spread": 0.5, "other": 3}})
    assert limits == UsualValues(spread=0.5)
    assert UsualValues.from_card({}) == UsualValues()


def test_confidence_is_the_chance_to_be_near_and_falls_outside_the_frame() -> None:
    covariance = np.array([np.eye(2), np.eye(2) * 16.0, np.eye(2), np.eye(2) * 1e8])
    inside = np.array([True, True, False, True])
    values = landmark_confidence(covariance, 100.0, 1.0, inside)
    assert values[0] == pytest.approx(1 - np.exp(-2.0))
    assert values[1] == pytest.approx(1 - np.exp(-0.125))
    assert values[2] == pytest.approx(values[0] / 5)
    assert values[3] < 1e-6
    assert landmark_confidence(covariance, 100.0, 0.0, inside).max() == 0.0


def test_face_size_of_nothing_is_zero() -> None:
    assert face_size(np.full((3, 2), np.nan)) == 0.0
    assert face_size(np.array([[0.0, 0.0], [9.0, 4.0]])) == pytest.approx(6.0)
