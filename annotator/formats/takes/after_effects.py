"""After Effects: keyframe data as text, to be copied and pasted onto a layer; a folder with a file for each camera.

Each landmark is an effect *Point Control*, numbered by its place among those written, from 1. Convention: Annotator's own,
from the upper left corner of the layer. Frames count from the camera's first one, which is 0: paste with the time marker there.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from annotator.domain.errors import FormatError
from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.scheme import LandmarkScheme
from annotator.files import atomic_folder
from annotator.formats.base import (
    MANIFEST,
    PLAIN,
    DatasetView,
    ImportedDataset,
    WriteOptions,
    Written,
    manifest_text,
)
from annotator.formats.look import Look
from annotator.formats.takes.by_camera import CameraPaths, by_camera
from annotator.formats.takes.one_file import number_text, refused


class AfterEffects:
    """Keyframe data of Point Controls."""

    name = "after-effects"
    title = "After Effects, keyframes (a folder)"
    extensions: tuple[str, ...] = (".txt",)
    writes_folder = True
    occlusion = confidence = False
    writes = True
    convention = (
        "Annotator's own, from the upper left corner; frames count from each camera's first one, which is 0"
    )

    def write(
        self,
        dataset: DatasetView,
        path: Path,
        options: WriteOptions = PLAIN,
        progress: Progress = silent,
        stop: Stop = never,
    ) -> Written:
        """`path`/<camera>.txt and `landmarks.txt`, which names the effects; all files or none."""
        cameras, left_out = by_camera(dataset, options)
        names = {f"{camera.name}.txt": camera for camera in cameras}
        for name in (*names, _NAMES):
            if (path / name).exists() and not options.overwrite:
                raise FormatError(
                    f"{path / name} exists already; choose another folder, or allow it to be replaced"
                )
        with atomic_folder(path) as folder:
            for done, name in enumerate((*names, _NAMES), 1):
                if stop():
                    raise Cancelled("export stopped; nothing was written")
                text = keyframes(names[name]) if name in names else _numbered(cameras[0].landmarks)
                (folder / name).write_text(text, encoding="utf-8", newline="\r\n")
                progress(done, len(names) + 1, name)
            frames = sum(len(camera.items) for camera in cameras)
            placed = sum(int(camera.placed.sum()) for camera in cameras)
            told = Written(tuple(path / name for name in (*names, _NAMES)), frames, placed, left_out)
            if dataset.manifest is not None:
                (folder / MANIFEST).write_text(manifest_text(dataset.manifest(told)), encoding="utf-8")
        return told

    def recognises(self, look: Look) -> bool:
        """Never: nothing is read."""
        return False

    def read(
        self, path: Path, scheme: LandmarkScheme, names: Mapping[str, str] | None = None
    ) -> ImportedDataset:
        """Refuses: the files have no landmarks' or frames' names."""
        raise refused(path)


_NAMES = "landmarks.txt"


def _numbered(landmarks: tuple[str, ...]) -> str:
    return "".join(f"Point Control #{number}\t{name}\n" for number, name in enumerate(landmarks, 1))


def keyframes(camera: CameraPaths) -> str:
    """One camera's text, with tabs where the program wants them."""
    head = (
        "Adobe After Effects 8.0 Keyframe Data",
        "",
        f"\tUnits Per Second\t{float(camera.rate):.6g}",
        f"\tSource Width\t{camera.width}",
        f"\tSource Height\t{camera.height}",
        "\tSource Pixel Aspect Ratio\t1",
        "\tComp Pixel Aspect Ratio\t1",
        "",
    )
    lines = list(head)
    first = int(camera.numbers[0])
    for landmark in np.flatnonzero(camera.placed.any(0)).tolist():
        there = camera.placed[:, landmark]
        lines += [f"Effects\tPoint Control #{landmark + 1}\tPoint #2", "\tFrame\tX pixels\tY pixels\t"]
        for number, (x, y) in zip(
            camera.numbers[there].tolist(), camera.xy[there, landmark].tolist(), strict=True
        ):
            lines.append(f"\t{number - first}\t{number_text(x)}\t{number_text(y)}\t")
        lines.append("")
    return "\n".join([*lines, "", "End of Keyframe Data", ""])
