"""Reads a frame's pixels in native depth: JPEG by simplejpeg, plain TIFF by tifffile, everything else by OpenImageIO.

Measured on 4096x4096, one core, ms: JPEG simplejpeg 78, OpenImageIO 116; uncompressed 16-bit TIFF tifffile
26, OpenImageIO 81; zipped TIFF and EXR within 20 % of each other or better by OpenImageIO (zip EXR 192
against 294). Pixels are never colour-managed, scaled or dithered: the network sees what the file holds, and
only display code may change its look.
"""

import logging
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import simplejpeg
import tifffile
from numpy.typing import NDArray

from annotator.domain.outside_files import read_outside
from annotator.domain.takes.movie_path import of_movie
from annotator.imaging.frame_info import FrameInfo, FrameReadError
from annotator.imaging.limits import Clock, current_limits, memory_refusal
from annotator.imaging.movie_reader import read_movie_frame
from annotator.imaging.orientation import upright
from annotator.imaging.probe import OpenFrame, ReadLimits, oiio_error, open_header, probe
from annotator.imaging.tiff_kinds import from_inks, holds_inks, white_is_one

__all__ = ["FrameInfo", "FrameReadError", "ReadLimits", "probe", "read_frame"]

logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what is wrong with a file is told in our words
_BAND_ROWS = 512
# Warnings of libjpeg that harm no pixel, met with files of real cameras and programs; all others mean lost pixels.
_HARMLESS = (
    "extraneous bytes",
    "Adobe color transform",
    "JFIF revision",
    "Invalid SOS parameters",
    "bad ICC marker",
)


def read_frame(path: str | Path, limits: ReadLimits | None = None) -> NDArray[Any]:
    """The upright pixels of a JPEG, PNG, TIFF, EXR, DPX or Cineon file, or of a movie's frame.

    Returns HxWx3 RGB, C-contiguous, uint8, uint16, float16 or float32 as stored (double becomes float32).
    Grey is repeated, white that is stored as zero is turned over, alpha and further channels are dropped
    unmultiplied, a palette is looked up, EXIF orientation is applied, an EXR is cut or padded (black) to its display
    window. Of several pages, parts or layers the picture is taken: see `channels` and `tiff_kinds`.
    Raises FrameReadError for what `probe` refuses and for a file that is damaged or cut short, even when a
    part could be decoded.
    """
    path = Path(path)
    in_movie = of_movie(path)
    if in_movie is not None:
        return read_movie_frame(*in_movie, limits)
    with open_header(path, limits) as opened:
        info = opened.info
        try:
            image = _decode(path, opened, limits or current_limits())
        except MemoryError:
            raise FrameReadError(
                path, f"needs more memory than is free ({info.width} x {info.height})"
            ) from None
        except OSError as error:
            raise FrameReadError(
                path, f"cannot be read ({error.strerror or error}); check its drive"
            ) from None
    return upright(image, info.orientation)


def _decode(path: Path, opened: OpenFrame, limits: ReadLimits) -> NDArray[Any]:
    """The stored (not yet upright) pixels by the fastest reader that handles this file."""
    info = opened.info
    if info.format == "jpeg" and info.dtype == np.uint8:
        image = _read_jpeg(path, limits)
        if image is not None:
            return image
    if info.format == "tiff" and info.compression in ("", "none"):
        image = _read_plain_tiff(path, opened)
        if image is not None:
            return image
    if info.format == "cineon" and path.stat().st_size < _least_bytes(path, opened.source.spec()):
        raise _damaged(path, "pixels are missing")
    return _read_oiio(path, opened, limits)


