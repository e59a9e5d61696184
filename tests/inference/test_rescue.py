"""Regions that left the face: they are known by the rest of it, read again, and not believed where that does not help."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch

from annotator.domain.assets import asset
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.inference.decode import Maps, Points
from annotator.inference.regions import Reading, merged
from annotator.inference.weighing.rescue import believed, face_groups
from annotator.inference.weighing.shape_prior import ShapePrior, load_shape_prior

SCHEME = load_scheme("studio-89@2")
GROUPS = face_groups(SCHEME)
SCALE = 300.0
EYE = [region.name for region in SCHEME.regions].index("left_eye")


@pytest.fixture(scope="module")
def prior() -> ShapePrior:
    """What the shipped model knows of faces."""
    found = load_shape_prior(asset("models/starter"), SCHEME)
    assert found is not None
    return found


def drawn(prior: ShapePrior, seed: int) -> np.ndarray:
    """float64[L,2]: a face of the prior, in pixels."""
    rng = np.random.default_rng(seed)
    kind = int(rng.integers(len(prior.shares)))
    flat = rng.multivariate_normal(prior.means[kind].reshape(-1), prior.covariances[kind])
    return 500 + SCALE * flat.reshape(-1, 2)


def observed(face: np.ndarray, seed: int, sigma: float = 0.01) -> Points:
    noise = np.random.default_rng(seed).normal(0, sigma * SCALE, face.shape)
    return Points(face + noise, np.tile(np.eye(2) * (sigma * SCALE) ** 2, (len(face), 1, 1)))


def test_a_face_as_it_is_found_has_lost_no_region(prior: ShapePrior) -> None:
    for seed in range(5):
        belief = prior.belief(observed(drawn(prior, seed), seed), GROUPS)
        assert belief is not None
        assert belief.astray == ()


@pytest.mark.parametrize("lost", [[0], [3], [1, 3]])
def test_regions_elsewhere_are_known_and_placed_by_the_rest(prior: ShapePrior, lost: Sequence[int]) -> None:
    face = drawn(prior, 4)
    points = observed(face, 1)
    for number in lost:
        points.xy[GROUPS[number]] += np.array([0.5, -0.3]) * SCALE * (1 - 2 * (number % 2))
    belief = prior.belief(points, GROUPS)
    assert belief is not None
    assert sorted(belief.astray) == list(lost)
    believing, doubting = prior.fused(points), prior.fused(points, belief)
    away = [np.linalg.norm(own.xy - face, axis=1) / SCALE for own in (points, believing, doubting)]
    assert away[2].max() < 0.15
    assert away[2].mean() < 0.3 * away[1].mean()
    wide, sharp = (
        np.trace(own.covariance[GROUPS[lost[0]]], axis1=1, axis2=2) for own in (doubting, believing)
    )
    assert (wide > 1.5 * sharp).all(), "what is guessed is not sure"


def test_a_single_point_that_strays_draws_its_neighbours_less(prior: ShapePrior) -> None:
    face = drawn(prior, 4)
    points = observed(face, 2)
    points.xy[SCHEME.index("nose_tip")] += [0.25 * SCALE, 0]
    belief = prior.belief(points)
    assert belief is not None
    assert belief.widened.argmax() == SCHEME.index("nose_tip")
    before, after = (
        np.linalg.norm(own.xy - face, axis=1) for own in (prior.fused(points), prior.fused(points, belief))
    )
    assert after[SCHEME.index("nose_tip")] < 0.5 * before[SCHEME.index("nose_tip")]
    assert after.mean() < 0.9 * before.mean()


def test_points_without_extent_are_not_judged(prior: ShapePrior) -> None:
    nowhere = Points(np.full((SCHEME.size, 2), 7.0), np.tile(np.eye(2), (SCHEME.size, 1, 1)))
    assert prior.belief(nowhere, GROUPS) is None


class Reader:
    """Gives each region's points as they are in one face, and counts what it is asked for."""

    def __init__(self, face: np.ndarray) -> None:
        self.face, self.asked = face, []

    def __call__(self, expected: Points, numbers: Sequence[int]) -> list[Reading]:
        self.asked.append((list(numbers), expected.xy))
        return [reading(number, self.face) for number in numbers]


def reading(number: int, face: np.ndarray) -> Reading:
    region = SCHEME.regions[number]
    count = len(region.indices)
    maps = Maps(torch.zeros(count, 1, 1), np.full((count, 2), 0.5), np.tile(np.eye(2) * 1e-4, (count, 1, 1)))
    points = observed(face, 100 + number)
    own = Points(points.xy[list(region.indices)], points.covariance[list(region.indices)])
    return Reading(region, np.eye(2, 3), maps, own, torch.zeros(3, 4, 4))


def test_a_lost_region_is_read_again_where_the_rest_expects_it(prior: ShapePrior) -> None:
    face = drawn(prior, 9)
    seen, moved = observed(face, 3, 0.03), face.copy()
    moved[GROUPS[EYE]] += [0.6 * SCALE, 0.1 * SCALE]
    readings = [reading(i, moved if i == EYE else face) for i in range(len(SCHEME.regions))]
    good = Reader(face)
    found = believed(prior, GROUPS, readings, lambda own: merged(seen, own), good)
    assert [numbers for numbers, _ in good.asked] == [[EYE]]
    expected = good.asked[0][1][GROUPS[EYE]]
    assert np.linalg.norm(expected - face[GROUPS[EYE]], axis=1).max() < 0.15 * SCALE
    assert found.astray == ()
    np.testing.assert_allclose(found.readings[EYE].points.xy, face[GROUPS[EYE]], atol=0.05 * SCALE)
    bad = Reader(moved)
    lost = believed(prior, GROUPS, readings, lambda own: merged(seen, own), bad)
    assert lost.astray == (SCHEME.regions[EYE].title,)
    assert lost.readings == tuple(readings)


def test_nothing_is_read_again_where_all_regions_are_on_the_face(prior: ShapePrior) -> None:
    face = drawn(prior, 9)
    readings = [reading(i, face) for i in range(len(SCHEME.regions))]
    reader = Reader(face)
    found = believed(prior, GROUPS, readings, lambda own: merged(observed(face, 3, 0.03), own), reader)
    assert reader.asked == []
    assert found.astray == ()
