"""What covers a face: it lies where the face is, and says which landmarks it hides."""

from collections.abc import Callable

import numpy as np
import pytest
from face_pictures import SCHEME, face_picture, upright_face

from annotator.evaluation import covers
from annotator.evaluation.covers import FaceSpot, Picture

DRAWN = (covers.hand, covers.dark_glasses, covers.hair_strands, covers.microphone)


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("turn", [0.0, 0.6])
def test_a_cover_hides_some_landmarks_and_leaves_others(
    draw: Callable[[np.random.Generator, Picture, FaceSpot], Picture], turn: float
) -> None:
    xy = upright_face(400, turn)
    picture = face_picture(400, 1)
    face = covers.face_spot(xy, SCHEME)
    assert face is not None
    shares = []
    for seed in range(5):
        after = draw(np.random.default_rng(seed), picture, face)
        again = draw(np.random.default_rng(seed), picture, face)
        assert np.array_equal(after, again)
        shares.append(covers.covered(picture, after, xy, face.length).mean())
    assert 0.02 < np.mean(shares) < 0.7
    assert np.array_equal(picture, face_picture(400, 1)), "the picture that was given stays"


def test_glasses_lie_before_both_eyes_and_not_before_the_mouth() -> None:
    xy = upright_face(400, 0.4)
    picture = face_picture(400, 2)
    face = covers.face_spot(xy, SCHEME)
    assert face is not None
    after = covers.dark_glasses(np.random.default_rng(3), picture, face)
    hidden = covers.covered(picture, after, xy, face.length)
    for pupil in ("pupil_left", "pupil_right"):
        assert hidden[SCHEME.index(pupil)]
    assert not hidden[list(SCHEME.region("mouth").indices)].any()


def test_another_faces_region_replaces_one_region() -> None:
    xy, picture, other = upright_face(400), face_picture(400, 3), face_picture(400, 4)
    after = covers.another_region(np.random.default_rng(1), picture, xy, other, xy, SCHEME)
    hidden = covers.covered(picture, after, xy, 200.0)
    shares = [hidden[list(region.indices)].mean() for region in SCHEME.regions]
    assert max(shares) > 0.5 > min(shares)


def test_no_face_and_points_outside_are_not_covered() -> None:
    nothing = np.full((SCHEME.size, 2), np.nan)
    assert covers.face_spot(nothing, SCHEME) is None
    picture = face_picture(64, 5)
    outside = upright_face(64)
    outside[0], outside[1] = [-5.0, 10.0], [64.0, 10.0]
    hidden = covers.covered(picture, 255 - picture, outside, 40.0)
    assert not hidden[:2].any()
    assert not covers.covered(picture, 255 - picture, nothing, 40.0).any()
