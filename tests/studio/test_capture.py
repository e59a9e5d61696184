"""Geometry and truth of a capture: mirror symmetry, landmarks on the head, visibility by ray."""

import numpy as np
import pytest

from annotator.studio.anchors.drawn_edges import Sight
from annotator.studio.anchors.landmarks import place_landmarks
from annotator.studio.geometry.camera import Camera
from annotator.studio.person.expressions import expression
from annotator.studio.person.eyes import fit_eyes, lift_lids
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import make_subject
from annotator.studio.scene.visibility import visible_landmarks


@pytest.fixture(scope="module")
def model():
    return head_model()


def test_coarse_vertices_keep_their_place_in_finer_levels(model):
    for number in (1, 2, 3):
        fine = model.level(number)
        moved = np.linalg.norm(fine.rest[: len(model.ids)] - model.rest, axis=1)
        assert np.median(moved) < 1.0


def test_the_resting_head_is_mirror_symmetric(model):
    reflected = model.rest[model.mirror] * [-1, 1, 1]
    assert np.percentile(np.linalg.norm(reflected - model.rest, axis=1), 99) < 0.5


def test_landmarks_of_the_resting_face_are_mirror_symmetric(model, scheme, subject):
    rest = model.morph({})
    eyes = fit_eyes(model, rest, rest, (0.0, 0.0))
    level = model.level(2)
    head = lift_lids(level.matrix @ model.head(rest), level.fields[:, 0], eyes)
    points = place_landmarks(scheme, head, eyes, subject, 2, Sight(head, 2, [])).points
    reflected = points[scheme.mirror] * [-1, 1, 1]
    assert np.abs(reflected - points).max() < 0.7


def test_no_subject_gets_both_ends_of_a_pair(model):
    for seed in range(5):
        weights = make_subject(seed, model.targets.names).morphs
        for name, weight in weights.items():
            if name.endswith("-incr") and weight > 0 and not name.startswith("macro"):
                assert weights.get(name.removesuffix("-incr") + "-decr", 0.0) == 0.0


def test_landmarks_are_where_their_names_say(capture, scheme):
    at = {name: capture.landmarks[scheme.index(name)] for name in scheme.names}
    assert at["eye_left_inner"][0] < at["pupil_left"][0] < at["eye_left_outer"][0]
    assert at["eye_right_outer"][0] < at["pupil_right"][0] < at["eye_right_inner"][0]
    assert at["eye_left_upper_3"][1] > at["pupil_left"][1] > at["eye_left_lower_3"][1]
    assert at["iris_left_inner"][0] < at["pupil_left"][0] < at["iris_left_outer"][0]
    assert (
        at["mouth_upper_mid"][1]
        > at["lips_inner_upper_mid"][1]
        > at["lips_inner_lower_mid"][1]
        > at["mouth_lower_mid"][1]
    )
    assert at["brow_left_2"][1] > at["brow_left_6"][1] > at["eye_left_upper_3"][1]
    assert (
        at["nose_nasion"][1]
        > at["nose_bridge_1"][1]
        > at["nose_tip"][1]
        > at["nose_subnasale"][1]
        > at["chin"][1]
    )


def test_lids_stay_outside_the_balls(capture, model):
    skin = capture.solids[0].vertices[:, :3].astype(float)
    lid = model.level(2).fields[:, 0]
    for eye in capture.eyes:
        near = skin[(lid > 4) & (lid < 9)] - eye.centre
        distance = np.linalg.norm(near, axis=1)
        assert distance[distance < 1.5 * eye.radius].min() > eye.radius


def test_a_profile_hides_the_far_side(capture, scheme):
    front = visible_landmarks(capture, Camera("f", 0, 0), scheme)
    side = visible_landmarks(capture, Camera("s", 80, 0), scheme)
    assert front[scheme.index("pupil_left")]
    assert front[scheme.index("pupil_right")]
    assert side[scheme.index("pupil_left")]
    assert not side[scheme.index("pupil_right")]
    assert not side[scheme.index("jaw_right_3")]
    assert side.sum() < front.sum()


def test_an_open_mouth_opens(capture, scheme, model, subject):
    gap = (
        capture.landmarks[scheme.index("lips_inner_upper_mid")]
        - capture.landmarks[scheme.index("lips_inner_lower_mid")]
    )
    closed = model.morph(subject.morphs)
    opened = model.morph({**subject.morphs, **expression("mouth_open")})
    chin = model.base_index(5225)
    assert gap[1] > 3.0
    assert model.head(opened)[chin, 1] < model.head(closed)[chin, 1] - 5.0


def test_the_skin_is_drawn_by_its_triangles_and_both_of_a_quad_in_turn(model, capture):
    drawn = capture.solids[0].faces
    expected = model.level(capture.level).faces
    np.testing.assert_array_equal(np.unique(drawn, axis=0), np.unique(expected, axis=0))
    assert len(drawn) == len(expected)
    np.testing.assert_array_equal(drawn[0::2][:, [0, 2]], drawn[1::2][:, [0, 1]])
