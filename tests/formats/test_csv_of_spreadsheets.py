"""CSV as spreadsheets of several countries save it, and what of it cannot be told."""

from pathlib import Path

import numpy as np
import pytest

from annotator.domain.errors import FormatError
from annotator.formats.csv import Csv
from tests.formats.format_data import IBUG, make_dataset

CHIN, JAW = "chin", "jaw_right_8"
WANTED = {CHIN: (2030.25, 40.75), JAW: (10.5, 20.5)}


def _check(path: Path, name: str = "anna/t1/plate.1001.png") -> None:
    dataset = Csv().read(path, IBUG)
    (frame,) = dataset.frames
    assert frame.path == name
    assert not dataset.left_out
    for landmark, place in WANTED.items():
        np.testing.assert_allclose(frame.xy[IBUG.index(landmark)], place)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("delimiter", "chin", "jaw"),
    [
        (",", ("2030.25", "40.75"), ("10.5", "20.5")),
        (",", ('"2,030.25"', "40.75"), ("10.5", "20.5")),
        (",", ('"2030,25"', '"40,75"'), ('"10,5"', '"20,5"')),
        (";", ("2030,25", "40,75"), ("10,5", "20,5")),
        (";", ("2.030,25", "40,75"), ("10,5", "20,5")),
        (";", ("2\u00a0030,25", "40,75"), ("10,5", "20,5")),
        (";", ("2'030.25", "40.75"), ("10.5", "20.5")),
        (";", ("2,03025E+03", "40,75"), ("10,5", "20,5")),
        (";", ("2030.25", "40.75"), ("10.5", "20.5")),
        ("\t", ("2030.25", "40.75"), ("10.5", "20.5")),
        ("\t", ("2030,25", "40,75"), ("10,5", "20,5")),
        ("|", ("2030.25", "40.75"), ("10.5", "20.5")),
    ],
)  # fmt: skip
def test_marks_and_encodings(
    tmp_path: Path, encoding: str, line: str, delimiter: str, chin: tuple[str, str], jaw: tuple[str, str]
) -> None:
    rows = [
        ["Frame", "landmark ", " X", '"y"'],
        ["anna/t1/plate.1001.png", CHIN, *chin],
        ["", "", "", ""],
        [" anna/t1/plate.1001.png ", f'"{JAW}"', *jaw],
        ["", "", "", ""],
    ]
    text = line.join(delimiter.join(row) for row in rows) + line + line
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    _check(tmp_path / "a.csv")


def test_a_windows_code_page_and_a_line_for_excel(tmp_path: Path) -> None:
    text = f"sep=;\r\nframe;landmark;x;y\r\nZoë/é.png;{CHIN};2030,25;40,75\r\nZoë/é.png;{JAW};10,5;20,5\r\n"
    (tmp_path / "a.csv").write_bytes(text.encode("cp1252"))
    _check(tmp_path / "a.csv", "Zoë/é.png")


def test_our_own_file_through_a_spreadsheet(tmp_path: Path) -> None:
    dataset = make_dataset(IBUG, 3)
    Csv().write(dataset, tmp_path / "a.csv")
    german = []
    for row in (tmp_path / "a.csv").read_text().splitlines():
        fields = row.split(",")
        fields[2:4] = [number.replace(".", ",") for number in fields[2:4]]
        fields = [
            "WAHR" if i == 5 and f == "1" else "FALSCH" if i == 5 and f == "0" else f
            for i, f in enumerate(fields)
        ]
        german.append(";".join([*fields, "", ""]))
    (tmp_path / "a.csv").write_bytes("\r\n".join(german).encode("utf-16"))
    back = Csv().read(tmp_path / "a.csv", IBUG)
    assert not back.left_out
    for item, frame in zip(dataset.frames, back.frames, strict=True):
        assert frame.annotation(IBUG) == item.annotation
        assert (frame.width, frame.height) == (item.frame.width, item.frame.height)


