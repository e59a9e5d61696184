"""A text file of one line a landmark: path, name, x, y, parted by tabs. The example of a format of your own.

Convention: pixel centres from 0, so x is Annotator's minus 0.5 (and y). No occlusion, no confidence.
"""

from collections.abc import Mapping
from pathlib import Path

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions, Written
from annotator.formats.look import Look
from annotator.formats.named import Point, Reading, number_in
from annotator.formats.placed import each, placed, write_text
from annotator.formats.texts import bounded_text

SHIFT = -0.5
_FIRST = "#points"
_MAX_BYTES = 64 << 20


class Points:
    """The format; `docs/house.md` says what each part is for."""

    name = "points"
    title = "Points (text)"
    extensions: tuple[str, ...] = (".points",)
    writes_folder = False
    convention = "0-based pixel centres: x, y are 0.5 less than Annotator's"
    occlusion = False
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """A text that begins with our mark."""
        return look.text.startswith(_FIRST)

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One file, whole or not at all."""

        def text() -> tuple[str, int]:
            lines = [_FIRST]
            for item in each(dataset, progress, stop):
                for point in placed(item, dataset, options, SHIFT):
                    if point is not None:
                        lines.append(f"{item.frame.path}\t{point.name}\t{point.x}\t{point.y}")
            return "\n".join(lines) + "\n", len(lines) - 1

        return write_text(dataset, path, options, text)

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """The frames of a file; `names` and what is no landmark are `Reading`'s matter."""
        frames: dict[str, dict[str, Point]] = {}
        reading = Reading(path, scheme, names)
        for number, line in enumerate(bounded_text(path, _MAX_BYTES).splitlines()[1:], 2):
            cells = line.split("\t")
            if len(cells) != 4:
                reading.left_out[f"line {number}"] = "is not path, name, x and y"
                continue
            point = Point(number_in(cells, 2) - SHIFT, number_in(cells, 3) - SHIFT)
            frames.setdefault(cells[0], {})[cells[1]] = point
        for frame, points in frames.items():
            reading.add(frame, [points])
        return reading.dataset()
