"""Rigs that drifted come back: truth is known, so what counts is where unseen points land."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rig_worlds import bumped, dome, face, seen_by, sighted

from annotator.domain.progress import Cancelled
from annotator.domain.rigs.rig import Rig, RigError
from annotator.rigs.bundle import Moving
from annotator.rigs.refine import refine
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import triangulate

BENT = (0.05, -0.1, 0.001, 0.0)
SIGMA = 8.0


def filmed(
    true: Rig, moments: int, rng: np.random.Generator, people: int = 0, bias: float = 0.0
) -> list[Sightings]:
    """Moments as a model saw them (noise of 8 px, an error of its own in each camera); of each a few views by people (2 px)."""
    views, found = len(true.cameras), []
    own = rng.normal(0, bias, (views, 89, 2)) if bias else 0.0
    for _ in range(moments):
        xy = seen_by(true, face(rng) + rng.normal(0, 15, 3))
        moment = sighted(xy, SIGMA, rng)
        moment = replace(moment, xy=moment.xy + own)
        if people:
            chosen = rng.choice(views, people, replace=False)
            moment.xy[chosen] = sighted(xy, 2.0, rng).xy[chosen]
            moment.covariance[chosen] = 4 * np.eye(2)
            moment.trusted[chosen] = True
        found.append(moment)
    return found


def drifted(true: Rig, degrees: float, rng: np.random.Generator) -> Rig:
    return replace(true, cameras={n: bumped(c, rng.normal(0, degrees, 3)) for n, c in true.cameras.items()})


def carried(rig: Rig, true: Rig) -> float:
    """Median pixels by which exact points of two views miss in the others."""
    rng, misses = np.random.default_rng(99), []
    views = len(true.cameras)
    for _ in range(4):
        xy = seen_by(true, face(rng))
        moment = sighted(xy, 1.0)
        chosen = rng.choice(views, 2, replace=False)
        moment.votes[:] = False
        moment.votes[chosen] = True
        others = np.delete(np.arange(views), chosen)
        found = triangulate(list(rig.cameras.values()), moment)
        misses.append(np.linalg.norm(found.xy - xy, axis=-1)[others])
    return float(np.median(misses))


@pytest.mark.parametrize(("degrees", "views"), [(0.01, 8), (0.03, 8), (0.3, 8), (0.03, 4), (0.03, 16)])
def test_cameras_that_turned_come_back_without_a_person(degrees: float, views: int) -> None:
    rng = np.random.default_rng(0)
    true = dome(views, distortion=BENT)
    off = drifted(true, degrees, rng)
    answer = refine(off, filmed(true, 10, rng))
    assert carried(answer.rig, true) < 0.15 * carried(off, true) + 0.8
    assert answer.helped
    assert answer.after < answer.before
    assert answer.shift_after < 0.7 * answer.shift_before
    assert answer.rig.source == "refined from dome"
    assert (answer.moments, answer.held_out) == (8, "2 moments")


def test_one_bumped_camera_comes_back_and_the_others_stay() -> None:
    rng = np.random.default_rng(1)
    true = dome(8, distortion=BENT)
    names = list(true.cameras)
    off = replace(
        true, cameras={**true.cameras, names[3]: bumped(true.cameras[names[3]], np.array([0.1, 0, 0]))}
    )
    answer = refine(off, filmed(true, 10, rng))
    assert carried(answer.rig, true) < 1.0
    assert 0.08 < answer.cameras[3].degrees < 0.12
    assert answer.cameras[3].before > 30 > 13 > answer.cameras[3].after
    assert all(change.degrees < 0.05 for change in answer.cameras if change.name != names[3])


def test_what_people_set_counts_where_the_model_is_wrong_in_each_camera() -> None:
    rng = np.random.default_rng(2)
    true = dome(8)
    off = drifted(true, 0.03, rng)
    alone, helped = (
        refine(off, filmed(true, 10, np.random.default_rng(3), people, 15.0)) for people in (0, 2)
    )
    assert carried(helped.rig, true) < carried(alone.rig, true) < 0.3 * carried(off, true)
    assert carried(helped.rig, true) < 2.0


def test_help_shows_in_the_noise_of_proposals_too() -> None:
    rng = np.random.default_rng(12)
    true = dome(8)
    off, moments = drifted(true, 0.01, rng), filmed(true, 10, rng)
    for moment in moments:
        moment.xy[:] += 20 * rng.standard_t(3, moment.xy.shape)
        moment.covariance[:] *= 4
    answer = refine(off, moments)
    assert answer.after > 0.9 * answer.before
    assert answer.helped
    assert carried(answer.rig, true) < 0.5 * carried(off, true)


@pytest.mark.parametrize("seed", range(4))
def test_an_exact_rig_is_left_as_it_is_within_the_noise_and_is_not_said_to_be_helped(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true = dome(8)
    answer = refine(true, filmed(true, 10, rng))
    assert not answer.helped
    assert carried(answer.rig, true) < 1.0


def test_without_noise_the_truth_comes_back_focal_length_and_distortion_too() -> None:
    rng = np.random.default_rng(5)
    true = dome(6, focal=4000.0, distortion=(0.05, -0.1, 0.0005, 0.0))
    cameras = {}
    for name, camera in drifted(true, 0.05, rng).cameras.items():
        matrix = camera.matrix.copy()
        matrix[[0, 1], [0, 1]] *= 1 + rng.normal(0, 0.001)
        cameras[name] = replace(camera, matrix=matrix, distortion=camera.distortion * 0.9)
    off = replace(true, cameras=cameras)
    moments = [sighted(seen_by(true, 4 * face(rng)), 0.5) for _ in range(8)]
    answer = refine(off, moments, Moving(True, True, True, True))
    assert carried(off, true) > 2
    assert carried(answer.rig, true) < 0.1


@pytest.mark.parametrize(
    "moving", [Moving(position=False), Moving(rotation=False), Moving(False, False, True, False)]
)
def test_only_what_may_move_moves(moving: Moving) -> None:
    rng = np.random.default_rng(6)
    true = dome(5, distortion=BENT)
    answer = refine(drifted(true, 0.02, rng), filmed(true, 6, rng), moving)
    for change in answer.cameras:
        assert moving.rotation or change.degrees < 1e-5
        assert moving.position or change.moved < 1e-6
        assert (change.zoom != 1) == moving.focal
    assert all((c.distortion == BENT).all() for c in answer.rig.cameras.values())


def test_two_cameras_and_a_single_moment_are_enough_to_begin() -> None:
    rng = np.random.default_rng(7)
    pair = dome(2)
    two = refine(drifted(pair, 0.05, rng), filmed(pair, 5, rng))
    assert two.after < two.before
    true = dome(8)
    off = drifted(true, 0.03, rng)
    one = refine(off, filmed(true, 1, rng))
    assert one.held_out == "every fourth landmark"
    assert carried(one.rig, true) < 0.3 * carried(off, true)


def test_views_that_see_little_and_view_dependent_points_do_no_harm() -> None:
    rng = np.random.default_rng(8)
    true = dome(6)
    off, moments = drifted(true, 0.03, rng), filmed(true, 8, rng)
    soft = np.arange(89) < 11
    for moment in moments:
        moment.xy[rng.random((6, 89)) < 0.4] = np.nan
        moment.xy[:, soft] += rng.normal(0, 60, (6, 11, 2))
    answer = refine(off, moments, view_dependent=soft)
    assert carried(answer.rig, true) < 0.2 * carried(off, true)


def test_too_little_is_refused_with_what_to_do() -> None:
    rng = np.random.default_rng(9)
    true = dome(4)
    with pytest.raises(RigError, match="no moment"):
        refine(true, [])
    few = filmed(true, 1, rng)
    few[0].votes[:, 20:] = False
    with pytest.raises(RigError, match=r"Only 20 points.*Propose"):
        refine(true, few)
    lonely = filmed(true, 4, rng)
    for moment in lonely[:3]:
        moment.votes[:] = False
    assert refine(true, lonely).held_out == "every fourth landmark"  # of the one moment that has anything
    blind = filmed(true, 4, rng)
    for moment in blind:
        moment.xy[2] = np.nan
    with pytest.raises(RigError, match="cam_02 shares 0"):
        refine(true, blind)
    with pytest.raises(RigError, match="may move"):
        refine(true, filmed(true, 1, rng), Moving(False, False, False, False))
    with pytest.raises(RigError, match="each of the 4"):
        refine(true, filmed(dome(3), 1, rng))


def test_it_tells_how_far_it_is_and_stops_when_asked() -> None:
    rng = np.random.default_rng(10)
    true = dome(3)
    moments, told = filmed(true, 4, rng), []
    refine(
        drifted(true, 0.02, rng), moments, progress=lambda done, total, text: told.append((done, total, text))
    )
    steps = [done for done, _, _ in told]
    assert steps == sorted(steps)
    assert steps[-1] < told[0][1]
    with pytest.raises(Cancelled):
        refine(true, moments, stop=lambda: True)
