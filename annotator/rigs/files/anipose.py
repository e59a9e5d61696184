"""Anipose's `calibration.toml`: a table a camera with name, size, matrix, distortions, rotation (a vector) and translation.

Its cameras are OpenCV's (`aniposelib.cameras.Camera.project` is `cv2.projectPoints`,
https://github.com/lambdaloop/aniposelib/blob/master/aniposelib/cameras.py), so the first pixel's centre is at (0, 0): principal
points move by +0.5. The unit is that of the calibration board.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import tomli_w

from annotator.domain.outside_files import parse_toml
from annotator.domain.rigs.rig import CameraModel, Rig, RigError
from annotator.domain.rigs.rig_values import numbers, rig_of
from annotator.files import atomic_file
from annotator.imaging.opencv import cv2
from annotator.rigs.files.building import CENTRE_AT_ZERO, camera_model
from annotator.rigs.files.source import Source

_MOST_CHARACTERS: Final = 4 * 2**20
"""Python's TOML reader takes a second for each MiB."""


class Anipose:
    """As `aniposelib.CameraGroup` dumps and loads it."""

    name = "anipose"
    title = "Anipose TOML"
    extensions: tuple[str, ...] = (".toml",)
    writes = True
    convention = "The first pixel's centre is at (0, 0)."

    def recognises(self, source: Source) -> bool:
        """A TOML file with a table that has matrix, rotation and translation."""
        return bool(_cameras(source))

    def read(self, source: Source) -> tuple[Rig, ...]:
        """One rig."""
        cameras = [_camera(source, name, values) for name, values in _cameras(source).items()]
        return (rig_of(source.path.stem, cameras, source=source.path.name),)

    def write(self, rig: Rig, path: Path) -> None:
        """Anipose reads any number of terms that OpenCV has."""
        tables: dict[str, Any] = {}
        for number, camera in enumerate(rig.cameras.values()):
            matrix = camera.matrix.copy()
            matrix[:2, 2] -= CENTRE_AT_ZERO
            terms = camera.distortion if camera.distortion.size else np.zeros(5)
            tables[f"cam_{number}"] = {
                "name": camera.name,
                "size": [camera.width, camera.height],
                "matrix": matrix.tolist(),
                "distortions": terms.tolist(),
                "rotation": cv2.Rodrigues(np.ascontiguousarray(camera.rotation))[0].ravel().tolist(),
                "translation": camera.camera_from_world[:, 3].tolist(),
            }
        with atomic_file(path) as staged:
            staged.write_text(tomli_w.dumps(tables | {"metadata": {}}), encoding="utf-8")


def _cameras(source: Source) -> dict[str, Mapping[str, Any]]:
    """The tables of cameras; none where the file is no TOML."""
    if source.path.is_dir() or len(source.text()) > _MOST_CHARACTERS:
        return {}
    try:
        values = parse_toml(source.text())
    except ValueError:
        return {}
    wanted = {"matrix", "rotation", "translation"}
    return {
        key: entry for key, entry in values.items() if isinstance(entry, Mapping) and wanted <= entry.keys()
    }


def _camera(source: Source, key: str, values: Mapping[str, Any]) -> CameraModel:
    name = str(values.get("name", key))
    if values.get("fisheye"):
        raise RigError(
            f"Camera {name} is of Anipose's fisheye model; calibrate with `fisheye = false` in config.toml."
        )
    size = values.get("size")
    pair = tuple(numbers(size, (2,), f"The size of camera {name}").tolist()) if size is not None else None
    turn = cv2.Rodrigues(numbers(values["rotation"], (3,), f"The rotation of camera {name}"))[0]
    place = numbers(values["translation"], (3, 1), f"The translation of camera {name}")
    return camera_model(
        source,
        name,
        (pair[0], pair[1]) if pair else None,
        numbers(values["matrix"], (3, 3), f"The matrix of camera {name}"),
        numbers(values.get("distortions", []), (-1,), f"The distortions of camera {name}"),
        np.concatenate([turn, place], axis=1),
        CENTRE_AT_ZERO,
    )
