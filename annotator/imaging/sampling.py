"""Resampling: through an affine, of a box, and of a frame put together from parts.

This is the only place that calls OpenCV's `warpAffine`, and that knows its pixel convention.

Our pixel centres lie at +0.5, OpenCV's at integers; the conversion happens here and nowhere else.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine, FloatArray, apply_affine, frame_from_box_grid
from annotator.imaging.opencv import cv2

Box = tuple[int, int, int, int]
_MARGIN = 3  # source pixels kept round the sampled window, so that cutting it out never changes an interpolated value
_MAX_STEPS = 64


def sample(
    image: NDArray[Any], frame_from_target: Affine, width: int, height: int, nearest: bool = False
) -> NDArray[Any]:
    """The image resampled on a width x height grid.

    image: HxWx3 uint8, uint16, float16 or float32; the result has its dtype. frame_from_target: 2x3, from
    grid to image pixels (any rotation and scale). Outside the image is black. `nearest` keeps pixels as they
    are; otherwise the value is bilinear, and where the grid is coarser than the image, the mean of bilinear
    samples spread evenly over each target pixel (no aliasing).
    """
    steps = 1 if nearest else _steps(frame_from_target)
    fine = np.asarray(frame_from_target, np.float64) @ np.diag([1 / steps, 1 / steps, 1.0])
    warped = _warp(image, fine, width * steps, height * steps, nearest)
    if steps > 1:
        warped = cv2.resize(warped, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(warped).astype(image.dtype, copy=False)


def crop(image: NDArray[Any], box: FloatArray, width: int, height: int) -> tuple[NDArray[Any], Affine]:
    """A box of the image on a width x height grid: (pixels in the image's dtype, frame_from_crop).

    box: x0 y0 x1 y1, image pixels, may have fractions and reach beyond the image (black there). Raises
    ValueError for an empty box.
    """
    x0, y0, x1, y1 = (float(value) for value in box)
    if not (x1 > x0 and y1 > y0):
        raise ValueError(f"a crop needs a box with an area, not {x0, y0, x1, y1}")
    frame_from_crop = frame_from_box_grid(box, width, height)
    return sample(image, frame_from_crop, width, height), frame_from_crop


def pasted(
    whole: NDArray[np.uint8], size: tuple[int, int], parts: Iterable[tuple[Box, NDArray[np.uint8]]]
) -> NDArray[np.uint8]:
    """uint8 [H,W,3] of `size` (width, height): the whole [h,w,3] enlarged, over it each part at its box.

    Boxes `x0 y0 x1 y1` are whole pixels of the frame; a pixel of a part may stand for a block of n x n of them.
    Raises ValueError for a part of another size than its box.
    """
    frame = np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_LINEAR), np.uint8)
    for (x0, y0, x1, y1), part in parts:
        height, width = part.shape[:2]
        block = (x1 - x0) // width
        if block < 1 or (block * height, block * width) != (y1 - y0, x1 - x0):
            raise ValueError(f"{width} x {height} pixels do not fit {x1 - x0} x {y1 - y0}")
        frame[y0:y1, x0:x1] = cv2.resize(part, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    return frame


def _steps(frame_from_target: Affine) -> int:
    """Samples along each side of a target pixel: as many as the image pixels that it spans."""
    span = float(np.linalg.norm(frame_from_target[:, :2], axis=0).max())
    return int(np.clip(np.ceil(span - 1e-6), 1, _MAX_STEPS))


def _warp(image: NDArray[Any], frame_from_target: Affine, width: int, height: int, nearest: bool) -> Any:
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
    reach = apply_affine(frame_from_target, corners)
    rows, columns = image.shape[:2]
    x0, y0 = (np.floor(reach.min(0)) - _MARGIN).clip(0, [columns, rows]).astype(int)
    x1, y1 = (np.ceil(reach.max(0)) + _MARGIN).clip(0, [columns, rows]).astype(int)
    if x1 <= x0 or y1 <= y0:
        return np.zeros((height, width, image.shape[2]), image.dtype)
    window = image[y0:y1, x0:x1]
    window = window.astype(np.float32) if window.dtype == np.float16 else np.ascontiguousarray(window)
    # OpenCV: source(A (u, v)) with centres at integers, so shift by half a pixel before and back after, and
    # by the window's corner.
    linear = frame_from_target[:, :2]
    offset = frame_from_target[:, 2] + linear @ np.array([0.5, 0.5]) - 0.5 - np.array([x0, y0])
    matrix = np.concatenate([linear, offset[:, None]], axis=1)
    flags = (cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR) | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(window, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_CONSTANT)
