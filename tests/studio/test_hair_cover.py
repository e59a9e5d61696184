"""Hair hides what it covers: worked out by hand, and against the depth that is drawn."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.studio.draw.identity_pass import draw_identity
from annotator.studio.geometry.camera import Camera
from annotator.studio.hair.hair_cover import DISC_MM, hair_cover
from annotator.studio.hair.hairdressing import HairGroup
from annotator.studio.hair.strands import Strands, ribbons
from annotator.studio.scene.surfaces import IDENTITIES
from annotator.studio.scene.visibility import visible_landmarks


def curtain(x, spacing, width, z, count=40):
    """Strands that hang straight down from y 40 to -60 round `x`."""
    places = x + (np.arange(count) - count / 2) * spacing
    t = np.linspace(0, 1, 6)
    curves = np.stack([np.broadcast_to(v, (count, 6)) for v in (places[:, None], 40 - 100 * t[None], z)], -1)
    group = Strands(curves.astype(float), np.full(count, width), taper=0.0)

    def lit(curves):
        return np.ones(curves.shape[:2]), np.ones(curves.shape[:2])

    return HairGroup(ribbons([group], lit, np.random.default_rng(0)), np.full(3, 0.1), 0.5)


def test_cover_of_one_strand_by_hand():
    camera = Camera("c", 0, 0, distance=1e5)
    hair = curtain(0.05, 1.0, 0.1, 20.0, count=1)
    points = np.array([[-0.45, 0, 0], [-0.45 + 0.5 * DISC_MM, 0, 0], [3.0, 0, 0], [-0.45, 0, 19.0]])
    area = np.array([2 * DISC_MM, np.sqrt(3) * DISC_MM, 0, 0]) * 0.1
    expected = 1 - np.exp(-area / (np.pi * DISC_MM**2))
    np.testing.assert_allclose(hair_cover([hair], camera, points), expected, atol=0.003)


@pytest.mark.parametrize("yaw", [-20, 0, 20])
def test_what_a_curtain_hides_agrees_with_the_drawn_depth(renderer, capture, scheme, yaw):
    front = float(capture.landmarks[:, 2].max())
    dressed = replace(capture, hair=(curtain(30.0, 0.6, 0.5, front + 4.0),))
    camera = Camera("c", yaw, 0, size=1024)
    bare = visible_landmarks(replace(capture, hair=()), camera, scheme)
    seen = visible_landmarks(dressed, camera, scheme)
    assert not (seen & ~bare).any()
    hidden = bare & ~seen
    assert 10 < hidden.sum() < 45
    fields = draw_identity(renderer, dressed, camera, (0.0, 0.0, 1024.0, 1024.0), (1024, 1024), hair=True)
    xy, depth = camera.project(capture.landmarks)
    agree = []
    for index in np.flatnonzero(bare):
        x, y = xy[index].astype(int)
        disc = np.s_[y - 3 : y + 4, x - 3 : x + 4]
        strands = (fields.surface[disc][..., 0] == IDENTITIES["hair"]) & (
            fields.depth[disc] < depth[index] - 2
        )
        agree.append((strands.mean() > 0.5) == hidden[index])
    assert np.mean(agree) > 0.93
