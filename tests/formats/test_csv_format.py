"""CSV: exact round trips and errors that name the line."""

import csv
import re
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from format_data import IBUG, SCHEMES, make_dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import WriteOptions
from annotator.formats.coco import Coco
from annotator.formats.csv import Csv


@settings(max_examples=15)
@given(SCHEMES, st.integers(1, 3), st.integers(0, 10_000))
def test_our_own_files_come_back_exactly(scheme: LandmarkScheme, count: int, seed: int) -> None:
    dataset = make_dataset(scheme, count, seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        written = Csv().write(dataset, path)
        back = Csv().read(path, scheme)
    assert written.landmarks == sum(int((item.annotation.state > 0).sum()) for item in dataset.frames)
    for item, frame in zip(dataset.frames, back, strict=True):
        assert frame.annotation(scheme) == item.annotation
        assert (frame.path, frame.width, frame.height) == (
            item.frame.path,
            item.frame.width,
            item.frame.height,
        )
        assert frame.subject == item.frame.subject
    assert back.notes == ()


def test_the_columns_say_what_they_hold(tmp_path: Path) -> None:
    dataset = make_dataset(IBUG, 1)
    Csv().write(dataset, tmp_path / "a.csv")
    rows = list(csv.DictReader((tmp_path / "a.csv").open(newline="")))
    annotation = dataset.frames[0].annotation
    assert len(rows) == 68
    for i, row in enumerate(rows):
        assert row["landmark"] == IBUG.names[i]
        assert (row["x"] != "") == (annotation.state[i] != 0)
        assert row["visible"] == ("0" if annotation.flags[i] & 1 else "1")
        assert row["model"] == ("m@1" if annotation.state[i] == 1 else "")
        if row["x"]:
            assert np.float32(row["x"]) == annotation.xy[i, 0]  # our own convention: nothing added


def test_four_columns_are_enough(tmp_path: Path) -> None:
    names = IBUG.names
    (tmp_path / "a.csv").write_text(
        f"y,x,landmark,frame,who\n2.5,1.5,{names[3]},a\\b.jpg,me\n,,{names[4]},a\\b.jpg,me\n"
    )
    (frame,) = Csv().read(tmp_path / "a.csv", IBUG)
    assert frame.path == "a/b.jpg"
    np.testing.assert_array_equal(frame.xy[3], [1.5, 2.5])
    assert int(frame.placed.sum()) == 1
    assert frame.state is None


HEAD = "frame,landmark,x,y,state,visible\n"
N0, N1 = IBUG.names[:2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("frame,landmark,x\n", "line 1: no column y"),
        ("", "line 1: no column"),
        (f"{HEAD}a.jpg,{N0},1,2,,\na.jpg,snout,1,2,,\n", "line 3: 'snout' is no landmark"),
        (f"{HEAD}a.jpg,{N0},1,2,,\na.jpg,{N0},1,3,,\n", "line 3: .* comes twice"),
        (f"{HEAD}a.jpg,{N0},1,zwei,,\n", "line 2: y must be a number, not 'zwei'"),
        (f"{HEAD}a.jpg,{N0},1,,,\n", "line 2: y must be a number"),
        (f"{HEAD}a.jpg,{N0},inf,1,,\n", "line 2: x must be a number"),
        (f"{HEAD}a.jpg,{N0},1,2,great,\n", "line 2: state must be one of missing"),
        (f"{HEAD}a.jpg,{N0},1,2,missing,\n", "line 2: the state missing does not go with a place"),
        (f"{HEAD}a.jpg,{N0},,,confirmed,\n", "line 2: the state confirmed does not go with no place"),
        (f"{HEAD}a.jpg,{N0},1,2,,perhaps\n", "line 2: visible"),
        (f"{HEAD}a.jpg,{N0},1,2,,1\na.jpg,{N1},1", "line 3: fewer fields"),
        (f'{HEAD}a.jpg,{N0},1,2,,1\n"a.jpg,{N1},1,2', "cut short"),
        (f"{HEAD},{N0},1,2,,\n", "line 2: the frame is empty"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    try:
        told = [
            f"{where}: {reason}" for where, reason in Csv().read(tmp_path / "a.csv", IBUG).left_out.items()
        ]
    except FormatError as error:
        told = [str(error)]
        assert "a.csv" in told[0]
    assert len(told) == 1
    assert re.search(words, told[0])


def test_a_file_cut_at_a_line_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    Csv().write(make_dataset(IBUG, 2), path)
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:100]))
    assert "cut short" in Csv().read(path, IBUG).notes[0]


def test_nothing_is_written_when_the_export_stops(tmp_path: Path) -> None:
    answers = iter([False, True])
    with pytest.raises(Cancelled):
        Csv().write(make_dataset(IBUG, 3), tmp_path / "a.csv", WriteOptions(), stop=lambda: next(answers))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format_", [Csv(), Coco()])
def test_a_scheme_without_68_point_landmarks_cannot_be_written_as_such(
    format_: Csv | Coco, tmp_path: Path
) -> None:
    plain = replace(IBUG, landmarks=tuple(replace(own, ibug68=None) for own in IBUG.landmarks))
    dataset = make_dataset(plain, 1, 0)
    with pytest.raises(FormatError, match="no landmark of the 68-point markup"):
        format_.write(dataset, tmp_path / "a.out", WriteOptions(ibug68=True))
    assert not list(tmp_path.iterdir())
