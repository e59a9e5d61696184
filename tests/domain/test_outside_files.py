"""Reading what comes from outside: pipes, devices, folders, sizes and depth."""

import json
import os
import socket
import sys
from pathlib import Path

import pytest

from annotator.domain.outside_files import (
    NoRegularFile,
    check_regular,
    open_regular,
    parse_json,
    parse_toml,
    read_outside,
    read_outside_text,
    unusable_name,
)


def test_a_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"one\r\ntwo\rthree\n")
    assert read_outside(file, 100) == b"one\r\ntwo\rthree\n"
    assert read_outside_text(file) == "one\ntwo\nthree\n"


def test_no_more_is_read_than_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "big"
    file.write_bytes(bytes(1000))
    with pytest.raises(OSError, match="more than"):
        read_outside(file, 999)
    assert len(read_outside(file, 1000)) == 1000


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "link to a pipe"])
def test_what_is_no_file_is_not_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "x.jpg"
    held = socket.socket(socket.AF_UNIX)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        held.bind(str(path))
    elif kind == "device":
        path = Path("/dev/zero")
    else:
        os.mkfifo(tmp_path / "pipe")
        path.symlink_to(tmp_path / "pipe")
    for read in (check_regular, open_regular, lambda p: read_outside(p, 10)):
        with pytest.raises(NoRegularFile, match="not a file"):
            read(path)
    held.close()


def test_a_folder_and_nothing_are_told_as_ever(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_outside(tmp_path, 10)
    with pytest.raises(FileNotFoundError):
        read_outside(tmp_path / "none", 10)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 50_000,
        "a = " + "[" * 200 + "]" * 200,
        "a = " + "{b = " * 5000,
        ".".join("a" * 3000) + " = 1",
        "a = " + "9" * 5000,
        "a = 2026-13-45",
        "a",
        "\0",
    ],
)
def test_toml_that_is_none_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_toml(text)


@pytest.mark.parametrize("text", ["[" * 100_000, "[" * 200 + "]" * 200, "9" * 5000, "{", '{"a":' * 90_000])
def test_json_that_is_none_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_json(text)


def test_what_people_write_is_read() -> None:
    assert parse_toml("a = [[1, 2], [3]]\n[b.c.d]\ne = 1979-05-27")["a"] == [[1, 2], [3]]
    assert parse_json(json.dumps({"a": [{"b": [1.5, None]}]})) == {"a": [{"b": [1.5, None]}]}


@pytest.mark.parametrize("name", ["CON", "con", "aux.toml", "COM1", "lpt9.x.y", "a.", "a "])
def test_names_that_some_system_cannot_have_are_told(name: str) -> None:
    assert unusable_name(name)


@pytest.mark.parametrize("name", ["console", "com", "com10", "starter@1", "nullify.toml", "a.b"])
def test_other_names_are_fine(name: str) -> None:
    assert unusable_name(name) == ""
