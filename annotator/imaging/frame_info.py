"""What is known of a frame's picture before it is decoded, and the error of one that cannot be used."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from annotator.domain.errors import AnnotatorError
from annotator.imaging.limits import LIMIT_VARIABLE, ReadLimits


class FrameReadError(AnnotatorError):
    """A frame file cannot be used; the message names the file, the cause and the remedy."""

    def __init__(self, path: Path | None, reason: str) -> None:
        super().__init__(f"{path}: {reason}" if path else reason)
        self.path = path
        self.reason = reason


@dataclass(frozen=True)
class FrameInfo:
    """What the header says.

    width, height: px of the upright frame. dtype: what `read_frame` will return (uint8, uint16, float16 or
    float32). channels: those in the file's part that is shown, alpha included. orientation: EXIF 1..8. format:
    jpeg, png, tiff, openexr, dpx, cineon or movie. compression: as the format calls it, or "". note: what a person should
    know of how the picture was chosen in the file, or "".
    """

    width: int
    height: int
    dtype: np.dtype[Any]
    channels: int
    orientation: int
    format: str
    compression: str
    note: str = ""


def check_size(path: Path, width: int, height: int, limits: ReadLimits) -> None:
    """Raises FrameReadError for a picture of no pixels, or of more than the limits allow."""
    pixels = width * height
    if width < 1 or height < 1:
        raise FrameReadError(path, "has no pixels")
    if pixels > limits.max_pixels:
        raise FrameReadError(
            path,
            f"is {width} x {height} = {pixels / 1e6:.0f} Mpx, more than the limit of {limits.max_pixels / 1e6:.0f}; "
            f"set the environment variable {LIMIT_VARIABLE} if it is meant to be so large",
        )
    if max(width, height) > limits.max_side:
        raise FrameReadError(path, f"is {width} x {height}; no side may exceed {limits.max_side} px")
