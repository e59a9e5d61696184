"""Reads our CSV, also as spreadsheets save it: semicolons or tabs, decimal commas, UTF-16 or a Windows code page, empty rows.

What cannot be told (commas both between and inside numbers) is refused with the line and the true reason.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

import numpy as np

from annotator.domain.annotation import Flag, LandmarkState, ReviewState
from annotator.domain.errors import FormatError
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import ImportedDataset, ImportedFrame, repeated
from annotator.formats.cells import as_meant
from annotator.formats.named import AS_NAMED, mapped, scheme_of
from annotator.formats.texts import bounded_text

_STATES: Final[dict[str, LandmarkState | None]] = {
    "": None,
    **{state.name.lower(): state for state in LandmarkState},
}
_REVIEWS: Final[dict[str, ReviewState | None]] = {
    "": None,
    **{state.name.lower(): state for state in ReviewState},
}
_YES, _NO = ("1", "true", "yes", "wahr", "vrai"), ("0", "false", "no", "falsch", "faux")
_OCCLUDED: Final = {"": 0, **dict.fromkeys(_YES, 0), **dict.fromkeys(_NO, int(Flag.OCCLUDED))}
_OUTSIDE: Final = {"": 0, **dict.fromkeys(_NO, 0), **dict.fromkeys(_YES, int(Flag.OUT_OF_FRAME))}
_NOTHING: Final = frozenset({"", "nan", "na", "n/a", "#n/a", "#nv", "null", "none", "-"})
_T = TypeVar("_T")
_WORDS: Final = ("frame", "landmark", "subject", "take", "camera", "index", "model")
_NEEDED: Final = ("frame", "landmark", "x", "y")
_MAX_BYTES: Final = 2**30
_DELIMITERS: Final = (",", ";", "\t", "|")
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+")
_SPACES: Final = re.compile(
    r"[\s\u00a0\u202f'\u2019]+"
)  # between the digits of large numbers, as some countries write

_SPACED: Final = re.compile(
    rf"[+\u2212-]?({_SPACES.pattern})?\d{{1,3}}({_SPACES.pattern}\d{{3}})*([.,]\d*)?", re.ASCII
)
_PLAIN: Final = re.compile(r"[+-]?[\d.,]+(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)

Row = dict[str, str]


def read_csv(path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None) -> ImportedDataset:
    """The frames of a CSV file in order; `names`: its landmarks' names -> the scheme's.

    A line that makes no sense is left out and told; raises FormatError where none makes sense, and where the file as a whole
    cannot be understood.
    """
    columns, lines = _table(path)
    rows: list[tuple[str, Row]] = []
    left_out: dict[str, str] = {}
    for where, values in lines:
        try:
            rows.append((where, _row(columns.names, values, columns.delimiter)))
        except FormatError as error:
            left_out[where] = str(error)
    decimal = _decimal_mark(path, rows)
    frames: dict[str, _Frame] = {}
    if scheme is AS_NAMED:
        scheme = scheme_of(row["landmark"] for _, row in rows)
    places = {landmark: index for index, landmark in enumerate(scheme.names)}
    places |= mapped(list(names or {}), scheme, names or {}, path)
    ignored = {theirs for theirs, ours in (names or {}).items() if not ours}
    for where, row in rows:
        if row["landmark"] in ignored:
            continue
        name = row["frame"].replace("\\", "/")
        frame = frames.get(name) or _Frame(scheme, places, decimal)
        try:
            frame.add(row)
        except FormatError as error:
            left_out[where] = str(error)
            continue
        frames[name] = frame
    if left_out and not frames:
        where, reason = next(iter(left_out.items()))
        raise FormatError(f"{path}, {where}: {reason}")
    notes = []
    if frames and (last := list(frames)[-1]) and frames[last].count < max(f.count for f in frames.values()):
        notes.append(f"the last frame, {last}, has fewer landmarks than others: was the file cut short?")
    return ImportedDataset(
        scheme, tuple(frame.done(name) for name, frame in frames.items()), tuple(notes), left_out
    )


class _Columns(NamedTuple):
    names: Sequence[str]
    delimiter: str


def _table(path: Path) -> tuple[_Columns, list[tuple[str, Sequence[str]]]]:
    """The columns, and every line that holds anything (its place in the file, its fields)."""
    text = bounded_text(path, _MAX_BYTES, windows_too=True)
    first = text.lstrip("\r\n")[:6].lower()
    own = first[4] if first.startswith("sep=") and len(first) > 4 else ""  # a line that Excel understands
    delimiter = own or _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[str, Sequence[str]]] = []
    columns: list[str] | None = None
    try:
        for fields in reader:
            values = [field.strip(" \t\xa0\ufeff") for field in fields]
            if not any(values) or (columns is None and own and values[0].lower() == "sep="):
                continue
            if columns is None:
                columns = _columns(f"{path}, line {reader.line_num}", values)
            else:
                lines.append((f"line {reader.line_num}", values))
    except csv.Error as error:
        raise FormatError(f"{path}, line {reader.line_num}: {error}; was the file cut short?") from None
    if columns is None:
        raise FormatError(
            f"{path}, line 1: no column {', '.join(_NEEDED)}; the first line must name the columns"
        )
    return _Columns(columns, delimiter), lines


def _delimiter(text: str) -> str:
    """What parts the columns, told by the first line that is not empty: the one that gives the most of our column names."""
    head = next((line for line in text.splitlines() if line.strip(" ,;|\t\ufeff")), "")

    def known(delimiter: str) -> int:
        try:
            names = next(csv.reader([head], delimiter=delimiter), [])
        except csv.Error:
            return 0
        return len({name.strip().casefold() for name in names} & set(_NEEDED))

    return max(_DELIMITERS, key=known)  # the comma where nothing tells


def _columns(where: str, values: Sequence[str]) -> list[str]:
    columns = [value.casefold() for value in values]
    lacking = [name for name in _NEEDED if name not in columns]
    if lacking:
        raise FormatError(f"{where}: no column {', '.join(lacking)}; the first line must name the columns")
    twice = repeated(columns) - {""}
    if twice:
        raise FormatError(f"{where}: the column {min(twice)} comes twice; remove one of them")
    return columns


def _row(columns: Sequence[str], values: Sequence[str], delimiter: str) -> Row:
    if len(values) < len(columns):
        raise FormatError("fewer fields than columns; was the file cut short?")
    if any(values[len(columns) :]):
        hint = (
            "are there decimal commas in it? Save it with semicolons between the columns, or with decimal points"
            if delimiter == ","
            else "remove them, or name their columns"
        )
        raise FormatError(f"more fields than columns; {hint}")
    row = dict(zip(columns, values, strict=False))
    row |= {column: as_meant(row[column]) for column in _WORDS if column in row}
    if not row["frame"]:
        raise FormatError("the frame is empty")
    return row


def _decimal_mark(path: Path, rows: Sequence[tuple[str, Row]]) -> str:
    """The decimal mark of a file's numbers, "." or ","; raises FormatError where they do not tell."""
    commas, grouped = "", ""
    for where, row in rows:
        for text in (_SPACES.sub("", row["x"]), _SPACES.sub("", row["y"])):
            if "," not in text:
                continue
            if "." in text:
                if text.rfind(",") > text.rfind("."):
                    return ","
                return "."
            if _GROUPED.fullmatch(text):
                grouped = grouped or f"{path}, {where}: {text!r}"
            else:
                commas = commas or text
    if commas or not grouped:
        return "," if commas else "."
    points = any("." in row["x"] + row["y"] for _, row in rows)
    if points:
        return "."  # commas between thousands, points before decimals
    raise FormatError(
        f"{grouped} may mean thousands or a decimal comma, and no other number of the file tells; "
        "save it with decimal points"
    )


