""".pts: the markup's own numbers, complete frames only, and the 68 points read into a richer scheme."""

import tempfile
from pathlib import Path

import numpy as np
import pytest
from format_data import IBUG, SCHEMES, STUDIO, make_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.domain.annotation import Annotation, LandmarkState
from annotator.domain.capture import Frame
from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled
from annotator.domain.scheme import LandmarkScheme, markup_points
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.base import DatasetFrame, DatasetView, WriteOptions
from annotator.formats.pts import Pts


@settings(max_examples=15)
@given(SCHEMES, st.integers(1, 3), st.integers(0, 10_000))
def test_complete_frames_come_back_exactly(scheme: LandmarkScheme, count: int, seed: int) -> None:
    dataset = make_dataset(scheme, count, seed, missing=0)
    with tempfile.TemporaryDirectory() as folder:
        written = Pts().write(dataset, Path(folder) / "pts")
        back = Pts().read(Path(folder) / "pts", scheme)
    assert (written.frames, written.landmarks) == (count, count * scheme.size)
    assert [frame.path for frame in back] == [f"s{i}/c/{i}.pts" for i in range(count)]
    for item, frame in zip(dataset.frames, back, strict=True):
        # the half pixel between the conventions swallows what lies below a double's steps there
        np.testing.assert_allclose(frame.xy, item.annotation.xy, rtol=0, atol=1e-15)


def test_the_numbers_are_those_of_the_markup(tmp_path: Path) -> None:
    xy = np.arange(136, dtype=np.float32).reshape(68, 2) + 0.5
    state = np.full(68, LandmarkState.CONFIRMED, np.uint8)
    annotation = Annotation(IBUG.id, xy, state, np.zeros(68, np.uint8))
    view = DatasetView(IBUG, (DatasetFrame(Frame(1, "anna.jpg", "", "", "", "", 200, 200), annotation),))
    Pts().write(view, tmp_path)
    lines = (tmp_path / "anna.pts").read_text().splitlines()
    assert lines[:3] == ["version: 1", "n_points: 68", "{"]
    assert lines[-1] == "}"
    points = np.array([line.split() for line in lines[3:-1]], float)
    # The first pixel's centre is 0.5 with us and 1 in .pts; the rows follow the markup's numbers.
    first = IBUG.ibug68[0]
    np.testing.assert_array_equal(points[0], xy[first] + 0.5)
    np.testing.assert_array_equal(points[67], xy[IBUG.ibug68[67]] + 0.5)


def test_68_points_fill_the_landmarks_that_have_a_counterpart(tmp_path: Path) -> None:
    rows = "\n".join(f"{i + 1} {2 * i + 1}.5" for i in range(68))
    (tmp_path / "a.pts").write_text(f"version:1\nn_points:  68\n{{\n{rows}\n}}")
    dataset = Pts().read(tmp_path, STUDIO)
    (frame,) = dataset
    chin = STUDIO.index("chin")
    np.testing.assert_array_equal(frame.xy[chin], [8 + 0.5, 17.5 - 0.5])  # point 8 is "9 17.5" in the file
    assert int(frame.placed.sum()) == len(STUDIO.ibug68)
    assert "68 points fill" in dataset.notes[0]


def test_incomplete_frames_are_left_out_and_reported(tmp_path: Path) -> None:
    whole, lacking = (
        make_dataset(IBUG, 1, 0, missing=0).frames[0],
        make_dataset(IBUG, 2, 0, missing=0.3).frames[1],
    )
    written = Pts().write(DatasetView(IBUG, (whole, lacking)), tmp_path)
    assert [path.name for path in written.files] == ["0.pts"]
    assert "lacks" in written.skipped["s1/c/1.jpg"]
    assert not (tmp_path / "s1").exists()


def test_a_scheme_without_all_68_says_what_else_to_do(tmp_path: Path) -> None:
    first = load_scheme("studio-89@1")
    with pytest.raises(FormatError, match="COCO or CSV"):
        Pts().write(make_dataset(first, 1, missing=0), tmp_path, WriteOptions(ibug68=True))


