"""Small files that ask for much: refused from their headers, before anything is decoded."""

import os
import socket
import sys
from pathlib import Path

import cv2
import numpy as np
import OpenImageIO as oiio
import pytest
import tifffile

from annotator.imaging.limits import Clock, ReadLimits, current_limits, memory_refusal, part_refusal
from annotator.imaging.pyramid import decode_preview
from annotator.imaging.reader import FrameReadError, probe, read_frame


def _exr(path: Path, stored: int, channels: int = 3, tile: int = 0) -> Path:
    """100 x 100 px that store `stored` x `stored`; only the header counts, so hardly a row is written."""
    spec = oiio.ImageSpec(stored, stored, channels, oiio.HALF)
    spec.full_width = spec.full_height = 100
    spec.tile_width = spec.tile_height = tile
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), spec), out.geterror()
    out.close()
    return path


def _progressive(side: int) -> bytes:
    flat = np.full((side, side, 3), 77, np.uint8)
    return cv2.imencode(".jpg", flat, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()


def _with_scans(data: bytes, more: int) -> bytes:
    last = data.rindex(b"\xff\xda")
    return data[:-2] + data[last:-2] * more + b"\xff\xd9"


@pytest.mark.parametrize(
    ("stored", "channels", "words"), [(20_000, 3, "stores 20000 x 20000 px"), (8000, 200, "of 200 channels")]
)
def test_what_an_exr_stores_beyond_its_frame(tmp_path: Path, stored: int, channels: int, words: str) -> None:
    path = _exr(tmp_path / "a.exr", stored, channels)
    for read in (probe, read_frame):
        with pytest.raises(FrameReadError):  # the library refuses some of these by itself
            read(path)
    spec = oiio.ImageSpec(stored, stored, channels, oiio.HALF)
    spec.full_width = spec.full_height = 100
    assert words in part_refusal(spec, ReadLimits())


@pytest.mark.parametrize("read", [probe, read_frame])
def test_tiles_far_larger_than_the_picture(tmp_path: Path, read: object) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, np.zeros((16, 16, 3), np.uint8), tile=(16, 16), photometric="rgb", compression="deflate"
    )
    with tifffile.TiffFile(path, mode="r+") as tiff:
        for name in ("TileWidth", "TileLength"):
            tiff.pages.first.tags[name].overwrite(60_000)
    with pytest.raises(FrameReadError, match="in tiles of 60000 x 60000"):
        read(path)  # type: ignore[operator]


def test_more_tiles_than_anybody_cuts(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, np.zeros((512, 512, 3), np.uint8), tile=(16, 16), photometric="rgb", compression="deflate"
    )
    with pytest.raises(FrameReadError, match="1,024 of them"):
        read_frame(path, ReadLimits(max_tiles=1000))
    assert read_frame(path).shape == (512, 512, 3)


@pytest.mark.parametrize("read", [probe, read_frame])
def test_a_thousand_scans(tmp_path: Path, read: object) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(_with_scans(_progressive(200), 1000))
    with pytest.raises(FrameReadError, match="1,010 scans"):
        read(path)  # type: ignore[operator]


def test_a_thousand_scans_of_a_plain_jpeg(tmp_path: Path) -> None:
    data = cv2.imencode(".jpg", np.zeros((64, 64, 3), np.uint8))[1].tobytes()
    scan = data.index(b"\xff\xda")
    alone = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + data[scan + 14 : -2]  # of the first component
    path = tmp_path / "a.jpg"
    path.write_bytes(data[:scan] + alone * 1000 + b"\xff\xd9")
    with pytest.raises(FrameReadError, match="1,000 scans"):
        read_frame(path)


def test_a_progressive_jpeg_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(_progressive(200))
    assert read_frame(path).shape == (200, 200, 3)


def test_a_stored_preview_is_no_bomb() -> None:
    with pytest.raises(FrameReadError, match="no preview"):
        decode_preview(cv2.imencode(".jpg", np.zeros((5000, 5000), np.uint8))[1].tobytes())
    with pytest.raises(FrameReadError, match="no preview"):
        decode_preview(_with_scans(_progressive(200), 1000))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_a_pipe_a_socket_and_a_device_are_no_pictures(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(str(tmp_path / "socket.jpg"))
        (tmp_path / "device.jpg").symlink_to("/dev/zero")
        for name in ("pipe", "socket", "device"):
            with pytest.raises(FrameReadError, match="not a file"):
                read_frame(tmp_path / f"{name}.jpg")


def test_decoding_ends_when_its_time_is_up(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.zeros((2000, 300, 3), np.uint8))
    with pytest.raises(FrameReadError, match="given up"):
        read_frame(path, ReadLimits(max_wait=-1.0))
    assert Clock(ReadLimits()).refusal() == ""


def test_memory_is_asked_for_before_it_is_taken() -> None:
    assert "more than the limit" in memory_refusal(4 << 30, ReadLimits())
    assert "are free" in memory_refusal(1 << 60, ReadLimits(max_held=1 << 62))
    assert memory_refusal(1 << 20, ReadLimits()) == ""


def test_a_larger_limit_lifts_what_follows_from_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANNOTATOR_MAX_MEGAPIXELS", "1000")
    assert current_limits().max_decoded > ReadLimits().max_decoded
    monkeypatch.setenv("ANNOTATOR_MAX_MEGAPIXELS", "inf")
    with pytest.raises(Exception, match="number of megapixels"):
        current_limits()
