"""What cannot be used is refused with the file, the cause and the remedy, and never half shown."""

import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
import simplejpeg
import tifffile
from frame_files import ramp, save, write

from annotator.domain.errors import AnnotatorError
from annotator.imaging.probe import ReadLimits, current_limits
from annotator.imaging.reader import FrameReadError, probe, read_frame


def noise(size: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (size, size, 3), np.uint8)


def make(path: Path) -> Path:
    if path.suffix == ".jpg":
        path.write_bytes(simplejpeg.encode_jpeg(noise(64), quality=90))
    elif path.suffix == ".exr":
        write(path, noise(64).astype(np.float16), compression="zip")
    else:
        compression = (
            {"compression": "none" if path.stem == "plain" else "zip"} if path.suffix == ".tif" else {}
        )
        write(path, noise(64), **compression)
    return path


NAMES = ["a.jpg", "a.png", "plain.tif", "zip.tif", "a.exr"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", [0.99, 0.6, 0.3])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str, part: float) -> None:
    path = make(tmp_path / name)
    read_frame(path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    with pytest.raises(FrameReadError, match="copy or export it again"):
        read_frame(path)


def test_a_jpeg_short_of_its_last_bytes_is_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(FrameReadError, match="damaged or cut short"):
        read_frame(path)


def test_corrupt_pixels_in_a_jpeg_are_refused(tmp_path: Path) -> None:
    path = make(tmp_path / "a.jpg")
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 60] = b"\xff\xd9" * 30
    path.write_bytes(bytes(data))
    with pytest.raises(FrameReadError, match="damaged"):
        read_frame(path)


def stray_bytes(data: bytes) -> bytes:
    table = data.index(b"\xff\xdb")
    return data[:table] + b"\x00\x00" + data[table:]


def unknown_revision(data: bytes) -> bytes:
    return data.replace(b"JFIF\x00\x01", b"JFIF\x00\x09", 1)


@pytest.mark.parametrize("spoil", [stray_bytes, unknown_revision])
def test_oddities_of_a_jpeg_that_harm_no_pixel(tmp_path: Path, spoil: Callable[[bytes], bytes]) -> None:
    path = make(tmp_path / "a.jpg")
    whole, data = read_frame(path), path.read_bytes()
    path.write_bytes(spoil(data))
    assert path.read_bytes() != data
    assert np.abs(read_frame(path).astype(int) - whole).max() <= 1
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(FrameReadError, match="damaged or cut short"):
        read_frame(path)


@pytest.mark.parametrize("name", NAMES)
def test_only_a_header_is_refused(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / name)
    path.write_bytes(path.read_bytes()[:12])
    with pytest.raises(FrameReadError):
        probe(path)


@pytest.mark.parametrize("content", [b"hello, I am a text", b"GIF89a" + bytes(40), b"\x00" * 100, b"\xff"])
@pytest.mark.parametrize("function", [probe, read_frame])
def test_foreign_content_is_refused(tmp_path: Path, content: bytes, function: object) -> None:
    path = tmp_path / "frame.exr"
    path.write_bytes(content)
    with pytest.raises(FrameReadError, match="no JPEG, PNG, TIFF, EXR, DPX or Cineon"):
        function(path)  # type: ignore[operator]


def test_missing_empty_and_folder(tmp_path: Path) -> None:
    with pytest.raises(FrameReadError, match="does not exist"):
        read_frame(tmp_path / "gone.jpg")
    (tmp_path / "empty.jpg").touch()
    with pytest.raises(FrameReadError, match="empty"):
        read_frame(tmp_path / "empty.jpg")
    with pytest.raises(FrameReadError, match="folder"):
        read_frame(tmp_path)


@pytest.mark.parametrize(
    ("error", "words"),
    [(PermissionError(13, "Permission denied"), "permission"), (OSError(5, "I/O error"), "I/O error")],
)
def test_what_the_system_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    path = make(tmp_path / "a.png")
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(FrameReadError, match=words) as caught:
        read_frame(path)
    assert "a.png" in str(caught.value)


def test_limits_are_checked_from_the_header(tmp_path: Path) -> None:
    path = write(tmp_path / "a.png", ramp(20, 30))
    path.write_bytes(path.read_bytes()[:-40])  # its pixels could not be decoded: the limit must speak first
    for limits, words in [
        (ReadLimits(max_pixels=599), "Mpx"),
        (ReadLimits(max_side=29), "side"),
        (ReadLimits(max_bytes=50), "GiB"),
    ]:
        for function in (probe, read_frame):
            with pytest.raises(FrameReadError, match=words):
                function(path, limits)
    assert probe(path, ReadLimits(max_pixels=600, max_side=30)).width == 30


def test_a_header_that_promises_too_much_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "bomb.png", ramp(4, 4))
    data = bytearray(path.read_bytes())
    data[16:24] = (60000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    path.write_bytes(bytes(data))
    with pytest.raises(FrameReadError, match=r"malicious|Mpx"):
        read_frame(path)


def test_the_environment_sets_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "a.png", ramp(20, 30))
    monkeypatch.setenv("ANNOTATOR_MAX_MEGAPIXELS", "0.0005")
    with pytest.raises(FrameReadError, match="ANNOTATOR_MAX_MEGAPIXELS"):
        probe(path)
    monkeypatch.setenv("ANNOTATOR_MAX_MEGAPIXELS", "many")
    with pytest.raises(AnnotatorError, match="number of megapixels"):
        current_limits()


def test_depths_that_make_no_picture_are_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "ids.tif", np.zeros((4, 4), np.uint32))
    with pytest.raises(FrameReadError, match="uint-typed"):
        probe(tmp_path / "ids.tif")


def test_luminance_chroma_exr_says_what_to_do(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(4, 4, 3, "half")
    spec.channelnames = ("BY", "RY", "Y")
    save(tmp_path / "yc.exr", ramp(4, 4, "float16"), spec, {})
    with pytest.raises(FrameReadError, match="R, G and B channels"):
        read_frame(tmp_path / "yc.exr")


@pytest.mark.parametrize("name", NAMES)
def test_damage_anywhere_gives_a_picture_or_a_plain_refusal(tmp_path: Path, name: str) -> None:
    path = make(tmp_path / name)
    whole, random = path.read_bytes(), np.random.default_rng(5)
    refused = 0
    for _ in range(60):
        data = bytearray(whole)
        for position in random.integers(0, 400, 4):  # headers hold most of what can confuse a reader
            data[position] = int(random.integers(0, 256))
        path.write_bytes(bytes(data))
        try:
            assert read_frame(path).shape[2] == 3
        except FrameReadError:
            refused += 1
    assert refused > 10
