"""Resampling against functions whose values at any point are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.domain.coords import apply_affine
from annotator.imaging.sampling import crop, sample


def plane(height: int, width: int, dtype: str = "float32") -> np.ndarray:
    """An image whose value at the point (x, y) is x, y or x + y: bilinear sampling must give just that."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    return np.stack([x, y, x + y], -1).astype(dtype)


def centres(width: int, height: int) -> np.ndarray:
    return np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), -1)


def test_identity_is_exact() -> None:
    image = plane(9, 12)
    identity = np.array([[1.0, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(sample(image, identity, 12, 9), image)
    np.testing.assert_array_equal(sample(image, identity, 12, 9, nearest=True), image)


@settings(max_examples=40)
@given(
    st.floats(20, 40),
    st.floats(20, 40),
    st.floats(4, 30),
    st.floats(4, 30),
    st.integers(3, 40),
    st.integers(3, 40),
)
def test_a_crop_has_the_values_at_its_own_centres(
    x0: float, y0: float, w: float, h: float, width: int, height: int
) -> None:
    image = plane(90, 90)
    pixels, frame_from_crop = crop(image, np.array([x0, y0, x0 + w, y0 + h]), width, height)
    where = apply_affine(frame_from_crop, centres(width, height))
    assert np.abs(pixels[..., :2] - where).max() < 0.04  # OpenCV interpolates in steps of 1/32 pixel


def test_rotation_and_enlargement() -> None:
    image = plane(80, 80)
    cos, sin = np.cos(0.4) * 0.5, np.sin(0.4) * 0.5
    frame_from_target = np.array([[cos, -sin, 40.3], [sin, cos, 20.7]])
    where = apply_affine(frame_from_target, centres(30, 20))
    assert np.abs(sample(image, frame_from_target, 30, 20)[..., :2] - where).max() < 0.04


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_shrinking_averages_and_keeps_the_depth(dtype: str) -> None:
    image = np.zeros((64, 64, 3), dtype)
    image[:, ::2] = 200  # stripes of one pixel alias to black or white unless they are averaged
    pixels, _ = crop(image, np.array([0.0, 0, 64, 64]), 8, 8)
    assert pixels.dtype == np.dtype(dtype)
    np.testing.assert_allclose(pixels.astype(float), 100, atol=0.5)


def test_outside_is_black_and_inside_is_whole() -> None:
    image = np.full((10, 10, 3), 80, np.uint8)
    pixels, frame_from_crop = crop(image, np.array([-5.0, 5, 5, 15]), 10, 10)
    np.testing.assert_array_equal(frame_from_crop, [[1, 0, -5], [0, 1, 5]])
    assert (pixels[:5, 5:] == 80).all()
    assert pixels.sum() == 25 * 3 * 80
    far, _ = crop(image, np.array([100.0, 100, 110, 110]), 4, 4)
    assert far.shape == (4, 4, 3)
    assert not far.any()


def test_nearest_keeps_pixels() -> None:
    image = np.random.default_rng(1).integers(0, 256, (6, 6, 3), np.uint8)
    frame_from_target = np.array([[0.25, 0, 2], [0, 0.25, 1]])
    np.testing.assert_array_equal(
        sample(image, frame_from_target, 8, 8, nearest=True), image[1:3, 2:4].repeat(4, 0).repeat(4, 1)
    )


def test_a_box_without_area_is_refused() -> None:
    with pytest.raises(ValueError, match="area"):
        crop(plane(8, 8), np.array([3.0, 3, 3, 6]), 4, 4)
