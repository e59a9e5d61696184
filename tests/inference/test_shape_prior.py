"""Whole faces weigh what each heatmap says: by hand, under shift, turn and scale, and as files."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from annotator.domain.coords import apply_affine, apply_covariance
from annotator.domain.errors import ModelError
from annotator.domain.model_card import SHAPES_FILE
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.inference.decode import Points
from annotator.inference.predictor import Predictor
from annotator.inference.sanity import upright
from annotator.inference.weighing.learn_shape_prior import LEAST_FACES, learn_shape_prior
from annotator.inference.weighing.shape_prior import ShapePrior, load_shape_prior

from .conftest import FACE, paint

SCHEME = load_scheme("ibug-68")
SQUARE = np.array([[-1.0, 0], [1, 0], [0, -1], [0, 1], [2, 2]])
"""Four anchors at distance 1 from their middle, and a fifth point."""


def square_prior(variance: float = 0.04, together: float = 0.0) -> ShapePrior:
    """A Gaussian about the square; x of the fifth point goes with x of the first by a covariance."""
    covariance = np.eye(10) * variance
    covariance[0, 8] = covariance[8, 0] = together
    return ShapePrior(SQUARE[None], covariance[None], np.ones(1), np.arange(4))


def observed(xy: np.ndarray, *sigmas: float) -> Points:
    return Points(xy, np.stack([np.eye(2) * sigma**2 for sigma in sigmas]))


def test_a_point_is_drawn_by_the_ratio_of_the_variances() -> None:
    xy = SQUARE.copy()
    xy[4] += [0.5, -0.2]
    found = square_prior(0.04).fused(observed(xy, 0.1, 0.1, 0.1, 0.1, 0.4))
    # 0.04 against 0.16: a fifth of the way stays, with a variance of 0.04 * 0.16 / 0.2
    np.testing.assert_allclose(found.xy[4], SQUARE[4] + np.array([0.5, -0.2]) * 0.2, atol=1e-9)
    np.testing.assert_allclose(found.covariance[4], np.eye(2) * 0.032, atol=1e-9)
    np.testing.assert_allclose(found.xy[:4], SQUARE[:4], atol=1e-9)


def test_an_unsure_point_follows_a_sure_one_that_it_goes_with() -> None:
    # the anchors' offsets all but cancel in shift, turn and scale, so that the face lies on the mean as it is
    xy = SQUARE.copy()
    xy[:, 0] += [0.01, -0.01, 0, 0, 0]
    xy[:, 1] += [0, 0, -0.01, 0.01, 0]
    found = square_prior(0.04, together=0.04 * 0.9).fused(observed(xy, 1e-4, 1e-4, 1e-4, 1e-4, 1e3))
    np.testing.assert_allclose(found.xy[0], xy[0], atol=1e-6)
    np.testing.assert_allclose(found.xy[4], SQUARE[4] + [0.009, 0], atol=5e-4)


def two_components(far: float, shares: tuple[float, float] = (0.5, 0.5)) -> ShapePrior:
    """Faces whose fifth point lies on the square's, and others where it is `far` to the right of that."""
    means = np.stack([SQUARE, SQUARE + [[0, 0], [0, 0], [0, 0], [0, 0], [far, 0]]])
    return ShapePrior(means, np.stack([np.eye(10) * 0.04] * 2), np.array(shares), np.arange(4))


def test_the_likelier_kind_counts_more_and_doubt_between_kinds_is_told() -> None:
    prior, xy = two_components(1.0, (0.75, 0.25)), SQUARE.copy()
    xy[4, 0] += 0.6
    found = prior.fused(observed(xy, 0.1, 0.1, 0.1, 0.1, 0.4))
    # found with variance 0.04 + 0.16 at 0.6 from the one kind and 0.4 from the other; a fifth of the way stays
    likely = np.array([0.75, 0.25]) * np.exp(-np.array([0.36, 0.16]) / 0.4)
    share = likely / likely.sum()
    answers = np.array([0.6 * 0.2, 1 - 0.4 * 0.2])
    np.testing.assert_allclose(found.xy[4] - SQUARE[4], [share @ answers, 0], atol=1e-9)
    apart = share @ answers**2 - (share @ answers) ** 2
    np.testing.assert_allclose(found.covariance[4], np.diag([0.032 + apart, 0.032]), atol=1e-9)


