"""The pixels that networks see: 8-bit RGB of any frame, and the small square proxy of it.

Purpose: one definition, shared by inference, training and the heatmap panes, and independent of any display
setting. Integer pixels count as display-referred (sRGB-like) and are only rescaled; floating ones count as
scene-linear and get the sRGB curve.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.coords import Affine
from annotator.imaging.opencv import cv2

PROXY_SIZE = 256
_ROWS = 512  # rows converted at a time, to bound the memory that float frames take


def network_pixels(image: NDArray[Any]) -> NDArray[np.uint8]:
    """8-bit pixels for the networks: HxWx3 of uint8 (returned as is), uint16, float16 or float32 -> uint8 HxWx3.

    uint16 is divided by 257 and rounded to nearest. Floats are scene-linear: clipped to 0..1, sRGB-encoded
    and rounded; NaN counts as 0, infinity as 1; float32 passes through half precision, which costs no 8-bit
    code. Raises TypeError for other depths.
    """
    if image.dtype == np.uint8:
        return image
    if image.dtype == np.uint16:
        return np.asarray(cv2.convertScaleAbs(image, alpha=1 / 257))
    if image.dtype not in (np.float16, np.float32):
        raise TypeError(f"a frame has uint8, uint16, float16 or float32 pixels, not {image.dtype}")
    pixels = np.empty(image.shape, np.uint8)
    table = _srgb_of_half()
    with np.errstate(over="ignore"):  # beyond 65504 becomes infinity, which is white
        for top in range(0, len(image), _ROWS):
            half = np.ascontiguousarray(image[top : top + _ROWS], np.float16)
            np.take(table, half.view(np.uint16), out=pixels[top : top + _ROWS], mode="clip")
    return pixels


def proxy(image: NDArray[Any], size: int = PROXY_SIZE) -> tuple[NDArray[np.uint8], Affine]:
    """The whole frame in a small square: (uint8 [size, size, 3], frame_from_proxy).

    image: HxWx3 of any depth that `network_pixels` takes. The longer side fills the square, the shorter one
    is centred on black (its width in proxy pixels is rounded, and the affine says exactly how). Every proxy
    pixel is the area average of the frame pixels that it covers, those cut by its border counting in part; a
    frame smaller than the square is enlarged bilinearly.
    """
    pixels = network_pixels(image)
    height, width = pixels.shape[:2]
    scale = size / max(width, height)
    inner_w, inner_h = max(1, round(width * scale)), max(1, round(height * scale))
    left, top = (size - inner_w) // 2, (size - inner_h) // 2
    square = np.zeros((size, size, 3), np.uint8)
    square[top : top + inner_h, left : left + inner_w] = area_resize(pixels, inner_w, inner_h)
    step_x, step_y = width / inner_w, height / inner_h
    return square, np.array([[step_x, 0.0, -left * step_x], [0.0, step_y, -top * step_y]])


def png_bytes(image: NDArray[Any]) -> bytes:
    """A PNG of HxWx3 RGB, uint8 or uint16, without loss."""
    done, data = cv2.imencode(".png", image[..., ::-1])
    if not done:
        raise ValueError(f"no PNG can be made of {image.dtype} {image.shape}")
    return bytes(data)


def area_resize(image: NDArray[Any], width: int, height: int) -> NDArray[Any]:
    """Resizes HxWx3 uint8, uint16 or float32 by exact area average; an axis that grows is interpolated linearly instead."""
    rows, columns = image.shape[:2]
    if width > columns or height > rows:
        shrunk = cv2.resize(image, (min(width, columns), min(height, rows)), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(shrunk, (width, height), interpolation=cv2.INTER_LINEAR))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))


@cache
def _srgb_of_half() -> NDArray[np.uint8]:
    """uint8 [65536]: the sRGB code of every half float, by its bit pattern."""
    linear = np.nan_to_num(
        np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64), nan=0.0, posinf=1.0, neginf=0.0
    )
    linear = linear.clip(0, 1)
    # IEC 61966-2-1
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * np.power(linear, 1 / 2.4) - 0.055)
    codes: NDArray[np.uint8] = np.rint(encoded * 255).astype(np.uint8)
    return codes
