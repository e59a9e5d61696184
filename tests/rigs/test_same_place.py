"""The same part of a face in all cameras, and which landmarks look away from a camera."""

from dataclasses import replace

import numpy as np
from rig_worlds import DISTANCE, FOCAL, SIZE, camera_at, dome, face, seen_by

from annotator.rigs.same_place import same_place
from annotator.rigs.visibility import predicted_occlusion

RNG = np.random.default_rng(11)


def test_a_place_at_a_landmark_is_at_that_landmark_in_every_camera() -> None:
    rig = dome(8, distortion=(-0.1, 0.05, 0.0, 0.0, 0.0))
    cameras, points = list(rig.cameras.values()), face(RNG)
    xy = seen_by(rig, points)
    found = same_place(cameras, 2, points, np.array([*xy[2, 7], 0.5]))
    assert np.linalg.norm(found[:, :2] - xy[:, 7], axis=1).max() < SIZE / 40
    np.testing.assert_allclose(found[2], [*xy[2, 7], 0.5], rtol=1e-6)
    np.testing.assert_allclose(found[:, 2], 0.5, rtol=0.05)  # all are as far away


def test_the_zoom_makes_the_face_as_large_in_a_camera_that_is_nearer_or_longer() -> None:
    straight, half = np.array([0.0, 0.0, DISTANCE]), np.array([0.0, 0.0, DISTANCE / 2])
    cameras = [
        camera_at("a", straight),
        camera_at("near", half),
        camera_at("long", straight, focal=2 * FOCAL),
    ]
    points = face(RNG) * [1, 1, 0]
    found = same_place(cameras, 0, points, np.array([SIZE / 2, SIZE / 2, 1.0]))
    np.testing.assert_allclose(found[:, 2], [1.0, 0.5, 0.5], rtol=1e-9)


def test_nothing_is_the_same_place_where_no_point_is_known() -> None:
    rig = dome(3)
    cameras, points = list(rig.cameras.values()), np.full((5, 3), np.nan)
    assert np.isnan(same_place(cameras, 0, points, np.array([9.0, 9, 1]))).all()
    away = camera_at("away", cameras[0].position, 2 * cameras[0].position)
    found = same_place([cameras[0], away], 0, face(RNG), np.array([SIZE / 2, SIZE / 2, 1.0]))
    assert np.isnan(found[1]).all()


def test_landmarks_that_look_away_are_hidden() -> None:
    angle, height = np.radians(np.linspace(-80, 80, 17)), np.linspace(-80, 80, 9)
    round_face = np.array([[100 * np.sin(a), y, 100 * np.cos(a)] for a in angle for y in height])
    left, middle, right = (
        camera_at(name, DISTANCE * np.array([np.sin(yaw), 0.0, np.cos(yaw)]))
        for name, yaw in (("left", -1.2), ("middle", 0.0), ("right", 1.2))
    )
    hidden = predicted_occlusion([left, middle, right], round_face)
    assert not hidden[1].any()
    assert hidden[0].any()
    assert (round_face[hidden[0], 0] > 0).all()
    assert (round_face[hidden[2], 0] < 0).all()
    assert hidden[0].sum() == hidden[2].sum()
    np.testing.assert_array_equal(hidden[0][round_face[:, 0] > 95], True)


def test_of_few_points_nothing_is_said() -> None:
    points = face(RNG, 12)
    points[3:8] = np.nan
    assert not predicted_occlusion(list(dome(4).cameras.values()), points).any()


def test_the_size_of_the_world_does_not_matter() -> None:
    rig, points = dome(6), face(RNG)
    cameras = list(rig.cameras.values())
    smaller = [
        replace(c, camera_from_world=np.column_stack([c.rotation, c.camera_from_world[:, 3] / 7]))
        for c in cameras
    ]
    np.testing.assert_array_equal(
        predicted_occlusion(cameras, points), predicted_occlusion(smaller, points / 7)
    )
