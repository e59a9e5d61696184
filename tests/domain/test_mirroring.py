"""Mirroring finds the other side of turned and tilted faces, and touches only counterparts."""

import numpy as np
import pytest

from annotator.domain.faces.face_frame import mirrored_places
from annotator.domain.schemes.scheme_file import load_scheme

SCHEME = load_scheme("studio-89")


def symmetric_face() -> np.ndarray:
    """float64 [L, 2]: random, mirrored about x = 0."""
    xy = np.random.default_rng(3).normal(0, 100, (SCHEME.size, 2))
    for index, other in enumerate(SCHEME.mirror):
        if other > index:
            xy[other] = xy[index] * [-1, 1]
        elif other == index:
            xy[index, 0] = 0
    return xy


@pytest.mark.parametrize(
    "turn", [np.eye(2), np.array([[0.8, -0.6], [0.6, 0.8]]), np.array([[0.5, 0.1], [0.0, 2.0]])]
)
def test_the_other_side_is_found_on_any_seen_face(turn: np.ndarray) -> None:
    xy = symmetric_face() @ turn.T + [2000, 1500]
    wrong = xy.copy()
    eye = np.array(SCHEME.region("left_eye").indices)
    wrong[SCHEME.mirror[eye]] += 500
    targets, places = mirrored_places(SCHEME, wrong, eye)
    assert set(targets.tolist()) == set(SCHEME.region("right_eye").indices)
    np.testing.assert_allclose(places, xy[targets], atol=1e-6)


def test_landmarks_in_the_middle_and_missing_ones_are_left_out() -> None:
    xy = symmetric_face()
    chin, left = SCHEME.index("chin"), SCHEME.index("mouth_left")
    assert len(mirrored_places(SCHEME, xy, np.array([chin]))[0]) == 0
    xy[left] = np.nan
    assert len(mirrored_places(SCHEME, xy, np.array([left]))[0]) == 0
    few = np.full_like(xy, np.nan)
    few[[11, 33]] = 5.0
    assert len(mirrored_places(SCHEME, few, np.array([11]))[0]) == 0
