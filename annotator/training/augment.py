"""From a sample to what the networks are trained on: a square uint8 picture, exact points, weights."""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.training.config import AugmentConfig
from annotator.training.geometry import apply_geometry, draw_affine, letterbox
from annotator.training.neighbour import with_neighbour
from annotator.training.photometry import augment_pixels, background
from annotator.training.source import Sample


def generator(seed: int, number: int) -> np.random.Generator:
    """The random numbers of draw `number`: they depend on nothing drawn before, so that a run resumes exactly."""
    return np.random.Generator(np.random.Philox(key=np.array([seed, number], np.uint64)))


def augment(
    rng: np.random.Generator,
    item: Sample,
    size: int,
    scheme: LandmarkScheme,
    config: AugmentConfig,
    other: Sample | None = None,
) -> Sample:
    """A varied view of a sample on a size x size square; the face of `other` stands beside its own."""
    if not config.enabled:
        return plain(item, size)
    square_from_frame, flipped = draw_affine(rng, item, size, config.geometry)
    mirror: NDArray[np.int64] | None = scheme.mirror if flipped else None
    seen = apply_geometry(item, square_from_frame, size, mirror, background(rng, size))
    if other is not None:
        seen = with_neighbour(rng, seen, other)
    picture = augment_pixels(rng, seen.image, config.photometry)
    return Sample(picture, seen.xy, seen.weight, seen.subject, seen.name)


def plain(item: Sample, size: int) -> Sample:
    """The sample as inference shows it: letterboxed on black, nothing changed."""
    height, width = item.image.shape[:2]
    black = np.zeros((size, size, 3), np.uint8)
    return apply_geometry(item, letterbox(width, height, size), size, None, black)
