"""Triangulation: geometry that is known, outliers, who counts, and covariances that say how wrong the answer is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig_worlds import bumped, camera_at, dome, face, seen_by, sighted

from annotator.domain.rigs.rig import CameraModel, RigError
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import leave_one_out, triangulate

BENT = (0.1, -0.2, 0.001, -0.002)


def normalised_error(offset: np.ndarray, covariance: np.ndarray) -> float:
    return float(np.mean(np.einsum("...i,...ij,...j", offset, np.linalg.inv(covariance), offset)))


def pair_at_right_angles() -> list[CameraModel]:
    """Focal length 100, ten away from the origin: one looks along -z, one along -x."""
    return [
        camera_at("front", np.array([0.0, 0, 10]), focal=100, size=200),
        camera_at("side", np.array([10.0, 0, 0]), focal=100, size=200),
    ]


def test_two_cameras_at_right_angles_by_hand() -> None:
    # a pixel is 0.1 at the origin: x is seen by the front alone, z by the side alone, y by both
    seen = sighted(np.full((2, 1, 2), 100.0), 1.0)
    found = triangulate(pair_at_right_angles(), seen)
    np.testing.assert_allclose(found.points, [[0, 0, 0]], atol=1e-9)
    np.testing.assert_allclose(found.covariance[0], np.diag([0.01, 0.005, 0.01]), atol=1e-9)
    np.testing.assert_allclose(found.xy_covariance[:, 0], [np.diag([1, 0.5])] * 2, atol=1e-6)
    np.testing.assert_allclose(found.residuals, 0, atol=1e-6)
    assert found.voted.tolist() == [2]


def test_a_height_that_the_two_see_apart_is_shared_by_their_covariance() -> None:
    xy = np.array([[[100.0, 100.0]], [[100.0, 101.0]]])
    seen = sighted(xy, np.array([[1.0], [0.5]]))
    seen.trusted[:] = True
    found = triangulate(pair_at_right_angles(), seen)
    # y goes up, pixels down: 0 and -0.1 with weights 1 and 4
    np.testing.assert_allclose(found.points, [[0, -0.08, 0]], atol=1e-3)
    np.testing.assert_allclose(found.residuals, np.sqrt(0.64 + 0.16), rtol=0.01)


@settings(max_examples=25, deadline=None)
@given(
    views=st.integers(2, 16),
    seed=st.integers(0, 999),
    terms=st.sampled_from([(), BENT, (*BENT, 0.3, 0.2, 0, 0)]),
)
def test_points_without_noise_come_back_whatever_the_rig(
    views: int, seed: int, terms: tuple[float, ...]
) -> None:
    rng = np.random.default_rng(seed)
    rig, points = dome(views, distortion=terms), face(rng, 20)
    seen = sighted(seen_by(rig, points), rng.uniform(1, 20, (views, 20)))
    hidden = rng.random((views, 20)) < 0.3
    seen.xy[hidden] = np.nan
    found = triangulate(list(rig.cameras.values()), seen)
    enough = (~hidden).sum(0) >= 2
    np.testing.assert_allclose(found.points[enough], points[enough], atol=1e-3)
    assert np.isnan(found.points[~enough]).all()
    assert np.isnan(found.xy[:, ~enough]).all()
    np.testing.assert_array_equal(found.voted, (~hidden).sum(0))
    assert not found.disagrees.any()


@pytest.mark.parametrize("views", [2, 3, 4, 8, 16])
@pytest.mark.parametrize("terms", [(), BENT])
def test_covariances_are_as_wide_as_the_errors(views: int, terms: tuple[float, ...]) -> None:
    rng = np.random.default_rng(views)
    rig = dome(views, distortion=terms)
    cameras, inside, projected, against = list(rig.cameras.values()), [], [], []
    for _ in range(12):
        points = face(rng)
        xy = seen_by(rig, points)
        random = rng.normal(0, 4, (views, 89, 2, 2))
        covariance = random @ random.swapaxes(-1, -2) + 25 * np.eye(2)
        noise = (np.linalg.cholesky(covariance) @ rng.normal(0, 1, (views, 89, 2, 1)))[..., 0]
        everywhere = np.ones((views, 89), bool)
        seen = Sightings(xy + noise, covariance, everywhere, ~everywhere)
        found = triangulate(cameras, seen)
        inside.append(normalised_error(found.points - points, found.covariance))
        projected.append(normalised_error(found.xy - xy, found.xy_covariance + 1e-6 * np.eye(2)))
        against.append(np.mean(found.residuals**2))
    assert 1.9 < np.mean(inside) < 3.6  # 3 where they say exactly what is
    assert 1.3 < np.mean(projected) < 2.4  # 2
    assert 0.9 < np.mean(against) < 2.2  # 1 of two views, 2 of more


def test_covariances_widen_where_the_views_are_worse_than_they_say() -> None:
    rng = np.random.default_rng(5)
    rig, points = dome(8), face(rng)
    xy = seen_by(rig, points)
    found = triangulate(
        list(rig.cameras.values()), replace(sighted(xy, 20.0, rng), covariance=sighted(xy, 5.0).covariance)
    )
    assert normalised_error(found.points - points, found.covariance) < 9  # 48 by what the views said


def test_one_bumped_camera_is_named_and_does_not_pull() -> None:
    rng = np.random.default_rng(6)
    rig, points = dome(8), face(rng)
    cameras = list(rig.cameras.values())
    xy = seen_by(rig, points)
    xy[3] = seen_by(
        replace(rig, cameras={c.name: bumped(c, np.array([0.1, 0, 0])) for c in cameras}), points
    )[3]
    found = triangulate(cameras, sighted(xy, 5.0, rng))
    assert found.disagrees[3].mean() > 0.95
    assert np.delete(found.disagrees, 3, axis=0).mean() < 0.02
    error = np.linalg.norm(found.points - points, axis=1)
    clean = np.linalg.norm(
        triangulate(cameras, sighted(seen_by(rig, points), 5.0, np.random.default_rng(6))).points - points,
        axis=1,
    )
    assert error.mean() < 1.3 * clean.mean()


@pytest.mark.parametrize("views", [4, 5, 8])
@pytest.mark.parametrize("far", [60.0, 1500.0])
def test_one_wild_view_of_a_landmark_does_not_move_it(views: int, far: float) -> None:
    rng = np.random.default_rng(views)
    rig, points = dome(views), face(rng)
    seen = sighted(seen_by(rig, points), 4.0, rng)
    wild = rng.integers(0, views, 89)
    angle = rng.uniform(0, 2 * np.pi, 89)
    seen.xy[wild, np.arange(89)] += far * np.stack([np.cos(angle), np.sin(angle)], 1)
    found = triangulate(list(rig.cameras.values()), seen)
    named = found.disagrees[wild, np.arange(89)]
    assert named.mean() > 0.9
    assert np.median(np.linalg.norm(found.points - points, axis=1)) < 1.0
    # across the epipolar line of few views a mistake can hide; elsewhere it must not carry the point away
    assert np.percentile(np.linalg.norm(found.points - points, axis=1), 90) < 3.0


def test_an_occluded_view_does_not_vote_yet_receives_a_point() -> None:
    rng = np.random.default_rng(7)
    rig, points = dome(4), face(rng)
    seen = sighted(seen_by(rig, points), 3.0, rng)
    seen.xy[0] += 300
    seen.votes[0] = False
    found = triangulate(list(rig.cameras.values()), seen)
    assert np.abs(found.xy[0] - seen_by(rig, points)[0]).max() < 30
    assert not found.disagrees[0].any()
    assert (found.residuals[0] > 20).all()
    assert (found.voted == 3).all()


def test_what_persons_set_is_not_outvoted_by_proposals_that_agree_with_each_other() -> None:
    rng = np.random.default_rng(8)
    rig, points = dome(8), face(rng)
    wrong = points + [0.0, -6.0, 0.0]  # all proposals are off by the same 6 mm
    xy = seen_by(rig, wrong)
    xy[[1, 6]] = seen_by(rig, points)[[1, 6]]
    sigma = np.full((8, 89), 8.0)
    sigma[[1, 6]] = 2.0
    seen = sighted(xy, sigma, rng)
    seen.trusted[[1, 6]] = True
    found = triangulate(list(rig.cameras.values()), seen)
    assert np.median(np.linalg.norm(found.points - points, axis=1)) < 0.6


def test_view_dependent_landmarks_warn_and_do_not_disagree() -> None:
    rng = np.random.default_rng(9)
    rig, points = dome(6), face(rng)
    seen = sighted(seen_by(rig, points), 3.0, rng)
    seen.xy[2, :10] += 400
    soft = np.arange(89) < 5
    found = triangulate(list(rig.cameras.values()), seen, view_dependent=soft)
    assert found.warns[2, :5].all()
    assert not found.disagrees[:, :5].any()
    assert found.disagrees[2, 5:10].all()
    assert not found.warns[:, 5:].any()
    trace = np.trace(found.covariance, axis1=1, axis2=2)
    assert np.median(trace[:5]) > 10 * np.median(trace[10:])


def test_left_out_views_tell_their_whole_offset() -> None:
    rig, points = dome(6), face(np.random.default_rng(10))
    seen = sighted(seen_by(rig, points), 3.0)
    seen.xy[4] += [9.0, -6.0]
    offsets = leave_one_out(list(rig.cameras.values()), seen)
    np.testing.assert_allclose(offsets[4], np.tile([9.0, -6.0], (89, 1)), atol=1e-6)


def test_a_floor_widens_and_other_rigs_are_refused() -> None:
    rig, points = dome(4), face(np.random.default_rng(11))
    seen = sighted(seen_by(rig, points), 3.0)
    cameras = list(rig.cameras.values())
    tight, wide = triangulate(cameras, seen), triangulate(cameras, seen, floor=4.0)
    np.testing.assert_allclose(wide.covariance, tight.covariance * 25 / 9, rtol=1e-6)
    with pytest.raises(RigError, match="4 views"):
        triangulate(cameras[:3], seen)


def test_nothing_is_said_of_what_nobody_saw() -> None:
    rig = dome(3)
    seen = sighted(np.full((3, 4, 2), np.nan), 3.0)
    found = triangulate(list(rig.cameras.values()), seen)
    assert np.isnan(found.points).all()
    assert not found.disagrees.any()
    assert found.voted.sum() == 0
