"""`annotator experiment`: lists, says where data comes from, refuses what it cannot run."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Runner = Callable[..., Any]


def test_experiments_are_listed(annotator: Runner) -> None:
    told = json.loads(annotator("experiment", "--list", "--json").out)
    assert told["paper-table4"]["sizes"] == [256, 512, 2048, 4096]
    assert "resolution-ladder" in annotator("experiment").out


@pytest.mark.parametrize(
    ("name", "words"), [("paper-table4", "annotator render paper-set"), ("300w", "common and challenging")]
)
def test_without_data_it_says_where_it_comes_from(annotator: Runner, name: str, words: str) -> None:
    told = annotator("experiment", name)
    assert told.code == 0
    assert words in told.out
    assert f"annotator experiment {name} --train" in told.out


def test_wrong_usage_is_one_line(annotator: Runner, tmp_path: Path) -> None:
    assert "choose one of paper-table4" in annotator("experiment", "table5").err
    assert annotator("experiment", "300w", "--train", tmp_path).code == 2
    whole = ("--train", tmp_path, "--test", tmp_path, "--out", tmp_path / "out")
    assert annotator("experiment", "paper-table4", *whole, "--sizes", "a,b").code == 2
    told = annotator("experiment", "paper-table4", *whole)
    assert told.code == 1
    assert "holds nothing to evaluate on" in told.err.replace("\n", " ")