@pytest.mark.parametrize("nothing", ["", "nan", "NaN", "NA", "#N/A", "null", "None", "-"])
def test_words_for_nothing(tmp_path: Path, nothing: str) -> None:
    text = f"frame,landmark,x,y\na.png,{CHIN},{nothing},{nothing}\na.png,{JAW},1,2\n"
    (tmp_path / "a.csv").write_text(text)
    (frame,) = Csv().read(tmp_path / "a.csv", IBUG).frames
    assert frame.placed.nonzero()[0].tolist() == [IBUG.index(JAW)]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([f"a.png,{CHIN},30,25,40,75"], "line 2: more fields than columns; are there decimal commas"),
        ([f'a.png,{CHIN},"2,030","1,200"'], "line 2: '2,030' may mean thousands or a decimal comma"),
        ([f'a.png,{CHIN},"12,34,5",1'], "line 2: x must be a number, not '12,34,5'"),
        ([f"a.png,{CHIN},1"], "line 2: fewer fields"),
    ],
)
def test_what_cannot_be_told_is_refused_truly(tmp_path: Path, rows: list[str], words: str) -> None:
    (tmp_path / "a.csv").write_text("\n".join(["frame,landmark,x,y", *rows]))
    with pytest.raises(FormatError, match=words):
        Csv().read(tmp_path / "a.csv", IBUG)


def test_one_bad_line_costs_itself_alone(tmp_path: Path) -> None:
    rows = [f"a.png,{CHIN},1,2", f"a.png,{JAW},one,2", "a.png,snout,1,2", "b.png,chin,3,4", "b.png,chin,5,6"]
    (tmp_path / "a.csv").write_text("\n".join(["frame,landmark,x,y", *rows]))
    dataset = Csv().read(tmp_path / "a.csv", IBUG)
    assert list(dataset.left_out) == ["line 3", "line 4", "line 6"]
    assert [frame.path for frame in dataset] == ["a.png", "b.png"]
    assert dataset.frames[0].placed.nonzero()[0].tolist() == [IBUG.index(CHIN)]
    assert not dataset.frames[1].placed.any()  # nobody knows which of the two places was meant


@pytest.mark.parametrize(
    "number", ["12 34", "1 2 345", "1_000", "\u0661\u0662", "0x10", "1 234 5", "infinity", "- -5"]
)
def test_what_is_not_one_number_is_no_place(tmp_path: Path, number: str) -> None:
    text = f"frame;landmark;x;y\na.png;{CHIN};{number};5\na.png;{JAW};10.5;20.5\n"
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    dataset = Csv().read(tmp_path / "a.csv", IBUG)
    assert list(dataset.left_out) == ["line 2"]
    assert dataset.frames[0].placed.sum() == 1


@pytest.mark.parametrize("number", ["1 234", "1 234.5", "- 1 234", "+12", "\u2212 7.5", "12 345 678.25"])
def test_blanks_between_thousands_are_read(tmp_path: Path, number: str) -> None:
    (tmp_path / "a.csv").write_text(f"frame;landmark;x;y\na.png;{CHIN};{number};5\n", encoding="utf-8")
    (frame,) = Csv().read(tmp_path / "a.csv", IBUG).frames
    meant = float(number.replace(" ", "").replace("\u2212", "-"))
    np.testing.assert_allclose(frame.xy[IBUG.index(CHIN), 0], meant, rtol=1e-6)


def test_a_first_line_of_very_many_columns_is_read(tmp_path: Path) -> None:
    """A table may be as wide as it likes: what is asked of its columns is asked once of each."""
    many = 300_000
    text = "frame,landmark,x,y," + ",".join(f"c{i}" for i in range(many))
    (tmp_path / "a.csv").write_text(f"{text}\na.png,{CHIN},1,2{',' * many}\n")
    assert len(Csv().read(tmp_path / "a.csv", IBUG)) == 1
    (tmp_path / "a.csv").write_text(f"{text},c7\na.png,{CHIN},1,2{',' * many},\n")
    with pytest.raises(FormatError, match="c7 comes twice"):
        Csv().read(tmp_path / "a.csv", IBUG)
