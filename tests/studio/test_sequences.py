"""A talking subject moves smoothly: no landmark is thrown about from frame to frame."""

import numpy as np

from annotator.studio.person.head_model import head_model
from annotator.studio.person.sequences import gaze, talking_weights
from annotator.studio.person.subject import make_subject
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
