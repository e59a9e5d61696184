"""Colour tables for heatmaps: 256 premultiplied ARGB entries, transparent at zero."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

# A few anchor colours of each map, evenly spaced from 0 to 1; between them the table is linear.
_ANCHORS: dict[str, tuple[str, ...]] = {
    "Inferno": ("#000004", "#280b54", "#65156e", "#9f2a63", "#d44842", "#f57d15", "#fac127", "#fcffa4"),
    "Viridis": ("#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725"),
    "Ice": ("#04060f", "#14264f", "#1d4f8a", "#2a83b8", "#57b6d6", "#a5dfe8", "#e8fbff"),
    "Turbo": (
        "#30123b",
        "#4668e1",
        "#2abdec",
        "#30f19b",
        "#a5fc3b",
        "#edd03a",
        "#fb7e21",
        "#d02f05",
        "#7a0402",
    ),
    "Grey": ("#000000", "#ffffff"),
}


def colormap_names() -> tuple[str, ...]:
    """The names for a chooser, the default first."""
    return tuple(_ANCHORS)


@lru_cache(maxsize=64)
def colour_table(name: str, opacity: float = 1.0) -> NDArray[np.uint8]:
    """uint8 [256, 4]: premultiplied B, G, R, A of a map; alpha rises from 0, so that cold places show the picture.

    Args:
        name: one of `colormap_names`; KeyError for others.
        opacity: 0..1, of the hottest entry.
    """
    anchors = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in _ANCHORS[name]], np.float64)
    at = np.linspace(0, len(anchors) - 1, 256)
    rgb = np.stack([np.interp(at, np.arange(len(anchors)), anchors[:, k]) for k in range(3)], 1)
    # Reaches full opacity at 60 %, so that peaks are solid and their skirts stay glassy.
    alpha = (np.linspace(0, 1, 256) / 0.6).clip(0, 1) * opacity
    table = np.empty((256, 4), np.uint8)
    table[:, :3] = np.rint(rgb[:, ::-1] * alpha[:, None])
    table[:, 3] = np.rint(alpha * 255)
    return table


def heat_image(heat: NDArray[np.floating], name: str, opacity: float) -> QImage:
    """Heat [h, w] in 0..1 (clipped; NaN counts as 0) -> a translucent QImage that owns its memory."""
    codes = np.rint(np.nan_to_num(np.asarray(heat, np.float32)).clip(0, 1) * 255).astype(np.uint8)
    pixels = np.ascontiguousarray(colour_table(name, opacity)[codes])
    height, width = codes.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()
