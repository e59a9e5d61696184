"""The lens: what is far is drawn out of focus, eyes stay sharp; renderers of one process do not disturb each other."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.studio.draw.renderer import Renderer
from annotator.studio.geometry.camera import Camera
from annotator.studio.scene.looks import draw_exposure, load_look


@pytest.fixture
def exposure():
    drawn = draw_exposure(load_look("studio-a"), 0.2, 256, np.random.default_rng(1))
    return replace(drawn, grain=1e-6, motion=(0.0, 0.0), softness=0.5, aperture=0.0, vignette=0.0)


def test_an_open_lens_blurs_what_is_far_and_keeps_the_eyes(renderer, capture, scheme, exposure):
    camera = Camera("c", 0, 0, size=256)
    checks = np.zeros((256, 256, 3), np.float32)
    checks[np.indices((256, 256)).sum(0) // 4 % 2 == 0] = 0.3
    sharp, soft = (
        np.asarray(renderer.frame(capture, camera, checks, replace(exposure, aperture=aperture)), float)
        for aperture in (0.0, 14.0)
    )
    wall = np.s_[4:60, 4:40]
    assert soft[wall].std() < 0.3 * sharp[wall].std()
    xy, _ = camera.project(capture.landmarks)
    x, y = xy[scheme.index("pupil_left")].astype(int)
    eye = np.s_[y - 4 : y + 5, x - 6 : x + 7]
    assert soft[eye].std() > 0.8 * sharp[eye].std()
    assert np.abs(soft[eye] - sharp[eye]).mean() < 0.1 * sharp[eye].std() + 2.0


def test_another_renderer_changes_no_pixel(renderer, capture, exposure):
    camera, wall = Camera("c", 12, 4, size=256), np.full((8, 8, 3), 0.3, np.float32)
    before = np.array(renderer.frame(capture, camera, wall, exposure))
    other = Renderer()
    np.testing.assert_array_equal(renderer.frame(capture, camera, wall, exposure), before)
    bald = replace(capture, hair=())
    assert (np.asarray(other.frame(bald, camera, wall, exposure)) != before).any()
    np.testing.assert_array_equal(renderer.frame(capture, camera, wall, exposure), before)
