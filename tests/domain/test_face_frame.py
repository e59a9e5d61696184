"""Patches stand upright: the turn of a face's eye line, and the affine that undoes it."""

import math

import numpy as np
import pytest

from annotator.domain.coords import apply_affine
from annotator.domain.faces.face_frame import face_turn, frame_from_patch
from annotator.domain.schemes.scheme_file import load_scheme

SCHEME = load_scheme("studio-89")
RIGHT, LEFT = SCHEME.ibug68[36], SCHEME.ibug68[45]


def turned(degrees: float) -> np.ndarray:
    """All landmarks at the origin but the outer eye corners, 100 px apart on a line that is turned."""
    xy = np.zeros((SCHEME.size, 2))
    angle = math.radians(degrees)
    xy[LEFT] = 100 * math.cos(angle), 100 * math.sin(angle)
    return xy


@pytest.mark.parametrize("degrees", [0, 30, -75, 120])
def test_the_turn_is_that_of_the_eye_line(degrees: float) -> None:
    assert math.degrees(face_turn(SCHEME, turned(degrees))) == pytest.approx(degrees)


def test_without_the_eye_corners_the_mirror_pairs_tell() -> None:
    xy = np.full((SCHEME.size, 2), np.nan)
    left, right = SCHEME.index("mouth_left"), SCHEME.index("mouth_right")
    xy[left], xy[right] = (50, 40), (10, 10)  # the subject's left is right in the picture
    assert face_turn(SCHEME, xy) == pytest.approx(math.atan2(30, 40))
    assert face_turn(SCHEME, np.full((SCHEME.size, 2), np.nan)) == 0


def test_a_patch_is_upright_round_its_point() -> None:
    affine = frame_from_patch(np.array([200.0, 300.0]), math.radians(90), span=50, side=100)
    np.testing.assert_allclose(apply_affine(affine, np.array([50.0, 50.0])), [200, 300])
    # A face whose eye line goes straight down: right in the patch is down in the frame, half a frame pixel a patch pixel.
    np.testing.assert_allclose(apply_affine(affine, np.array([60.0, 50.0])), [200, 305])
    np.testing.assert_allclose(apply_affine(affine, np.array([50.0, 60.0])), [195, 300])
