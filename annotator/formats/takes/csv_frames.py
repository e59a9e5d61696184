"""CSV by frame: a line a frame, with two columns for each landmark, for spreadsheets and animation.

Columns: subject, take, camera, frame (its number), seconds (from the camera's first frame on), file, then NAME_x and NAME_y.
Convention: Annotator's own. A missing landmark has empty cells.
"""

import csv
import io
from collections.abc import Iterator

from annotator.formats.cells import defused
from annotator.formats.takes.by_camera import CameraPaths
from annotator.formats.takes.one_file import TakeFile, number_text


class CsvFrames(TakeFile):
    """A line a frame."""

    name = "csv-frames"
    title = "CSV, one line a frame"
    extensions: tuple[str, ...] = (".csv",)
    convention = "Annotator's own: (0, 0) is the outer corner of the first pixel, its centre (0.5, 0.5)"

    def head(self, cameras: list[CameraPaths]) -> str:
        """The names of the columns."""
        names = cameras[0].landmarks if cameras else ()
        axes = [f"{name}_{axis}" for name in names for axis in "xy"]
        return _line(["subject", "take", "camera", "frame", "seconds", "file", *axes])

    def parts(self, camera: CameraPaths) -> Iterator[str]:
        """The lines of one camera."""
        for item, number, xy in zip(camera.items, camera.numbers.tolist(), camera.xy, strict=True):
            frame, seconds = item.frame, (number - int(camera.numbers[0])) / float(camera.rate)
            words = [defused(text) for text in (frame.subject, frame.take, frame.camera)]
            cells = ["" if value != value else number_text(value) for value in xy.ravel().tolist()]
            yield _line([*words, str(number), f"{seconds:.6f}", defused(frame.path), *cells])


def _line(cells: list[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
