"""Image evidence: a shifted picture gives its shift, with a covariance that fits; what is lost is no evidence."""

import numpy as np
import pytest

from annotator.imaging.patch_motion import patch_motion
from annotator.imaging.sampling import sample

POINTS = np.array([[100.0, 100], [300, 110], [290, 290], [110, 300], [200, 200]])


def texture(seed: int = 0, size: int = 400) -> np.ndarray:
    random = np.random.default_rng(seed)
    coarse = random.uniform(0, 255, (size // 5, size // 5, 3)).astype(np.uint8)
    return sample(coarse, np.array([[0.2, 0, 0], [0, 0.2, 0.0]]), size, size)


def shifted(image: np.ndarray, dx: float, dy: float) -> np.ndarray:
    return sample(image, np.array([[1.0, 0, -dx], [0, 1, -dy]]), image.shape[1], image.shape[0])


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_shift_is_found_to_a_tenth_of_a_pixel(dtype: type) -> None:
    image = texture()
    before, after = image, shifted(image, 3.4, -1.7)
    if dtype is np.uint16:
        before, after = (picture.astype(np.uint16) * 257 for picture in (before, after))
    elif dtype is np.float32:
        before, after = (picture.astype(np.float32) / 255 for picture in (before, after))
    found = patch_motion(before, after, POINTS, np.full_like(POINTS, np.nan))
    assert found.is_seen.all()
    np.testing.assert_allclose(found.step, np.tile((3.4, -1.7), (5, 1)), atol=0.1)
    np.testing.assert_array_equal(found.start, POINTS.astype(np.float32))
    assert (np.linalg.eigvalsh(found.covariance) > 0).all()
    assert np.sqrt(found.covariance[:, 0, 0]).max() < 1


def test_a_far_move_is_found_from_a_guess() -> None:
    image = texture()
    found = patch_motion(image, shifted(image, 60, 0), POINTS, POINTS + (58, 1))
    np.testing.assert_allclose(found.step[:4:3], [(60, 0), (60, 0)], atol=0.2)


def test_what_is_in_one_picture_alone_is_no_evidence() -> None:
    found = patch_motion(texture(0), texture(1), POINTS, np.full_like(POINTS, np.nan))
    assert found.is_seen.sum() <= 1
    assert np.isnan(found.step[~found.is_seen]).all()


def test_along_an_edge_little_is_known() -> None:
    image = (texture() // 16).astype(np.uint8)  # hardly any structure but the edge
    image[:, 200:] += 200
    found = patch_motion(image, image, POINTS, np.full_like(POINTS, np.nan))
    assert found.covariance[4, 1, 1] > 50 * found.covariance[4, 0, 0]


def test_points_that_are_not_looked_for_stay_out() -> None:
    image = texture()
    some = POINTS.copy()
    some[1] = np.nan
    found = patch_motion(image, image, some, np.full_like(POINTS, np.nan))
    assert found.is_seen.tolist() == [True, False, True, True, True]
    nobody = patch_motion(image, image, np.full_like(POINTS, np.nan), np.full_like(POINTS, np.nan))
    assert not nobody.is_seen.any()
