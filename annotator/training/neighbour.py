"""A second face in the picture: another sample's, pasted beside the one that is taught, which may touch or overlap it.

The taught face stays the larger one or the one nearer to the middle, as the one that a proposal is for.
"""

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import apply_affine, invert_affine
from annotator.imaging.opencv import cv2
from annotator.imaging.sampling import sample
from annotator.training.source import Sample

_WIDE, _HIGH, _UP = 0.62, 0.85, 0.15
"""Half axes of a head's oval, and how far its middle lies above that of the landmarks: shares of the landmarks' longer side."""
_SMALLER = 0.7
"""At this size of ours or below, a face is the lesser one wherever it stands."""
_FEATHER = 0.04


def with_neighbour(rng: np.random.Generator, seen: Sample, other: Sample) -> Sample:
    """The sample with another's face beside its own; its points stay as they are.

    Args:
        seen: a square picture, as augmentation made it; left as it is where too few of its landmarks are known.
        other: any sample; its face is drawn half to the full size of ours, upright or tilted, in front of ours or behind it.
    """
    own, further = _face(seen), _face(other)
    if own is None or further is None:
        return seen
    side = seen.image.shape[0]
    (centre, length), (pivot, extent) = own, further
    size = float(rng.uniform(0.5, 1.0))
    bearing = float(rng.normal(0, 0.35)) + (np.pi if rng.random() < 0.5 else 0.0)
    gap = _WIDE * length * (1 + size) * float(rng.uniform(0.85, 1.35))
    target = centre + gap * np.array([np.cos(bearing), np.sin(bearing)])
    middle = np.array([side / 2, side / 2])
    if size > _SMALLER and np.linalg.norm(target - middle) < np.linalg.norm(centre - middle):
        target = 2 * centre - target  # on the other side it is the outer one
    angle, scale = float(rng.normal(0, 0.2)), size * length / extent
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    square_from_other = np.concatenate([turn, (target - turn @ pivot)[:, None]], 1)
    cover = _oval(side, target, size * length, angle) * _within(side, square_from_other, other)
    if rng.random() < 0.5:  # behind ours
        cover = cover * (1 - _oval(side, centre, length, 0.0))
    pixels = sample(other.image, invert_affine(square_from_other), side, side)
    mixed = seen.image + cover[..., None] * (pixels.astype(np.float32) - seen.image)
    return Sample(np.rint(mixed).astype(np.uint8), seen.xy, seen.weight, seen.subject, seen.name)


def _face(item: Sample) -> tuple[NDArray[np.float64], float] | None:
    """Middle (2,) and longer side of the known landmarks' box; None where fewer than three are known."""
    known = item.xy[item.known].astype(np.float64)
    if len(known) < 3:
        return None
    low, high = known.min(0), known.max(0)
    length = float((high - low).max())
    return ((low + high) / 2, length) if length > 0 else None


def _oval(side: int, centre: NDArray[np.float64], length: float, angle: float) -> NDArray[np.float32]:
    """float32 [side, side]: 1 inside a head's oval, 0 outside, soft between."""
    up = length * _UP * np.array([np.sin(angle), -np.cos(angle)])
    middle = centre + up
    cover = np.zeros((side, side), np.float32)
    box = (
        (float(middle[0]), float(middle[1])),
        (2 * _WIDE * length, 2 * _HIGH * length),
        float(np.degrees(angle)),
    )
    cv2.ellipse(cover, box, 1.0, -1)
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), max(0.5, _FEATHER * length)), np.float32)


def _within(side: int, square_from_other: NDArray[np.float64], other: Sample) -> NDArray[np.float32]:
    """float32 [side, side]: 1 where the other picture has pixels."""
    height, width = other.image.shape[:2]
    corners = apply_affine(square_from_other, np.array([[0.0, 0], [width, 0], [width, height], [0, height]]))
    covered = np.zeros((side, side), np.float32)
    cv2.fillConvexPoly(covered, np.rint(corners).astype(np.int32), 1.0)
    return covered
