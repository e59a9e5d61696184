"""A hand before the face lies before all of the skin that it covers, is the same for a seed, and hides landmarks."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from annotator.studio.geometry.camera import Camera
from annotator.studio.geometry.subdivision import vertex_normals
from annotator.studio.light.baking import BakeQuality
from annotator.studio.light.lighting import make_lighting
from annotator.studio.person.hand import hand
from annotator.studio.scene.capture import build_capture
from annotator.studio.scene.visibility import visible_landmarks

SEEDS = range(6)


@pytest.fixture(scope="module")
def skin(level):
    return level.rest - [0.0, 727.0, 128.0]  # the origin lies at eye level


@pytest.mark.parametrize("seed", SEEDS)
def test_it_lies_before_the_skin_and_covers_some_of_the_face(subject, level, skin, seed):
    part = hand(subject, skin, level, np.random.default_rng(seed))
    front = skin[(skin[:, 2] > -60) & (np.abs(skin[:, 0]) < 70) & (skin[:, 1] > -90)]
    away, nearest = cKDTree(front[:, :2]).query(part.points[:, :2])
    over = away < 2.0
    assert over.sum() > 100
    assert (part.points[over, 2] > front[nearest[over], 2]).all()
    assert np.ptp(part.points, axis=0).max() < 450  # mm: a hand and a forearm, no foot


def test_it_is_turned_outside_out_and_follows_from_its_seed(subject, level, skin):
    for seed in SEEDS:  # left hands and right ones
        part, again = (hand(subject, skin, level, np.random.default_rng(seed)) for _ in range(2))
        np.testing.assert_array_equal(part.points, again.points)
        normals = vertex_normals(part.points, part.faces)
        outwards = (normals * (part.points - part.points.mean(0))).sum(1)
        assert (outwards > 0).mean() > 0.7
    other = hand(subject, skin, level, np.random.default_rng(99))
    assert not np.allclose(part.points, other.points)


def test_what_it_covers_is_hidden(subject, scheme):
    def seen(hand_from):
        rng = np.random.default_rng(4)
        light = make_lighting("softboxes", rng)
        capture = build_capture(
            subject, {}, light, scheme, rng, BakeQuality(1, 1, 1), 2, 0.02, hand_from=hand_from
        )
        return capture.landmarks, visible_landmarks(capture, Camera("front", 0.0, 0.0), scheme)

    (bare, free), (covered, hidden) = seen(None), seen(np.random.default_rng(1))
    np.testing.assert_array_equal(bare, covered)  # truth stays where it is
    assert not (hidden & ~free).any()
    assert (free & ~hidden).sum() >= 3
