"""Augmentation moves landmarks exactly with their pixels, mirrors left and right, and repeats with its seed."""

from dataclasses import replace

import numpy as np
import pytest

from annotator.domain.scheme import LandmarkScheme
from annotator.training.augment import augment, generator, plain
from annotator.training.config import AugmentConfig, GeometryConfig, PhotometryConfig
from annotator.training.geometry import apply_geometry, draw_affine, letterbox
from annotator.training.photometry import augment_pixels, background, occlude, retone
from annotator.training.source import Sample

from .toys import COLOURS, dot_centres, toy_sample

STILL = PhotometryConfig(strength=0.0)


@pytest.mark.parametrize("number", range(12))
def test_pixels_and_landmarks_move_together(scheme: LandmarkScheme, number: int) -> None:
    item = toy_sample(number, 200)
    square, flipped = draw_affine(generator(4, number), item, 160, GeometryConfig(extent=(0.4, 0.7)))
    mirror = scheme.mirror if flipped else None
    seen = apply_geometry(item, square, 160, mirror, np.zeros((160, 160, 3), np.uint8))
    # dots keep their colours, so a mirrored sample shows the left colours at the right landmarks
    order = scheme.mirror if flipped else np.arange(5)
    found = dot_centres(seen.image, COLOURS[order])
    inside = (seen.xy > 6).all(-1) & (seen.xy < 154).all(-1) & np.isfinite(found).all(-1)
    assert inside.sum() >= 2
    np.testing.assert_allclose(found[inside], seen.xy[inside], atol=0.6)
    assert (np.linalg.det(square[:, :2]) < 0) == flipped


def test_flip_swaps_left_and_right_with_their_weights(scheme: LandmarkScheme) -> None:
    base = toy_sample(1)
    item = replace(base, weight=np.array([1, 0, 1, 1, 1], np.float32))
    config = GeometryConfig(extent=(0.5, 0.5), rotation=0, aspect=0, shear=0, flip=1.0, centred=1.0)
    square, flipped = draw_affine(np.random.default_rng(0), item, 96, config)
    seen = apply_geometry(item, square, 96, scheme.mirror, np.zeros((96, 96, 3), np.uint8))
    assert flipped
    assert seen.weight.tolist() == [1, 1, 1, 0, 1]
    # the subject's left eye is still on the right of the picture
    assert seen.xy[0, 0] > seen.xy[2, 0]


def test_the_face_gets_any_size_and_place(scheme: LandmarkScheme) -> None:
    item = toy_sample(2, 120)
    config = AugmentConfig(geometry=GeometryConfig(extent=(0.2, 0.8), rotation=0), photometry=STILL)
    extents, centres = [], []
    for number in range(200):
        xy = augment(generator(1, number), item, 64, scheme, config).xy / 64
        extents.append(np.ptp(xy, axis=0).max())
        centres.append((xy.min(0) + xy.max(0)) / 2)
    assert min(extents) < 0.24
    assert max(extents) > 0.7
    assert np.ptp(centres, axis=0).min() > 0.6


def test_few_known_landmarks_keep_the_frame(scheme: LandmarkScheme) -> None:
    base = toy_sample(3, 100)
    item = replace(base, weight=np.array([1, 1, 0, 0, 0], np.float32))
    config = GeometryConfig(rotation=0, aspect=0, shear=0, flip=0, jitter=(0, 0))
    square, _ = draw_affine(np.random.default_rng(0), item, 50, config)
    np.testing.assert_allclose(square, letterbox(100, 100, 50), atol=1e-9)


def test_plain_letterboxes_as_inference_does(scheme: LandmarkScheme) -> None:
    image = np.full((60, 100, 3), 200, np.uint8)
    xy = np.array([[0, 0], [100, 60], [50, 30], [np.nan, np.nan], [1, 1]], np.float32)
    seen = plain(Sample(image, xy, np.ones(5, np.float32)), 50)
    np.testing.assert_allclose(seen.xy[:3], [[0, 10], [50, 40], [25, 25]])
    assert np.isnan(seen.xy[3]).all()
    assert not seen.image[:10].any()
    assert not seen.image[40:].any()
    assert (seen.image[11:39] == 200).all()
    same = augment(
        generator(0, 0), Sample(image, xy, np.ones(5, np.float32)), 50, scheme, AugmentConfig(enabled=False)
    )
    np.testing.assert_array_equal(same.image, seen.image)


def test_a_draw_repeats_and_differs_from_the_next(scheme: LandmarkScheme) -> None:
    item = toy_sample(4)
    first, again, other = (augment(generator(9, n), item, 64, scheme, AugmentConfig()) for n in (3, 3, 4))
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.xy, again.xy)
    assert not np.array_equal(first.xy, other.xy)


@pytest.mark.parametrize("step", ["tone", "grey", "light", "blur", "soften", "noise", "jpeg", "occlude"])
def test_every_photometric_step_changes_pixels_alone(step: str) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    before = picture.copy()
    config = replace(PhotometryConfig(0, 0, 0, 0, 0, 0, 0, 0, 0), strength=1.0, **{step: 1.0})
    changed = augment_pixels(np.random.default_rng(5), picture, config)
    assert changed.shape == picture.shape
    assert changed.dtype == np.uint8
    assert not np.array_equal(changed, picture)
    np.testing.assert_array_equal(picture, before)


def test_strength_zero_leaves_pixels_alone() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (32, 32, 3)).astype(np.uint8)
    np.testing.assert_array_equal(augment_pixels(np.random.default_rng(5), picture, STILL), picture)


def test_tone_keeps_the_order_of_greys() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    for seed in range(20):
        mapped = retone(np.random.default_rng(seed), ramp).astype(int)
        assert (np.diff(mapped, axis=1) >= 0).all()


def test_occluders_cover_a_bounded_part() -> None:
    picture = np.full((100, 100, 3), 128, np.uint8)
    shares = [(occlude(np.random.default_rng(s), picture) != 128).any(-1).mean() for s in range(60)]
    assert 0 < np.mean(shares) < 0.2
    assert max(shares) < 0.45


def test_backgrounds_vary() -> None:
    rng = np.random.default_rng(3)
    kinds = [background(rng, 32) for _ in range(40)]
    assert any(not kind.any() for kind in kinds)
    assert any(kind.std(axis=(0, 1)).max() > 20 for kind in kinds)
