"""What a picture may cost, counted from its header before anything is decoded, and the clock that decoding is held against.

A few hundred kilobytes can ask for tens of gigabytes: a data window far beyond the frame, tiles far larger than the picture, a
thousand scans of one JPEG. What is counted is what a decoder will do, not what the picture seems to be.
"""

import os
import time
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import psutil

from annotator.domain.errors import AnnotatorError

LIMIT_VARIABLE: Final = "ANNOTATOR_MAX_MEGAPIXELS"
_MOST_HEADER: Final = 1 << 20
_FRAME_HEADERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN: Final = 0xDA
_PROGRESSIVE: Final = frozenset({0xC2, 0xC6, 0xCA, 0xCE})


@dataclass(frozen=True)
class ReadLimits:
    """What a frame may cost: pixels, the longer side (px) and the size of the file (bytes); what decoding makes of it (bytes over
    all channels), its tiles, the scans of a JPEG and how many pixels these go over; seconds of a processor, and of the clock."""

    max_pixels: int = 134_217_728
    max_side: int = 32_000
    max_bytes: int = 4 * 2**30
    max_decoded: int = 8 * 2**30
    max_held: int = 3 * 2**30
    max_tiles: int = 1 << 18
    max_scans: int = 200
    max_scanned: int = 1 << 31
    max_seconds: float = 15.0
    max_wait: float = 180.0


def current_limits() -> ReadLimits:
    """The limits in force: the defaults (128 Mpx), or those with the environment's ANNOTATOR_MAX_MEGAPIXELS (1e6 px), which lifts
    those that follow from the pixels as well."""
    text = os.environ.get(LIMIT_VARIABLE, "").strip()
    try:
        megapixels = float(text) if text else 0.0
        pixels = int(megapixels * 1e6)
    except (ValueError, OverflowError):
        raise AnnotatorError(
            f"{LIMIT_VARIABLE} is {text!r}; give a number of megapixels such as 200"
        ) from None
    if pixels <= 0:
        return ReadLimits()
    made = ReadLimits()
    more = max(1.0, pixels / made.max_pixels)
    return ReadLimits(
        max_pixels=pixels,
        max_decoded=int(made.max_decoded * more),
        max_held=int(made.max_held * more),
        max_scanned=int(made.max_scanned * more),
        max_seconds=made.max_seconds * more,
        max_wait=made.max_wait * more,
    )


def part_refusal(spec: Any, limits: ReadLimits) -> str:
    """Why the part of a file that an OpenImageIO spec describes must not be decoded; "" where it may be.

    Counted are the stored pixels (an EXR's data window, tiles to their full size) of all its channels.
    """
    width, height = spec.width, spec.height
    window = (spec.full_width, spec.full_height)
    if width < 1 or height < 1:
        return "stores no pixels"
    tile_width, tile_height = spec.tile_width or width, spec.tile_height or 1
    across, down = -(-width // tile_width), -(-height // tile_height)
    stored = across * tile_width * down * tile_height
    shown = f"stores {width} x {height} px" + (
        f" in tiles of {tile_width} x {tile_height}" if spec.tile_width else ""
    )
    remedy = f"set the environment variable {LIMIT_VARIABLE} if it is meant to be so large"
    if stored > limits.max_pixels:
        return (
            f"{shown}, {stored / 1e6:.0f} Mpx to decode for a picture of {window[0]} x {window[1]}, more than the limit of "
            f"{limits.max_pixels / 1e6:.0f}; {remedy}"
        )
    if spec.tile_width and across * down > limits.max_tiles:
        return f"{shown}, that is {across * down:,} of them, more than the limit of {limits.max_tiles:,}"
    decoded = stored * spec.nchannels * spec.format.size()
    if decoded > limits.max_decoded:
        return (
            f"{shown} of {spec.nchannels} channels, {decoded / 2**30:.1f} GiB to decode, more than the limit of "
            f"{limits.max_decoded / 2**30:.1f}; keep the channels of one picture, or {remedy}"
        )
    return ""


def memory_refusal(needed: int, limits: ReadLimits) -> str:
    """Why so many bytes must not be asked of the machine now; "" where they may be."""
    free = psutil.virtual_memory().available
    if needed > limits.max_held:
        return (
            f"takes {needed / 2**30:.1f} GiB to decode, more than the limit of {limits.max_held / 2**30:.1f}"
        )
    return (
        f"takes {needed / 2**30:.1f} GiB to decode, and {free / 2**30:.1f} are free" if needed > free else ""
    )


def scan_refusal(file: BinaryIO, limits: ReadLimits) -> str:
    """Why a JPEG, open at its start, must not be decoded for the scans that it goes over its pixels in; "" where it may be.

    A plain one has one scan, and only its header is read.
    """
    pixels = _pixels_of_many_scans(file.read(_MOST_HEADER))
    if not pixels:
        return ""
    file.seek(0)
    data = file.read()
    scans = data.count(b"\xff\xda")  # no data of a scan hold these two bytes
    if scans > limits.max_scans or scans * pixels > limits.max_scanned:
        return f"goes over its {pixels / 1e6:.1f} Mpx in {scans:,} scans; save it as a plain (baseline) JPEG"
    return ""


def _pixels_of_many_scans(head: bytes) -> int:
    """Pixels of a JPEG that comes in several scans: progressive, or its first lacks a component; else 0."""
    at, pixels, components, is_progressive = 2, 0, 0, False
    while at + 10 <= len(head) and head[at] == 0xFF:
        marker, length = head[at + 1], int.from_bytes(head[at + 2 : at + 4], "big")
        if marker in _FRAME_HEADERS:
            height, width = (int.from_bytes(head[at + place : at + place + 2], "big") for place in (5, 7))
            pixels, components, is_progressive = width * height, head[at + 9], marker in _PROGRESSIVE
        elif marker == _SCAN:
            return pixels if is_progressive or head[at + 4] < components else 0
        at += 1 if marker == 0xFF else 2 + length
    return pixels  # no scan in all of this: whatever it is, it is counted


@dataclass
class Clock:
    """How long decoding a picture has taken, in processor time of this thread and by the clock."""

    limits: ReadLimits
    _processor: float = field(default_factory=time.thread_time)
    _clock: float = field(default_factory=time.monotonic)

    def refusal(self) -> str:
        """Why decoding must end now; "" where it may go on."""
        worked, waited = time.thread_time() - self._processor, time.monotonic() - self._clock
        if worked > self.limits.max_seconds or waited > self.limits.max_wait:
            return f"was given up after {max(worked, waited):.0f} s of decoding; copy or export it again"
        return ""
