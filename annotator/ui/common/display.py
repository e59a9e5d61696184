"""How pixels are shown: exposure, gamma and channel as one table, or a view of OpenColorIO. The network never sees it.

Codes are shown through a table indexed by the 8- or 16-bit code, or by the bit pattern of a half float. Integer frames
count as sRGB-encoded, floating ones as scene-linear, as everywhere in the product.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from annotator.imaging.ocio import DisplayView, converter

_REC709 = (0.2126, 0.7152, 0.0722)


class Channel(Enum):
    """What of the colour is shown."""

    RGB = "RGB"
    RED = "Red"
    GREEN = "Green"
    BLUE = "Blue"
    LUMA = "Luma"


@dataclass(frozen=True)
class DisplaySettings:
    """Exposure in stops (-8..8), display gamma (0.2..5; 1 changes nothing), channel, and a view of OpenColorIO or none."""

    exposure: float = 0.0
    gamma: float = 1.0
    channel: Channel = Channel.RGB
    view: DisplayView | None = None


def to_qimage(pixels: NDArray[Any], settings: DisplaySettings) -> QImage:
    """HxWx3 RGB of uint8, uint16, float16 or float32 -> an opaque QImage that owns its memory."""
    shown = _through_table(pixels, settings)
    height, width = shown.shape[:2]
    if settings.channel is Channel.RGB:
        packed, bytes_a_pixel, kind = shown, 3, QImage.Format.Format_RGB888
    else:
        packed, bytes_a_pixel, kind = (
            _one_channel(shown, settings.channel),
            1,
            QImage.Format.Format_Grayscale8,
        )
    packed = np.ascontiguousarray(packed)
    # Qt's own conversion is vectorised: nine times as fast as filling B, G, R, 255 by numpy. It copies.
    image = QImage(packed.data, width, height, bytes_a_pixel * width, kind)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _one_channel(shown: NDArray[np.uint8], channel: Channel) -> NDArray[np.uint8]:
    if channel is Channel.LUMA:
        return np.asarray(np.rint(shown.astype(np.float32) @ np.array(_REC709, np.float32)), np.uint8)
    return shown[..., (Channel.RED, Channel.GREEN, Channel.BLUE).index(channel)]


def _through_table(pixels: NDArray[Any], settings: DisplaySettings) -> NDArray[np.uint8]:
    plain = settings.view is None and settings.exposure == 0 and settings.gamma == 1
    if pixels.dtype == np.uint8 and plain:
        return pixels
    if pixels.dtype == np.float32:
        with np.errstate(over="ignore"):  # beyond half range becomes infinity, which shows as white
            pixels = pixels.astype(np.float16)
    if settings.view is not None:
        return converter(settings.view, pixels.dtype.name, settings.exposure, settings.gamma)(pixels)
    table = display_table(pixels.dtype.name, settings.exposure, settings.gamma)
    codes = np.ascontiguousarray(pixels)
    if codes.dtype == np.uint8:  # half the time of an index
        return np.frombuffer(codes.tobytes().translate(table.tobytes()), np.uint8).reshape(codes.shape)
    if codes.dtype == np.float16:
        codes = codes.view(np.uint16)
    return np.asarray(table.take(codes))


@lru_cache(maxsize=16)
def display_table(dtype: str, exposure: float, gamma: float) -> NDArray[np.uint8]:
    """uint8 [256] for ``uint8`` codes, or [65536] for ``uint16`` codes or ``float16`` bit patterns."""
    if dtype == "float16":
        linear = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
        linear = np.nan_to_num(linear, nan=0.0, posinf=65504.0, neginf=0.0)
    else:
        size = 256 if dtype == "uint8" else 65536
        linear = _srgb_to_linear(np.arange(size) / (size - 1))
    encoded = _linear_to_srgb((linear * 2.0**exposure).clip(0, 1)) ** (1 / gamma)
    codes: NDArray[np.uint8] = np.rint(encoded * 255).astype(np.uint8)
    return codes


def _srgb_to_linear(value: NDArray[np.float64]) -> NDArray[np.float64]:
    # IEC 61966-2-1
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _linear_to_srgb(value: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * value ** (1 / 2.4) - 0.055)