def _number(column: str, text: str, decimal: str) -> float:
    spaced = text.strip()
    if _SPACES.search(spaced) and not _SPACED.fullmatch(spaced):
        raise FormatError(f"{column} must be one number, not {text!r}")
    plain = _SPACES.sub("", spaced).replace("\u2212", "-")
    if not _PLAIN.fullmatch(plain):
        raise FormatError(f"{column} must be a number, not {text!r}")
    other = "." if decimal == "," else ","
    if other in plain and not re.fullmatch(rf"[+-]?\d{{1,3}}(\{other}\d{{3}})+(\{decimal}\d*)?", plain):
        if decimal == "," and "," not in plain:
            other = ""  # a number that was typed with a point among others with commas
        else:
            raise FormatError(f"{column} must be a number, not {text!r}")
    try:
        value = float(plain.replace(other, "").replace(decimal, ".") if other else plain)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:
        raise FormatError(f"{column} must be a number, not {text!r}")
    return value


class _Frame:
    """One frame's lines, gathered."""

    def __init__(self, scheme: LandmarkScheme, places: dict[str, int], decimal: str) -> None:
        self._scheme, self._places, self._decimal = scheme, places, decimal
        self._xy = np.full((scheme.size, 2), np.nan, np.float32)
        self._flags = np.zeros(scheme.size, np.uint8)
        self._state = np.zeros(scheme.size, np.uint8)
        self._seen: set[int] = set()
        self._told = True
        self._review: ReviewState | None = None
        self._first: Row = {}

    @property
    def count(self) -> int:
        return len(self._seen)

    def add(self, row: Row) -> None:
        """Takes one line; raises FormatError, and is as it was, where it makes no sense."""
        index = self._places.get(row["landmark"], -1)
        if index < 0:
            raise FormatError(f"{row['landmark']!r} is no landmark of {self._scheme.id}")
        placed = not (row["x"].casefold() in _NOTHING and row["y"].casefold() in _NOTHING)
        numbers = [_number(column, row[column], self._decimal) if placed else np.nan for column in "xy"]
        xy = np.array(numbers, np.float32)
        flags = _choice(row, "visible", _OCCLUDED) | _choice(row, "out_of_frame", _OUTSIDE)
        state, review = _choice(row, "state", _STATES), _choice(row, "review", _REVIEWS)
        if state is not None and placed != (state != LandmarkState.MISSING):
            raise FormatError(f"the state {row['state']} does not go with {'a' if placed else 'no'} place")
        if index in self._seen:
            if np.array_equal(self._xy[index], xy, equal_nan=True):
                return
            self._xy[index], self._state[index], self._flags[index] = np.nan, 0, 0
            raise FormatError(
                f"{row['landmark']} of {row['frame']} comes twice, in two places; remove one of the lines"
            )
        self._seen.add(index)
        self._first = self._first or row
        self._xy[index], self._flags[index], self._state[index] = xy, flags, state or 0
        self._told &= state is not None
        self._review = self._review if review is None else review

    def done(self, path: str) -> ImportedFrame:
        """The frame, once all its lines are in."""
        size = [_side(self._first.get(key, "")) for key in ("width", "height")]
        subject, take, camera, index = (
            self._first.get(key, "") for key in ("subject", "take", "camera", "index")
        )
        state = self._state if self._told else None
        told = (size[0], size[1], subject, take, camera, index)
        return ImportedFrame(path, self._xy, self._flags, state, self._review, *told)


def _side(text: str) -> int:
    """Pixels of a picture's side, 0 where the text is no whole number; `4096,0` and `4 096` are."""
    plain = re.sub(r"[.,]0*$", "", _SPACES.sub("", text))
    return int(plain) if plain.isascii() and plain.isdigit() else 0


def _choice(row: Row, column: str, choices: dict[str, _T]) -> _T:
    text = re.sub(r"^([01])[.,]0+$", r"\1", row.get(column, "").strip().lower())
    if text not in choices:
        known = ", ".join(choice for choice in choices if choice)
        raise FormatError(f"{column} must be one of {known}, not {row[column]!r}")
    return choices[text]
