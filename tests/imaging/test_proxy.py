"""The pixels that networks see, against plain numpy."""

import numpy as np
import pytest
from frame_files import ramp
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.domain.coords import apply_affine
from annotator.imaging.proxy import network_pixels, proxy


def coverage(source: int, target: int) -> np.ndarray:
    """[target, source]: how much of each source pixel's length each target pixel averages."""
    edges = np.arange(target + 1) * source / target
    columns = np.arange(source)
    overlap = np.minimum(edges[1:, None], columns + 1) - np.maximum(edges[:-1, None], columns)
    return overlap.clip(0) * target / source


def test_uint16_is_divided_by_257() -> None:
    codes = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1).repeat(3, -1)
    np.testing.assert_array_equal(network_pixels(codes), np.rint(codes / 257).astype(np.uint8))


def test_uint8_is_untouched() -> None:
    image = ramp(4, 4)
    assert network_pixels(image) is image


@pytest.mark.parametrize("dtype", [np.float16, np.float32])
def test_linear_light_gets_the_srgb_curve(dtype: type) -> None:
    linear = np.array([-1, 0, 0.001, 0.0031308, 0.18, 0.5, 1, 7, 1e9, np.nan, np.inf, -np.inf])
    with np.errstate(over="ignore"):
        image = linear.astype(dtype).reshape(2, 6, 1).repeat(3, -1)
    # 0.001 * 12.92 * 255 = 3.29; 0.0031308 -> 10.3; 0.18 -> 117.6 (118); 0.5 -> 187.5 (188)
    expected = [0, 0, 3, 10, 118, 188, 255, 255, 255, 0, 255, 0]
    np.testing.assert_array_equal(network_pixels(image).reshape(12, 3)[:, 1], expected)


def test_other_depths_are_refused() -> None:
    with pytest.raises(TypeError, match="float64"):
        network_pixels(np.zeros((2, 2, 3)))


@settings(max_examples=30)
@given(st.integers(33, 140), st.integers(33, 140), st.integers(0, 10))
def test_the_proxy_is_the_exact_area_average(height: int, width: int, seed: int) -> None:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    small, frame_from_proxy = proxy(image, 32)
    inner_w, inner_h = round(width * 32 / max(width, height)), round(height * 32 / max(width, height))
    rows, columns = coverage(height, inner_h), coverage(width, inner_w)
    mean = np.einsum("yh,xw,hwc->yxc", rows, columns, image.astype(float))
    top, left = (32 - inner_h) // 2, (32 - inner_w) // 2
    inside = small[top : top + inner_h, left : left + inner_w]
    assert np.abs(inside - mean).max() <= 0.5 + 1e-2
    assert small.sum() == inside.sum()  # the bars are black
    corners = apply_affine(frame_from_proxy, np.array([[left, top], [left + inner_w, top + inner_h]]))
    np.testing.assert_allclose(corners, [[0, 0], [width, height]], atol=1e-9)


def test_a_4k_frame_needs_no_rounding() -> None:
    image = np.kron(ramp(16, 16), np.ones((64, 64, 1), np.uint8))
    small, frame_from_proxy = proxy(image)
    np.testing.assert_array_equal(small, np.kron(ramp(16, 16), np.ones((16, 16, 1), np.uint8)))
    np.testing.assert_array_equal(frame_from_proxy, [[4, 0, 0], [0, 4, 0]])


def test_a_small_frame_is_enlarged_in_place() -> None:
    image = np.zeros((64, 64, 3), np.uint8)
    image[32:] = 200
    small, frame_from_proxy = proxy(image)
    np.testing.assert_array_equal(frame_from_proxy, [[0.25, 0, 0], [0, 0.25, 0]])
    assert small[:120].max() == 0
    assert small[136:].min() == 200
