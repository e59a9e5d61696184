"""What a frame file holds, found out without decoding it: format by its first bytes, size, depth, orientation, limits.

The format is recognised by content and never by the file's name, so that a PNG called `.jpg` is read and a
text file called `.exr` is refused. Every failure is a `FrameReadError` that names the file and says what to
do.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import OpenImageIO as oiio

from annotator.domain.errors import AnnotatorError
from annotator.domain.outside_files import NoRegularFile, open_regular
from annotator.imaging.limits import LIMIT_VARIABLE, ReadLimits, current_limits, part_refusal, scan_refusal
from annotator.imaging.orientation import upright_size

FRAME_EXTENSIONS: Final = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".exr"})
"""Lower-case file extensions that an import considers; reading itself goes by content."""

_MAGIC: Final = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"v/1\x01", "openexr"),
)
_DTYPES: Final = {
    "uint8": np.uint8,
    "uint16": np.uint16,
    "half": np.float16,
    "float": np.float32,
    "double": np.float32,
}


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
    float32). channels: those in the file, alpha included. orientation: EXIF 1..8. format: jpeg, png, tiff or
    openexr. compression: as the format calls it, or "".
    """

    width: int
    height: int
    dtype: np.dtype[Any]
    channels: int
    orientation: int
    format: str
    compression: str


def probe(path: str | Path, limits: ReadLimits | None = None) -> FrameInfo:
    """Size, depth and orientation of a frame from its header alone; tens of microseconds, nothing is decoded.

    Raises FrameReadError for a file that is missing, unreadable, empty, foreign, broken in its header, of an
    unsupported depth or larger than the limits (default: `current_limits()`).
    """
    path = Path(path)
    with open_header(path, limits) as (_, info):
        return info


@contextmanager
def open_header(path: Path, limits: ReadLimits | None = None) -> Iterator[tuple[Any, FrameInfo]]:
    """Opens a frame and checks it against the limits; yields (OpenImageIO input, FrameInfo) and closes the file again.

    Raises FrameReadError as `probe` does.
    """
    limits = limits or current_limits()
    kind = sniff(path, limits)
    if kind == "jpeg":
        with open_regular(path) as file:
            refusal = scan_refusal(file, limits)
        if refusal:
            raise FrameReadError(path, refusal)
    hints = oiio.ImageSpec()
    # Colours as stored, not multiplied by an alpha that is dropped anyway.
    hints.attribute("oiio:UnassociatedAlpha", 1)
    source: Any = oiio.ImageInput.open(str(path), hints)
    if source is None or source.format_name() != kind:
        reason = oiio_error() or "its header is broken"
        raise FrameReadError(path, f"is no readable {kind.upper()} image ({reason}); copy or export it again")
    try:
        info = _info(path, kind, source)
        _check_size(path, info, limits)
        refusal = part_refusal(source.spec(), limits)
        if refusal:
            raise FrameReadError(path, refusal)
        yield source, info
    finally:
        source.close()


def oiio_error(source: Any = None) -> str:
    """The pending error of an OpenImageIO input (None: of opening one) as one short line, "" where there is none."""
    try:
        text: str = source.geterror() if source is not None else oiio.geterror()
    except UnicodeDecodeError as error:  # it quotes the broken bytes of the file
        text = error.object.decode("utf-8", "replace")
    return " ".join(text.split())[:160]


def sniff(path: Path, limits: ReadLimits) -> str:
    """The format of a file by its first bytes: jpeg, png, tiff or openexr. Raises FrameReadError for anything else."""
    try:
        with open_regular(path) as file:
            head = file.read(16)
            size = os.fstat(file.fileno()).st_size
    except FileNotFoundError:
        raise FrameReadError(path, "does not exist; was it moved, or is its drive not mounted?") from None
    except IsADirectoryError:
        raise FrameReadError(path, "is a folder, not an image") from None
    except NoRegularFile as error:
        raise FrameReadError(path, f"is no image: {error.strerror}") from None
    except PermissionError:
        raise FrameReadError(path, "may not be read; ask for read permission on it") from None
    except OSError as error:
        raise FrameReadError(path, f"cannot be read ({error.strerror or error}); check its drive") from None
    if not size:
        raise FrameReadError(path, "is empty (0 bytes); copy it again from its source")
    if size > limits.max_bytes:
        raise FrameReadError(
            path, f"has {size / 2**30:.1f} GiB, more than the limit of {limits.max_bytes / 2**30:.1f} GiB"
        )
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    raise FrameReadError(
        path, "is no JPEG, PNG, TIFF or EXR image, whatever its name says; convert it to one of these"
    )


def _info(path: Path, kind: str, source: Any) -> FrameInfo:
    spec = source.spec()
    if spec.deep:
        raise FrameReadError(path, "is a deep EXR; flatten it first")
    if spec.depth > 1:
        raise FrameReadError(path, "is a volume, not an image")
    if str(spec.format) not in _DTYPES:
        raise FrameReadError(
            path, f"holds {spec.format}-typed pixels; save it as 8 or 16 bit integers, half or float"
        )
    try:
        stored, compression = spec.getattribute("Orientation"), spec.get_string_attribute("compression")
    except UnicodeDecodeError:
        raise FrameReadError(path, "has a broken header; copy or export it again") from None
    orientation = stored if isinstance(stored, int) and 1 <= stored <= 8 else 1
    # An EXR's frame is its display window; pixels stored beyond it (overscan) do not belong to it.
    width, height = upright_size(spec.full_width, spec.full_height, orientation)
    return FrameInfo(
        width, height, np.dtype(_DTYPES[str(spec.format)]), spec.nchannels, orientation, kind, compression
    )


def _check_size(path: Path, info: FrameInfo, limits: ReadLimits) -> None:
    pixels = info.width * info.height
    if info.width < 1 or info.height < 1:
        raise FrameReadError(path, "has no pixels")
    if pixels > limits.max_pixels:
        raise FrameReadError(
            path,
            f"is {info.width} x {info.height} = {pixels / 1e6:.0f} Mpx, more than the limit of {limits.max_pixels / 1e6:.0f}; "
            f"set the environment variable {LIMIT_VARIABLE} if it is meant to be so large",
        )
    if max(info.width, info.height) > limits.max_side:
        raise FrameReadError(
            path, f"is {info.width} x {info.height}; no side may exceed {limits.max_side} px"
        )
