"""Constant offsets of another markup are taken away; everything else stays."""

import numpy as np
import pytest

from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme
from annotator.evaluation.offsets import remove_constant_offsets


def _turned(face: np.ndarray, degrees: float, scale: float, at: tuple[float, float]) -> np.ndarray:
    angle = np.radians(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * face @ rotation.T + at


def test_an_offset_that_turns_and_scales_with_the_face_vanishes(
    scheme: LandmarkScheme, face: np.ndarray
) -> None:
    marked = face.copy()
    marked[2] += [4.0, -3.0]
    marked[4] += [0.0, 9.0]
    poses = [(0, 1, (0, 0)), (30, 2, (50, 9)), (-80, 0.5, (3, 4)), (170, 3, (-9, 1))]
    truth = np.stack([_turned(face, *pose) for pose in poses])
    predicted = np.stack([_turned(marked, *pose) for pose in poses])
    assert np.abs(predicted - truth).max() > 2.0
    assert remove_constant_offsets(predicted, truth, scheme) == pytest.approx(truth, abs=1e-9)


def test_halves_correct_each_other_never_themselves(scheme: LandmarkScheme, face: np.ndarray) -> None:
    truth = np.stack([face, face, face, face])
    predicted = truth.copy()
    predicted[0, 2] += [8.0, 0.0]
    corrected = remove_constant_offsets(predicted, truth, scheme)
    assert corrected[0, 2] == pytest.approx(predicted[0, 2])
    assert corrected[1, 2] == pytest.approx(truth[1, 2] - [4.0, 0.0])
    assert corrected[2, 2] == pytest.approx(truth[2, 2])


def test_unmarked_landmarks_and_frames_without_eyes_do_no_harm(
    scheme: LandmarkScheme, face: np.ndarray
) -> None:
    truth = np.stack([face, face, face, face])
    predicted = truth + [1.0, 0.0]
    truth[2, 0] = np.nan
    truth[:, 3] = np.nan
    corrected = remove_constant_offsets(predicted, truth, scheme)
    assert corrected[0, 2] == pytest.approx(face[2])
    assert corrected[0, 3] == pytest.approx(predicted[0, 3])


def test_one_frame_is_refused(scheme: LandmarkScheme, face: np.ndarray) -> None:
    with pytest.raises(AnnotatorError, match="two frames"):
        remove_constant_offsets(face[None], face[None], scheme)
