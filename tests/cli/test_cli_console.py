"""Plain values for JSON, and sizes for people."""

import json
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np
import pytest

from annotator.cli.console import human_size, print_json, print_table, to_plain


class Colour(Enum):
    RED = 1


@dataclass(frozen=True)
class Nested:
    path: Path
    xy: object


def test_domain_values_become_plain() -> None:
    value = {Colour.RED: 1, "n": Nested(Path("a/b"), np.array([[1.5, np.nan]], np.float32)), "e": Colour.RED}
    assert to_plain(value) == {"Colour.RED": 1, "n": {"path": "a/b", "xy": [[1.5, None]]}, "e": "red"}


def test_json_is_valid_where_numbers_are_not_finite(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"a": float("nan"), "b": np.float64("inf"), "c": np.int64(3), "d": np.bool_(True)})
    assert json.loads(capsys.readouterr().out) == {"a": None, "b": None, "c": 3, "d": True}


def test_no_plain_form_is_an_error() -> None:
    with pytest.raises(TypeError, match="object"):
        to_plain(object())


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 * 2**30, "5.0 GiB"), (2**41, "2.0 TiB")],
)
def test_human_size(count: int, text: str) -> None:
    assert human_size(count) == text


def test_table_prints_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    print_table("", ("name", "x"), [("[red]eye[/red]", 1.23456), ("b", None)])
    out = capsys.readouterr().out
    assert "[red]eye[/red]" in out
    assert "1.235" in out
    assert out.splitlines()[-1].split() == ["b", "-"]
