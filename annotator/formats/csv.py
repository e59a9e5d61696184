"""Our CSV: one line a landmark of a frame, for spreadsheets and scripts.

Columns: frame (relative path), landmark, x, y, state (missing, proposed, corrected, confirmed), visible (0:
occluded), out_of_frame (0 or 1), review, width, height, subject, take, camera, index, model. Convention:
Annotator's own; (0, 0) is the outer corner of the first pixel, its centre (0.5, 0.5). A missing landmark has
empty x and y. Only the first four columns are needed for reading; all others may be left out, and unknown
ones are ignored. Words that a spreadsheet would take for a formula have an apostrophe before them, which reading takes away.
"""

import csv
import io
from pathlib import Path
from typing import IO, Final, TypeVar

import numpy as np

from annotator.domain.annotation import Flag, LandmarkState, ReviewState
from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import (
    PLAIN,
    DatasetFrame,
    DatasetView,
    ImportedDataset,
    ImportedFrame,
    WriteOptions,
    Written,
    bounded_text,
    check_target,
    columns_of,
    short_decimals,
    write_one_file,
)
from annotator.formats.cells import as_meant, defused

_COLUMNS: Final = (
    *("frame", "landmark", "x", "y", "state", "visible", "out_of_frame", "review"),
    *("width", "height", "subject", "take", "camera", "index", "model"),
)
_STATES: Final[dict[str, LandmarkState | None]] = {
    "": None,
    **{state.name.lower(): state for state in LandmarkState},
}
_REVIEWS: Final[dict[str, ReviewState | None]] = {
    "": None,
    **{state.name.lower(): state for state in ReviewState},
}
_OCCLUDED: Final = {"": 0, "1": 0, "0": int(Flag.OCCLUDED)}
_OUTSIDE: Final = {"": 0, "0": 0, "1": int(Flag.OUT_OF_FRAME)}
_T = TypeVar("_T")
_WORDS: Final = ("frame", "landmark", "subject", "take", "camera", "index", "model")
_NEEDED: Final = ("frame", "landmark", "x", "y")
_MAX_BYTES: Final = 2**30


