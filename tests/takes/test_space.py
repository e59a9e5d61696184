"""A face before several cameras: two corrected views of one moment teach all the others, and keys stay."""

import numpy as np
from rig_worlds import dome, face, seen_by

from annotator.domain.rigs.rig import Rig
from annotator.services.takes.rig_cameras import RigCameras
from annotator.takes.fuse import Fused, fuse
from annotator.takes.observations import Observations
from annotator.takes.space import fuse_in_space

FRAMES, LANDMARKS, VIEWS, SIDE = 24, 12, 4, 1024
RIG: Rig = dome(VIEWS, 22000 * SIDE / 4096, size=SIDE)
CAMERAS = RigCameras(list(RIG.cameras.values()))


def talk() -> np.ndarray:
    """float64 [V, N, L, 2]: a head that nods while two of its points, a mouth, open and close."""
    rest = face(np.random.default_rng(3), LANDMARKS)
    frames = []
    for frame in range(FRAMES):
        points = rest + [0.0, 6.0 * np.sin(frame / 6), 2.0 * np.cos(frame / 9)]
        points[4:6, 1] += 4 * np.sin(frame / 2)
        frames.append(seen_by(RIG, points))
    return np.stack(frames, axis=1)


def observed(
    truth: np.ndarray, off: np.ndarray, keys: dict[int, list[int]], sigma: float = 4.0
) -> list[Observations]:
    """Proposals that are `off` [V, N, L, 2]; keys by view: frames that people set exactly."""
    views = []
    for view, exact in enumerate(truth):
        set_by_hand = np.full_like(exact, np.nan)
        set_by_hand[keys.get(view, [])] = exact[keys.get(view, [])]
        covariance = np.tile(sigma**2 * np.eye(2), (*exact.shape[:2], 1, 1))
        views.append(Observations.of_proposals(np.arange(FRAMES), exact + off[view], covariance, set_by_hand))
    return views


def biased(size: float = 4.0) -> np.ndarray:
    """Each view and landmark is off by its own distance, in all frames alike."""
    off = np.random.default_rng(1).normal(0, size, (VIEWS, 1, LANDMARKS, 2))
    return np.broadcast_to(off, (VIEWS, FRAMES, LANDMARKS, 2))


def together(views: list[Observations]) -> list[Fused]:
    return fuse_in_space(views, CAMERAS)


def away(found: list[Fused], truth: np.ndarray) -> np.ndarray:
    return np.linalg.norm(np.stack([one.xy for one in found]) - truth, axis=-1)


def test_one_moment_set_in_two_views_teaches_the_views_that_nobody_set() -> None:
    truth = talk()
    views = observed(truth, biased(), {0: [12], 2: [12]})
    found = together(views)
    others = away(found, truth)[[1, 3]]
    alone = away([fuse(seen) for seen in views], truth)[[1, 3]]
    assert alone.mean() > 4
    assert others.mean() < 1
    for view in (0, 2):
        np.testing.assert_array_equal(found[view].xy[12], truth[view, 12])
        assert (found[view].covariance[12] == 0).all()


def test_without_keys_views_that_err_apart_agree_on_something_better() -> None:
    truth = talk()
    views = observed(truth, biased(), {})
    assert away(together(views), truth).mean() < 0.75 * away([fuse(seen) for seen in views], truth).mean()


def test_a_view_that_misses_frames_follows_the_others() -> None:
    truth = talk()
    views = observed(truth, np.zeros_like(truth), {0: [0], 1: [0]})
    lacking = views[3]
    lacking.proposed[5:15] = np.nan
    found = together(views)
    assert away(found, truth)[3, 5:15].max() < 2.5
    assert (np.linalg.eigvalsh(found[3].covariance) > -1e-9).all()


def test_a_landmark_that_one_view_alone_has_is_smoothed_there() -> None:
    truth = talk()
    views = observed(truth, np.zeros_like(truth), {})
    for view in (1, 2, 3):
        views[view].proposed[:, 7] = np.nan
    found = together(views)
    np.testing.assert_allclose(found[0].xy[:, 7], fuse(views[0]).xy[:, 7], atol=0.5)
    assert np.isnan(found[1].xy[:, 7]).all()
    assert not found[1].is_sure[:, 7].any()
    assert np.isfinite(np.delete(found[1].xy, 7, axis=1)).all()


def test_an_outline_stays_each_views_own() -> None:
    """Landmark 2 is no place in space: views that nobody set keep their own proposals of it."""
    truth = talk()
    views = observed(truth, biased(), {0: [12], 2: [12]})
    outline = np.arange(LANDMARKS) == 2
    found = fuse_in_space(views, CAMERAS, outline=outline)
    for view in range(VIEWS):
        alone = fuse(views[view])
        np.testing.assert_allclose(found[view].xy[:, 2], alone.xy[:, 2], atol=1e-6)
    assert np.delete(away(found, truth)[[1, 3]], 2, axis=-1).mean() < 1


def test_nobody_is_surer_than_they_are_right() -> None:
    truth = talk()
    errors, sigmas = [], []
    for seed in range(3):
        off = np.random.default_rng(seed).normal(0, 4, (VIEWS, 1, LANDMARKS, 2))
        found = together(observed(truth, np.broadcast_to(off, truth.shape), {0: [12]}))
        for view in (1, 2, 3):
            errors.append(away(found, truth)[view])
            sigmas.append(np.sqrt(np.trace(found[view].covariance, axis1=-2, axis2=-1)))
    assert np.sqrt(np.mean(np.square(errors))) < np.sqrt(np.mean(np.square(sigmas)))
