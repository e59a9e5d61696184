"""Proposals of one model are off together: many of them neither outweigh people nor make a consensus sure of itself."""

from dataclasses import replace

import numpy as np
from rig_worlds import dome, face, seen_by, sighted

from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import triangulate

RIG = dome(8)
CAMERAS = list(RIG.cameras.values())
SIGMA, SHARED = 8.0, 0.25


def biased(
    rng: np.random.Generator, points: np.ndarray, people: tuple[int, ...] = ()
) -> tuple[np.ndarray, Sightings]:
    """Where cameras see points, and what a model says that has them all elsewhere on the face; people are right to 3 pixels."""
    true = seen_by(RIG, points)
    common = np.sqrt(SHARED) * SIGMA * rng.normal(0, 1, points.shape) * 1500 / 22000
    own = np.sqrt(1 - SHARED) * SIGMA
    moment = sighted(seen_by(RIG, points + common), own, rng)
    moment = replace(moment, covariance=np.tile(SIGMA**2 * np.eye(2), (*true.shape[:2], 1, 1)))
    for view in people:
        moment.xy[view] = true[view] + rng.normal(0, 3, true[view].shape)
        moment.covariance[view] = 9 * np.eye(2)
        moment.trusted[view] = True
    return true, moment


def test_without_people_the_points_stay_and_are_known_less_well() -> None:
    _, moment = biased(np.random.default_rng(0), face(np.random.default_rng(1)))
    alone, shared = triangulate(CAMERAS, moment), triangulate(CAMERAS, moment, shared=SHARED)
    np.testing.assert_allclose(shared.points, alone.points, atol=0.05)
    np.testing.assert_allclose(shared.covariance, alone.covariance * (1 + 7 * SHARED), rtol=0.05, atol=1e-3)
    np.testing.assert_allclose(shared.residuals, alone.residuals, rtol=0.05, atol=0.05)
    np.testing.assert_array_equal(shared.disagrees, alone.disagrees)


def test_two_people_are_not_outweighed_by_six_views_of_one_model() -> None:
    errors: dict[float, list[np.ndarray]] = {0.0: [], SHARED: []}
    for seed in range(6):
        rng = np.random.default_rng(seed)
        true, moment = biased(rng, face(rng), people=(1, 6))
        for shared, kept in errors.items():
            found = triangulate(CAMERAS, moment, shared=shared)
            kept.append(np.linalg.norm(found.xy - true, axis=-1)[[0, 2, 3, 4, 5, 7]])
    assert np.mean(errors[SHARED]) < 0.95 * np.mean(errors[0.0])


def test_the_truth_lies_within_what_the_consensus_says_of_itself() -> None:
    inside: dict[float, list[float]] = {0.0: [], SHARED: []}
    for seed in range(6):
        rng = np.random.default_rng(seed)
        true, moment = biased(rng, face(rng))
        for shared, kept in inside.items():
            found = triangulate(CAMERAS, moment, shared=shared)
            off = found.xy - true
            away = np.einsum("vli,vlij,vlj->vl", off, np.linalg.inv(found.xy_covariance), off)
            kept.append((away < 4).mean())
    assert np.mean(inside[0.0]) < 0.65
    assert 0.75 < np.mean(inside[SHARED]) < 0.95
