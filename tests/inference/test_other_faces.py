"""Several faces in a frame, and none: what is said of them."""

from collections.abc import Callable

import numpy as np
import pytest

from annotator.inference.no_face import is_no_face
from annotator.inference.other_faces import several_faces
from annotator.inference.predictor import Predictor
from annotator.inference.sanity import FaceChecks, UsualValues, roll_of

from .conftest import FACE, paint

Maker = Callable[..., Predictor]


@pytest.mark.parametrize(
    ("corners", "words"),
    [
        ([(0, 0), (400, 10)], "2 faces in this frame: the landmarks are on the left one."),
        ([(400, 0), (0, 10)], "2 faces in this frame: the landmarks are on the right one."),
        ([(400, 0), (0, 10), (900, 0)], "3 faces in this frame: the landmarks are on the middle one."),
        (
            [(0, 500), (10, 0)],
            "2 faces in this frame: the landmarks are on the lower one.",
        ),
    ],
)
def test_the_message_names_how_many_and_which(corners: list[tuple[int, int]], words: str) -> None:
    faces = [FACE * 100 + np.array(corner) for corner in corners]
    assert several_faces(faces[0], faces[1:]) == words
    assert several_faces(faces[0], []) == ""


def test_many_faces_are_not_ranked() -> None:
    faces = [FACE * 100 + np.array([300 * number, 0]) for number in range(5)]
    assert several_faces(faces[2], faces[:2] + faces[3:]).startswith("5 faces or more")


def test_two_faces_side_by_side_are_reported(make_predictor: Maker) -> None:
    one, left = paint(900, 500, (80.0, 120.0), 200.0)
    two, right = paint(900, 500, (620.0, 120.0), 200.0, into=one)
    proposal = make_predictor().propose(two)
    gaps = [np.linalg.norm(proposal.xy - own, axis=-1)[:6].max() for own in (left, right)]
    side = "left" if gaps[0] < gaps[1] else "right"
    assert min(gaps) < 2.0
    assert proposal.message == f"2 faces in this frame: the landmarks are on the {side} one."
    assert make_predictor().propose(one).message == ""


def test_textures_and_a_plain_room_are_no_faces(make_predictor: Maker) -> None:
    rng = np.random.default_rng(0)
    room = np.full((400, 500, 3), 150, np.uint8)
    room[250:] = (90, 60, 40)
    room[60:180, 300:420] = (200, 210, 220)
    for frame in (rng.integers(0, 255, (300, 400, 3)).astype(np.uint8), room):
        proposal = make_predictor().propose(frame)
        assert is_no_face(proposal.message)
        assert proposal.confidence.max() < 0.2


def test_doubt_grows_beyond_what_a_clear_face_shows() -> None:
    limits = UsualValues(clear_spread=0.02, clear_layout=0.2)
    assert FaceChecks(0.01, 0.1).doubt(limits) == 2.0
    assert FaceChecks(0.04, 0.1).doubt(limits) == pytest.approx(3.0)
    assert FaceChecks(0.04, 0.3).doubt(limits) == pytest.approx(3.5)
    assert FaceChecks(0.02).doubt(limits) == 2.0


@pytest.mark.parametrize("degrees", [0.0, 25.0, -140.0])
def test_roll_is_the_angle_of_the_best_similarity(degrees: float) -> None:
    angle = np.deg2rad(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = 70 * FACE @ turn.T + np.array([300.0, -20.0])
    assert np.degrees(roll_of(points, FACE)) == pytest.approx(degrees, abs=1e-9)
    points[1:] = np.nan
    assert roll_of(points, FACE) == 0.0
