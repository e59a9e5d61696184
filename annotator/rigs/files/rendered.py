"""`calibration.json` beside a rendered set: a camera a frame, in head space, which differs from capture to capture.

Frames of one folder are one capture: they form a rig for that take, with the head as the world, in millimetres.
"""

from __future__ import annotations

import glob
from pathlib import Path, PurePosixPath

from annotator.domain.rigs.rig import CameraModel, Rig, RigError
from annotator.domain.rigs.rig_values import numbers, rig_of, text
from annotator.rigs.files.building import camera_model
from annotator.rigs.files.source import Source

_KEY = "camera_from_head"


class Rendered:
    """What `annotator render` writes."""

    name = "render"
    title = "Calibration of a rendered set"
    extensions: tuple[str, ...] = (".json",)
    writes = False
    convention = "The first pixel's centre is at (0.5, 0.5), as everywhere in Annotator."

    def recognises(self, source: Source) -> bool:
        """Every entry is an object with `camera_from_head`."""
        values = None if source.path.is_dir() else source.json()
        return (
            isinstance(values, dict)
            and bool(values)
            and all(isinstance(entry, dict) and _KEY in entry for entry in values.values())
        )

    def read(self, source: Source) -> tuple[Rig, ...]:
        """A rig a folder that holds two or more frames."""
        captures: dict[str, list[CameraModel]] = {}
        for file, entry in source.json().items():
            path = PurePosixPath(text(file, "The path of a frame"))
            pose = numbers(entry[_KEY], (3, 4), f"{_KEY} of {file}")
            matrix = numbers(entry.get("intrinsics"), (3, 3), f"intrinsics of {file}")
            terms = numbers(entry.get("distortion", []), (-1,), f"distortion of {file}")
            size = (entry.get("width"), entry.get("height"))
            camera = camera_model(source, path.stem, size, matrix, terms, pose)
            captures.setdefault(path.parent.as_posix(), []).append(camera)
        single = [take for take, cameras in captures.items() if len(cameras) < 2]
        if len(single) == len(captures):
            raise RigError(
                f"No two frames of {source.path.name} lie in one folder, so no two cameras saw the same moment."
            )
        if single:
            source.note(f"{len(single)} captures of one camera, such as {single[0]}, are left out.")
        return tuple(
            rig_of(
                f"{source.path.stem} {take}",
                cameras,
                takes=(glob.escape(take),),
                unit=1.0,
                source=source.path.name,
            )
            for take, cameras in captures.items()
            if take not in single
        )

    def write(self, rig: Rig, path: Path) -> None:
        """It is of a set, not of a rig."""
        raise RigError(
            "A rendered set's calibration is written by `annotator render` alone; choose another format."
        )