class Csv:
    """Annotator's CSV format."""

    name = "csv"
    title = "CSV, one line a landmark"
    extensions: tuple[str, ...] = (".csv",)
    writes_folder = False
    convention = "Annotator's own: (0, 0) is the outer corner of the first pixel, its centre (0.5, 0.5)"

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One CSV file with every landmark of every frame, all or nothing."""
        check_target(dataset, path, options)
        scheme = dataset.scheme
        columns = columns_of(scheme, options)

        def content(file: IO[str]) -> Written:
            placed = 0
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            for number, item in enumerate(dataset.frames, 1):
                if stop():
                    raise Cancelled("export stopped; nothing was written")
                writer.writerows(_rows(item, scheme, columns))
                placed += int(np.isfinite(item.annotation.xy[columns]).all(-1).sum())
                progress(number, len(dataset.frames), item.frame.path)
            return Written((path,), len(dataset.frames), placed)

        return write_one_file(dataset, path, content, newline="")

    def read(self, path: Path, scheme: LandmarkScheme) -> ImportedDataset:
        """The frames of a CSV file in order; raises FormatError that names the line."""
        reader = csv.DictReader(io.StringIO(bounded_text(path, _MAX_BYTES), newline=""), strict=True)
        frames: dict[str, _Frame] = {}
        places = {landmark: index for index, landmark in enumerate(scheme.names)}
        try:
            lacking = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
            if lacking:
                raise FormatError(
                    f"{path}, line 1: no column {', '.join(lacking)}; the first line must name the columns"
                )
            for row in reader:
                where = f"{path}, line {reader.line_num}"
                if any(row[name] is None for name in reader.fieldnames or ()):
                    raise FormatError(f"{where}: fewer fields than columns; was the file cut short?")
                row |= {column: as_meant(row[column]) for column in _WORDS if column in row}
                name = row["frame"].replace("\\", "/")
                if not name:
                    raise FormatError(f"{where}: the frame is empty")
                if name not in frames:
                    frames[name] = _Frame(scheme, places)
                frames[name].add(where, row)
        except csv.Error as error:
            raise FormatError(f"{path}, line {reader.line_num}: {error}; was the file cut short?") from None
        notes = []
        if (
            frames
            and (last := list(frames)[-1])
            and frames[last].count < max(frame.count for frame in frames.values())
        ):
            notes.append(f"the last frame, {last}, has fewer landmarks than others: was the file cut short?")
        return ImportedDataset(
            scheme, tuple(frame.done(name) for name, frame in frames.items()), tuple(notes)
        )


def _rows(item: DatasetFrame, scheme: LandmarkScheme, columns: list[int]) -> list[list[object]]:
    annotation, frame = item.annotation, item.frame
    values = short_decimals(annotation.xy, 0.0).tolist()
    tail = [
        annotation.review.name.lower(),
        frame.width,
        frame.height,
        *(defused(token) for token in (frame.subject, frame.take, frame.camera, frame.index)),
    ]
    path = defused(frame.path)
    rows: list[list[object]] = []
    for i in columns:
        state, flags = LandmarkState(int(annotation.state[i])), int(annotation.flags[i])
        x, y = values[i] if state else ("", "")
        visible, outside = int(not flags & Flag.OCCLUDED), int(bool(flags & Flag.OUT_OF_FRAME))
        model = defused(item.model_id or "") if state == LandmarkState.PROPOSED else ""
        rows.append(
            [path, defused(scheme.names[i]), x, y, state.name.lower(), visible, outside, *tail, model]
        )
    return rows


class _Frame:
    """One frame's lines, gathered."""

    def __init__(self, scheme: LandmarkScheme, places: dict[str, int]) -> None:
        self._scheme, self._places = scheme, places
        self._xy = np.full((scheme.size, 2), np.nan, np.float32)
        self._flags = np.zeros(scheme.size, np.uint8)
        self._state = np.zeros(scheme.size, np.uint8)
        self._seen: set[int] = set()
        self._told = True
        self._review: ReviewState | None = None
        self._first: dict[str, str] = {}

    @property
    def count(self) -> int:
        return len(self._seen)

    def add(self, where: str, row: dict[str, str]) -> None:
        """Takes one line; raises FormatError where it makes no sense."""
        index = self._places.get(row["landmark"], -1)
        if index < 0:
            raise FormatError(f"{where}: {row['landmark']!r} is no landmark of {self._scheme.id}")
        if index in self._seen:
            raise FormatError(
                f"{where}: {row['landmark']} of {row['frame']} comes twice; remove one of the lines"
            )
        self._seen.add(index)
        self._first = self._first or row
        placed = bool(row["x"] or row["y"])
        if placed:
            self._xy[index] = _number(where, row, "x"), _number(where, row, "y")
        self._flags[index] = _choice(where, row, "visible", _OCCLUDED) | _choice(
            where, row, "out_of_frame", _OUTSIDE
        )
        state = _choice(where, row, "state", _STATES)
        self._told &= state is not None
        if state is not None and placed != (state != LandmarkState.MISSING):
            raise FormatError(
                f"{where}: the state {row['state']} does not go with {'a' if placed else 'no'} place"
            )
        self._state[index] = state or 0
        review = _choice(where, row, "review", _REVIEWS)
        self._review = self._review if review is None else review

    def done(self, path: str) -> ImportedFrame:
        """The frame, once all its lines are in."""
        size = [
            int(text) if (text := self._first.get(key, "")).isdigit() else 0 for key in ("width", "height")
        ]
        tokens = [self._first.get(key, "") for key in ("subject", "take", "camera", "index")]
        state = self._state if self._told else None
        return ImportedFrame(path, self._xy, self._flags, state, self._review, size[0], size[1], *tokens)


def _number(where: str, row: dict[str, str], column: str) -> float:
    try:
        value = float(row[column])
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:
        raise FormatError(f"{where}: {column} must be a number, not {row[column]!r}")
    return value


def _choice(where: str, row: dict[str, str], column: str, choices: dict[str, _T]) -> _T:
    text = row.get(column, "").strip().lower()
    if text not in choices:
        known = ", ".join(choice for choice in choices if choice)
        raise FormatError(f"{where}: {column} must be one of {known}, not {row[column]!r}")
    return choices[text]
