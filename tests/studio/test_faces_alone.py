"""Landmarks without pictures are those that a capture with pictures has."""

import numpy as np
import pytest

from annotator.domain.progress import Cancelled
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.studio.light.baking import FAST
from annotator.studio.person.expressions import expression
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import make_subject
from annotator.studio.scene.capture import build_capture
from annotator.studio.scene.looks import draw_lighting, load_look
from annotator.studio.truth.faces_alone import face_points, made_up_faces

SCHEME = load_scheme("studio-89")


def test_they_are_the_landmarks_of_a_capture() -> None:
    subject = make_subject(17, head_model().targets.names)
    rng = np.random.default_rng(3)
    lighting = draw_lighting(load_look("studio-a"), rng)
    gaze = (0.05, -0.03)
    capture = build_capture(subject, expression("mouth_open"), lighting, SCHEME, rng, FAST, 2, 0.05, gaze)
    np.testing.assert_allclose(
        face_points(subject, expression("mouth_open"), gaze, SCHEME), capture.landmarks, atol=1e-6
    )


def test_people_differ_repeat_and_stop() -> None:
    faces = made_up_faces(2, SCHEME, views=3)
    assert faces.shape == (6, 89, 2)
    assert np.isfinite(faces).all()
    np.testing.assert_array_equal(made_up_faces(1, SCHEME, views=3), faces[:3])
    assert np.abs(faces[0] - faces[3]).max() > 5
    told: list[tuple[int, int]] = []
    with pytest.raises(Cancelled):
        made_up_faces(
            5,
            SCHEME,
            1,
            progress=lambda done, total, _: told.append((done, total)),
            stop=lambda: len(told) == 1,
        )
    assert told == [(1, 5)]
    assert made_up_faces(0, SCHEME).shape == (0, 89, 2)
