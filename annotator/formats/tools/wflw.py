"""WFLW: one line a face: x and y of its points, box, six attributes, and the picture's path.

Convention: taken as pixel centres from 0, as the tools that train on it do: x is ours minus 0.5 (and y). Points have no names:
98 are WFLW's own, 68 the iBUG markup, and a list as long as the scheme is in its order. A frame that lacks a point is left out;
occlusion is told for a whole face only (the fifth attribute).
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from annotator.domain.progress import Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import PLAIN, DatasetView, ImportedDataset, WriteOptions, Written
from annotator.formats.look import Look
from annotator.formats.named import Point, Reading, number_in, numbered
from annotator.formats.placed import each, placed, write_text
from annotator.formats.texts import bounded_text

SHIFT = -0.5
_MAX_BYTES = 256 << 20
_TAIL = 11  # box, attributes, path
_OCCLUSION = 4  # its place among the attributes


class Wflw:
    """The WFLW list format."""

    name = "wflw"
    title = "WFLW list (text)"
    extensions: tuple[str, ...] = (".txt",)
    writes_folder = False
    convention = "0-based pixel centres: x, y are 0.5 less than Annotator's; complete frames only, in the scheme's order"
    occlusion = False
    confidence = False
    writes = True

    def recognises(self, look: Look) -> bool:
        """Lines of an even number of coordinates, ten whole numbers and a path."""
        return bool(look.lines) and _count(look.lines[0]) > 0

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One list; frames that lack a landmark are left out and told."""
        skipped: dict[str, str] = {}

        def text() -> tuple[str, int]:
            lines = []
            total = 0
            for item in each(dataset, progress, stop):
                points = placed(item, dataset, options, SHIFT)
                whole = [point for point in points if point is not None]
                if len(whole) < len(points):
                    skipped[item.frame.path] = f"lacks {len(points) - len(whole)} of {len(points)} points"
                    continue
                if any(character.isspace() for character in item.frame.path):
                    skipped[item.frame.path] = "has a space in its path, which ends a column of a WFLW list"
                    continue
                xy = np.array([[point.x, point.y] for point in whole])
                box = np.concatenate([np.floor(xy.min(0)), np.ceil(xy.max(0))]).astype(int)
                attributes = [0] * 6
                attributes[_OCCLUSION] = int(any(point.occluded for point in whole))
                lines.append(
                    " ".join(
                        [f"{value:.6f}" for value in xy.ravel()]
                        + [str(v) for v in (*box, *attributes)]
                        + [item.frame.path]
                    )
                )
                total += len(whole)
            return "".join(f"{line}\n" for line in lines), total

        written = write_text(dataset, path, options, text)
        return Written(written.files, written.frames - len(skipped), written.landmarks, skipped)

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """The faces of a list; lines that are none, and pictures of several faces, are left out and told."""
        reading = Reading(path, scheme, names)
        faces: dict[str, list[dict[str, Point]]] = {}
        for number, line in enumerate(bounded_text(path, _MAX_BYTES).splitlines(), 1):
            if not line.strip():
                continue
            count = _count(line)
            if not count:
                reading.left_out[f"line {number}"] = (
                    f"line {number} has not x and y of points, box, attributes and a path"
                )
                continue
            cells = line.split()
            values = [number_in(cells, at) - SHIFT for at in range(2 * count)]
            points: list[Point | None] = [Point(values[2 * at], values[2 * at + 1]) for at in range(count)]
            faces.setdefault(cells[-1], []).append(numbered(points))
        for picture, found in faces.items():
            reading.add(picture, found)
        return reading.dataset()


def _count(line: str) -> int:
    """How many points a line has; 0 for one that is no face of such a list."""
    cells = line.split()
    numbers = len(cells) - _TAIL
    good = numbers >= 6 and numbers % 2 == 0 and all(cell in ("0", "1") for cell in cells[-7:-1])
    return numbers // 2 if good and number_in(cells, 0) == number_in(cells, 0) else 0
