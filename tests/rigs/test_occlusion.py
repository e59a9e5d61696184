"""A camera looks at a point from behind: foreseen from the shape of the face alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from rig_worlds import camera_at, dome, turned

from annotator.rigs.occlusion import predicted_occlusion


def cap(points: int = 60) -> np.ndarray:
    """A face as a piece of a ball of 90 mm that looks along z, 40 degrees to each side."""
    rng = np.random.default_rng(4)
    yaw, pitch = rng.uniform(-0.7, 0.7, (2, points))
    yaw[:2], pitch[:2] = (-0.7, 0.7), 0  # its right and left edge
    return 90 * np.stack([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch) - 1], 1)


def at(yaw: float) -> np.ndarray:
    return 1500 * np.array([np.sin(np.radians(yaw)), 0.05, np.cos(np.radians(yaw))])


def test_the_far_side_is_hidden_from_a_camera_at_the_side() -> None:
    cameras = [camera_at(str(yaw), at(yaw)) for yaw in (-85, -30, 0, 30, 85)]
    points = cap()
    hidden = predicted_occlusion(cameras, points, np.ones((5, len(points)), bool))
    assert not hidden[1:4].any()  # in front everything is seen
    assert hidden[0, 1]
    assert hidden[4, 0]
    assert not hidden[0, 0]
    assert not hidden[4, 1]
    assert 0 < hidden[0].mean() < 0.5


def test_from_behind_nothing_is_seen_and_those_who_see_it_say_where_the_front_is() -> None:
    cameras = [camera_at("front", at(0)), camera_at("side", at(20)), camera_at("behind", at(180))]
    points = cap()
    votes = np.ones((3, len(points)), bool)
    votes[2] = False
    hidden = predicted_occlusion(cameras, points, votes)
    assert hidden[2].all()
    assert not hidden[:2].any()


def test_what_is_not_known_is_predicted_nowhere() -> None:
    cameras, points = list(dome(3).cameras.values()), cap()
    points[5] = np.nan
    assert not predicted_occlusion(cameras, points, np.ones((3, len(points)), bool))[:, 5].any()
    few = np.full_like(points, np.nan)
    few[:3] = points[:3]
    assert not predicted_occlusion(cameras, few, np.ones((3, len(points)), bool)).any()
    assert not predicted_occlusion(cameras, points, np.zeros((3, len(points)), bool)).any()


@given(st.lists(st.floats(-3, 3), min_size=3, max_size=3))
def test_it_does_not_matter_how_the_world_is_turned(vector: list[float]) -> None:
    rotation, points = turned(np.array(vector)), cap()
    places = [at(yaw) for yaw in (-80, 10, 60)]
    votes = np.ones((3, len(points)), bool)
    straight = predicted_occlusion([camera_at("c", place) for place in places], points, votes)
    cameras = [camera_at("c", rotation @ place + 0.01) for place in places]
    assert (predicted_occlusion(cameras, points @ rotation.T, votes) == straight).mean() > 0.98
