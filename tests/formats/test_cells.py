"""Cells of CSV files are never formulas, and come back exactly."""

import csv
from pathlib import Path

import pytest
from format_data import make_dataset
from hypothesis import given
from hypothesis import strategies as st

from annotator.domain.capture import Frame
from annotator.domain.schemes.scheme_file import load_scheme
from annotator.formats.base import DatasetFrame, DatasetView
from annotator.formats.cells import as_meant, defused
from annotator.formats.csv import Csv

EVIL = (
    "=cmd|' /C calc'!A0",
    "+1",
    "-1+cmd",
    "@SUM(1)",
    "a;=cmd",
    "'=x",
    "''=x",
    " =1",
    "\t=1",
    "a,-b",
    "\uff1dcmd",
)


@given(st.text(st.sampled_from("=+-@'\t\r\n ,;|ab\uff1d")))
def test_any_text_comes_back_and_is_no_formula(text: str) -> None:
    cell = defused(text)
    assert as_meant(cell) == text
    for part in cell.replace(",", ";").replace("|", ";").split(";"):
        assert not part.lstrip(" ").startswith(("=", "+", "-", "@", "\uff1d"))


@pytest.mark.parametrize("text", ["ada/left 9.jpg", "it's", "a=b", "x-y", "''", ""])
def test_harmless_words_stay_as_they_are(text: str) -> None:
    assert defused(text) == as_meant(text) == text


@pytest.mark.parametrize("evil", EVIL)
def test_a_file_of_evil_names_comes_back_exactly(evil: str, tmp_path: Path) -> None:
    scheme = load_scheme("ibug-68")
    (item, *_) = make_dataset(scheme, 1, 1).frames
    frame = Frame(1, f"{evil}/x.jpg".replace("/ ", "_"), evil, evil, evil, evil, 64, 48)
    path = tmp_path / "a.csv"
    Csv().write(DatasetView(scheme, (DatasetFrame(frame, item.annotation, evil),)), path)
    (back,) = Csv().read(path, scheme)
    assert (back.path, back.subject, back.take, back.camera, back.index) == (frame.path, *[evil] * 4)
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    words = [row[key] for row in rows for key in ("frame", "subject", "take", "camera", "index", "model")]
    assert not any(word.lstrip(" ").startswith(tuple("=+-@\r\uff1d")) for word in words)
