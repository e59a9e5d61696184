"""Writes small test images in every format, independently of the reader under test."""

from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
from numpy.typing import NDArray

OIIO_TYPES = {
    "uint8": "uint8",
    "uint16": "uint16",
    "float16": "half",
    "float32": "float",
    "float64": "double",
}


def write(path: Path, pixels: NDArray[Any], orientation: int | None = None, **attributes: Any) -> Path:
    """Saves HxWxC pixels as they are; the format goes by the extension."""
    height, width, channels = pixels.shape
    spec = oiio.ImageSpec(width, height, channels, OIIO_TYPES[pixels.dtype.name])
    if channels in (2, 4):
        spec.alpha_channel = channels - 1
        spec.channelnames = ("Y", "A") if channels == 2 else ("R", "G", "B", "A")
        attributes = {"oiio:UnassociatedAlpha": 1, **attributes}
    if orientation is not None:
        attributes["Orientation"] = orientation
    save(path, pixels, spec, attributes)
    return path


def save(path: Path, pixels: NDArray[Any], spec: Any, attributes: dict[str, Any]) -> None:
    """Saves pixels under a spec of one's own; attributes may hold dots, colons and ints or texts."""
    for name, value in attributes.items():
        spec.attribute(name, value)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec), out.geterror()
    assert out.write_image(pixels), out.geterror()
    assert out.close(), out.geterror()


def ramp(height: int, width: int, dtype: str = "uint8", channels: int = 3) -> NDArray[Any]:
    """A picture whose every pixel and channel differs from its neighbours: red grows to the right, green downwards."""
    rows, columns = np.mgrid[0:height, 0:width]
    planes = [columns / max(width - 1, 1), rows / max(height - 1, 1), (rows + columns) / (height + width)]
    values = np.stack([planes[c % 3] for c in range(channels)], -1)
    if dtype.startswith("uint"):
        return (values * np.iinfo(dtype).max).astype(dtype)
    return (values * 3 - 0.5).astype(dtype)  # scene-linear: below 0 and above 1 as well
