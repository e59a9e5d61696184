"""Projection against numbers worked out by hand, OpenCV, and numerical derivatives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rig_worlds import camera_at, dome, face

from annotator.domain.rigs.rig import CameraModel
from annotator.imaging.opencv import cv2
from annotator.rigs.projection import (
    Lenses,
    project,
    project_with_jacobian,
    undistorted,
    undistorted_with_covariance,
)

TERMS = (-0.21, 0.09, 0.002, -0.0015, 0.03, 0.11, -0.02, 0.01, 0.003, -0.001, 0.002, 0.001, 0.02, -0.03)


def straight_camera(distortion: tuple[float, ...] = ()) -> CameraModel:
    matrix = np.array([[1000.0, 0, 320.5], [0, 900.0, 240.0], [0, 0, 1]])
    return CameraModel("a", 640, 480, matrix, np.array(distortion), np.eye(3, 4))


def numeric(function, at: np.ndarray, step: float) -> np.ndarray:
    columns = []
    for axis in range(at.shape[-1]):
        shift = np.zeros(at.shape[-1])
        shift[axis] = step
        columns.append((function(at + shift) - function(at - shift)) / (2 * step))
    return np.stack(columns, -1)


def test_a_point_lands_where_a_pencil_puts_it() -> None:
    points = np.array([[0.0, 0, 2], [0.2, -0.1, 2], [0.1, 0.1, -2], [0.0, 0, 0]])
    expected = [[320.5, 240], [420.5, 195], [np.nan, np.nan], [np.nan, np.nan]]
    np.testing.assert_allclose(project(straight_camera(), points), expected)


def test_the_first_radial_term_by_hand() -> None:
    # x = 0.2, y = 0, r^2 = 0.04: 0.2 * (1 - 0.1 * 0.04) = 0.1992
    seen = project(straight_camera((-0.1, 0, 0, 0)), np.array([[0.2, 0.0, 1]]))
    np.testing.assert_allclose(seen, [[320.5 + 199.2, 240]])


@pytest.mark.parametrize("count", [0, 4, 5, 8, 12, 14])
def test_projection_is_opencv_s(count: int) -> None:
    place = np.array([0.3, 0.1, 2.0])
    camera = camera_at("a", place, focal=900, size=1024, distortion=TERMS[:count])
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (50, 3))
    turn, _ = cv2.Rodrigues(camera.rotation)
    theirs, _ = cv2.projectPoints(
        points, turn, camera.camera_from_world[:, 3], camera.matrix, camera.distortion
    )
    np.testing.assert_allclose(project(camera, points), theirs[:, 0], atol=1e-6)


@pytest.mark.parametrize("count", [0, 5, 8, 14])
def test_derivatives_are_those_of_small_steps(count: int) -> None:
    camera = camera_at("a", np.array([0.3, 0.1, 2.0]), focal=900, size=1024, distortion=TERMS[:count])
    points = np.random.default_rng(1).uniform(-0.5, 0.5, (20, 3))
    xy, jacobian = project_with_jacobian(camera, points)
    np.testing.assert_allclose(xy, project(camera, points))
    wanted = numeric(lambda at: project(camera, at), points, 1e-5)
    np.testing.assert_allclose(jacobian, wanted, rtol=1e-5, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    x=st.floats(2, 1022),
    y=st.floats(2, 1022),
    k1=st.floats(-0.25, 0.25),
    k2=st.floats(-0.05, 0.05),
    count=st.sampled_from([4, 8, 14]),
)
def test_a_ray_through_a_pixel_comes_back_to_it(x: float, y: float, k1: float, k2: float, count: int) -> None:
    camera = camera_at(
        "a", np.array([0.0, 0, 2]), focal=1500, size=1024, distortion=(k1, k2, *TERMS[2:count])
    )
    normalised = undistorted(camera, np.array([[x, y]]))
    ray = np.concatenate([normalised, np.ones((1, 1))], 1) * 3.0
    np.testing.assert_allclose(project(camera, ray @ camera.rotation + camera.position), [[x, y]], atol=1e-4)


def test_no_ray_ends_beyond_the_fold_and_no_point_is_seen_there() -> None:
    camera = straight_camera((-0.5, 0, 0, 0))  # folds at r = sqrt(2 / 3), shown at 0.544
    assert np.isnan(undistorted(camera, np.array([[320.5 + 600.0, 240]]))).all()
    assert np.isnan(project(camera, np.array([[1.2, 0, 1.0]]))).all()
    assert np.isfinite(project(camera, np.array([[0.7, 0, 1.0]]))).all()


def test_covariances_follow_the_map() -> None:
    camera = camera_at("a", np.array([0.0, 0, 2]), focal=900, size=1024, distortion=TERMS)
    rng = np.random.default_rng(2)
    at, covariance = np.array([[150.0, 700.0]]), np.array([[[4.0, 1.0], [1.0, 2.0]]])
    drawn = rng.multivariate_normal(at[0], covariance[0], 20000)
    _, mapped = undistorted_with_covariance(camera, at, covariance)
    np.testing.assert_allclose(mapped[0], np.cov(undistorted(camera, drawn).T), rtol=0.05)
    assert np.isnan(undistorted(camera, np.full((1, 2), np.nan))).all()


def test_many_cameras_at_once_are_each_of_them() -> None:
    rig = dome(5, distortion=(0.1, -0.2, 0.001, 0.0))
    cameras, points = list(rig.cameras.values()), face(np.random.default_rng(3))
    cameras[2] = camera_at("other", np.array([400.0, 100, 900]), distortion=TERMS)
    together = Lenses.of(cameras).project(points)
    for camera, xy in zip(cameras, together, strict=True):
        np.testing.assert_allclose(project(camera, points), xy)
