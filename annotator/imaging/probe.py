"""What a frame file holds, found out without decoding it: format by its first bytes, size, depth, orientation, limits.

The format is recognised by content and never by the file's name, so that a PNG called `.jpg` is read and a
text file called `.exr` is refused. Every failure is a `FrameReadError` that names the file and says what to
do.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import OpenImageIO as oiio

from annotator.domain.outside_files import NoRegularFile, open_regular
from annotator.domain.takes.movie_path import of_movie
from annotator.imaging.channels import ColourChannels, ExrPart, NoColours, colours_of, plain_colours
from annotator.imaging.frame_info import FrameInfo, FrameReadError, check_size
from annotator.imaging.limits import ReadLimits, current_limits, part_refusal, scan_refusal
from annotator.imaging.movies import movie
from annotator.imaging.orientation import upright_size
from annotator.imaging.tiff_kinds import MOST_PAGES, are_inks, holds_inks, main_page, refusal

FRAME_EXTENSIONS: Final = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff", ".exr", ".dpx", ".cin"})
"""Lower-case file extensions that an import considers; reading itself goes by content."""

_MAGIC: Final = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"II+\x00", "tiff"),
    (b"MM\x00+", "tiff"),
    (b"v/1\x01", "openexr"),
    (b"SDPX", "dpx"),
    (b"XPDS", "dpx"),
    (b"\x80\x2a\x5f\xd7", "cineon"),
    (b"\xd7\x5f\x2a\x80", "cineon"),
)
_DTYPES: Final = {
    "uint8": np.uint8,
    "uint16": np.uint16,
    "half": np.float16,
    "float": np.float32,
    "double": np.float32,
}


@dataclass(frozen=True)
class OpenFrame:
    """A frame that was opened for reading: OpenImageIO's input at the part that is shown, what its header says, and where
    its colours are (parts of the file and channels in them)."""

    source: Any
    info: FrameInfo
    colours: ColourChannels


def probe(path: str | Path, limits: ReadLimits | None = None) -> FrameInfo:
    """Size, depth and orientation of a frame from its header alone; tens of microseconds, nothing is decoded.

    A frame of a movie (`domain.takes.movie_path`) is one of the movie; the first look at that takes longer (`movies`).

    Raises FrameReadError for a file that is missing, unreadable, empty, foreign, broken in its header, of an
    unsupported depth or larger than the limits (default: `current_limits()`).
    """
    path = Path(path)
    in_movie = of_movie(path)
    if in_movie is not None:
        known = movie(in_movie[0], limits)
        known.check(in_movie[1])
        return known.info
    with open_header(path, limits) as opened:
        return opened.info


@contextmanager
def open_header(path: Path, limits: ReadLimits | None = None) -> Iterator[OpenFrame]:
    """Opens a frame, chooses what of it is the picture, checks it against the limits, and closes the file again.

    Raises FrameReadError as `probe` does.
    """
    limits = limits or current_limits()
    kind = sniff(path, limits)
    if kind == "jpeg":
        with open_regular(path) as file:
            refusal = scan_refusal(file, limits)
        if refusal:
            raise FrameReadError(path, refusal)
    source = _opened(path, kind)
    try:
        if kind == "tiff" and are_inks(source.spec()) and not str(source.spec().format).startswith("uint"):
            source.close()
            source = _opened(path, kind, raw_colours=True)
        part, colours = _choose(path, kind, source)
        source.seek_subimage(part, 0)
        info = _info(path, kind, source, colours)
        check_size(path, info.width, info.height, limits)
        for each in dict.fromkeys(number for number, _ in colours.places):
            told = part_refusal(source.spec(each, 0), limits)
            if told:
                raise FrameReadError(path, told)
        yield OpenFrame(source, info, colours)
    finally:
        source.close()


def _opened(path: Path, kind: str, raw_colours: bool = False) -> Any:
    hints = oiio.ImageSpec()
    # Colours as stored, not multiplied by an alpha that is dropped anyway.
    hints.attribute("oiio:UnassociatedAlpha", 1)
    if raw_colours:
        hints.attribute("oiio:RawColor", 1)
    source: Any = oiio.ImageInput.open(str(path), hints)
    if source is None or source.format_name() != kind:
        reason = oiio_error() or "its header is broken"
        raise FrameReadError(path, f"is no readable {kind.upper()} image ({reason}); copy or export it again")
    return source


def _choose(path: Path, kind: str, source: Any) -> tuple[int, ColourChannels]:
    """The part of a file that its frame is in, and the channels of its colours."""
    specs: list[Any] = []
    while len(specs) < MOST_PAGES and source.seek_subimage(len(specs), 0):
        specs.append(source.spec())
    oiio_error(source)  # that there are no more is no error
    try:
        if kind == "openexr":
            colours = colours_of(_parts(specs))
            return colours.places[0][0], colours
        page = main_page(specs) if kind == "tiff" else 0
        reason = refusal(path, specs[page]) if kind == "tiff" else ""
        if reason:
            raise FrameReadError(path, reason)
        if kind == "tiff" and holds_inks(specs[page]):
            return page, ColourChannels(((page, 0), (page, 1), (page, 2)))
        colours = plain_colours(specs[page].channelnames)
        red, green, blue = ((page, channel) for _, channel in colours.places)
        return page, ColourChannels((red, green, blue))
    except NoColours as error:
        raise FrameReadError(path, str(error)) from None
    except UnicodeDecodeError:
        raise FrameReadError(path, "has a broken header; copy or export it again") from None


def _parts(specs: Sequence[Any]) -> list[ExrPart]:
    """The parts of an EXR by name; deep ones have nothing to show where there are flat ones."""
    if len(specs) == 1:  # the name of a lone part tells nothing
        return [ExrPart("", specs[0].channelnames)]
    every_deep = all(spec.deep for spec in specs)
    return [
        ExrPart(
            spec.getattribute("oiio:subimagename") or "",
            spec.channelnames if every_deep or not spec.deep else (),
        )
        for spec in specs
    ]


def oiio_error(source: Any = None) -> str:
    """The pending error of an OpenImageIO input (None: of opening one) as one short line, "" where there is none."""
    try:
        text: str = source.geterror() if source is not None else oiio.geterror()
    except UnicodeDecodeError as error:  # it quotes the broken bytes of the file
        text = error.object.decode("utf-8", "replace")
    return " ".join(text.split())[:160]


def sniff(path: Path, limits: ReadLimits) -> str:
    """The format of a file by its first bytes, as `FrameInfo` calls it. Raises FrameReadError for anything else."""
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
        path,
        "is no JPEG, PNG, TIFF, EXR, DPX or Cineon image, whatever its name says; convert it to one of these",
    )


def _info(path: Path, kind: str, source: Any, colours: ColourChannels) -> FrameInfo:
    spec = source.spec()
    if spec.deep:
        raise FrameReadError(path, "is a deep EXR; flatten it first")
    if spec.depth > 1:
        raise FrameReadError(path, "is a volume, not an image")
    stored = str(spec.channelformat(colours.places[0][1]))
    if stored not in _DTYPES:
        raise FrameReadError(
            path, f"holds {stored}-typed pixels; save it as 8 or 16 bit integers, half or float"
        )
    try:
        turned, compression = spec.getattribute("Orientation"), spec.get_string_attribute("compression")
    except UnicodeDecodeError:
        raise FrameReadError(path, "has a broken header; copy or export it again") from None
    orientation = turned if isinstance(turned, int) and 1 <= turned <= 8 else 1
    # An EXR's frame is its display window; pixels stored beyond it (overscan) do not belong to it.
    window = (spec.full_width, spec.full_height) if kind == "openexr" else (spec.width, spec.height)
    width, height = upright_size(*window, orientation)
    dtype = np.dtype(_DTYPES[stored])
    return FrameInfo(width, height, dtype, spec.nchannels, orientation, kind, compression, colours.note)
