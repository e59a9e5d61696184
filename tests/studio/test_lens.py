"""The lens: what is far is drawn out of focus, eyes stay sharp, fine hairs before the backdrop too."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.studio.draw.lens import BLUR_SPREAD, unfocused
from annotator.studio.geometry.camera import Camera
from annotator.studio.scene.looks import draw_exposure, load_look

FAR_CIRCLE = (2400 - 1438) / 2400 * 0.7
"""Pixels of blur at the far plane for an aperture of one; camera and lens as by default."""


@pytest.fixture
def exposure():
    drawn = draw_exposure(load_look("studio-a"), 0.2, 256, np.random.default_rng(1))
    return replace(drawn, grain=1e-6, motion=(0.0, 0.0), softness=0.5, aperture=0.0, vignette=0.0)


@pytest.mark.parametrize("size", [256, 512])
def test_the_backdrop_is_blurred_by_the_circle_of_confusion(exposure, size):
    line = np.zeros((64, 256, 3), np.float32)
    line[:, 128] = 1.0
    camera = Camera("c", 0, 0, size=size)
    wide = unfocused(line, camera, replace(exposure, aperture=10.0), 1.0)[32, :, 0]
    places = np.arange(256) - 128.0
    spread = np.sqrt((wide * places**2).sum() / wide.sum())
    expected = BLUR_SPREAD * 10.0 * FAR_CIRCLE * 256 / size
    assert spread == pytest.approx(expected, rel=0.05)
    assert wide.sum() == pytest.approx(1.0, rel=1e-3)


def test_a_pinhole_leaves_the_backdrop_as_it_is(exposure):
    backdrop = np.random.default_rng(0).random((32, 32, 3), np.float32)
    np.testing.assert_array_equal(unfocused(backdrop, Camera("c", 0, 0, size=256), exposure, 1.0), backdrop)


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
