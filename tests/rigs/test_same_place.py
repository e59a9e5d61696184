"""The same part of a face in all cameras."""

import numpy as np
from rig_worlds import DISTANCE, FOCAL, SIZE, camera_at, dome, face, seen_by

from annotator.rigs.same_place import same_place

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
