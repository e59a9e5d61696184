"""Hair hides what it covers: worked out by hand, and against the picture that is drawn."""

from dataclasses import replace

import numpy as np

from annotator.studio.geometry.camera import Camera
from annotator.studio.hair.hair_cover import DISC_MM, hair_cover
from annotator.studio.hair.hairdressing import HairGroup
from annotator.studio.hair.strands import Strands, ribbons
from annotator.studio.scene.looks import draw_exposure, load_look
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


def test_what_a_curtain_hides_agrees_with_the_picture(renderer, capture, scheme):
    front = float(capture.landmarks[:, 2].max())
    dressed = replace(capture, hair=(curtain(30.0, 0.6, 0.5, front + 4.0),))
    camera = Camera("c", 20, 0, size=1024)
    bare = visible_landmarks(replace(capture, hair=()), camera, scheme)
    seen = visible_landmarks(dressed, camera, scheme)
    assert not (seen & ~bare).any()
    hidden = bare & ~seen
    assert 10 < hidden.sum() < 45
    drawn = draw_exposure(load_look("studio-a"), capture.brightness, 1024, np.random.default_rng(1))
    exposure, wall = (
        replace(drawn, grain=1e-6, aperture=0.0, motion=(0.0, 0.0)),
        np.full((8, 8, 3), 0.3, np.float32),
    )
    without, behind = (
        np.asarray(renderer.frame(own, camera, wall, exposure), float)
        for own in (replace(capture, hair=()), dressed)
    )
    covered = np.abs(behind - without).max(-1) > 12  # the curtain hangs before every landmark
    xy, _ = camera.project(capture.landmarks)
    agree = []
    for index in np.flatnonzero(bare):
        x, y = xy[index].astype(int)
        agree.append((covered[y - 3 : y + 4, x - 3 : x + 4].mean() > 0.5) == hidden[index])
    assert np.mean(agree) > 0.93
