"""Frames of which only what training reads was rendered (`annotator render --crops`): put together again from the small picture
of the whole and the windows round the regions, which are
as fine as the frame, or as networks can use."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import is_confined
from annotator.domain.errors import FormatError
from annotator.imaging.proxy import network_pixels
from annotator.imaging.reader import read_frame
from annotator.imaging.sampling import Box, pasted

_MOST_PIXELS = 8192  # a side, the most that is rendered


@dataclass(frozen=True)
class Window:
    """A rendered part of a frame: its file below the folder, and its place `x0 y0 x1 y1` in whole frame pixels."""

    path: str
    box: Box


@dataclass(frozen=True)
class CropFrame:
    """A frame of `size` (width, height) pixels; `whole` is the file of its small picture."""

    whole: str
    size: tuple[int, int]
    windows: tuple[Window, ...]

    def picture(self, folder: Path) -> NDArray[np.uint8]:
        """uint8 [H,W,3]: sharp in the windows, enlarged elsewhere. Raises FormatError for a window of another size."""
        parts = [(window.box, self._read(folder / window.path)) for window in self.windows]
        try:
            return pasted(self._read(folder / self.whole), self.size, parts)
        except ValueError as error:
            raise FormatError(f"{folder / self.whole}: a window's {error}; render the set anew") from error

    @staticmethod
    def _read(path: Path) -> NDArray[np.uint8]:
        return network_pixels(read_frame(path))


def crop_frame(record: Mapping[str, Any]) -> CropFrame | None:
    """What a line of `annotations.jsonl` says of a frame rendered in crops; None for a whole frame.

    Raises ValueError, KeyError or TypeError where its windows are none of the frame's.
    """
    whole, *parts = record.get("crops") or [None]
    if whole is None:
        return None
    width, height = int(record["width"]), int(record["height"])
    if not (0 < width <= _MOST_PIXELS and 0 < height <= _MOST_PIXELS and is_confined(str(whole["file"]))):
        raise ValueError(f"{whole['file']} is no frame of {width} x {height} pixels in this folder")
    windows = []
    for part in parts:
        x0, y0, x1, y1 = (round(float(value)) for value in part["window"])
        if not (0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height and is_confined(str(part["file"]))):
            raise ValueError(f"the window {part['file']} does not lie in its frame")
        windows.append(Window(str(part["file"]), (x0, y0, x1, y1)))
    return CropFrame(str(whole["file"]), (width, height), tuple(windows))
