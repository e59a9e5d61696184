"""Frames of movies by number: every one is the right one whatever was read before, and bad files are told of."""

import random
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from movie_files import SIDE, number_in, picture, write_movie

from annotator.domain.frame_key import FrameKey
from annotator.domain.takes.movie_path import file_of, frame_name, movie_frame, of_movie, picture_name
from annotator.imaging.frame_info import FrameReadError
from annotator.imaging.limits import ReadLimits
from annotator.imaging.movies import movie
from annotator.imaging.reader import probe, read_frame

B_FRAMES = {"g": "6", "bf": "2", "sc_threshold": "0"}
OPEN_GOPS = {"x264-params": "open-gop=1:keyint=6:min-keyint=6:bframes=3"}
KINDS = {
    "closed.mp4": ("libx264", "yuv420p", B_FRAMES, (1000,)),
    "open.mp4": ("libx264", "yuv420p", OPEN_GOPS, (1000,)),
    "uneven.mkv": ("libx264", "yuv420p", B_FRAMES, (2000, 1000, 1000)),
    "h265.mp4": ("libx265", "yuv420p10le", {"x265-params": "open-gop=1:keyint=6:log-level=none"}, (1000,)),
    "prores.mov": ("prores_ks", "yuv422p10le", {}, (1000,)),
    "lossless.mov": ("png", "rgb24", {}, (1000,)),
    "stored.avi": ("mpeg4", "yuv420p", {"bf": "2", "g": "6"}, (1000,)),
    "guessed.avi": ("libx264", "yuv420p", B_FRAMES, (1000,)),
    "windows.wmv": ("wmv2", "yuv420p", {}, (1000,)),
}


@pytest.fixture
def av() -> object:
    return pytest.importorskip("av")


def frame(path: Path, number: int) -> np.ndarray:
    return read_frame(movie_frame(path.as_posix(), number))


@pytest.mark.parametrize("name", KINDS)
def test_every_frame_is_found_from_everywhere(av: object, tmp_path: Path, name: str) -> None:
    codec, pixels, options, lasting = KINDS[name]
    path = write_movie(tmp_path / name, 20, codec, pixels, options, lasting)
    assert len(movie(path)) == 20
    first = {number: frame(path, number) for number in range(1, 21)}
    assert [number_in(pixels) for pixels in first.values()] == list(range(1, 21))
    order = [number for number in range(1, 21) for _ in range(2)]
    random.Random(3).shuffle(order)
    for number in order:
        assert (frame(path, number) == first[number]).all(), (name, number)


def test_what_a_movie_tells(av: object, tmp_path: Path) -> None:
    even = movie(write_movie(tmp_path / "a.mp4", 12, options=B_FRAMES))
    assert (even.rate, even.is_even, even.by_time) == (24, True, True)
    assert even.starts.tolist() == [0, 6]
    uneven = movie(write_movie(tmp_path / "b.mp4", 13, lasting=(2000, 1000, 1000)))
    assert (uneven.rate, uneven.is_even) == (18, False)
    assert movie(write_movie(tmp_path / "c.avi", 12, "mpeg4", options={"bf": "2"})).by_time is False
    info = probe(movie_frame(str(tmp_path / "a.mp4"), 12))
    assert (info.width, info.height, info.dtype, info.format, info.compression) == (
        *SIDE,
        np.uint8,
        "movie",
        "h264",
    )


def test_colours_and_depth_stay(av: object, tmp_path: Path) -> None:
    lossless = frame(write_movie(tmp_path / "a.mov", 3, "png", "rgb24"), 2)
    assert (lossless == picture(2)).all()
    for name, codec, pixels in (("b.mp4", "libx264", "yuv444p"), ("c.mov", "prores_ks", "yuv422p10le")):
        found = frame(write_movie(tmp_path / name, 3, codec, pixels), 2)
        deep = pixels.endswith("10le")
        assert found.dtype == (np.uint16 if deep else np.uint8)
        inner = found[16:-16, 60:-12].reshape(-1, 3) / (257 if deep else 1)
        assert np.abs(inner - (220, 120, 20)).max() < 8


def test_a_turned_movie_is_read_upright(av: object, tmp_path: Path) -> None:
    path = write_movie(tmp_path / "phone.mp4", 3)
    upright = frame(path, 2)
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 44  # the display matrix, in version 0 of the box
    one, last = 1 << 16, 1 << 30
    matrix = (0, one, 0, -one, 0, 0, 0, 0, last)  # a quarter with the clock
    data[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in matrix)
    path.write_bytes(data)
    assert (probe(movie_frame(str(path), 2)).width, probe(movie_frame(str(path), 2)).height) == SIDE[::-1]
    assert (frame(path, 2) == np.rot90(upright, -1)).all()


