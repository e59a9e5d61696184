"""EXR: which of its parts, layers and channels are the picture, and what is none."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO as oiio
import pytest
from numpy.typing import NDArray

from annotator.imaging.reader import FrameReadError, probe, read_frame

_HEIGHT, _WIDTH = 12, 20


def _value(number: int) -> NDArray[np.float16]:
    """[H, W]: a plane unlike those of other numbers."""
    rows, columns = np.mgrid[0:_HEIGHT, 0:_WIDTH]
    return np.asarray((rows * _WIDTH + columns) / 512 + number / 64, np.float16)


def _write(path: Path, *parts: tuple[str, Sequence[str]], **attributes: Any) -> None:
    """An EXR of parts (name, channels); channel k of the whole file holds `_value(k)`."""
    specs, count = [], 0
    for name, channels in parts:
        spec = oiio.ImageSpec(_WIDTH, _HEIGHT, len(channels), oiio.HALF)
        spec.channelnames = tuple(channels)
        if name:
            spec.attribute("oiio:subimagename", name)
        for key, value in attributes.items():
            spec.attribute(key, value)
        specs.append(spec)
    out = oiio.ImageOutput.create(str(path))
    assert out.open(str(path), tuple(specs)), out.geterror()
    for number, spec in enumerate(specs):
        if number:
            assert out.open(str(path), spec, "AppendSubimage"), out.geterror()
        planes = [_value(count + channel) for channel in range(spec.nchannels)]
        count += spec.nchannels
        assert out.write_image(np.ascontiguousarray(np.stack(planes, -1))), out.geterror()
    assert out.close()


def _shown(path: Path) -> list[int]:
    """The numbers of the planes that are shown as red, green and blue."""
    pixels = read_frame(path)
    return [next(n for n in range(64) if np.array_equal(pixels[..., c], _value(n))) for c in range(3)]


@pytest.mark.parametrize(
    ("channels", "shown"),
    [
        (["R", "G", "B"], [0, 1, 2]),
        (["r", "g", "b"], [0, 1, 2]),
        (["red", "green", "blue"], [0, 1, 2]),
        (["Red", "Green", "Blue", "Alpha"], [0, 1, 2]),
        (["RED", "GREEN", "BLUE"], [0, 1, 2]),
        (["B", "G", "R", "A"], [2, 1, 0]),
        (["rgba.red", "rgba.green", "rgba.blue", "rgba.alpha"], [0, 1, 2]),
        (["diffuse.R", "diffuse.G", "diffuse.B", "R", "G", "B"], [3, 4, 5]),
        (["albedo.r", "albedo.g", "albedo.b", "beauty.r", "beauty.g", "beauty.b"], [3, 4, 5]),
        (["View.Albedo.R", "View.Albedo.G", "View.Albedo.B", "View.Combined.R", "View.Combined.G", "View.Combined.B"], [3, 4, 5]),
        (["N.R", "N.G", "N.B", "Beauty.Red", "Beauty.Green", "Beauty.Blue"], [3, 4, 5]),
        (["Normal.X", "Normal.Y", "Normal.Z", "C.r", "C.g", "C.b"], [3, 4, 5]),
        (["CryptoObject00.R", "CryptoObject00.G", "CryptoObject00.B", "plate.R", "plate.G", "plate.B"], [3, 4, 5]),
        (["DiffCol.R", "DiffCol.G", "DiffCol.B", "take.R", "take.G", "take.B"], [3, 4, 5]),
        (["right.R", "right.G", "right.B", "R", "G", "B"], [3, 4, 5]),
        (["beauty_R", "beauty_G", "beauty_B", "depth_Z"], [0, 1, 2]),
        (["Z", "Y", "A"], [1, 1, 1]),
        (["Y"], [0, 0, 0]),
        (["luminance"], [0, 0, 0]),
        (["mono"], [0, 0, 0]),
    ],
)  # fmt: skip
def test_channels_in_many_spellings(tmp_path: Path, channels: list[str], shown: list[int]) -> None:
    _write(tmp_path / "a.exr", ("", channels))
    assert _shown(tmp_path / "a.exr") == shown
    assert not probe(tmp_path / "a.exr").note or channels == ["mono"]


@pytest.mark.parametrize(
    ("parts", "shown"),
    [
        ([("depth", ["Z"]), ("rgba", ["R", "G", "B", "A"])], [1, 2, 3]),
        ([("A", ["A"]), ("rgb", ["R", "G", "B"])], [1, 2, 3]),
        ([("rgba", ["R", "G", "B"]), ("depth", ["Z"])], [0, 1, 2]),
        ([("albedo", ["R", "G", "B"]), ("Beauty", ["R", "G", "B"])], [3, 4, 5]),
        ([("N", ["R", "G", "B"]), ("ViewLayer.Combined", ["R", "G", "B", "A"])], [3, 4, 5]),
        ([("N", ["N.X", "N.Y", "N.Z"]), ("main", ["red", "green", "blue"])], [3, 4, 5]),
        ([("depth", ["depth.Z"]), ("rgba", ["rgba.red", "rgba.green", "rgba.blue"])], [1, 2, 3]),
        ([("left", ["R", "G", "B"]), ("right", ["R", "G", "B"])], [0, 1, 2]),
        ([("specular", ["R", "G", "B"]), ("plate", ["R", "G", "B"])], [3, 4, 5]),
        ([("r", ["R"]), ("g", ["G"]), ("b", ["B"])], [0, 1, 2]),
        ([("b", ["B"]), ("g", ["G"]), ("r", ["R"])], [2, 1, 0]),
        ([("one", ["R"]), ("two", ["G"]), ("three", ["B"]), ("depth", ["Z"])], [0, 1, 2]),
        ([("red", ["Y"]), ("green", ["Y"]), ("blue", ["Y"])], [0, 1, 2]),
        ([("rgba.red", ["R"]), ("rgba.green", ["G"]), ("rgba.blue", ["B"]), ("rgba.alpha", ["A"])], [0, 1, 2]),
        ([("beauty.r", ["Y"]), ("beauty.g", ["Y"]), ("beauty.b", ["Y"])], [0, 1, 2]),
        ([("depth", ["Z"]), ("plate", ["Y"])], [1, 1, 1]),
    ],
)  # fmt: skip
def test_parts_in_any_order(tmp_path: Path, parts: list[tuple[str, list[str]]], shown: list[int]) -> None:
    _write(tmp_path / "a.exr", *parts)
    assert _shown(tmp_path / "a.exr") == shown


@pytest.mark.parametrize(
    "parts",
    [
        [("", ["X", "Y", "Z"])],
        [("", ["N.X", "N.Y", "N.Z"])],
        [("", ["normal.R", "normal.G", "normal.B"])],
        [("", ["Z"])],
        [("", ["A"])],
        [("", ["depth"])],
        [("", ["R", "G"])],
        [("", ["motion.u", "motion.v"])],
        [("", ["uCryptoAsset.r", "uCryptoAsset.g", "uCryptoAsset.b"])],
        [("depth", ["Z"]), ("position", ["R", "G", "B"])],
    ],
)
def test_data_is_refused_with_its_channels_named(tmp_path: Path, parts: list[tuple[str, list[str]]]) -> None:
    _write(tmp_path / "a.exr", *parts)
    with pytest.raises(FrameReadError, match="no colours") as caught:
        read_frame(tmp_path / "a.exr")
    assert all(name in str(caught.value) for _, channels in parts for name in channels)


@pytest.mark.parametrize(
    "channels", [["Y", "RY", "BY"], ["BY", "RY", "Y", "A"], ["left.Y", "left.RY", "left.BY"]]
)
def test_luminance_and_chroma_are_refused_with_a_word(tmp_path: Path, channels: list[str]) -> None:
    _write(tmp_path / "a.exr", ("", channels))
    with pytest.raises(FrameReadError, match="luminance-chroma"):
        read_frame(tmp_path / "a.exr")


@pytest.mark.parametrize(
    "parts",
    [
        [("", ["one.R", "one.G", "one.B", "two.R", "two.G", "two.B"])],
        [("", ["albedo.R", "albedo.G", "albedo.B"])],
        [("hero", ["R", "G", "B"]), ("crowd", ["R", "G", "B"])],
    ],
)
def test_a_guess_is_told(tmp_path: Path, parts: list[tuple[str, list[str]]]) -> None:
    _write(tmp_path / "a.exr", *parts)
    assert _shown(tmp_path / "a.exr") == [0, 1, 2]
    assert "no layer that is called beauty" in probe(tmp_path / "a.exr").note


def test_the_depth_of_other_channels_does_not_count(tmp_path: Path) -> None:
    spec = oiio.ImageSpec(_WIDTH, _HEIGHT, 5, oiio.FLOAT)
    spec.channelnames = ("R", "G", "B", "Z", "id")
    spec.channelformats = (oiio.HALF, oiio.HALF, oiio.HALF, oiio.FLOAT, oiio.UINT)
    out = oiio.ImageOutput.create(str(tmp_path / "a.exr"))
    assert out.open(str(tmp_path / "a.exr"), spec)
    planes = [_value(n).astype(np.float32) for n in range(5)]
    assert out.write_image(np.ascontiguousarray(np.stack(planes, -1)))
    assert out.close()
    assert probe(tmp_path / "a.exr").dtype == np.float16
    assert _shown(tmp_path / "a.exr") == [0, 1, 2]
