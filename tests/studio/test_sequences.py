"""A talking subject moves smoothly: no landmark is thrown about from frame to frame."""

import numpy as np

from annotator.studio.dataset.jobs import RANDOM, RenderOptions, _cameras, capture_jobs
from annotator.studio.person.head_model import head_model
from annotator.studio.person.sequences import camera_shake, gaze, head_turn, talking_weights
from annotator.studio.person.subject import make_subject
from annotator.studio.scene.looks import load_look
from annotator.studio.truth.faces_alone import face_points

SUBJECT = 4001


def test_landmarks_accelerate_by_less_than_two_millimetres_a_frame(scheme):
    subject = make_subject(SUBJECT, head_model().targets.names)
    frames = range(81, 90)  # of quick speech and a turn of the eyes
    seen = np.stack(
        [face_points(subject, talking_weights(SUBJECT, n), gaze(SUBJECT, n), scheme) for n in frames]
    )
    # where lips come to touch, the border that is seen lies further ahead at once: the same place from the front
    seen[:, [i for i, name in enumerate(scheme.names) if name.startswith("lips_inner")], 2] = 0.0
    push = np.linalg.norm(np.diff(seen, n=2, axis=0), axis=2)
    worst = np.unravel_index(push.argmax(), push.shape)
    assert push.max() < 2.0, scheme.names[worst[1]]
    assert np.median(push) < 0.2


def test_the_head_turns_and_the_camera_shakes_smoothly():
    turns = np.array([head_turn(SUBJECT, n) for n in range(240)])
    assert np.ptp(turns[:, 0]) > 15.0
    assert np.abs(np.diff(turns, n=2, axis=0)).max() < 0.5
    shakes = np.array([camera_shake(SUBJECT, 0, n) for n in range(240)])
    assert 0.5 < np.abs(shakes).max() < 2.0
    assert np.abs(np.diff(shakes, axis=0)).max() < 0.5
    assert not np.allclose(shakes, [camera_shake(SUBJECT, 1, n) for n in range(240)])


def test_cameras_of_a_take_move_with_head_and_hand_and_only_if_asked():
    for cameras in ("pair", f"{RANDOM}:2"):
        views = {}
        for shake in (0.0, 0.02):
            options = RenderOptions((SUBJECT,), ("talking",), cameras, 512, takes=3, shake=shake)
            views[shake] = [
                _cameras(job, options, load_look("studio-a"), np.random.default_rng(3))
                for job in capture_jobs(options)
            ]
        still, shaken = views[0.0], views[0.02]
        assert [own[0].shift for own in still] == [still[0][0].shift] * 3
        assert len({own[0].yaw for own in still}) == 3
        moved = np.subtract([own[0].shift for own in shaken], [own[0].shift for own in still])
        assert 0 < np.abs(moved).max() < 0.04
        assert shaken[1][0].roll != still[1][0].roll
