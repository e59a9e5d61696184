"""The viewer's levels and the preview."""

import itertools

import numpy as np
import pytest
from frame_files import ramp

from annotator.imaging.probe import FrameReadError
from annotator.imaging.proxy import network_pixels
from annotator.imaging.pyramid import decode_preview, halve, preview_jpeg, pyramid


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_levels_are_means_of_two_by_two(dtype: str) -> None:
    image = ramp(40, 24, dtype)
    levels = pyramid(image, smallest=10)
    assert [level.shape[:2] for level in levels] == [(40, 24), (20, 12), (10, 6)]
    assert all(level.dtype == image.dtype for level in levels)
    for fine, coarse in itertools.pairwise(levels):
        mean = fine.astype(np.float64).reshape(coarse.shape[0], 2, coarse.shape[1], 2, 3).mean((1, 3))
        tolerance = 0.5 if np.issubdtype(image.dtype, np.integer) else np.finfo(image.dtype).eps * 4
        assert np.abs(coarse - mean).max() <= tolerance


def test_odd_sides_repeat_their_last_pixels() -> None:
    image = np.arange(15, dtype=np.uint8).reshape(5, 3, 1).repeat(3, -1) * 4
    expected = np.array(
        [[8, 14], [32, 38], [50, 56]]
    )  # 4 x means of {0,1,3,4}, {2,2,5,5}, ..., {12,13}, {14}
    np.testing.assert_array_equal(halve(image)[..., 0], expected)


def test_tall_half_floats_are_whole_across_chunks() -> None:
    image = ramp(2102, 4, "float16")
    mean = image.astype(np.float64).reshape(1051, 2, 2, 2, 3).mean((1, 3))
    np.testing.assert_allclose(halve(image), mean, atol=2e-3)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16"])
def test_the_preview_looks_like_the_frame(dtype: str) -> None:
    image = ramp(120, 240, dtype)
    small = decode_preview(preview_jpeg(image, size=60, quality=95))
    assert small.shape == (30, 60, 3)
    mean = network_pixels(image).reshape(30, 4, 60, 4, 3).mean((1, 3))
    assert np.abs(small - mean).mean() < 3


def test_a_small_frame_is_not_enlarged() -> None:
    assert decode_preview(preview_jpeg(ramp(20, 30))).shape == (20, 30, 3)


def test_a_damaged_preview_says_so() -> None:
    with pytest.raises(FrameReadError, match="preview is damaged"):
        decode_preview(preview_jpeg(ramp(20, 30))[:-9])