def test_a_movie_that_was_replaced_is_read_anew(av: object, tmp_path: Path) -> None:
    path = write_movie(tmp_path / "a.mov", 6, "png", "rgb24")
    key = FrameKey("p", 1, movie_frame(str(path), 5), *SIDE).now()
    assert key.has_file
    assert number_in(frame(path, 5)) == 5
    write_movie(path, 3, "png", "rgb24")
    assert not key.is_current
    assert number_in(frame(path, 3)) == 3
    with pytest.raises(FrameReadError, match="3 frames now, and no frame 5"):
        frame(path, 5)


@pytest.mark.parametrize("name", ["closed.mp4", "h265.mp4", "prores.mov"])
def test_damage_moves_no_frame_to_another_number(av: Any, tmp_path: Path, name: str) -> None:
    codec, pixels, options, lasting = KINDS[name]
    whole = write_movie(tmp_path / name, 20, codec, pixels, options, lasting)
    with av.open(str(whole)) as container:
        stored = [(packet.pos, packet.size) for packet in container.demux(video=0) if packet.size]
    for hurt in (3, 8):
        at, size = stored[hurt]
        data = bytearray(whole.read_bytes())
        data[at + size // 2 : at + size] = bytes(size - size // 2)
        path = tmp_path / f"{hurt}-{name}"
        path.write_bytes(data)
        for order in (range(1, 21), range(20, 0, -1)):
            found = {number: _number_or_none(path, number) for number in order}
            assert {number: seen for number, seen in found.items() if seen not in (None, number)} == {}
            assert found[20] == 20  # a later start is not damaged


def _number_or_none(path: Path, number: int) -> int | None:
    try:
        return number_in(frame(path, number))
    except FrameReadError:
        return None


def test_bad_movies_are_told_of(av: object, tmp_path: Path) -> None:
    def refused(path: Path, words: str, limits: ReadLimits | None = None) -> None:
        with pytest.raises(FrameReadError, match=words):
            read_frame(movie_frame(str(path), 1), limits)

    refused(tmp_path / "gone.mov", "does not exist")
    (tmp_path / "empty.mov").write_bytes(b"")
    refused(tmp_path / "empty.mov", "empty")
    (tmp_path / "text.mp4").write_text("no movie at all" * 100)
    refused(tmp_path / "text.mp4", "no readable movie")
    whole = write_movie(tmp_path / "whole.mp4", 20)
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[:-800])
    refused(tmp_path / "cut.mp4", "cut short")
    refused(whole, "Mpx, more than the limit", ReadLimits(max_pixels=1000))
    refused(whole, "no side may exceed", ReadLimits(max_side=80))
    refused(whole, "more than the limit", ReadLimits(max_held=1000))


def test_a_playlist_that_is_called_a_movie_leads_nowhere(av: object, tmp_path: Path) -> None:
    write_movie(tmp_path / "real.mp4", 3)
    for name, text in (
        ("list.mov", "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nreal.mp4\n#EXT-X-ENDLIST\n"),
        ("concat.mkv", "ffconcat version 1.0\nfile real.mp4\n"),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(FrameReadError, match="no readable movie"):
            movie(tmp_path / name)


def test_without_the_extra_its_name_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "a.mov").write_bytes(b"whatever")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(FrameReadError, match=r"pip install 'annotator-landmarks\[movies\]'"):
        movie(tmp_path / "a.mov")


def test_names_of_frames() -> None:
    assert movie_frame("anna/talk.mov", 17) == "anna/talk.mov/000017"
    assert of_movie(Path("anna/talk.mov/000017")) == (Path("anna/talk.mov"), 17)
    for path in ("anna/talk.mov", "anna/talk/000017", "anna/talk.mov/000017.jpg", "anna/talk.mov/17"):
        assert of_movie(Path(path)) is None
        assert file_of(Path(path)) == Path(path)
        assert picture_name(path) == path
    assert file_of(Path("a.MP4/000001")) == Path("a.MP4")
    assert frame_name(picture_name("a.mov/000001")) == "a.mov/000001"
    assert frame_name("a/000001.png") == "a/000001.png"
