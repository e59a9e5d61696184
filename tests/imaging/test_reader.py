"""Every format comes back exactly, upright and in its own depth."""

import os
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
import simplejpeg
from frame_files import ramp, save, write

from annotator.imaging.reader import probe, read_frame

LOSSLESS = [
    ("png", "uint8", {}),
    ("png", "uint16", {}),
    ("tif", "uint8", {"compression": "none"}),
    ("tif", "uint16", {"compression": "none"}),
    ("tif", "uint16", {"compression": "lzw"}),
    ("tif", "uint16", {"compression": "zip"}),
    ("tif", "float32", {"compression": "zip"}),
    ("exr", "float16", {"compression": "none"}),
    ("exr", "float16", {"compression": "zip"}),
    ("exr", "float16", {"compression": "piz"}),
    ("exr", "float32", {"compression": "zip"}),
]


@pytest.mark.parametrize(("extension", "dtype", "attributes"), LOSSLESS)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_lossless_formats_come_back_exactly(
    tmp_path: Path, extension: str, dtype: str, attributes: dict[str, str], channels: int
) -> None:
    stored = ramp(23, 31, dtype, channels)
    path = write(tmp_path / f"frame.{extension}", stored, **attributes)
    image = read_frame(path)
    assert image.dtype == np.dtype(dtype)
    assert image.flags.c_contiguous
    np.testing.assert_array_equal(image, stored[..., :3] if channels >= 3 else np.repeat(stored, 3, -1))
    info = probe(path)
    assert (info.width, info.height, info.dtype, info.channels) == (31, 23, np.dtype(dtype), channels)


def test_jpeg_is_rgb_and_close(tmp_path: Path) -> None:
    stored = ramp(64, 48)
    path = tmp_path / "frame.jpg"
    path.write_bytes(simplejpeg.encode_jpeg(stored, quality=98, colorsubsampling="444"))
    image = read_frame(path)
    assert image.dtype == np.uint8
    assert np.abs(image.astype(int) - stored).max() <= 6
    assert image[0, -1, 0] > 240  # red grows to the right: the channels are not swapped
    assert image[0, -1, 1] < 15


def test_grey_jpeg_is_repeated(tmp_path: Path) -> None:
    path = tmp_path / "grey.jpg"
    path.write_bytes(simplejpeg.encode_jpeg(ramp(32, 32, channels=1), quality=95, colorspace="GRAY"))
    image = read_frame(path)
    assert image.shape == (32, 32, 3)
    np.testing.assert_array_equal(image[..., 0], image[..., 2])
    assert probe(path).channels == 1


def test_alpha_is_dropped_without_touching_colours(tmp_path: Path) -> None:
    stored = ramp(8, 8, "uint8", 4)
    stored[..., 3] = 7  # nearly transparent; premultiplied colours would be nearly black
    np.testing.assert_array_equal(read_frame(write(tmp_path / "a.png", stored)), stored[..., :3])


def test_palette_png_gives_its_colours(tmp_path: Path) -> None:
    from PySide6.QtGui import QImage  # an independent writer of indexed PNG

    image = QImage(4, 1, QImage.Format.Format_Indexed8)
    colours = [(10, 20, 30), (200, 100, 50), (0, 255, 0), (255, 0, 255)]
    image.setColorTable([0xFF000000 | r << 16 | g << 8 | b for r, g, b in colours])
    for x in range(4):
        image.setPixel(x, 0, x)
    assert image.save(str(tmp_path / "palette.png"))
    np.testing.assert_array_equal(read_frame(tmp_path / "palette.png")[0], colours)


