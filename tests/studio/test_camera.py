"""Cameras: projection by hand, calibration that says what the camera does, rigs."""

import numpy as np
import pytest

from annotator.rigs.projection import project
from annotator.studio.errors import StudioError
from annotator.studio.geometry.camera import (
    FACE_CENTRE,
    FACE_MM,
    Camera,
    ViewRanges,
    before_turned_head,
    load_rig,
    random_camera,
)
from annotator.studio.geometry.still_rig import still_rig


def test_a_frontal_camera_by_hand():
    camera = Camera("front", 0, 0, distance=1000.0, face=0.5, size=1000)
    left = FACE_CENTRE + [FACE_MM, 0, 0]
    above = FACE_CENTRE + [0, FACE_MM / 2, 0]
    xy, depth = camera.project(np.array([FACE_CENTRE, left, above]))
    # the face height takes half the frame; the subject's left is on the right, above is up
    np.testing.assert_allclose(xy, [[500, 500], [1000, 500], [500, 250]], atol=1e-9)
    np.testing.assert_allclose(depth, 1000)


def test_a_camera_on_the_left_sees_the_nose_point_to_its_left():
    camera = Camera("c", 40, 0)
    nose = FACE_CENTRE + np.array([0, 0, 50.0])
    assert camera.position[0] > 0
    assert camera.project(nose[None])[0][0, 0] < camera.project(FACE_CENTRE[None])[0][0, 0]


def test_roll_turns_about_the_face_centre():
    upright, turned = Camera("a", 10, 5), Camera("a", 10, 5, roll=90)
    points = FACE_CENTRE + np.array([[30.0, 10, 0], [0, 40, 20]])
    a, b = upright.project(points)[0] - 2048, turned.project(points)[0] - 2048
    np.testing.assert_allclose(b, np.stack([-a[:, 1], a[:, 0]], 1), atol=1e-6)


@pytest.mark.parametrize("window", [None, (100.0, 300.0, 500.0, 700.0)])
def test_the_opengl_matrix_agrees_with_the_projection(window):
    camera = Camera("c", -33, 12, roll=8, distance=900, shift=(0.1, -0.05), size=1024)
    points = np.random.default_rng(0).normal(0, 60, (20, 3))
    clip = np.concatenate([points, np.ones((20, 1))], 1) @ camera.clip_matrix(window).T
    x0, y0, x1, y1 = window or (0, 0, 1024, 1024)
    device = clip[:, :2] / clip[:, 3:] * 0.5 + 0.5
    xy, depth = camera.project(points)
    np.testing.assert_allclose(device * (x1 - x0, y1 - y0) + (x0, y0), xy, atol=1e-6)
    np.testing.assert_allclose(clip[:, 3], depth)
    assert (np.abs(clip[:, 2] / clip[:, 3]) < 1).all()


def test_exported_calibration_reprojects_within_a_hundredth_of_a_pixel():
    camera = random_camera(np.random.default_rng(3), ViewRanges(), "c", 4096)
    points = np.random.default_rng(1).normal(0, 50, (40, 3))
    kept = camera.calibration()
    seen = points @ np.array(kept["camera_from_head"])[:, :3].T + np.array(kept["camera_from_head"])[:, 3]
    image = seen @ np.array(kept["intrinsics"]).T
    assert np.abs(image[:, :2] / image[:, 2:] - camera.project(points)[0]).max() < 0.01


def test_random_views_come_from_everywhere_and_mostly_from_before():
    rng = np.random.default_rng(5)
    views = [random_camera(rng, ViewRanges(), "c", 512) for _ in range(400)]
    yaw, pitch = (np.array([getattr(view, name) for view in views]) for name in ("yaw", "pitch"))
    assert np.abs(yaw).max() <= 50
    assert 0.12 < (np.abs(yaw) > 40).mean() < 0.3
    assert (np.abs(yaw) < 20).mean() > 0.4
    assert pitch.min() < -15
    assert pitch.max() > 15


def test_the_default_rig_has_eight_cameras_within_its_angles():
    cameras = load_rig("dome-8", 512)
    assert len({camera.name for camera in cameras}) == 8
    assert all(abs(camera.yaw) <= 45 and abs(camera.pitch) <= 15 for camera in cameras)
    assert {camera.size for camera in cameras} == {512}


def test_unknown_and_broken_rigs_say_what_to_do(tmp_path):
    with pytest.raises(StudioError, match="dome-8"):
        load_rig("nowhere", 512)
    broken = tmp_path / "rig.toml"
    broken.write_text('[[cameras]]\nname = "a"\nzoom = 3\n')
    with pytest.raises(StudioError, match="yaw and pitch"):
        load_rig(str(broken), 512)


def test_a_head_that_turns_before_a_fixed_rig_is_one_turn_for_all_cameras():
    cameras = load_rig("dome-8", 1024)
    seen = [before_turned_head(camera, 7.0, -4.0, 3.0) for camera in cameras]
    turns = [a.rotation.T @ b.rotation for a, b in zip(cameras, seen, strict=True)]
    np.testing.assert_allclose(turns, np.broadcast_to(turns[0], (8, 3, 3)), atol=1e-12)
    points = np.random.default_rng(0).normal(0, 50, (20, 3))
    moved = (points - FACE_CENTRE) @ turns[0].T + FACE_CENTRE
    for camera, turned in zip(cameras, seen, strict=True):
        np.testing.assert_allclose(camera.project(moved)[0], turned.project(points)[0], atol=1e-6)
        np.testing.assert_array_equal(camera.intrinsics, turned.intrinsics)
    front = before_turned_head(Camera("front", 0, 0), 7.0, -4.0, 3.0)
    np.testing.assert_allclose([front.yaw, front.pitch, front.roll], [7.0, -4.0, 3.0])


def test_a_still_rig_sees_what_its_cameras_see():
    rig, points = still_rig("dome-8", 512), np.random.default_rng(1).normal(0, 50, (9, 3))
    for camera in load_rig("dome-8", 512):
        np.testing.assert_allclose(project(rig.cameras[camera.name], points), camera.project(points)[0])
