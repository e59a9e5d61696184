"""Proposals, keys and motion together: keys are exact, constant errors vanish, likeness tells which key to follow."""

import numpy as np

from annotator.takes.carry import carried
from annotator.takes.fuse import best_keys, fuse
from annotator.takes.likeness import Likeness, carry_by_likeness
from annotator.takes.observations import Observations

FRAMES = 24
REST = np.array([[0.0, 0], [100, 0], [100, 100], [0, 100], [50, 60], [50, 80]])  # the last two are a mouth


def talk(opening: np.ndarray) -> np.ndarray:
    """[N, 6, 2]: a still face whose mouth opens."""
    faces = np.tile(REST, (len(opening), 1, 1)) + 300.0
    faces[:, 5, 1] += opening
    return faces


def observations(
    proposed: np.ndarray, truth: np.ndarray, keys: list[int], sigma: float = 2.0, seen: bool = False
) -> Observations:
    covariance = np.tile(sigma**2 * np.eye(2), (*proposed.shape[:2], 1, 1))
    set_by_hand = np.full_like(proposed, np.nan)
    set_by_hand[keys] = truth[keys]
    if not seen:
        return Observations.of_proposals(np.arange(len(proposed)), proposed, covariance, set_by_hand)
    step = np.full_like(truth, np.nan)
    step[1:] = np.diff(truth, axis=0)
    return Observations(
        np.arange(len(proposed)),
        proposed,
        covariance,
        set_by_hand,
        step,
        0.0025 * np.ones_like(covariance) * np.eye(2),
    )


def errors(path: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.linalg.norm(path - truth, axis=-1)


def test_keys_are_exact_and_a_constant_error_is_gone_after_one() -> None:
    truth = talk(10 * np.sin(np.arange(FRAMES) / 3))
    found = fuse(observations(truth + (2.0, -1.0), truth, [7]))
    np.testing.assert_array_equal(found.xy[7], truth[7])
    assert (found.covariance[7] == 0).all()
    away = errors(
        found.xy, truth
    )  # of 2.24; where the mouth stands otherwise than in the key, less is taken over
    assert away.mean() < 0.3
    assert away.max() < 1
    assert (np.linalg.eigvalsh(found.covariance) > -1e-9).all()


def test_jitter_of_proposals_is_smoothed() -> None:
    truth = talk(np.zeros(60))
    noisy = truth + np.random.default_rng(0).normal(0, 0.1, truth.shape)
    path = fuse(observations(noisy, truth, [])).xy
    assert np.abs(np.diff(path, 2, axis=0)).mean() < 0.2 * np.abs(np.diff(noisy, 2, axis=0)).mean()


def test_an_error_that_goes_with_the_mouth_is_learnt_by_likeness() -> None:
    """The model errs by 3 px where the mouth is open: a key of each kind is enough, in time they alternate."""
    is_open = (np.arange(FRAMES) // 4) % 2 == 1
    truth = talk(np.where(is_open, 20.0, 0.0))
    proposed = truth.copy()
    proposed[is_open, 5, 0] += 3
    given = observations(proposed, truth, [1, 5])
    rest = np.setdiff1d(np.arange(FRAMES), [1, 5])
    ours, theirs = (errors(path, truth)[rest, 5].mean() for path in (fuse(given).xy, carried(given)))
    assert ours < 0.7 * theirs


def test_motion_in_the_pixels_tells_between_keys() -> None:
    truth = talk(np.zeros(FRAMES))
    drift = np.linspace(0, 6, FRAMES)
    truth[..., 0] += 10 * np.sin(drift)[:, None]
    wandering = truth + 1.5 * np.random.default_rng(2).normal(0, 1, (6, 2)) * np.sin(drift * 2)[:, None, None]
    keys = [0, FRAMES - 1]
    blind, seeing = (fuse(observations(wandering, truth, keys, seen=seen)).xy for seen in (False, True))
    assert errors(seeing, truth).mean() < 0.8 * errors(blind, truth).mean()


def test_a_jump_of_one_frame_is_hardly_believed() -> None:
    truth = talk(np.zeros(FRAMES))
    proposed = truth.copy()
    proposed[12, 2] += 40  # a jump
    found = fuse(observations(proposed, truth, [0, FRAMES - 1], seen=True))
    assert errors(found.xy, truth)[12, 2] < 15


def test_landmarks_of_which_nothing_is_known_stay_so() -> None:
    truth = talk(np.zeros(6))
    proposed = truth.copy()
    proposed[:, 3] = np.nan
    found = fuse(observations(proposed, truth, []))
    assert np.isnan(found.xy[:, 3]).all()
    assert not found.is_sure[:, 3].any()
    assert np.isfinite(np.delete(found.xy, 3, axis=1)).all()
    one_key = observations(proposed, truth, [2])
    assert errors(fuse(one_key).xy[:, 3], truth[:, 3]).max() < 1  # it stood still, as far as anyone knows


def test_one_frame_is_a_sequence_too() -> None:
    truth = talk(np.zeros(1))
    np.testing.assert_allclose(fuse(observations(truth, truth, [])).xy, truth, atol=1e-3)


def test_a_part_of_a_face_is_tracked_as_in_the_whole() -> None:
    truth = talk(10 * np.sin(np.arange(FRAMES) / 3))
    whole = observations(truth + (2.0, -1.0), truth, [7])
    some = np.array([4, 5])
    part = fuse(whole.landmarks(some), None, whole, some)
    np.testing.assert_allclose(part.xy, fuse(whole).xy[:, some], atol=1e-6)


def test_the_correction_of_the_only_key_by_hand() -> None:
    """One key, an error of variance 4 and a person of variance 1: 4 / 5 of it is taken over where all is alike."""
    faces = np.tile(REST, (3, 1, 1))
    away = np.full((3, 1, 2), np.nan)
    away[1, 0] = (5.0, 0.0)
    same = Likeness(time=0.0, shape=0.0)
    found = carry_by_likeness(np.arange(3), faces, 100.0, np.array([0]), away, np.array([4.0]), 1.0, same)
    np.testing.assert_allclose(found.correction[:, 0], [(4, 0)] * 3)
    np.testing.assert_allclose(found.variance[:, 0], 4 * (1 - 4 / 5))
    fading = Likeness(time=1.0, shape=0.0, frames=1.0)
    found = carry_by_likeness(np.arange(3), faces, 100.0, np.array([0]), away, np.array([4.0]), 1.0, fading)
    np.testing.assert_allclose(found.correction[2, 0], (4 / np.e, 0))


def test_the_next_key_is_of_the_kind_that_nobody_set() -> None:
    opening = np.zeros(FRAMES)
    opening[9:12] = 25
    truth = talk(opening)
    (first, second) = best_keys(observations(truth, truth, []), 2)
    assert opening[first] == 0
    assert opening[second] == 25
    assert best_keys(observations(truth, truth, [first]), 1) == [second]
    assert best_keys(observations(np.full_like(truth, np.nan), truth, []), 2) == []
    assert len(best_keys(observations(truth, truth, []), 500)) == FRAMES