def _least_bytes(path: Path, spec: Any) -> int:
    """Bytes that a Cineon file of this size holds at least; OpenImageIO takes what is missing for black."""
    with path.open("rb") as file:
        head = file.read(8)
    offset = int.from_bytes(head[4:8], "big" if head[0] == 0x80 else "little")
    bits = spec.get_int_attribute("oiio:BitsPerSample", 8)
    return int(offset + spec.width * spec.height * spec.nchannels * bits // 8)


def _read_jpeg(path: Path, limits: ReadLimits) -> NDArray[np.uint8] | None:
    """RGB of a JPEG, or None where simplejpeg is not the one to read it: CMYK, or harmless oddities."""
    data = read_outside(path, limits.max_bytes)
    try:
        if simplejpeg.decode_jpeg_header(data)[2] in ("CMYK", "YCCK"):
            return None
        return np.asarray(simplejpeg.decode_jpeg(data, "RGB"))
    except ValueError as error:
        # libjpeg fills what it cannot decode with grey and only warns. As it tells of its first warning alone, a file
        # cut short behind a harmless one is known by the end marker that it lacks.
        whole = data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")
        if _is_harmless(str(error)) and whole:
            return None
        raise _damaged(path, str(error)) from None


def _read_plain_tiff(path: Path, opened: OpenFrame) -> NDArray[Any] | None:
    """RGB of an uncompressed interleaved RGB or RGBA TIFF, or None when it is anything less plain."""
    spec, dtype = opened.source.spec(), opened.info.dtype
    try:
        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages[opened.colours.places[0][0]]
            plain = (
                page.photometric == tifffile.PHOTOMETRIC.RGB
                and page.axes == "YXS"
                and page.shape == (spec.height, spec.width, spec.nchannels)
                and spec.nchannels >= 3
                and page.dtype == dtype
                and page.compression == tifffile.COMPRESSION.NONE
            )
            # tifffile pads missing strips with zeros without a word: only a file that holds all its bytes may
            # go this way.
            size = tiff.filehandle.size
            whole = all(
                start + count <= size
                for start, count in zip(page.dataoffsets, page.databytecounts, strict=True)
            )
            if not (plain and whole and sum(page.databytecounts) >= page.nbytes):
                return None
            return np.ascontiguousarray(page.asarray()[..., :3], dtype=dtype)
    except (tifffile.TiffFileError, ValueError, IndexError, KeyError):
        return None  # OpenImageIO reads it, or finds the words for what is wrong


def _read_oiio(path: Path, opened: OpenFrame, limits: ReadLimits) -> NDArray[Any]:
    """The three colours, of one part of the file or of several."""
    places, info = opened.colours.places, opened.info
    if len({part for part, _ in places}) == 1:
        return _read_part(path, opened, places[0][0], [channel for _, channel in places], limits)
    planes = [_read_part(path, opened, part, [channel], limits) for part, channel in places]
    if len({plane.shape for plane in planes}) > 1:
        raise FrameReadError(path, "holds its colours in parts of different sizes; save it as one part")
    return np.ascontiguousarray(np.concatenate(planes, axis=-1), dtype=info.dtype)


def _read_part(
    path: Path, opened: OpenFrame, part: int, channels: list[int], limits: ReadLimits
) -> NDArray[Any]:
    """HxWxC: some channels of one part, within the frame's window."""
    source, info = opened.source, opened.info
    if not source.seek_subimage(part, 0):
        raise _damaged(path, oiio_error(source))
    spec = source.spec()
    inks = info.format == "tiff" and holds_inks(spec)
    first, last = (0, 4) if inks else (min(channels), max(channels) + 1)
    held = (spec.width * spec.height * (last - first) + info.width * info.height * 3) * info.dtype.itemsize
    told = memory_refusal(held, limits)
    if told:
        raise FrameReadError(path, told)
    stored = _read_bands(path, source, (first, last), info.dtype, limits)
    if inks:
        stored = from_inks(stored)
    elif [index - first for index in channels] != list(range(stored.shape[2])):
        stored = stored[..., [index - first for index in channels]]
    if info.format == "tiff":
        stored = white_is_one(spec, stored)
    window = (spec.full_width, spec.full_height)
    if info.format == "openexr" and (
        (spec.x, spec.y, spec.width, spec.height) != (spec.full_x, spec.full_y, *window)
    ):
        stored = _to_display_window(stored, spec.x - spec.full_x, spec.y - spec.full_y, window)
    return np.ascontiguousarray(stored)


def _read_bands(
    path: Path, source: Any, channels: tuple[int, int], dtype: np.dtype[Any], limits: ReadLimits
) -> NDArray[Any]:
    """Stored rows of some channels, a band at a time, so that no file takes longer than the limits allow."""
    spec, clock, (first, last) = source.spec(), Clock(limits), channels
    wanted = {"float16": oiio.HALF, "float32": oiio.FLOAT}.get(dtype.name, dtype.name)
    rows = spec.tile_height * -(-_BAND_ROWS // spec.tile_height) if spec.tile_height else _BAND_ROWS
    stored = np.empty((spec.height, spec.width, last - first), dtype)
    right, bottom = spec.x + spec.width, spec.y + spec.height
    for top in range(spec.y, bottom, rows):
        below = min(top + rows, bottom)
        if spec.tile_width:
            pixels = source.read_tiles(spec.x, right, top, below, 0, 1, first, last, wanted)
        else:
            pixels = source.read_scanlines(top, below, 0, first, last, wanted)
        error = oiio_error(source)
        if pixels is None or (error and not _is_harmless(error)):
            raise _damaged(path, error)
        stored[top - spec.y : below - spec.y] = np.asarray(pixels).reshape(
            below - top, spec.width, last - first
        )
        refusal = clock.refusal()
        if refusal:
            raise FrameReadError(path, refusal)
    return stored


def _to_display_window(stored: NDArray[Any], left: int, top: int, window: tuple[int, int]) -> NDArray[Any]:
    """An EXR's display window (width, height) from its data window at (left, top) in it; black where nothing is."""
    width, height = window
    frame = np.zeros((height, width, stored.shape[2]), stored.dtype)
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + stored.shape[1], width), min(top + stored.shape[0], height)
    if x1 > x0 and y1 > y0:
        frame[y0:y1, x0:x1] = stored[y0 - top : y1 - top, x0 - left : x1 - left]
    return frame


def _is_harmless(warning: str) -> bool:
    return any(words in warning for words in _HARMLESS)


def _damaged(path: Path, detail: str) -> FrameReadError:
    text = " ".join(detail.split())[:160] or "its pixels cannot be decoded"
    return FrameReadError(path, f"is damaged or cut short ({text}); copy or export it again")
