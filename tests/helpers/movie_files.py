"""Small movies whose frames can be told apart: the grey of the left half is ten times the frame's number."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

SIDE = (96, 64)
TICKS = 24_000


def picture(number: int, size: tuple[int, int] = SIDE) -> np.ndarray:
    """uint8 HxWx3 of frame `number` (1 to 24): grey by its number on the left, orange on the right."""
    width, height = size
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2] = 10 * number
    pixels[:, width // 2 :] = (220, 120, 20)
    return pixels


def number_in(pixels: np.ndarray) -> int:
    """Which frame a picture shows."""
    grey = float(pixels[8:-8, 8 : SIDE[0] // 2 - 8].mean())
    return round(grey / (10 if pixels.dtype == np.uint8 else 2570))


def write_movie(
    path: Path,
    frames: int = 20,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    options: dict[str, str] | None = None,
    lasting: Sequence[int] = (1000,),
    size: tuple[int, int] = SIDE,
) -> Path:
    """A movie at 24 frames a second; `lasting`: ticks (24,000 a second) that frames last, over and over."""
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=24, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt, stream.bit_rate = pixels, 8_000_000
        stream.codec_context.time_base = Fraction(1, TICKS)
        time = 0
        for number in range(1, frames + 1):
            frame = av.VideoFrame.from_ndarray(picture(number, size), "rgb24").reformat(format=pixels)
            frame.pts, frame.time_base = time, Fraction(1, TICKS)
            time += lasting[(number - 1) % len(lasting)]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
