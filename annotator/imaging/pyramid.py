"""Smaller versions of a frame for the eye: the viewer's pyramid of 2x2 averages, and the JPEG preview."""

from io import BytesIO
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from annotator.imaging.limits import ReadLimits, scan_refusal
from annotator.imaging.opencv import cv2
from annotator.imaging.probe import FrameReadError
from annotator.imaging.proxy import area_resize, network_pixels

PREVIEW_SIZE = 1024
_MOST_PREVIEW = 4 * PREVIEW_SIZE
_ROWS = 512  # half floats are averaged as float32, this many result rows at a time


def pyramid(image: NDArray[Any], smallest: int = 256) -> list[NDArray[Any]]:
    """The frame and its halvings, largest first, in the frame's own depth (uint8, uint16, float16 or float32 HxWx3).

    Pixel (r, c) of level k covers frame pixels [c 2^k, (c+1) 2^k) x [r 2^k, (r+1) 2^k); where the frame ends
    inside it, its last row or column is repeated. Each level averages 2x2 pixels of the one before. Halving
    ends once both sides are at most `smallest`.
    """
    levels = [image]
    while max(levels[-1].shape[:2]) > smallest:
        levels.append(halve(levels[-1]))
    return levels


def halve(image: NDArray[Any]) -> NDArray[Any]:
    """2x2 averages of HxWx3, in the same dtype (integers rounded); an odd last row or column is repeated first."""
    height, width = image.shape[:2]
    if image.dtype == np.float16:
        half_rows = (height + 1) // 2
        halved = np.empty((half_rows, (width + 1) // 2, image.shape[2]), np.float16)
        for top in range(0, half_rows, _ROWS):
            chunk = image[2 * top : 2 * (top + _ROWS)].astype(np.float32)
            halved[top : top + _ROWS] = halve(chunk)
        return halved
    if height % 2 or width % 2:
        image = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    height, width = image.shape[:2]
    return np.asarray(cv2.resize(image, (width // 2, height // 2), interpolation=cv2.INTER_AREA))


def preview_jpeg(image: NDArray[Any], size: int = PREVIEW_SIZE, quality: int = 85) -> bytes:
    """A JPEG of the frame for thumbnails and first paint: HxWx3 of any depth -> bytes; the longer side is `size` at most."""
    pixels = network_pixels(image)
    height, width = pixels.shape[:2]
    scale = min(1.0, size / max(width, height))
    small = area_resize(pixels, max(1, round(width * scale)), max(1, round(height * scale)))
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(small), quality=quality, colorsubsampling="420"))


def decode_preview(data: bytes) -> NDArray[np.uint8]:
    """uint8 HxWx3 RGB of a preview. Raises FrameReadError when the stored preview is damaged (make it again)."""
    try:
        height, width = simplejpeg.decode_jpeg_header(data)[:2]
        if max(height, width) > _MOST_PREVIEW or scan_refusal(BytesIO(data), ReadLimits()):
            raise ValueError(f"{width} x {height} px, or many scans, are no preview")
        return np.asarray(simplejpeg.decode_jpeg(data, "RGB"))
    except ValueError as error:
        raise FrameReadError(None, f"the stored preview is damaged ({error})") from None