UPRIGHT = {  # stored -> upright, as the EXIF standard draws it
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.transpose(1, 0, 2),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("extension", "dtype"), [("tif", "uint16"), ("png", "uint8"), ("exr", "float16")])
def test_orientation_is_applied(tmp_path: Path, orientation: int, extension: str, dtype: str) -> None:
    stored = ramp(9, 14, dtype)
    path = write(tmp_path / f"turned.{extension}", stored, orientation)
    expected = UPRIGHT[orientation](stored)
    np.testing.assert_array_equal(read_frame(path), expected)
    info = probe(path)
    assert (info.height, info.width) == expected.shape[:2]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_of_a_jpeg(tmp_path: Path, orientation: int) -> None:
    stored = ramp(16, 40)
    jpeg = simplejpeg.encode_jpeg(stored, quality=100, colorsubsampling="444")
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + bytes(
        [0, orientation, 0, 0, 0, 0, 0, 0]
    )
    path = tmp_path / "turned.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + jpeg[2:])
    expected = UPRIGHT[orientation](stored)
    image = read_frame(path)
    assert image.shape == expected.shape
    assert np.abs(image.astype(int) - expected).max() <= 4
    assert (probe(path).height, probe(path).width) == expected.shape[:2]


def test_content_decides_and_not_the_name(tmp_path: Path) -> None:
    stored = ramp(5, 6)
    write(tmp_path / "real.png", stored).rename(tmp_path / "fake.jpg")
    np.testing.assert_array_equal(read_frame(tmp_path / "fake.jpg"), stored)


def test_exr_is_cut_and_padded_to_its_display_window(tmp_path: Path) -> None:
    stored = ramp(6, 8, "float16")
    spec = oiio.ImageSpec(8, 6, 3, "half")
    spec.x, spec.y = -2, 1  # two columns of overscan at the left; the first row of the frame is not stored
    spec.full_x, spec.full_y, spec.full_width, spec.full_height = 0, 0, 7, 5
    save(tmp_path / "window.exr", stored, spec, {})
    expected = np.zeros((5, 7, 3), np.float16)
    expected[1:5, 0:6] = stored[0:4, 2:8]
    np.testing.assert_array_equal(read_frame(tmp_path / "window.exr"), expected)
    assert (probe(tmp_path / "window.exr").width, probe(tmp_path / "window.exr").height) == (7, 5)


def test_exr_layers_are_found_by_name(tmp_path: Path) -> None:
    stored = ramp(4, 5, "float16", 4)
    spec = oiio.ImageSpec(5, 4, 4, "half")
    spec.channelnames = ("depth.Z", "left.B", "left.G", "left.R")
    save(tmp_path / "layers.exr", stored, spec, {})
    image = read_frame(tmp_path / "layers.exr")
    np.testing.assert_array_equal(image, stored[..., [3, 2, 1]])


@pytest.mark.parametrize("name", ["a b#1.png", "take?x=1.png", "visage-é-顔.exr", "%04d.tif"])
def test_awkward_file_names(tmp_path: Path, name: str) -> None:
    stored = ramp(5, 6, "float16" if name.endswith("exr") else "uint8")
    plain = write(tmp_path / f"plain{Path(name).suffix}", stored)
    np.testing.assert_array_equal(read_frame(plain.rename(tmp_path / name)), stored)


def test_cmyk_jpeg_becomes_rgb(tmp_path: Path) -> None:
    ink = np.zeros((16, 16, 4), np.uint8)
    ink[..., 3] = 255
    ink[..., 0] = 255  # stored inverted, as Adobe does: 255 is no ink, so only magenta and yellow are printed
    (tmp_path / "print.jpg").write_bytes(simplejpeg.encode_jpeg(ink, quality=100, colorspace="CMYK"))
    image = read_frame(tmp_path / "print.jpg")
    assert image.shape == (16, 16, 3)
    assert np.ptp(image, axis=(0, 1)).max() <= 2
    assert image[0, 0].min() + 100 < image[0, 0].max()


def test_big_endian_tiff(tmp_path: Path) -> None:
    stored = ramp(7, 9, "uint16")
    path = write(tmp_path / "big.tif", stored, **{"tiff:write_bigendian": 1, "compression": "none"})
    image = read_frame(path)
    assert image.dtype.isnative
    np.testing.assert_array_equal(image, stored)


def test_importing_the_room_leaves_qt_alone() -> None:
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert "QT_QPA_FONTDIR" not in os.environ
