"""TIFF: white as zero at every depth, inks, colour spaces, mosaics, and which of several pages is the frame."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from annotator.imaging.reader import FrameReadError, probe, read_frame
from tests.imaging.frame_files import ramp
from tests.imaging.tiff_bytes import packed, page, write_tiff

_HEIGHT, _WIDTH = 24, 40


def _grey(dtype: str) -> NDArray[Any]:
    values = np.linspace(0, 1, _HEIGHT * _WIDTH).reshape(_HEIGHT, _WIDTH)
    return (values * np.iinfo(dtype).max).astype(dtype) if dtype.startswith("u") else values.astype(dtype)


def _turned(values: NDArray[Any]) -> NDArray[Any]:
    most = np.iinfo(values.dtype).max if values.dtype.kind == "u" else 1
    return np.asarray(most - values, values.dtype)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32", "float64"])
@pytest.mark.parametrize("layout", [{}, {"compression": "zlib"}, {"tile": (16, 16)}, {"rowsperstrip": 5}])
def test_white_is_zero_at_every_depth(tmp_path: Path, dtype: str, layout: dict[str, Any]) -> None:
    stored = _grey(dtype)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="miniswhite", **layout)
    if dtype == "float64" and "tile" in layout:
        with pytest.raises(FrameReadError, match="64-bit pixels in tiles"):
            read_frame(tmp_path / "a.tif")
        return
    read = read_frame(tmp_path / "a.tif")
    assert read.dtype == np.dtype("float32" if dtype == "float64" else dtype)
    np.testing.assert_allclose(
        read, np.repeat(_turned(stored)[..., None], 3, -1), atol=1e-3 if dtype == "float16" else 1e-6
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_white_is_zero_in_any_byte_order(tmp_path: Path, order: str, big: bool) -> None:
    stored = _grey("uint16")
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="miniswhite", byteorder=order, bigtiff=big)  # type: ignore[arg-type]
    assert np.array_equal(read_frame(tmp_path / "a.tif")[..., 0], _turned(stored))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("alpha", ["unassalpha", "assocalpha"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_white_is_zero_with_alpha(tmp_path: Path, dtype: str, alpha: str, planes: str) -> None:
    stored = np.stack([_grey(dtype), _turned(_grey(dtype))], -1 if planes == "contig" else 0)
    tifffile.imwrite(
        tmp_path / "a.tif", stored, photometric="miniswhite", planarconfig=planes, extrasamples=[alpha]
    )
    wanted = np.repeat(_turned(_grey(dtype))[..., None], 3, -1)
    np.testing.assert_allclose(read_frame(tmp_path / "a.tif"), wanted, atol=1e-6)


@pytest.mark.parametrize("bits", [1, 2, 4, 10, 12, 14])
@pytest.mark.parametrize("photometric", [0, 1])
def test_depths_between_bytes(tmp_path: Path, bits: int, photometric: int) -> None:
    most = 2**bits - 1
    codes = np.linspace(0, most, _HEIGHT * _WIDTH).round().astype(int).reshape(_HEIGHT, _WIDTH)
    write_tiff(tmp_path / "a.tif", page(_WIDTH, _HEIGHT, [bits], photometric, packed(codes, bits)))
    read = read_frame(tmp_path / "a.tif")
    full = 255 if bits < 8 else 65535
    wanted = (most - codes if photometric == 0 else codes) * full / most
    assert read.dtype == (np.uint8 if bits < 8 else np.uint16)
    # libraries widen codes by shifting or by scaling: within a step of the stored depth
    assert np.abs(read[..., 0] - wanted).max() <= full / most / 2 + 1
    assert (read[..., 0].min(), read[..., 0].max()) == (0, full)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("extra", [0, 1, 2])
def test_inks_become_colours_with_and_without_alpha(
    tmp_path: Path, dtype: str, planes: str, extra: int
) -> None:
    full = 1.0 if dtype == "float32" else np.iinfo(dtype).max
    inks = np.random.default_rng(1).random((_HEIGHT, _WIDTH, 4 + extra))
    stored = (inks * full).astype(dtype)
    shaped = stored if planes == "contig" else np.moveaxis(stored, -1, 0)
    kinds = ["unassalpha"] * min(extra, 1) + ["unspecified"] * max(extra - 1, 0)
    tifffile.imwrite(
        tmp_path / "a.tif", shaped, photometric="separated", planarconfig=planes, extrasamples=kinds or None
    )
    light = 1 - stored.astype(float) / full
    wanted = light[..., :3] * light[..., 3:4] * full
    step = 1e-5 if dtype == "float32" else 1.0
    assert np.abs(read_frame(tmp_path / "a.tif") - wanted).max() <= step


def test_inks_with_alpha_are_those_without(tmp_path: Path) -> None:
    inks = np.random.default_rng(2).integers(0, 256, (_HEIGHT, _WIDTH, 5), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", inks, photometric="separated", extrasamples=["unassalpha"])
    tifffile.imwrite(tmp_path / "b.tif", inks[..., :4].copy(), photometric="separated")
    assert np.array_equal(read_frame(tmp_path / "a.tif"), read_frame(tmp_path / "b.tif"))


def test_inks_that_are_not_cmyk_are_refused(tmp_path: Path) -> None:
    data = bytes(_WIDTH * _HEIGHT * 5)
    write_tiff(tmp_path / "a.tif", page(_WIDTH, _HEIGHT, [8] * 5, 5, data, t332=2, t334=5))
    with pytest.raises(FrameReadError, match="5 inks that are not CMYK"):
        read_frame(tmp_path / "a.tif")


@pytest.mark.parametrize(("bits", "entries"), [(1, 2), (2, 4), (4, 16), (8, 256)])
def test_palettes_give_their_colours(tmp_path: Path, bits: int, entries: int) -> None:
    table = (np.random.default_rng(3).integers(0, 256, (3, entries)) * 257).astype(np.uint16)
    codes = (np.arange(_HEIGHT * _WIDTH) % entries).reshape(_HEIGHT, _WIDTH)
    data, tags = page(_WIDTH, _HEIGHT, [bits], 3, packed(codes, bits))
    write_tiff(tmp_path / "a.tif", (data, {**tags, 320: (3, table.ravel().tolist())}))
    assert np.array_equal(read_frame(tmp_path / "a.tif"), np.moveaxis(table[:, codes] // 257, 0, -1))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
@pytest.mark.parametrize(
    "layout", [{"planarconfig": "separate"}, {"tile": (16, 16)}, {"compression": "zlib"}]
)
def test_planes_tiles_and_strips_of_colours(tmp_path: Path, dtype: str, layout: dict[str, Any]) -> None:
    pixels = ramp(_HEIGHT, _WIDTH, dtype)
    shaped = np.moveaxis(pixels, -1, 0) if "planarconfig" in layout else pixels
    tifffile.imwrite(tmp_path / "a.tif", shaped, photometric="rgb", **layout)
    assert np.array_equal(read_frame(tmp_path / "a.tif"), pixels)


def test_luma_and_chroma_become_colours(tmp_path: Path) -> None:
    rgb = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [128, 128, 128]], float)
    luma = rgb @ [0.299, 0.587, 0.114]
    stored = np.stack([luma, (rgb[:, 2] - luma) / 1.772 + 128, (rgb[:, 0] - luma) / 1.402 + 128], -1)
    codes = np.rint(np.broadcast_to(stored, (16, 4, 3))).clip(0, 255).astype(np.uint8)
    data, tags = page(4, 16, [8] * 3, 6, codes.tobytes())
    write_tiff(tmp_path / "a.tif", (data, {**tags, 530: (3, [1, 1])}))
    assert np.abs(read_frame(tmp_path / "a.tif").astype(float) - rgb).max() <= 3


@pytest.mark.parametrize("photometric", [8, 9, 10, 32844, 32845, 32803])
def test_what_is_no_picture_is_refused_with_a_word(tmp_path: Path, photometric: int) -> None:
    channels = 1 if photometric in (32803, 32844) else 3
    data = bytes(_WIDTH * _HEIGHT * channels)
    write_tiff(tmp_path / "a.tif", page(_WIDTH, _HEIGHT, [8] * channels, photometric, data))
    with pytest.raises(FrameReadError, match=r"a\.tif"):
        read_frame(tmp_path / "a.tif")


@pytest.mark.parametrize("depth", ["uint8", "uint16"])
def test_a_mosaic_says_so(tmp_path: Path, depth: str) -> None:
    tifffile.imwrite(tmp_path / "a.tif", _grey(depth), photometric="cfa")
    with pytest.raises(FrameReadError, match="mosaic"):
        probe(tmp_path / "a.tif")


@pytest.mark.parametrize("flag", [0, 1])
@pytest.mark.parametrize("thumbnail_first", [True, False])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_the_full_page_is_the_frame(
    tmp_path: Path, flag: int, thumbnail_first: bool, compression: str | None
) -> None:
    full, small = ramp(_HEIGHT, _WIDTH), ramp(6, 10)
    pages = [(small, flag), (full, 0)] if thumbnail_first else [(full, 0), (small, flag)]
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        for pixels, kind in pages:
            tiff.write(pixels, photometric="rgb", subfiletype=kind, compression=compression)
    assert (probe(tmp_path / "a.tif").width, probe(tmp_path / "a.tif").height) == (_WIDTH, _HEIGHT)
    assert np.array_equal(read_frame(tmp_path / "a.tif"), full)


def test_of_equal_pages_the_first_is_the_frame_and_masks_are_none(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(np.ones((64, 64), bool), photometric="mask", subfiletype=4)
        tiff.write(ramp(_HEIGHT, _WIDTH), photometric="rgb")
        tiff.write(255 - ramp(_HEIGHT, _WIDTH), photometric="rgb")
    assert np.array_equal(read_frame(tmp_path / "a.tif"), ramp(_HEIGHT, _WIDTH))


def test_a_raw_file_with_a_thumbnail_alone_is_refused(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(ramp(6, 10), photometric="rgb", subfiletype=1, subifds=1)
        tiff.write(_grey("uint16"), photometric="cfa")
    with pytest.raises(FrameReadError, match="thumbnail"):
        read_frame(tmp_path / "a.tif")


def test_a_place_on_paper_does_not_move_the_pixels(tmp_path: Path) -> None:
    position = [(286, 5, 1, (2, 1), True), (287, 5, 1, (1, 1), True)]
    tifffile.imwrite(
        tmp_path / "a.tif",
        ramp(_HEIGHT, _WIDTH),
        photometric="rgb",
        compression="zlib",
        resolution=(10, 10),
        resolutionunit="INCH",
        extratags=position,
    )
    assert np.array_equal(read_frame(tmp_path / "a.tif"), ramp(_HEIGHT, _WIDTH))


def test_a_file_cut_off_behind_its_thumbnail_is_refused(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as tiff:
        tiff.write(ramp(6, 10), photometric="rgb", subfiletype=1)
        tiff.write(ramp(_HEIGHT, _WIDTH), photometric="rgb")
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        second = tiff.pages[1].offset
    whole = (tmp_path / "a.tif").read_bytes()
    (tmp_path / "a.tif").write_bytes(whole[: second + 4])
    with pytest.raises(FrameReadError):
        read_frame(tmp_path / "a.tif")
