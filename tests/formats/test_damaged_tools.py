"""Damaged files of other programs: what is read is sane, everything else is a FormatError, never another exception."""

import json
import random
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotator.domain.errors import FormatError
from annotator.formats.registry import format_in, format_named, formats
from tests.formats.format_data import IBUG
from tests.formats.test_tools import needs, target, view

NAMES = [name for name, known in formats().items() if known.writes and name != "sleap"]
JSON = [name for name in NAMES if ".json" in format_named(name).extensions]
ODD: list[Any] = [None, True, -1, 1e300, "x", "", [], {}, [[]], [None], {"x": 1}, float("nan"), 10**400]


def read_whatever_it_is(path: Path, name: str) -> None:
    for reader in (lambda: format_in(path), lambda: format_named(name)):
        with suppress(FormatError):
            for frame in reader().read(path, IBUG).frames:
                placed = frame.xy[frame.placed]
                assert (np.abs(placed) < 1e10).all()
                frame.annotation(IBUG)


def the_file(path: Path) -> Path:
    """The file to damage: of a folder the one that tells most."""
    return (
        max((file for file in path.rglob("*") if file.is_file()), key=lambda file: file.stat().st_size)
        if path.is_dir()
        else path
    )


@pytest.mark.parametrize("name", NAMES)
def test_bytes_that_were_changed(tmp_path: Path, name: str) -> None:
    needs(name)
    known = format_named(name)
    path = target(tmp_path, known)
    known.write(view(IBUG, missing=False), path)
    file = the_file(path)
    whole = file.read_bytes()
    chance = random.Random(name)
    for _ in range(25):
        data = bytearray(whole)
        if chance.random() < 0.3:
            data = data[: chance.randrange(len(data))]
        for _ in range(chance.randrange(1, 12)):
            if data:
                data[chance.randrange(len(data))] = chance.choice(b'0123456789.,-eE"{}[]<>/ \n\x00\xff')
        file.write_bytes(data)
        read_whatever_it_is(path, name)


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in a document."""
    found = [at] if at else []
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, inner in entries:
        found += places(inner, (*at, key))
    return found


@pytest.mark.parametrize("name", JSON)
def test_values_of_another_kind(tmp_path: Path, name: str) -> None:
    known = format_named(name)
    path = target(tmp_path, known)
    known.write(view(IBUG, missing=False), path)
    file = the_file(path)
    whole = json.loads(file.read_text())
    chance = random.Random(name)
    ways = places(whole)
    shallow = [way for way in ways if len(way) < 5]
    for way in [*shallow[:60], *chance.sample(ways, 40)]:
        document = json.loads(json.dumps(whole))
        holder = document
        for key in way[:-1]:
            holder = holder[key]
        holder[way[-1]] = chance.choice(ODD)
        file.write_text(json.dumps(document))
        read_whatever_it_is(path, name)
    shutil.rmtree(path, ignore_errors=True)


@pytest.mark.parametrize("value", ODD)
def test_meshes_of_odd_values(tmp_path: Path, value: Any) -> None:
    point = {"x": 0.5, "y": 0.5}
    for faces in (
        value,
        [value],
        [[value] * 478],
        [[{"x": value, "y": 0.5}] * 478],
        [{"landmark": value}],
        [[point] * 478],
    ):
        (tmp_path / "a.json").write_text(json.dumps({"image": "a.jpg", "face_landmarks": faces}))
        read_whatever_it_is(tmp_path / "a.json", "mediapipe")
