"""Resting faces: the same for a seed, varied, mostly calm, and narrower at the jaw than at the cheekbones."""

import numpy as np
import pytest

from annotator.studio.person.eyes import LID_CLEARANCE_MM, fit_eyes, lift_lids
from annotator.studio.person.faces import local_shape, macro_shape
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import make_subject
from annotator.studio.truth.faces_alone import face_points

SEEDS = range(40)


def corner_rise(model, positions):
    """Millimetres by which the corners of the mouth lie above the middle of its seam."""
    head = model.head(positions)
    heights = [
        head[model.local[model.mouth_rings[ring][place]], 1]
        for ring, place in ((6, 11), (6, 27), (7, 0), (7, 19))
    ]
    return float(np.mean(heights[:2]) - np.mean(heights[2:]))


def breadth(model, positions, height):
    """Width in mm of the face about `height` of the resting head, neck and ears left out."""
    at = (np.abs(model.rest[:, 1] - height) < 6) & (model.rest[:, 2] > 70)
    return float(np.ptp(model.head(positions)[at, 0]))


@pytest.fixture(scope="module")
def resting_faces():
    model = head_model()
    return [model.morph(make_subject(seed, model.targets.names).morphs) for seed in SEEDS]


def test_most_faces_rest_with_level_or_lifted_corners_of_the_mouth_and_some_do_not(resting_faces):
    rises = np.array([corner_rise(head_model(), face) for face in resting_faces])
    assert np.median(rises) > 0.5
    assert 0.02 < (rises < 0).mean() < 0.3
    assert rises.std() > 0.5


def test_jaws_are_narrower_than_the_head_models_own(resting_faces):
    model = head_model()
    mean = model.morph(macro_shape(np.random.default_rng(0), 0.5, 0.2, np.full(3, 1 / 3)))
    jaws = np.array([breadth(model, face, 660.0) for face in resting_faces])
    cheeks = np.array([breadth(model, face, 705.0) for face in resting_faces])
    assert np.median(jaws / cheeks) < breadth(model, mean, 660.0) / breadth(model, mean, 705.0)
    assert (jaws / cheeks).std() > 0.01


def test_a_face_follows_from_its_seed_and_never_pulls_both_ways():
    names = head_model().targets.names
    for seed in (3, 4):
        shape = local_shape(seed, names)
        assert shape == local_shape(seed, names)
        assert min(shape.values()) >= 0
        for name in shape:
            for one, other in (("-incr", "-decr"), ("-up", "-down")):
                if name.endswith(one):
                    assert name.removesuffix(one) + other not in shape
    assert local_shape(3, names) != local_shape(4, names)


def test_brows_hardly_press_and_both_sides_are_alike():
    names = head_model().targets.names
    for seed in SEEDS:
        shape = local_shape(seed, names)
        assert shape.get("eyebrows/eyebrows-angle-down", 0.0) < 0.25
        assert shape.get("eyebrows/eyebrows-trans-down", 0.0) < 0.27
        scale = [
            shape.get(f"eyes/{side}-eye-scale-incr", 0.0) - shape.get(f"eyes/{side}-eye-scale-decr", 0.0)
            for side in "lr"
        ]
        assert abs(scale[0] - scale[1]) < 0.25


def test_lids_lie_on_the_ball_at_the_outer_corner_of_wide_eyes():
    model = head_model()
    wide = {
        f"eyes/{side}-eye-{kind}": 0.5 for side in "lr" for kind in ("scale-incr", "push1-out", "push2-out")
    }
    posed = model.morph(wide)
    balls = fit_eyes(model, posed, posed, (0.0, 0.0))
    lifted = lift_lids(model.head(posed), model.fields[:, 0], balls)
    for rings, ball in zip(model.eye_rings, balls, strict=True):
        corner = model.local[rings[9][8]]
        before, after = (
            np.linalg.norm(points[corner] - ball.centre) for points in (model.head(posed), lifted)
        )
        assert before > ball.radius + 1.0
        assert after == pytest.approx(ball.radius + LID_CLEARANCE_MM, abs=1e-6)


def test_lips_meet_at_rest_in_most_faces(scheme):
    upper, lower = scheme.index("lips_inner_upper_mid"), scheme.index("lips_inner_lower_mid")
    apart = []
    for seed in range(5000, 5016):
        face = face_points(make_subject(seed, head_model().targets.names), {}, (0.0, 0.0), scheme)
        apart.append(float(np.linalg.norm(face[upper] - face[lower])))
    assert np.median(apart) < 0.3
    assert max(apart) > 0.4
