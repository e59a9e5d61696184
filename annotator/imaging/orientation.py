"""EXIF orientation: the eight ways in which a stored image may have to be turned before it is upright.

Purpose: one place that knows them, for sizes and for pixels. Pixels are moved, never resampled.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.imaging.opencv import cv2

SWAPS_SIDES = frozenset({5, 6, 7, 8})


def upright_size(width: int, height: int, orientation: int) -> tuple[int, int]:
    """Width and height of the image once it is upright, from the stored ones (px)."""
    return (height, width) if orientation in SWAPS_SIDES else (width, height)


def upright(image: NDArray[Any], orientation: int) -> NDArray[Any]:
    """The stored image turned upright.

    image: HxWx3 of any dtype. orientation: the EXIF tag 1..8; anything else counts as 1 (upright), as viewers
    do.
    Returns a C-contiguous array of the same dtype (the same array for 1).
    """
    if orientation not in range(2, 9):
        return image
    # OpenCV moves pixels several times faster than a strided numpy copy, but knows no half floats: those
    # travel as their bit patterns.
    moved = image.view(np.uint16) if image.dtype == np.float16 else image
    if orientation in SWAPS_SIDES:
        moved = cv2.transpose(moved)
    # After the transpose of 5..8 (which is 5 itself) only flips remain: 6 mirrors columns, 8 mirrors rows, 7
    # both.
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    if flip is not None:
        moved = cv2.flip(moved, flip)
    return np.ascontiguousarray(moved).view(image.dtype)