def test_two_images_of_one_stem_are_refused(tmp_path: Path) -> None:
    annotation = make_dataset(IBUG, 1, missing=0).frames[0].annotation
    frames = [
        DatasetFrame(Frame(0, f"a/x.{end}", "", "", "", "", 9, 9), annotation) for end in ("jpg", "png")
    ]
    with pytest.raises(FormatError, match="comes twice"):
        Pts().write(DatasetView(IBUG, tuple(frames)), tmp_path)


def test_all_files_or_none(tmp_path: Path) -> None:
    dataset = make_dataset(IBUG, 3, missing=0)
    (tmp_path / "out/s0/c").mkdir(parents=True)
    (tmp_path / "out/s0/c/0.pts").write_text("precious")
    answers = iter([False, False, True])
    with pytest.raises(Cancelled):
        Pts().write(dataset, tmp_path / "out", stop=lambda: next(answers))
    with pytest.raises(FormatError, match="exists already"):
        Pts().write(dataset, tmp_path / "out", WriteOptions(overwrite=False))
    (tmp_path / "out/s2").write_text("a file in the way")
    with pytest.raises(FormatError, match="a file, a folder was to be there"):
        Pts().write(dataset, tmp_path / "out")
    assert (tmp_path / "out/s0/c/0.pts").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["0.pts", "s2"]
    (tmp_path / "out/s2").unlink()
    assert Pts().write(dataset, tmp_path / "out").frames == 3
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("version: 1\nn_points: 68\n{\n1 2\n", "cut short"),
        ("version: 1\nn_points: 3\n{\n1 2\n}", "announces 3 points and has 1"),
        ("version: 1\nn_points: 1\n{\n1 two\n}", "two numbers"),
        ("version: 1\nn_points: 1\n{\n1 2 3\n}", "two numbers"),
        ("version: 1\nn_points: 1\n{\n1 nan\n}", "finite"),
        ("version: 1\nn_points: 2\n{\n1 2\n3 4\n}", "2 points, ibug-68@1 has 68"),
        ("hello", "no whole .pts"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "bad.pts").write_text(text)
    with pytest.raises(FormatError, match=words) as caught:
        Pts().read(tmp_path, IBUG)
    assert "bad.pts" in str(caught.value)


def test_a_folder_without_any(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"holds no \.pts"):
        Pts().read(tmp_path, IBUG)


def test_a_scheme_that_derives_the_rest_of_the_markup_writes_all_68(tmp_path: Path) -> None:
    scheme = load_scheme("studio-89@2")
    dataset = make_dataset(scheme, 1, 3, missing=0)
    written = Pts().write(dataset, tmp_path / "pts", WriteOptions(ibug68=True))
    assert (written.frames, written.landmarks) == (1, 68)
    (frame,) = Pts().read(tmp_path / "pts", IBUG)
    expected = markup_points(scheme, dataset.frames[0].annotation.xy)
    np.testing.assert_allclose(frame.xy, expected, atol=1e-3)
    with pytest.raises(FormatError, match="50 of the 68"):
        Pts().write(
            make_dataset(load_scheme("studio-89@1"), 1, 3), tmp_path / "no", WriteOptions(ibug68=True)
        )


def test_endings_in_capitals_and_forks_of_macs(tmp_path: Path) -> None:
    Pts().write(make_dataset(IBUG, 2, missing=0), tmp_path)
    (tmp_path / "s0/c/0.pts").rename(tmp_path / "s0/c/0.PTS")
    (tmp_path / "s0/c/._0.pts").write_bytes(b"\0\5\x16\7\0\2\0\0Mac OS X")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden/1.pts").write_text("nothing")
    dataset = Pts().read(tmp_path, IBUG)
    assert [frame.path for frame in dataset] == ["s0/c/0.PTS", "s1/c/1.pts"]
    assert not dataset.left_out


def test_one_bad_file_costs_itself_alone(tmp_path: Path) -> None:
    Pts().write(make_dataset(IBUG, 2, missing=0), tmp_path)
    (tmp_path / "bad.pts").write_text("hello")
    (tmp_path / "few.pts").write_text("version: 1\nn_points: 2\n{\n1 2\n3 4\n}")
    (tmp_path / "bytes.pts").write_bytes(b"\xff\xfe\xff" * 9)
    dataset = Pts().read(tmp_path, IBUG)
    assert len(dataset) == 2
    assert set(dataset.left_out) == {"bad.pts", "few.pts", "bytes.pts"}
