"""Geometric augmentation: where the face stands in the square that the network gets. Landmarks stay exact.

A face may fill a quarter of a frame or nearly all of it, anywhere and tilted, so the place and size of the landmarks' box are
drawn rather than jittered; where too few landmarks are known to tell a face's size, the whole frame is jittered instead.
"""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, apply_affine, compose, invert_affine
from annotator.imaging.opencv import cv2
from annotator.imaging.sampling import sample
from annotator.training.config import GeometryConfig
from annotator.training.source import Sample


def letterbox(width: int, height: int, size: int) -> Affine:
    """`square_from_frame`: the frame centred in a size x size square, as the proxy shows it."""
    scale = size / max(width, height)
    return np.array([[scale, 0, (size - width * scale) / 2], [0, scale, (size - height * scale) / 2]])


def draw_affine(
    rng: np.random.Generator, item: Sample, size: int, config: GeometryConfig
) -> tuple[Affine, bool]:
    """A random `square_from_frame` for a sample, and whether it mirrors."""
    height, width = item.image.shape[:2]
    known = item.xy[item.known]
    flip = bool(rng.random() < config.flip)
    if len(known) >= max(3, config.whole * len(item.weight)):
        low, high = known.min(0), known.max(0)
        extent = float(np.exp(rng.uniform(*np.log(config.extent))))
        scale = extent * size / max(float((high - low).max()), 1.0)
        pivot = (low + high) / 2
        target = _centre(rng, extent, config.centred) * size
    else:
        base = letterbox(width, height, size)
        scale = base[0, 0] * float(np.exp(rng.normal(0, config.jitter[0])))
        pivot = np.array([width, height]) / 2
        target = (0.5 + rng.normal(0, config.jitter[1], 2)) * size
    return _affine(rng, pivot, target, scale, flip, config), flip


def apply_geometry(
    item: Sample,
    square_from_frame: Affine,
    size: int,
    mirror: NDArray[np.int64] | None,
    fill: NDArray[np.uint8],
) -> Sample:
    """The sample seen through an affine.

    Args:
        item: any sample. square_from_frame: from its pixels to the square's. size: the square's side.
        mirror: the scheme's mirror indices where the affine mirrors, else None.
        fill: uint8 [size, size, 3], what shows outside the frame; it is written over.

    Returns:
        A sample with a size x size image. Points outside the square keep their (exact) place.
    """
    height, width = item.image.shape[:2]
    corners = apply_affine(square_from_frame, np.array([[0.0, 0], [width, 0], [width, height], [0, height]]))
    x0, y0 = np.floor(corners.min(0)).clip(0, size).astype(int)
    x1, y1 = np.ceil(corners.max(0)).clip(0, size).astype(int)
    if x1 > x0 and y1 > y0:
        window = np.array([[1.0, 0, x0], [0, 1, y0]])
        seen = sample(
            item.image, compose(invert_affine(square_from_frame), window), int(x1 - x0), int(y1 - y0)
        )
        covered = np.zeros(seen.shape[:2], np.uint8)
        outline = np.rint((corners - [x0, y0] - 0.5) * 16).astype(np.int32)
        cv2.fillConvexPoly(covered, outline, 255, lineType=cv2.LINE_8, shift=4)
        part = fill[y0:y1, x0:x1]
        np.copyto(part, seen, where=covered[..., None] > 0)
    xy = apply_affine(square_from_frame, item.xy).astype(np.float32)
    weight = item.weight
    if mirror is not None:
        xy, weight = xy[mirror], weight[mirror]
    return Sample(fill, xy, weight, item.subject, item.name)


def _centre(rng: np.random.Generator, extent: float, centred: float) -> NDArray[np.float64]:
    """Where the middle of the landmarks' box goes, as shares of the square; a tenth of the face may be cut off."""
    slack = max(0.03, 0.5 - 0.4 * extent)
    if rng.random() < centred:
        return 0.5 + rng.normal(0, 0.35 * slack, 2).clip(-slack, slack)
    return 0.5 + rng.uniform(-slack, slack, 2)


def _affine(
    rng: np.random.Generator,
    pivot: NDArray[np.floating],
    target: NDArray[np.floating],
    scale: float,
    flip: bool,
    config: GeometryConfig,
) -> Affine:
    """Mirror, shear, stretch, turn and scale about `pivot`, which lands on `target`."""
    angle = np.deg2rad(config.rotation * float(np.clip(rng.normal(), -2.5, 2.5)))
    stretch = float(np.exp(rng.normal(0, config.aspect)))
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.array([[cos, -sin], [sin, cos]])
    skew = np.array([[1.0, rng.normal(0, config.shear)], [0.0, 1.0]])
    form = np.diag([-1.0 if flip else 1.0, 1.0])
    linear = scale * turn @ np.diag([stretch, 1 / stretch]) @ skew @ form
    return np.concatenate([linear, (np.asarray(target) - linear @ np.asarray(pivot))[:, None]], axis=1)
