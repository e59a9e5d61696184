"""Display transforms of OpenColorIO, for the eye alone: a table for each code, then a cube of 33^3 colours.

Asking the config for every pixel takes half a second for a picture of two megapixels; the cube, baked once a view and
exposure, a fiftieth of that. The config is the one that $OCIO names, else the one that comes with OpenColorIO. Floating
frames count as the config's scene-linear colours, integer ones as sRGB, as everywhere in the product.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.errors import AnnotatorError

Convert = Callable[[NDArray[Any]], NDArray[np.uint8]]
_GRID = 33
_LINEAR_REC709 = (
    "Linear Rec.709 (sRGB)",
    "lin_rec709_srgb",
    "lin_srgb",
    "lin_rec709",
    "Utility - Linear - sRGB",
)
_MOST, _KNEE = (
    64.0,
    0.004,
)  # scene-linear values that the cube reaches; below the knee it is even, above logarithmic
_BUILT_IN = "ocio://default"


class DisplayTransformError(AnnotatorError):
    """OpenColorIO is missing, or its config cannot be used; the message says what to do."""


@dataclass(frozen=True)
class DisplayView:
    """A view of a display in the config."""

    display: str
    view: str

    @property
    def title(self) -> str:
        """What a chooser shows."""
        return f"{self.display}  ·  {self.view}"


def display_views() -> tuple[DisplayView, ...]:
    """All views of the config, those of its default display first; `DisplayTransformError` if there are none to be had."""
    _module()  # the config may be remembered from before
    config = _config(os.environ.get("OCIO", ""))
    return tuple(DisplayView(d, v) for d in config.getDisplays() for v in config.getViews(d))


@lru_cache(maxsize=8)
def converter(view: DisplayView, dtype: str, exposure: float = 0.0, gamma: float = 1.0) -> Convert:
    """What turns HxWx3 pixels of ``dtype`` (uint8, uint16, float16) into HxWx3 uint8 for the screen.

    Args:
        exposure: stops, before the view. gamma: of the screen, after it.

    Raises:
        DisplayTransformError: no OpenColorIO, or the config lacks this view.
    """
    ocio = _module()
    is_float = dtype == "float16"
    config = _config(os.environ.get("OCIO", ""))
    table = _table(dtype, exposure)
    try:
        source = "scene_linear" if is_float else _rec709(config)
        seen = ocio.DisplayViewTransform(src=source, display=view.display, view=view.view)
        steps = np.linspace(0, 1, _GRID)
        values = _float_of(steps) if is_float else _linear_of(steps)
        red, green, blue = np.meshgrid(values, values, values, indexing="ij")
        cube = np.ascontiguousarray(np.stack([red, green, blue], -1).reshape(-1, 3), np.float32)
        config.getProcessor(seen).getDefaultCPUProcessor().applyRGB(cube)
        cube = np.nan_to_num(cube).clip(0, 1) ** np.float32(1 / gamma)
        baked = ocio.Lut3DTransform(_GRID)
        baked.setData(np.ascontiguousarray(cube.reshape(-1), np.float32))
        baked.setInterpolation(ocio.INTERP_TETRAHEDRAL)
        flags = ocio.OPTIMIZATION_DEFAULT
        plain = ocio.Config.CreateRaw()
        plain.setProcessorCacheFlags(ocio.PROCESSOR_CACHE_OFF)  # it would take one cube for another
        processor = plain.getProcessor(baked).getOptimizedCPUProcessor(
            ocio.BIT_DEPTH_UINT16, ocio.BIT_DEPTH_UINT8, flags
        )
    except ocio.Exception as error:
        raise DisplayTransformError(f"The OpenColorIO config cannot show {view.title}: {error}") from error

    def convert(pixels: NDArray[Any]) -> NDArray[np.uint8]:
        codes = np.ascontiguousarray(pixels)
        shaped = np.ascontiguousarray(table.take(codes.view(np.uint16) if is_float else codes))
        out = np.empty(shaped.shape, np.uint8)
        height, width = shaped.shape[:2]
        processor.apply(
            ocio.PackedImageDesc(shaped, width, height, 3, ocio.BIT_DEPTH_UINT16, 2, 6, 6 * width),
            ocio.PackedImageDesc(out, width, height, 3, ocio.BIT_DEPTH_UINT8, 1, 3, 3 * width),
        )
        return out

    return convert


def _module() -> Any:
    try:
        import PyOpenColorIO
    except ImportError as error:
        raise DisplayTransformError(
            'Display transforms need OpenColorIO: pip install "annotator-landmarks[ocio]", then start again.'
        ) from error
    return PyOpenColorIO


@lru_cache(maxsize=2)
def _config(path: str) -> Any:
    ocio = _module()
    try:
        return ocio.Config.CreateFromFile(path or _BUILT_IN)
    except ocio.Exception as error:
        raise DisplayTransformError(
            f"The OpenColorIO config {path or _BUILT_IN} cannot be read: {error}. Set $OCIO to a config that can."
        ) from error


def _rec709(config: Any) -> str:
    """The config's name for linear light of sRGB's primaries; its scene-linear role where it has none."""
    known = [name for name in _LINEAR_REC709 if config.getColorSpace(name) is not None]
    return known[0] if known else "scene_linear"


def _table(dtype: str, exposure: float) -> NDArray[np.uint16]:
    """uint16 [codes]: for each stored code its place along an edge of the cube."""
    if dtype == "float16":
        light = np.arange(65536, dtype=np.uint16).view(np.float16).astype(np.float64)
        light = np.nan_to_num(light, nan=0.0, posinf=_MOST, neginf=0.0).clip(0) * 2.0**exposure
        place = np.log2(1 + light / _KNEE) / np.log2(1 + _MOST / _KNEE)
    else:
        size = 256 if dtype == "uint8" else 65536
        light = _linear_of(np.arange(size) / (size - 1)) * 2.0**exposure
        place = np.where(light <= 0.0031308, light * 12.92, 1.055 * light.clip(0) ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(place.clip(0, 1) * 65535), np.uint16)


def _float_of(place: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(_KNEE * (2.0 ** (place * np.log2(1 + _MOST / _KNEE)) - 1))


def _linear_of(code: NDArray[np.float64]) -> NDArray[np.float64]:
    # IEC 61966-2-1
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
