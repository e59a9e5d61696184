"""What a TIFF's pixels mean, where OpenImageIO leaves it to the reader: the page, white as zero, inks, mosaics."""

import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import tifffile
from numpy.typing import NDArray

_WHITE_IS_ZERO, _MASK, _INKS, _MOSAIC = 0, 4, 5, 32803
_REDUCED, _MASK_PAGE = 1, 4  # bits of NewSubfileType
_MULTI_INK, _BIG = 2, 43
_OTHER_SPACES: Final = {8: "CIE L*a*b*", 9: "ICC L*a*b*", 10: "ITU L*a*b*", 32844: "LogL", 32845: "LogLuv"}
MOST_PAGES: Final = 256


def main_page(specs: Sequence[Any]) -> int:
    """The page that is the frame: the largest that is neither a thumbnail nor a mask, the first of its size."""

    def likelihood(page: int) -> tuple[bool, int, int]:
        spec = specs[page]
        aside = _number(spec, "tiff:subfiletype") & (_REDUCED | _MASK_PAGE) or _photometric(spec) == _MASK
        return not aside, spec.width * spec.height, -page

    return max(range(len(specs)), key=likelihood)


def is_cut_short(path: Path) -> bool:
    """Whether a directory of the file's chain of pages lies beyond its end; the page that counts may be among the lost."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        head = file.read(16)
        order = "<" if head[:2] == b"II" else ">"
        is_big = struct.unpack(f"{order}H", head[2:4])[0] == _BIG
        count, entry, link = ("Q", 20, "Q") if is_big else ("H", 12, "I")
        width, step = struct.calcsize(count), struct.calcsize(link)
        (at,) = struct.unpack(f"{order}{link}", head[8:16] if is_big else head[4:8])
        for _ in range(MOST_PAGES):
            if not at:
                return False
            if at + width > size:
                return True
            file.seek(at)
            (entries,) = struct.unpack(f"{order}{count}", file.read(width))
            end = at + width + entries * entry
            if end + step > size:
                return True
            file.seek(end)
            (at,) = struct.unpack(f"{order}{link}", file.read(step))
    return False


def refusal(path: Path, spec: Any) -> str:
    """Why a page cannot be shown as it is, to follow the file's name; "" where it can."""
    if is_cut_short(path):
        return "is damaged or cut short (pages are missing); copy or export it again"
    photometric = _photometric(spec)
    if photometric == _MOSAIC:
        return "is the raw mosaic of a camera's sensor (Bayer), not a picture; develop it to RGB first"
    if photometric in _OTHER_SPACES:
        return f"holds {_OTHER_SPACES[photometric]} pixels; save it as RGB"
    if str(spec.format) == "double" and spec.tile_width:  # OpenImageIO mixes their tiles up
        return "holds 64-bit pixels in tiles; save it as 32-bit float"
    if photometric == _INKS and spec.nchannels > 3 and _tag(path, 332) == _MULTI_INK:
        return f"holds {spec.nchannels} inks that are not CMYK; save it as RGB"
    if _number(spec, "tiff:subfiletype") & _REDUCED and _has_larger_inside(path, spec.width * spec.height):
        return "is a camera's raw file: only its thumbnail can be read; develop it to RGB first"
    return ""


def are_inks(spec: Any) -> bool:
    """Whether a page is printed in inks; OpenImageIO turns four of them into colours where they are integers, no others."""
    return _photometric(spec) == _INKS


def holds_inks(spec: Any) -> bool:
    """Whether the channels are cyan, magenta, yellow and key that nobody turned into colours."""
    return are_inks(spec) and spec.nchannels >= 4


def from_inks(inks: NDArray[Any]) -> NDArray[Any]:
    """HxWx3 RGB from HxWx4 (or more) CMYK of the same depth, as OpenImageIO makes it of CMYK without alpha."""
    most = np.iinfo(inks.dtype).max if inks.dtype.kind == "u" else 1
    light = 1 - inks[..., :4].astype(np.float32) * np.float32(1 / most)
    colours = light[..., :3] * light[..., 3:]
    if inks.dtype.kind != "u":
        return colours.astype(inks.dtype)
    return np.asarray(np.floor(colours * np.float32(most) + np.float32(0.5)).clip(0, most), inks.dtype)


def white_is_one(spec: Any, pixels: NDArray[Any]) -> NDArray[Any]:
    """Pixels of a page whose zero is white, turned over; OpenImageIO does so for 8 bits and fewer alone."""
    if _photometric(spec) != _WHITE_IS_ZERO or pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        return np.asarray(~pixels)
    return np.asarray(pixels.dtype.type(1) - pixels)


def _photometric(spec: Any) -> int:
    return _number(spec, "tiff:PhotometricInterpretation", -1)


def _number(spec: Any, name: str, otherwise: int = 0) -> int:
    value = spec.getattribute(name)
    return value if isinstance(value, int) else otherwise


def _tag(path: Path, code: int) -> object:
    """A tag of the first page; None where it has none."""
    try:
        with tifffile.TiffFile(path) as tiff:
            tag = tiff.pages.first.tags.get(code)
            return None if tag is None else tag.value
    except (tifffile.TiffFileError, ValueError, IndexError, KeyError, TypeError, OSError):
        return None


def _has_larger_inside(path: Path, pixels: int) -> bool:
    """Whether a page has pages inside it (SubIFDs) that are larger, as raw files of cameras do."""
    try:
        with tifffile.TiffFile(path) as tiff:
            inside: list[Any] = [page for outer in tiff.pages[:1] for page in (outer.pages or ())]
            return any(page.imagewidth * page.imagelength > pixels for page in inside)
    except (tifffile.TiffFileError, ValueError, IndexError, KeyError, TypeError, AttributeError, OSError):
        return False
