"""Faces settled as a whole: what goes together stays, what one landmark does by itself within its error fades."""

import numpy as np

from annotator.takes.whole_face import settled

FRAMES, LANDMARKS = 40, 12
REST = np.random.default_rng(0).uniform(0, 100, (LANDMARKS, 2))


def turning() -> np.ndarray:
    """float64 [N, L, 2]: the face gets narrower and wider again."""
    faces = np.tile(REST, (FRAMES, 1, 1))
    faces[..., 0] *= 1 + 0.2 * np.sin(np.arange(FRAMES) / 5)[:, None]
    return faces


def test_what_all_landmarks_do_together_is_kept() -> None:
    faces = turning()
    np.testing.assert_allclose(settled(faces, np.full(LANDMARKS, 1.0), 0.1), faces, atol=0.1)


def test_what_each_does_by_itself_fades() -> None:
    truth = turning()
    noisy = truth + np.random.default_rng(1).normal(0, 0.3, truth.shape)
    calm = settled(noisy, np.full(LANDMARKS, 1.0), 0.5)
    assert np.linalg.norm(calm - truth) < 0.5 * np.linalg.norm(noisy - truth)
    np.testing.assert_allclose(settled(noisy, np.full(LANDMARKS, 1.0), 0.0), noisy, atol=1e-9)


def test_a_landmark_that_is_unsure_follows_those_that_are_sure() -> None:
    truth, variance = turning(), np.full(LANDMARKS, 0.01)
    noisy = truth.copy()
    noisy[:, 4] += np.random.default_rng(2).normal(0, 1.0, (FRAMES, 2))
    variance[4] = 4.0
    away = np.linalg.norm(settled(noisy, variance, 0.3) - truth, axis=-1)
    assert away[:, 4].mean() < 0.6 * np.linalg.norm(noisy - truth, axis=-1)[:, 4].mean()
    assert np.delete(away, 4, axis=1).max() < 0.3


def test_what_was_not_proposed_stays_so_and_one_frame_is_as_it_was() -> None:
    faces = turning()
    faces[3, 5] = np.nan
    found = settled(faces, np.full(LANDMARKS, 1.0), 0.3)
    assert np.isnan(found[3, 5]).all()
    assert np.isfinite(np.delete(found, 5, axis=1)).all()
    np.testing.assert_allclose(settled(faces[:1], np.full(LANDMARKS, 1.0), 0.3), faces[:1])
