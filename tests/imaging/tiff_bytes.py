"""Writes TIFF files byte by byte: depths, planes and tags that no library at hand writes."""

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Page = tuple[bytes, Mapping[int, tuple[int, Sequence[int]]]]
"""The data of a page's one strip, and its tags: code -> (type: 3 short, 4 long; values)."""


def packed(codes: NDArray[Any], bits: int) -> bytes:
    """Rows of codes [H, W] (or [H, W, C]) with so many bits each, a row starting on a byte."""
    rows = codes.reshape(len(codes), -1).astype(np.int64)
    spread = (rows[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    return np.packbits(spread.reshape(len(rows), -1).astype(np.uint8), axis=1).tobytes()


def page(width: int, height: int, bits: Sequence[int], photometric: int, data: bytes, **more: int) -> Page:
    """A page of one uncompressed strip; `more` are tags by number, such as `t338=2`."""
    tags: dict[int, tuple[int, Sequence[int]]] = {
        256: (4, [width]),
        257: (4, [height]),
        258: (3, bits),
        259: (3, [1]),
        262: (3, [photometric]),
        277: (3, [len(bits)]),
        278: (4, [height]),
        279: (4, [len(data)]),
    }
    tags |= {int(code[1:]): (4 if int(code[1:]) == 254 else 3, [value]) for code, value in more.items()}
    return data, tags


def write_tiff(path: Path, *pages: Page) -> Path:
    """The pages as a little-endian TIFF."""
    out = bytearray(b"II*\0\0\0\0\0")
    link = 4
    for data, tags in pages:
        offset = len(out)
        out += data + b"\0" * (len(data) % 2)
        entries, extra = [], bytearray()
        every = {**tags, 273: (4, [offset])}
        start = len(out)
        after = start + 2 + 12 * len(every) + 4
        for code in sorted(every):
            kind, values = every[code]
            raw = struct.pack(f"<{len(values)}{'H' if kind == 3 else 'I'}", *values)
            if len(raw) > 4:
                place = struct.pack("<I", after + len(extra))
                extra += raw + b"\0" * (len(raw) % 2)
            else:
                place = raw.ljust(4, b"\0")
            entries.append(struct.pack("<HHI", code, kind, len(values)) + place)
        out[link : link + 4] = struct.pack("<I", start)
        out += struct.pack("<H", len(entries)) + b"".join(entries)
        link = len(out)
        out += b"\0\0\0\0" + extra
    path.write_bytes(out)
    return path
