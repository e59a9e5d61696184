"""DPX and Cineon: told by their first bytes, read in their depth, refused where they are cut short."""

import struct
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest

from annotator.imaging.reader import FrameReadError, probe, read_frame
from tests.imaging.frame_files import ramp, save


def _write(path: Path, bits: int = 16, channels: int = 3, **attributes: object) -> np.ndarray:
    pixels = ramp(24, 40, "uint8" if bits == 8 else "uint16", channels)
    spec = oiio.ImageSpec(40, 24, channels, "uint8" if bits == 8 else "uint16")
    save(path, pixels, spec, {"oiio:BitsPerSample": bits, **attributes})
    return pixels


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("endian", ["little", "big"])
def test_dpx_in_every_depth(tmp_path: Path, bits: int, endian: str) -> None:
    pixels = _write(tmp_path / "a.dpx", bits, **{"oiio:Endian": endian})
    read = read_frame(tmp_path / "a.dpx")
    assert (read.dtype, read.shape) == (pixels.dtype, pixels.shape)
    step = 0 if bits in (8, 16) else 65535 / (2**bits - 1)
    assert np.abs(read.astype(float) - pixels).max() <= step


def test_dpx_with_alpha_and_grey(tmp_path: Path) -> None:
    pixels = _write(tmp_path / "a.dpx", channels=4)
    assert np.array_equal(read_frame(tmp_path / "a.dpx"), pixels[..., :3])
    grey = _write(tmp_path / "b.dpx", channels=1)
    assert np.array_equal(read_frame(tmp_path / "b.dpx"), np.repeat(grey, 3, -1))


def test_content_tells_dpx_and_the_header_its_size(tmp_path: Path) -> None:
    pixels = _write(tmp_path / "a.dpx")
    (tmp_path / "a.dpx").rename(tmp_path / "a.jpg")
    info = probe(tmp_path / "a.jpg")
    assert (info.format, info.width, info.height) == ("dpx", 40, 24)
    assert np.array_equal(read_frame(tmp_path / "a.jpg"), pixels)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.99])
def test_a_dpx_cut_short_is_refused(tmp_path: Path, part: float) -> None:
    _write(tmp_path / "a.dpx")
    whole = (tmp_path / "a.dpx").read_bytes()
    (tmp_path / "a.dpx").write_bytes(whole[: int(len(whole) * part)])
    with pytest.raises(FrameReadError):
        read_frame(tmp_path / "a.dpx")


def _cineon(codes: np.ndarray) -> bytes:
    """A Cineon file of 10-bit codes [H, W, 3], three to a word."""
    height, width = codes.shape[:2]
    head = bytearray(2048)
    size = 2048 + 4 * height * width
    struct.pack_into(">IIIIII", head, 0, 0x802A5FD7, 2048, 1024, 1024, 0, size)
    head[24:28] = b"V4.5"
    struct.pack_into(">BB", head, 192, 0, 3)
    for channel in range(3):
        entry = (0, channel + 1, 10, 0, width, height, 0.0, 0.0, 1023.0, 2.046)
        struct.pack_into(">BBBBIIffff", head, 196 + 28 * channel, *entry)
    struct.pack_into(">BBBBII", head, 680, 0, 5, 0, 0, 0, 0)
    words = codes[..., 0] << 22 | codes[..., 1] << 12 | codes[..., 2] << 2
    return bytes(head) + words.astype(">u4").tobytes()


def test_cineon_is_read_and_refused_where_it_is_cut(tmp_path: Path) -> None:
    codes = np.stack(np.broadcast_arrays(*np.mgrid[0:24, 0:40], np.arange(40)), -1).astype(np.int64) * 20
    path = tmp_path / "a.cin"
    path.write_bytes(_cineon(codes))
    info, read = probe(path), read_frame(path)
    assert (info.format, info.width, info.height, read.dtype) == ("cineon", 40, 24, np.dtype(np.uint16))
    assert np.abs(read - codes * 65535 / 1023).max() <= 65
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(FrameReadError):
        read_frame(path)
