"""A frame of which parts are known sharply and the whole only small."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from annotator.imaging.opencv import cv2

Box = tuple[int, int, int, int]


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
