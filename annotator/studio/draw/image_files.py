"""Writes frames: JPEG and PNG in 8 bit sRGB, TIFF in 16 bit sRGB, EXR in linear half floats."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import FormatError
from annotator.files import atomic_file
from annotator.imaging.opencv import cv2
from annotator.studio.errors import StudioError

EXTENSIONS = {"jpg": ".jpg", "png": ".png", "tiff": ".tiff", "exr": ".exr"}


def srgb(linear: NDArray[np.floating]) -> NDArray[np.float32]:
    """sRGB transfer of linear values, clipped to 0..1."""
    x = np.clip(linear, 0.0, 1.0).astype(np.float32)
    return np.asarray(np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(x, 1 / 2.4) - 0.055), np.float32)


def write_image(path: Path, pixels: NDArray[np.generic], quality: int = 95) -> None:
    """Writes RGB pixels (H, W, 3) as the suffix says, all or nothing; `StudioError` when it cannot."""
    try:
        with atomic_file(path) as staging:
            _write(staging, path.suffix, pixels, quality)
    except FormatError as error:
        raise StudioError(f"{error}, then run again") from error


def _write(path: Path, kind: str, pixels: NDArray[np.generic], quality: int) -> None:
    if kind == ".jpg":
        import simplejpeg

        data = simplejpeg.encode_jpeg(
            np.ascontiguousarray(pixels, np.uint8), quality=quality, colorsubsampling="444"
        )
        path.write_bytes(data)
    elif kind == ".png":
        _, data = cv2.imencode(
            ".png", np.asarray(pixels, np.uint8)[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 3]
        )
        path.write_bytes(data.tobytes())
    elif kind == ".tiff":
        import tifffile

        values = np.round(srgb(np.asarray(pixels, np.float32)) * 65535).astype(np.uint16)
        tifffile.imwrite(path, values, photometric="rgb")
    else:
        _write_exr(path, np.ascontiguousarray(pixels).astype(np.float16))


def _write_exr(path: Path, half: NDArray[np.float16]) -> None:
    import OpenImageIO

    spec = OpenImageIO.ImageSpec(half.shape[1], half.shape[0], 3, "half")
    spec.attribute("compression", "zip")
    output = OpenImageIO.ImageOutput.create("openexr")
    if (
        output is None
        or not output.open(str(path), spec)
        or not output.write_image(half)
        or not output.close()
    ):
        raise OSError(output.geterror() if output else OpenImageIO.geterror())
