"""Our CSV: one line a landmark of a frame, for spreadsheets and scripts.

Columns: frame (relative path), landmark, x, y, state (missing, proposed, tracked, corrected, confirmed),
visible (0: occluded), out_of_frame (0 or 1), review, width, height, subject, take, camera, index, model. Convention:
Annotator's own; (0, 0) is the outer corner of the first pixel, its centre (0.5, 0.5). A missing landmark has
empty x and y. Only the first four columns are needed for reading; all others may be left out, and unknown
ones are ignored. What spreadsheets make of it is read, too: see `csv_reader`. Words that a spreadsheet would take for a formula
have an apostrophe before them, which reading takes away.
"""

import csv
import re
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Final

import numpy as np

from annotator.domain.annotation import Flag, LandmarkState
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import (
    PLAIN,
    DatasetFrame,
    DatasetView,
    ImportedDataset,
    WriteOptions,
    Written,
    check_target,
    columns_of,
    write_one_file,
)
from annotator.formats.cells import defused
from annotator.formats.csv_reader import read_csv
from annotator.formats.decimals import short_decimals
from annotator.formats.look import Look

_COLUMNS: Final = (
    *("frame", "landmark", "x", "y", "state", "visible", "out_of_frame", "review"),
    *("width", "height", "subject", "take", "camera", "index", "model"),
)


class Csv:
    """Annotator's CSV format."""

    name = "csv"
    title = "CSV, one line a landmark"
    extensions: tuple[str, ...] = (".csv",)
    writes_folder = False
    convention = "Annotator's own: (0, 0) is the outer corner of the first pixel, its centre (0.5, 0.5)"
    occlusion = True
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """A table whose first row names frame, landmark, x and y, whatever parts its cells."""
        cells = (
            {cell.strip().strip('"').casefold() for cell in re.split(r"[,;\t]", look.lines[0])}
            if look.lines
            else set()
        )
        return {"frame", "landmark"} <= cells

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

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """The frames of a CSV file in order; see `csv_reader.read_csv`."""
        return read_csv(path, scheme, names)


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