def test_a_sure_point_settles_which_kind_it_is() -> None:
    prior, xy = two_components(2.0), SQUARE.copy()
    xy[4, 0] += 1.9
    found = prior.fused(observed(xy, 0.1, 0.1, 0.1, 0.1, 0.05))
    away = 2.0 - 0.1 * 0.0025 / 0.0425 * 0.04 / 0.0025  # the other kind is out of the question
    np.testing.assert_allclose(found.xy[4, 0] - SQUARE[4, 0], away, atol=1e-6)


def test_kinds_move_together_to_another_convention() -> None:
    prior, scales = two_components(2.0), np.linspace(20, 60, 30)
    found, people = [], np.full((30, 5, 2), np.nan)
    for number, scale in enumerate(scales):
        face = prior.means[number % 2] * scale + 300
        found.append(observed(face, *(np.array([0.1, 0.1, 0.1, 0.1, 0.2]) * scale)))
        people[number, 4] = face[4] + np.array([0.1, -0.05]) * scale
    moved = prior.adapted(found, people)
    share = 30 * 0.25 / 0.0201 / (30 * 0.25 / 0.0201 + 1 / 0.06**2)
    for before, after in zip(prior.means, moved.means, strict=True):
        np.testing.assert_allclose(after[4] - before[4], np.array([0.2, -0.1]) * share, rtol=1e-3)
        np.testing.assert_allclose(after[:4], before[:4], atol=1e-6)


