"""DeepLabCut's and Lightning Pose's CSV: three rows of headers (scorer, bodyparts, coords), then a row a picture.

Convention: pixel centres from 0, so x is ours minus 0.5 (and y). There is no place for occlusion. `likelihood`, which
predictions have, is the confidence; it is written where proposals stand among the landmarks.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from annotator.domain.errors import FormatError
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions, Written, columns_of
from annotator.formats.cells import as_meant, defused
from annotator.formats.look import Look
from annotator.formats.named import Point, Reading, number_in
from annotator.formats.placed import Placed, each, placed, write_text
from annotator.formats.texts import bounded_text

SHIFT = -0.5
_MAX_BYTES = 512 << 20
_FOLDER = "labeled-data"
_ROWS = ("scorer", "individuals", "bodyparts", "keypoints", "coords")
_SCORER = "annotator"


class DeepLabCut:
    """The CSV format of DeepLabCut and Lightning Pose."""

    name = "deeplabcut"
    title = "DeepLabCut and Lightning Pose (CSV)"
    extensions: tuple[str, ...] = (".csv",)
    writes_folder = False
    convention = (
        "0-based pixel centres: x, y are 0.5 less than Annotator's; no occlusion, likelihood as confidence"
    )
    occlusion = False
    confidence = True
    writes = True

    def recognises(self, look: Look) -> bool:
        """Rows of headers that begin with scorer and bodyparts."""
        firsts = [line.split(",")[0].strip('"') for line in look.lines[:4]]
        return "bodyparts" in firsts and "coords" in firsts

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One CSV file as of labelled pictures (`labeled-data/...`), with empty cells for what is missing."""

        def text() -> tuple[str, int]:
            file = io.StringIO()
            writer = csv.writer(file, lineterminator="\n")
            headers, rows = written_table(dataset, options, progress, stop)
            for name, cells in headers.items():
                writer.writerow([name, *cells])
            total = 0
            for name, points in rows:
                total += sum(point is not None for point in points)
                values = (value for point in points for value in values_of(point, headers))
                writer.writerow([defused(name), *("" if value is None else value for value in values)])
            return file.getvalue(), total

        return write_text(dataset, path, options, text)

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """Labels or predictions of pictures; of several individuals a row's frame is left out, as one is held."""
        rows = csv.reader(io.StringIO(bounded_text(path, _MAX_BYTES, windows_too=True)))
        try:
            headers, first = _headers(path, rows)
            reading = Reading(path, scheme, names)
            return read_table(
                reading, headers, (row for row in [first, *rows] if any(cell.strip() for cell in row))
            )
        except csv.Error as error:
            raise FormatError(f"{path} is no table: {error}") from None


def written_table(
    dataset: DatasetView, options: WriteOptions, progress: Progress, stop: Stop
) -> tuple[dict[str, list[str]], Iterator[tuple[str, list[Placed | None]]]]:
    """The rows of headers of what is written, and a row a picture: its name, and its landmarks in their order.

    Every landmark has the columns x and y, and likelihood where proposals stand among them.
    """
    names = [dataset.scheme.names[i] for i in columns_of(dataset.scheme, options)]
    scored = any(item.confidence is not None for item in dataset.frames)
    coords = ("x", "y", "likelihood") if scored else ("x", "y")
    headers = {
        "scorer": [_SCORER] * (len(names) * len(coords)),
        "bodyparts": [name for name in names for _ in coords],
        "coords": [*coords] * len(names),
    }
    rows = (
        (f"{_FOLDER}/{item.frame.path}", placed(item, dataset, options, SHIFT))
        for item in each(dataset, progress, stop)
    )
    return headers, rows


def values_of(point: Placed | None, headers: Mapping[str, list[str]]) -> Sequence[float | None]:
    """A landmark's cells, None for one that is missing."""
    count = len(set(headers["coords"]))
    if point is None:
        return [None] * count
    return [point.x, point.y, round(point.confidence, 6)][:count]


def read_table(
    reading: Reading, headers: Mapping[str, list[str]], rows: Iterable[list[str]]
) -> ImportedDataset:
    """What rows of cells say, the index before the values; of several individuals a row's frame is left out, as one is held."""
    parts = headers.get("bodyparts") or headers["keypoints"]
    people = headers.get("individuals") or [""] * len(parts)
    for row in rows:
        reading.add(_picture(row, len(row) - len(parts)), _faces(row, parts, people, headers["coords"]))
    return reading.dataset(list(dict.fromkeys(parts)))


def _headers(path: Path, rows: Iterable[list[str]]) -> tuple[dict[str, list[str]], list[str]]:
    """The cells of each row of headers, without those above the index, and the first row of data."""
    found: dict[str, list[str]] = {}
    for row in rows:
        key = row[0].strip() if row else ""
        if key not in _ROWS:
            lead = next(
                (at for at, cell in enumerate(found.get("coords", [])) if cell in ("x", "y", "likelihood")),
                -1,
            )
            if lead < 0 or not {"bodyparts", "keypoints"} & found.keys():
                raise FormatError(
                    f"{path} lacks the rows of headers bodyparts and coords; is it DeepLabCut's?"
                )
            return {name: cells[lead:] for name, cells in found.items()}, row
        found[key] = [cell.strip() for cell in row]
    raise FormatError(f"{path} has no row below its headers")


def _picture(row: list[str], lead: int) -> str:
    """The path in the index, which is one cell or three (folder, video, picture)."""
    joined = "/".join(as_meant(cell.strip()) for cell in row[: max(lead, 1)] if cell.strip())
    parts = PurePosixPath(joined.replace("\\", "/")).parts
    return "/".join(parts[parts.index(_FOLDER) + 1 :] if _FOLDER in parts else parts)


def _faces(row: list[str], parts: list[str], people: list[str], coords: list[str]) -> list[dict[str, Point]]:
    lead = max(len(row) - len(parts), 1)
    cells: dict[str, dict[str, dict[str, float]]] = {}
    for person, part, coord, value in zip(people, parts, coords, row[lead:], strict=False):
        if value.strip():
            cells.setdefault(person, {}).setdefault(part, {})[coord] = number_in([value], 0)
    nothing = float("nan")
    return [
        {
            part: Point(values["x"] - SHIFT, values["y"] - SHIFT, False, values.get("likelihood", nothing))
            for part, values in found.items()
            if values.get("x") == values.get("x") and "x" in values and "y" in values
        }
        for found in cells.values()
    ]
