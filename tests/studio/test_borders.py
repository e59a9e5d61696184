"""Landmarks lie on the borders that are drawn; the check notices when they do not; hidden means hidden."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.studio.draw.identity_pass import draw_identity
from annotator.studio.geometry.camera import Camera
from annotator.studio.geometry.shader_noise import noise
from annotator.studio.light.baking import BakeQuality
from annotator.studio.light.lighting import make_lighting
from annotator.studio.person.expressions import expression
from annotator.studio.person.head_model import head_model
from annotator.studio.person.subject import make_subject
from annotator.studio.scene.capture import build_capture
from annotator.studio.scene.surfaces import IDENTITIES
from annotator.studio.scene.visibility import visible_landmarks
from annotator.studio.truth.border_check import CheckedFrame, check_frame, random_frame, summarise
from annotator.studio.truth.borders import LIMIT_PX, border_distances
from annotator.studio.truth.faces_alone import face_points


@pytest.fixture(scope="module")
def figures(renderer, scheme):
    frames = [check_frame(renderer, *random_frame(7, scheme), scheme)]
    return {entry.kind: entry for entry in summarise(frames)}


def test_points_of_a_random_frame_lie_on_their_borders(figures):
    assert set(figures) == {"lids", "limbus", "outer lips", "inner lips", "nostrils"}
    for kind, entry in figures.items():
        assert entry.median < LIMIT_PX, kind
    assert figures["limbus"].share == figures["outer lips"].share == 1.0
    assert figures["lids"].share > 0.85


def test_the_middles_of_both_inner_lips_stay_in_the_middle_where_the_lips_touch(scheme):
    for seed in (3, 5000):
        points = face_points(make_subject(seed, head_model().targets.names), {}, (0.0, 0.0), scheme)
        upper, lower = (points[scheme.index(f"lips_inner_{lip}_mid")] for lip in ("upper", "lower"))
        assert abs(upper[0] - lower[0]) < 1.0
        assert np.linalg.norm(upper - lower) < 3.0


def test_a_landmark_off_the_border_is_noticed(renderer, capture, scheme):
    camera, seen = Camera("c", 0, 0, size=4096), np.ones(scheme.size, bool)
    moved = replace(capture, landmarks=capture.landmarks + [0.0, 2.0, 0.0])
    here, there = (border_distances(renderer, c, camera, scheme, seen) for c in (capture, moved))
    assert there["mouth_upper_mid"] > here["mouth_upper_mid"] + 15
    assert there["eye_left_lower_3"] > here["eye_left_lower_3"] + 15


def test_figures_count_what_is_within_the_limit():
    frames = [
        CheckedFrame({"iris_left_outer": 1.0, "iris_left_inner": 2.0}, ("iris_right_outer",)),
        CheckedFrame({}, ()),
    ]
    (limbus,) = summarise(frames)
    assert (limbus.kind, limbus.points, limbus.hidden) == ("limbus", 2, 1)
    assert (limbus.median, limbus.share, limbus.passes) == (1.5, 0.5, False)


def test_the_identity_pass_agrees_with_the_camera(renderer, capture, scheme):
    camera = Camera("c", 12, 4, size=1024)
    fields = draw_identity(renderer, capture, camera, (200.0, 300.0, 712.0, 812.0), (512, 512))
    index = scheme.index("nose_bridge_2")
    xy, depth = camera.project(capture.landmarks[[index]])
    x, y = (xy[0] - (200, 300)).astype(int)
    assert fields.surface[y, x, 0] == IDENTITIES["skin"]
    assert abs(float(fields.depth[y, x]) - depth[0]) < 0.5
    assert not np.isfinite(fields.depth[fields.surface[..., 0] == 0]).any()


def test_a_closed_eye_hides_its_iris(scheme, subject):
    rng = np.random.default_rng(4)
    light = make_lighting("softboxes", rng)
    asleep = build_capture(
        subject, expression("eyes_closed"), light, scheme, rng, BakeQuality(1, 1, 1), 2, 0.02
    )
    seen = visible_landmarks(asleep, Camera("c", 0, 0), scheme)
    for name in ("pupil_left", "iris_left_outer", "iris_left_inner", "pupil_right", "iris_right_outer"):
        assert not seen[scheme.index(name)], name
    assert seen[scheme.index("eye_left_upper_3")]


def test_the_noise_is_smooth_and_fills_its_range():
    points = np.random.default_rng(0).uniform(-40, 40, (4000, 3))
    values = noise(points)
    assert 0 <= values.min() < 0.1
    assert 0.9 < values.max() <= 1
    assert np.abs(noise(points + 1e-4) - values).max() < 1e-3
    np.testing.assert_allclose(noise(np.round(points) + 1e-9), noise(np.round(points)), atol=1e-6)
