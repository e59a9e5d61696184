"""What the formats of takes in a single file have in common: everything but their text."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO

from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.formats.base import (
    PLAIN,
    DatasetView,
    ImportedDataset,
    WriteOptions,
    Written,
    check_target,
    write_one_file,
)
from annotator.formats.look import Look
from annotator.formats.takes.by_camera import CameraPaths, by_camera


class TakeFile:
    """A text file with all cameras; subclasses say how each is written."""

    name = ""
    title = ""
    extensions: tuple[str, ...] = ()
    writes_folder = False
    occlusion = confidence = False
    writes = True
    convention = ""

    def head(self, cameras: list[CameraPaths]) -> str:
        """What stands before the first camera."""
        raise NotImplementedError

    def parts(self, camera: CameraPaths) -> Iterable[str]:
        """The text of one camera, in pieces."""
        raise NotImplementedError

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """One file, all or nothing; frames without a number among others that have one are left out and told."""
        check_target(dataset, path, options)
        cameras, left_out = by_camera(dataset, options)

        def content(file: IO[str]) -> Written:
            file.write(self.head(cameras))
            for done, camera in enumerate(cameras, 1):
                for part in self.parts(camera):
                    if stop():
                        raise Cancelled("export stopped; nothing was written")
                    file.write(part)
                progress(done, len(cameras), camera.name)
            frames = sum(len(camera.items) for camera in cameras)
            return Written((path,), frames, sum(int(camera.placed.sum()) for camera in cameras), left_out)

        return write_one_file(dataset, path, content, newline="\n")

    def recognises(self, look: Look) -> bool:
        """Never: nothing is read."""
        return False

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """Refuses: the file has no states, flags or frame names to read."""
        raise refused(path)


def refused(path: Path) -> FormatError:
    """What is told of a file that is written for other programs alone."""
    return FormatError(
        f"{path} is for other programs and cannot be read back; export csv, coco or pts for that"
    )


def number_text(value: float) -> str:
    """A number with at most four decimals, never with an exponent."""
    text = f"{value:.4f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
