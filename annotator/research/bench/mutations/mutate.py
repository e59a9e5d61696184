"""One damaged input from a sound one, by a random generator: bits, bytes and blocks, or values by the format's own fields."""

import json
import re
import sqlite3
import tomllib
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_TEXTS = (
    *(b"nan", b"-inf", b"1e309", b"9" * 5000, b"-1", b"0", b"", b"abc", b"1e30", b"=1+1"),
    *(b"\x00", b"\xff\xfe", b'"', b"2026-01-01"),
)
_VALUES: tuple[Any, ...] = (
    "",
    "abc",
    "x" * 5000,
    "a\0b",
    -1,
    0,
    2**31,
    2**63 - 1,
    1e308,
    float("nan"),
    float("inf"),
    True,
    [],
    {},
    [[]],
    {"a": {"b": [1, "c"]}},
    [1] * 3000,
    b"\x01\x02",
    b"\xff" * 300,
    None,
)


def mutate(data: bytes, others: Sequence[bytes], random: np.random.Generator) -> bytes:
    """Some bytes otherwise: flipped, cut, doubled, replaced, or a piece of another input in their place."""
    ways: tuple[Callable[[bytes, Sequence[bytes], np.random.Generator], bytes], ...] = (
        _flip,
        _flip,
        _cut,
        _repeat,
        _splice,
        _set_numbers,
        _tokens,
    )
    for _ in range(int(random.integers(1, 4))):
        data = ways[int(random.integers(len(ways)))](data, others, random)
    return data


def mutate_text(data: bytes, random: np.random.Generator) -> bytes:
    """A text otherwise by its words and lines, still a text: numbers, words and lines replaced, doubled, swapped, taken away."""
    for _ in range(int(random.integers(1, 4))):
        if random.random() < 0.6:
            data = _tokens(data, (), random)
            continue
        lines = data.split(b"\n")
        at, other = (int(random.integers(len(lines))) for _ in range(2))
        way = int(random.integers(4))
        if way == 0:
            del lines[at]
        elif way == 1:
            lines.insert(other, lines[at])
        elif way == 2:
            lines[at], lines[other] = lines[other], lines[at]
        else:
            words = lines[at].split(b" ")
            words[int(random.integers(len(words)))] = _TEXTS[int(random.integers(len(_TEXTS)))]
            lines[at] = b" ".join(words)
        data = b"\n".join(lines)
    return data


def mutate_table(text: str, is_json: bool, random: np.random.Generator) -> bytes | None:
    """A JSON or TOML text with values of other types; None where it is none, or the format cannot hold the new value."""
    try:
        value = json.loads(text) if is_json else tomllib.loads(text)
        for _ in range(int(random.integers(1, 4))):
            _replace(value, random, is_json)
        return (json.dumps(value) if is_json else tomli_w.dumps(value)).encode("utf-8", "surrogatepass")
    except (ValueError, TypeError, AttributeError):
        return None


def mutate_rows(path: Path, random: np.random.Generator) -> None:
    """Other values in some columns of a project's tables, in place; triggers are dropped, as a damaged disk knows none."""
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA foreign_keys = OFF")
        for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            file.execute(f'DROP TRIGGER "{name}"')
        tables = [
            row[0]
            for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        ]
        for _ in range(int(random.integers(1, 6))):
            table = tables[int(random.integers(len(tables)))]
            columns = [row[1] for row in file.execute(f'PRAGMA table_info("{table}")')]
            column = columns[int(random.integers(len(columns)))]
            present = file.execute(f'SELECT "{column}" FROM "{table}" LIMIT 1').fetchone()
            value = _other(present[0] if present else None, random)
            where = (
                ""
                if random.random() < 0.3
                else f'WHERE "{columns[0]}" = (SELECT min("{columns[0]}") FROM "{table}")'
            )
            with suppress(sqlite3.Error, OverflowError):
                file.execute(f'UPDATE "{table}" SET "{column}" = ? {where}', (value,))
        file.commit()


def _other(present: Any, random: np.random.Generator) -> Any:
    """A value in place of one: damaged bytes or JSON of the same kind, or something of another type."""
    if isinstance(present, bytes) and random.random() < 0.6:
        return mutate(present, (), random)
    if isinstance(present, str) and random.random() < 0.5:
        return mutate(present.encode(), (), random).decode("utf-8", "replace")
    value = _VALUES[int(random.integers(len(_VALUES)))]
    return json.dumps(value) if isinstance(value, list | dict) else value


def _replace(value: Any, random: np.random.Generator, is_json: bool) -> None:
    """One value somewhere inside, changed in place; also taken away, or nested too deeply to be meant."""
    while isinstance(value, dict | list) and value:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = keys[int(random.integers(len(keys)))]
        inner = value[key]
        if isinstance(inner, dict | list) and inner and random.random() < 0.9:
            value = inner
            continue
        if random.random() < 0.15:
            del value[key]
        elif random.random() < 0.1:
            deep: Any = 1
            for _ in range(200):
                deep = [deep]
            value[key] = deep
        else:
            value[key] = _VALUES[int(random.integers(len(_VALUES)))]
            if isinstance(value[key], bytes) and not is_json:
                value[key] = "text"
        return


def _flip(data: bytes, _others: Sequence[bytes], random: np.random.Generator) -> bytes:
    found = bytearray(data)
    for _ in range(int(random.integers(1, 17)) if found else 0):
        # headers are where the sizes are
        most = min(len(found), 400) if random.random() < 0.6 else len(found)
        found[int(random.integers(most))] ^= 1 << int(random.integers(8))
    return bytes(found)


def _cut(data: bytes, _others: Sequence[bytes], random: np.random.Generator) -> bytes:
    return data[: int(random.integers(len(data) + 1))]


def _repeat(data: bytes, _others: Sequence[bytes], random: np.random.Generator) -> bytes:
    start, stop = sorted(int(random.integers(len(data) + 1)) for _ in range(2))
    times = int(random.integers(2, 50)) if stop - start < 4000 else 2
    return data[:stop] + data[start:stop] * times + data[stop:]


def _splice(data: bytes, others: Sequence[bytes], random: np.random.Generator) -> bytes:
    other = others[int(random.integers(len(others)))] if others else data[::-1]
    at, start = int(random.integers(len(data) + 1)), int(random.integers(len(other) + 1))
    length = int(random.integers(1, 200))
    return data[:at] + other[start : start + length] + data[at + length * int(random.integers(2)) :]


def _set_numbers(data: bytes, _others: Sequence[bytes], random: np.random.Generator) -> bytes:
    """What binary headers hold: small whole numbers, replaced by the ends of their range."""
    found = bytearray(data)
    for _ in range(int(random.integers(1, 4)) if len(found) > 8 else 0):
        width = int(random.choice((1, 2, 4, 8)))
        at = int(random.integers(min(len(found), 600) - width)) if len(found) > width + 1 else 0
        kinds = (
            b"\xff" * width,
            bytes(width),
            b"\x7f" + b"\xff" * (width - 1),
            b"\xff" * (width - 1) + b"\x7f",
        )
        found[at : at + width] = kinds[int(random.integers(len(kinds)))]
    return bytes(found)


def _tokens(data: bytes, _others: Sequence[bytes], random: np.random.Generator) -> bytes:
    """What texts hold: a number, or a line, replaced."""
    found = list(_NUMBER.finditer(data[:200_000]))
    if not found:
        return data
    one = found[int(random.integers(len(found)))]
    return data[: one.start()] + _TEXTS[int(random.integers(len(_TEXTS)))] + data[one.end() :]
