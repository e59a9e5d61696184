"""A talking subject moves smoothly: no landmark is thrown about from frame to frame."""

import numpy as np
import pytest

from annotator.studio.light.baking import BakeQuality
from annotator.studio.light.lighting import make_lighting
from annotator.studio.person.sequences import FRAMES_A_SECOND, gaze, talking_weights
from annotator.studio.scene.capture import build_capture

FIRST, COUNT, SUBJECT = 81, 9, 4001


@pytest.fixture(scope="module")
def tracks(scheme):
    """Landmarks (T, L, 3) in head space over half a second of quick speech and a turn of the eyes."""
    from annotator.studio.person.head_model import head_model
    from annotator.studio.person.subject import make_subject

    subject = make_subject(SUBJECT, head_model().targets.names)
    frames = []
    for number in range(FIRST, FIRST + COUNT):
        rng = np.random.default_rng(3)
        light, look = make_lighting("softboxes", rng), gaze(SUBJECT, number)
        weights = talking_weights(SUBJECT, number)
        capture = build_capture(subject, weights, light, scheme, rng, BakeQuality(1, 1, 1), 2, 0.01, look)
        frames.append(capture.landmarks)
    return np.stack(frames)


def test_landmarks_accelerate_by_less_than_two_millimetres_a_frame(tracks, scheme):
    seen = tracks.copy()
    # where lips come to touch, the border that is seen lies further ahead at once: the same place from the front
    seen[:, [i for i, name in enumerate(scheme.names) if name.startswith("lips_inner")], 2] = 0.0
    push = np.linalg.norm(np.diff(seen, n=2, axis=0), axis=2)
    worst = np.unravel_index(push.argmax(), push.shape)
    assert push.max() < 2.0, scheme.names[worst[1]]
    assert np.median(push) < 0.2


def test_the_jaw_moves_and_the_brow_hardly(tracks, scheme):
    way = np.ptp(tracks, axis=0).max(1)
    assert way[scheme.index("chin")] > 3.0
    assert way[scheme.index("nose_nasion")] < 1.0


def test_the_eyes_turn_within_a_few_frames_and_then_rest():
    turns = np.array([gaze(SUBJECT, number) for number in range(5 * FRAMES_A_SECOND)])
    steps = np.linalg.norm(np.diff(turns, axis=0), axis=1)
    assert np.median(steps) == 0.0
    assert (steps > 0).mean() < 0.2
    assert steps.max() < 0.75 * np.ptp(turns, axis=0).max()