@settings(max_examples=40)
@given(
    turn=st.floats(-3.1, 3.1),
    scale=st.floats(0.5, 900),
    shift=st.tuples(st.floats(-3e3, 3e3), st.floats(-3e3, 3e3)),
    seed=st.integers(0, 999),
)
def test_shift_turn_and_scale_do_not_matter(
    turn: float, scale: float, shift: tuple[float, float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    points = Points(
        SQUARE + rng.normal(0, 0.1, SQUARE.shape), np.eye(2) * rng.uniform(0.01, 0.3, 5)[:, None, None]
    )
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    frame = np.array([[cos, -sin, shift[0]], [sin, cos, shift[1]]])
    errors = np.linalg.qr(rng.normal(size=(10, 10)))[0] * rng.uniform(0.3, 3, 10)
    prior = replace(square_prior(), errors=errors @ errors.T)
    plain = prior.fused(points)
    moved = prior.fused(Points(apply_affine(frame, points.xy), apply_covariance(frame, points.covariance)))
    np.testing.assert_allclose(moved.xy, apply_affine(frame, plain.xy), atol=1e-6 * (scale + 3e3))
    np.testing.assert_allclose(
        moved.covariance, apply_covariance(frame, plain.covariance), atol=1e-8 * scale**2
    )


def test_collapsed_points_stay() -> None:
    points = observed(np.full((5, 2), 7.0), *[1.0] * 5)
    assert square_prior().fused(points) is points


def test_another_convention_moves_the_mean_just_as_far_as_the_answers_need() -> None:
    prior = square_prior(0.04)
    people = np.full((30, 5, 2), np.nan)
    found = []
    for number in range(30):
        scale, shift = 20.0 + number, np.array([300.0, 40.0 * number])
        # a network that has not learnt it: it finds the square, people put the fifth point elsewhere
        sigmas = np.array([0.1, 0.1, 0.1, 0.1, 0.2]) * scale
        found.append(observed(SQUARE * scale + shift, *sigmas))
        people[number, 4] = (SQUARE[4] + [0.1, -0.05]) * scale + shift
    moved = prior.adapted(found, people)
    # network and faces count alike (0.2 squared against 0.04), so the mean goes twice as far for the answer to get there
    # but for what the reluctance to move takes off: 30 frames of 0.5 squared over (0.02 + 0.01 squared), against 1 / 0.06 squared
    told = 30 * 0.25 / 0.0201
    share = told / (told + 1 / 0.06**2)
    np.testing.assert_allclose(moved.mean[4] - SQUARE[4], np.array([0.2, -0.1]) * share, rtol=1e-6)
    np.testing.assert_allclose(moved.mean[:4], SQUARE[:4], atol=1e-9)
    for points, face in zip(found, people, strict=True):
        before, after = (np.linalg.norm(own.fused(points).xy[4] - face[4]) for own in (prior, moved))
        assert after < 0.5 * before
    lost = [replace(points, xy=points.xy + [0, 900]) for points in found]
    np.testing.assert_array_equal(prior.adapted(lost, people).mean, SQUARE)
    nothing = prior.adapted(found, np.full((30, 5, 2), np.nan))
    np.testing.assert_array_equal(nothing.mean, SQUARE)


def test_a_convention_that_moves_all_points_together_is_learnt_and_kept_in_the_file(tmp_path: Path) -> None:
    ring = np.stack([np.cos(np.arange(68)), np.sin(np.arange(68))], 1)
    prior = ShapePrior(ring[None], (np.eye(136) * 0.04)[None], np.ones(1), np.arange(60))
    scales = np.linspace(50, 300, 20)
    found = [
        Points(ring * scale + 400, np.tile(np.eye(2), (68, 1, 1)) * (0.4 * scale) ** 2) for scale in scales
    ]
    people = np.stack([(ring + [0.0, 0.04]) * scale + 400 for scale in scales])
    prior.adapted(found, people).save(tmp_path)
    moved = load_shape_prior(tmp_path, SCHEME)
    assert moved is not None
    for points, face, scale in zip(found, people, scales, strict=True):
        np.testing.assert_allclose(prior.fused(points).xy, face - [0, 0.04 * scale], atol=1e-6 * scale)
        # 20 frames against the reluctance to move: more than half of the way
        np.testing.assert_allclose(moved.fused(points).xy, face, atol=0.02 * scale)


def faces(count: int) -> np.ndarray:
    rng = np.random.default_rng(5)
    base = rng.uniform(0, 200, (68, 2))
    base = (base + base[SCHEME.mirror] * [-1, 1]) / 2
    wide = rng.normal(0, 0.1, (count, 1, 1))
    return base * np.concatenate([1 + wide, np.ones_like(wide)], 2) + rng.normal(0, 1, (count, 68, 2)) + 400


def test_a_learnt_prior_is_even_and_brings_strayed_points_home(tmp_path: Path) -> None:
    prior = learn_shape_prior(faces(200), SCHEME)
    level = upright(prior.mean, SCHEME.mirror)
    np.testing.assert_allclose(level[SCHEME.mirror] * [-1, 1], level, atol=1e-6)
    assert prior.base is not None
    assert np.sqrt((prior.base**2).sum(1).mean()) == pytest.approx(1.0)
    true = faces(201)[200]
    found = true.copy()
    found[0] += 30
    sigmas = np.ones(68)
    sigmas[0] = 40
    weighed = prior.fused(observed(found, *sigmas))
    assert np.linalg.norm(weighed.xy[0] - true[0]) < 5
    prior.save(tmp_path)
    again = load_shape_prior(tmp_path, SCHEME)
    assert again is not None
    np.testing.assert_allclose(again.fused(observed(found, *sigmas)).xy, weighed.xy, atol=1e-2)
    assert [file.name for file in tmp_path.iterdir()] == [SHAPES_FILE]


def test_two_components_of_faces_are_kept_apart() -> None:
    closed, opened = faces(250), faces(250)
    opened[:, [57, 8]] += [0, 120]  # the jaw dropped
    prior = learn_shape_prior(np.concatenate([closed, opened]), SCHEME)
    assert len(prior.shares) == 2
    np.testing.assert_allclose(prior.shares, 0.5, atol=0.01)
    drop = np.abs(prior.means[0, 8] - prior.means[1, 8]).max()
    assert drop > 5 * np.abs(prior.means[0, 36] - prior.means[1, 36]).max()


def test_files_of_older_versions_hold_one_kind(tmp_path: Path) -> None:
    ring = np.stack([np.cos(np.arange(68)), np.sin(np.arange(68))], 1)
    old = {
        "mean": ring.astype(np.float32),
        "covariance": np.eye(136, dtype=np.float32),
        "anchors": np.arange(60),
    }
    (tmp_path / SHAPES_FILE).write_bytes(save(old))
    prior = load_shape_prior(tmp_path, SCHEME)
    assert prior is not None
    assert prior.means.shape == (1, 68, 2)
    np.testing.assert_allclose(prior.mean, ring, atol=1e-6)
    np.testing.assert_array_equal(prior.shares, [1.0])


def test_too_few_faces_are_refused() -> None:
    whole = faces(LEAST_FACES)
    whole[0, 3] = np.nan
    with pytest.raises(ModelError, match=f"{LEAST_FACES - 1} faces have all landmarks"):
        learn_shape_prior(whole, SCHEME)


def test_damaged_and_foreign_files_are_refused(tmp_path: Path) -> None:
    assert load_shape_prior(tmp_path, SCHEME) is None
    square_prior().save(tmp_path)
    with pytest.raises(ModelError, match=r"does not fit ibug-68@1"):
        load_shape_prior(tmp_path, SCHEME)
    learn_shape_prior(faces(60), SCHEME).save(tmp_path)
    file = tmp_path / SHAPES_FILE
    file.write_bytes(file.read_bytes()[:400])
    with pytest.raises(ModelError, match="is damaged"):
        load_shape_prior(tmp_path, SCHEME)
    impossible = -np.eye(136)[None]
    ShapePrior(np.ones((1, 68, 2)), impossible, np.ones(1), np.arange(60)).save(tmp_path)
    with pytest.raises(ModelError, match="no possible faces"):
        load_shape_prior(tmp_path, SCHEME)


def test_a_predictor_weighs_its_points_unless_told_not_to(
    tmp_path: Path, make_predictor: Callable[..., Predictor]
) -> None:
    frame, points = paint(640, 640, (150.0, 100.0), 330.0)
    lower = FACE.copy()
    lower[6, 1] += 0.03  # faces whose chin is always lower, and that hardly differ
    ShapePrior(lower[None], (np.eye(14) * 1e-7)[None], np.ones(1), np.arange(6)).save(tmp_path)
    plain = make_predictor(shapes=False).propose(frame)
    np.testing.assert_allclose(plain.xy[6], points[6], atol=4)
    weighed = make_predictor(shape_scale=[4.0] * 7).propose(frame)
    assert 3 < weighed.xy[6, 1] - points[6, 1] < 12
    np.testing.assert_allclose(weighed.xy[:6], points[:6], atol=4)
    once = make_predictor().propose(frame)
    np.testing.assert_allclose(weighed.covariance, 4 * once.covariance, rtol=1e-4)
    assert np.trace(once.covariance[6]) < np.trace(plain.covariance[6])
    np.testing.assert_array_equal(weighed.global_xy, plain.global_xy)
    again = make_predictor().rerun_region(frame, "mouth", plain.rois[2], once)
    np.testing.assert_allclose(again.xy, once.xy, atol=3)
    nothing = np.zeros((200, 200, 3), np.uint8)
    np.testing.assert_array_equal(
        make_predictor().propose(nothing).xy, make_predictor(shapes=False).propose(nothing).xy
    )
    with pytest.raises(ModelError, match="shape_scale must hold 7 factors"):
        make_predictor(shape_scale=[1.0])
