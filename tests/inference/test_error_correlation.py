"""How the errors of a model's landmarks go together: by hand, learnt from known frames, and as files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from annotator.domain.coords import apply_affine, similarity
from annotator.domain.errors import ModelError
from annotator.domain.scheme import Landmark, LandmarkScheme
from annotator.inference.decode import Points
from annotator.inference.weighing.learn_shape_prior import LEAST_FACES, learn_errors
from annotator.inference.weighing.shape_prior import ShapePrior, load_shape_prior

SQUARE = np.array([[-1.0, 0], [1, 0], [0, -1], [0, 1], [2, 2]])
MIRROR = np.array([1, 0, 2, 3, 4])
"""The square's mirror image is the square but for its fifth point, which no test of mirrors needs."""
FIVE = LandmarkScheme("five", 1, "Five", tuple(Landmark(name, None, name) for name in "abcde"), (), ())


def prior(errors: np.ndarray | None = None) -> ShapePrior:
    """Faces whose fifth point lies by a variance of 0.04 round (2, 2), and whose anchors hardly move."""
    variance = np.repeat([1e-8, 1e-8, 1e-8, 1e-8, 0.04], 2)
    return ShapePrior(SQUARE[None], np.diag(variance)[None], np.ones(1), np.arange(4), errors=errors)


def claimed(xy: np.ndarray, *sigmas: float) -> Points:
    return Points(xy, np.stack([np.eye(2) * sigma**2 for sigma in sigmas]))


def test_an_error_that_goes_with_another_is_taken_off() -> None:
    # x of the fifth point errs against y of the third, which cannot be right where it is
    xy = SQUARE.copy()
    xy[:, 0] += [0.01, -0.01, 0, 0, 0.3]  # offsets of the anchors that cancel in shift, turn and scale
    xy[:, 1] += [0, 0, -0.01, 0.01, 0]
    errors = np.eye(10)
    errors[5, 8] = errors[8, 5] = -0.9
    points = claimed(xy, 0.01, 0.01, 0.01, 0.01, 0.4)
    found = prior(errors).fused(points)
    lay = similarity(xy[:4], SQUARE[:4])
    assert lay is not None
    root = lay[0, 0] * np.diag(np.repeat([0.01] * 4 + [0.4], 2))
    known = prior().covariances[0]
    gain = known @ np.linalg.inv(known + root @ errors @ root)
    answer = SQUARE + (gain @ (apply_affine(lay, xy) - SQUARE).reshape(-1)).reshape(-1, 2)
    np.testing.assert_allclose(apply_affine(lay, found.xy), answer, atol=1e-9)
    alone = prior().fused(points)
    assert abs(found.xy[4, 0] - alone.xy[4, 0]) > 0.005
    same = prior(np.eye(10)).fused(points)
    np.testing.assert_allclose(same.xy, alone.xy, atol=1e-12)


def erring(count: int, seed: int, together: float) -> tuple[list[Points], np.ndarray]:
    """Points whose fifth x errs as the first does by a share `together`, with sigmas of 0.1, turned, scaled and shifted."""
    rng = np.random.default_rng(seed)
    found, faces = [], []
    for _ in range(count):
        face = SQUARE + rng.normal(0, 0.2, (5, 2)) * np.array([0, 0, 0, 0, 1.0])[:, None]
        errors = rng.normal(0, 0.1, (5, 2))
        errors[4] = together * errors[2] + np.sqrt(1 - together**2) * errors[4]
        angle, scale = rng.uniform(-3, 3), rng.uniform(5, 500)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        faces.append(face @ turn.T + 300)
        found.append(claimed((face + errors) @ turn.T + 300, *[0.1 * scale] * 5))
    return found, np.array(faces)


def test_what_goes_together_is_learnt_and_makes_new_points_better() -> None:
    learnt = learn_errors(prior(), *erring(400, 1, 0.95), MIRROR)
    assert learnt.errors is not None
    spread = np.sqrt(np.diag(learnt.errors))
    related = learnt.errors / spread / spread[:, None]
    assert min(related[4, 8], related[5, 9]) > 0.3
    assert abs(related[0, 8]) < 0.25
    found, faces = erring(200, 2, 0.95)
    before, after = (
        np.mean(
            [
                np.linalg.norm(own.fused(p).xy[4] - face[4]) / np.ptp(face)
                for p, face in zip(found, faces, strict=True)
            ]
        )
        for own in (prior(), learnt)
    )
    assert after < 0.9 * before


def test_too_few_faces_or_none_that_is_found_teach_nothing() -> None:
    known = prior()
    assert learn_errors(known, *erring(LEAST_FACES - 1, 1, 0.9), MIRROR) is known
    found, faces = erring(100, 1, 0.9)
    elsewhere = [replace(points, xy=points.xy[::-1] * 0.2) for points in found]
    assert learn_errors(known, elsewhere, faces, MIRROR) is known
    faces[:, 3] = np.nan
    assert learn_errors(known, found, faces, MIRROR) is known


def test_they_are_kept_in_the_file_and_when_the_prior_adapts(tmp_path: Path) -> None:
    learnt = learn_errors(prior(), *erring(120, 3, 0.8), MIRROR)
    learnt.save(tmp_path)
    kept = load_shape_prior(tmp_path, FIVE)
    assert kept is not None
    assert learnt.errors is not None
    np.testing.assert_allclose(kept.errors, learnt.errors, atol=1e-6)
    found, faces = erring(10, 4, 0.8)
    assert learnt.adapted(found, faces).errors is learnt.errors
    for wrong, told in ((-learnt.errors, "no possible faces"), (np.eye(4), "does not fit")):
        replace(learnt, errors=wrong).save(tmp_path)
        with pytest.raises(ModelError, match=told):
            load_shape_prior(tmp_path, FIVE)
