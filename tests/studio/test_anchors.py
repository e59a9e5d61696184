"""Where studio-89@2 and iBUG's 68 lie on rendered heads: anchors by their meaning, sliding landmarks at even shares."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.scheme import markup_points
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.studio.anchors.curves import smooth, straight
from annotator.studio.geometry.camera import Camera, load_rig
from annotator.studio.scene.visibility import visible_landmarks
from annotator.studio.truth.border_check import check_frame, random_frame, summarise
from annotator.studio.truth.scheme_moves import moves

FRONT = Camera("front", 0, 0, size=4096)


@pytest.fixture(scope="module")
def second():
    return load_scheme("studio-89@2")


@pytest.fixture(scope="module")
def first():
    return load_scheme("studio-89@1")


@pytest.fixture(scope="module")
def ibug():
    return load_scheme("ibug-68")


@pytest.fixture(scope="module")
def at(capture, second):
    """Landmarks of the second version by name, mm."""
    points = capture.in_scheme(second).landmarks
    return dict(zip(second.names, points, strict=True))


def shares(at, names):
    """Lengths from each of the named landmarks to the next as seen from the front, in parts of their sum."""
    points = np.array([at[name][:2] for name in names])
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return steps / steps.sum()


def test_a_share_of_a_curve_counts_length_and_not_depth():
    line = straight(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 100], [4, 0, 100]]))
    point, piece = line.at(0.5)
    np.testing.assert_allclose(point, [2, 0, 100])
    assert piece == 2
    angle = np.linspace(0, np.pi, 5)
    arc = smooth([np.array([np.cos(a), np.sin(a), 0.0]) for a in angle])
    assert np.abs(np.linalg.norm(arc.points, axis=1) - 1).max() < 0.05
    np.testing.assert_allclose(arc.at(0.5)[0], [0, 1, 0], atol=1e-6)


@pytest.mark.parametrize("side", ["left", "right"])
def test_lids_are_divided_evenly_between_the_corners(at, side):
    for lid in ("upper", "lower"):
        names = [f"eye_{side}_{lid}_{k}" for k in range(1, 6)]
        ends = (f"eye_{side}_inner", f"eye_{side}_outer")
        around = [ends[0], *names, ends[1]] if lid == "upper" else [ends[1], *names, ends[0]]
        assert np.abs(shares(at, around) - 1 / 6).max() < 0.03


@pytest.fixture(scope="module")
def old(capture, first):
    """Landmarks of the first version by name, mm."""
    return dict(zip(first.names, capture.in_scheme(first).landmarks, strict=True))


def test_the_inner_corner_lies_beyond_the_caruncle_and_the_outer_one_at_the_end_of_the_white(old, at):
    for side, sign in (("left", 1), ("right", -1)):
        inner, outer = (
            sign * (at[f"eye_{side}_{end}"] - old[f"eye_{side}_{end}"])[0] for end in ("inner", "outer")
        )
        assert -5 < inner < -1.5
        assert -2.5 < outer < -0.3


def test_the_corner_of_the_mouth_lies_between_the_outer_and_the_inner_border(old, at):
    assert 0.5 < old["mouth_left"][0] - at["mouth_left"][0] < 4
    assert at["mouth_left"][0] > at["lips_inner_left"][0] - 1


def test_the_ridge_of_the_nose_runs_in_even_steps_from_the_eyes_to_the_foremost_point(at, capture, second):
    names = ["nose_nasion", "nose_bridge_1", "nose_bridge_2", "nose_tip"]
    assert np.abs(shares(at, names) - 1 / 3).max() < 0.02
    assert abs(at["nose_nasion"][1] - at["eye_left_upper_3"][1]) < 6
    assert at["nose_tip"][2] > max(point[2] for name, point in at.items() if name != "nose_tip") - 0.5
    assert at["nose_columella"][1] > at["nose_subnasale"][1] > at["mouth_upper_mid"][1]


def test_the_jaw_is_divided_evenly_and_the_chin_is_its_lowest_point(at):
    names = ["chin", *(f"jaw_left_{k}" for k in range(1, 5))]
    assert np.abs(shares(at, names) - 1 / 4).max() < 0.02
    assert at["chin"][1] == min(point[1] for point in at.values())


def test_the_68_are_those_of_the_second_version_but_for_half_of_the_jaw(capture, second, ibug):
    own, other = capture.in_scheme(ibug).landmarks, capture.in_scheme(second).landmarks
    for place, index in second.ibug68.items():
        np.testing.assert_allclose(own[ibug.ibug68[place]], other[index], atol=1e-9)
    derived = markup_points(second, FRONT.project(other)[0])
    truth = FRONT.project(own)[0][[ibug.ibug68[place] for place in range(68)]]
    eyes = np.linalg.norm(truth[36] - truth[45])
    assert np.linalg.norm(derived - truth, axis=1).max() < 0.03 * eyes


def test_the_same_places_are_seen_by_all_cameras_of_a_rig(capture, second):
    placed = capture.in_scheme(second)
    rows, sides = [], []
    for camera in load_rig("dome-8", 4096):
        xy, _ = camera.project(placed.landmarks)
        matrix = camera.intrinsics @ camera.extrinsics
        rows.append(matrix[None, :2] - xy[:, :, None] * matrix[None, 2:])
        sides.append((camera, xy))
    systems = np.concatenate(rows, 1)
    found = np.stack([np.linalg.lstsq(a[:, :3], -a[:, 3], rcond=None)[0] for a in systems])
    for camera, xy in sides:
        assert np.abs(camera.project(found)[0] - xy).max() < 0.01


def test_hidden_means_hidden_in_the_second_version(capture, second):
    placed = capture.in_scheme(second)
    front, turned, side = (visible_landmarks(placed, Camera("c", yaw, 0), second) for yaw in (0, 25, 70))
    assert front[
        [second.index(n) for n in ("eye_left_inner", "eye_right_upper_4", "mouth_left", "chin")]
    ].all()
    assert turned[[second.index(n) for n in ("eye_left_outer", "eye_right_outer", "eye_left_inner")]].all()
    assert side[second.index("eye_left_lower_3")]
    assert not side[second.index("eye_right_inner")]
    assert not side[second.index("jaw_right_4")]


def test_points_of_the_second_version_lie_on_their_borders(renderer, second):
    figures = summarise([check_frame(renderer, *random_frame(4, second), second)])
    for entry in figures:
        assert entry.median < 1.5, entry.kind
        assert entry.share > 0.8, entry.kind


def test_moves_find_the_landmark_that_tells_best_and_leave_the_rest(scheme, second):
    rng = np.random.default_rng(0)
    before = rng.uniform(0, 1000, (20, scheme.size, 2))
    after = rng.uniform(0, 1000, (20, second.size, 2))
    after[:, second.index("pupil_left")] = before[:, scheme.index("pupil_left")]
    corners = [scheme.index(f"eye_{side}_outer") for side in ("right", "left")]
    along = before[:, corners[1]] - before[:, corners[0]]
    for side, sign in (("left", 1.0), ("right", -1.0)):
        at = before[:, scheme.index(f"brow_{side}_6")]
        after[:, second.index(f"brow_{side}_7")] = at + sign * 0.25 * along
    found = {move.name: move for move in moves(scheme, second, before, after)}
    assert found["pupil_left"].offset is None
    assert found["brow_left_7"].origin == "brow_left_6"
    np.testing.assert_allclose(found["brow_left_7"].offset, (0.25, 0.0), atol=1e-6)
    np.testing.assert_allclose(found["brow_right_7"].offset, (-0.25, 0.0), atol=1e-6)
    assert found["chin"].line() == "chin = {}\n"


def test_a_landmark_beside_a_border_that_moves_away_is_hidden(capture, second):
    placed = capture.in_scheme(second)
    deeper = replace(placed, landmarks=placed.landmarks - [0.0, 0.0, 12.0])
    seen = visible_landmarks(deeper, FRONT, second)
    assert not seen[second.index("lips_inner_upper_mid")] or not seen[second.index("eye_left_upper_3")]
