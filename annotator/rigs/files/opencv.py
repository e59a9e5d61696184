"""OpenCV's YAML, JSON and XML in the layouts that people write; OpenCV itself prescribes none.

Layouts: a file a camera in a folder, or two (`left_intrinsics.yml`, `left_extrinsics.yml`), which name it; a file with a map or
a list of cameras; names with an ending for the camera (`K_0`, `camera_matrix_left`); stereo as OpenCV's samples write it (`M1`,
`D1`, `M2`, `D2`, `R`, `T`, in one file or in `intrinsics.yml` and `extrinsics.yml` of a folder), where the first camera is the
world.

Pixels: OpenCV counts from the first pixel's centre, so also the corners that calibrations are made from
(https://github.com/opencv/opencv/issues/10130, https://github.com/colmap/colmap/issues/2587): principal points move by +0.5.
Poses are camera from world, as `cv2.projectPoints` takes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np

from annotator.domain.rigs.rig import CameraModel, Floats, Rig, RigError
from annotator.domain.rigs.rig_values import numbers, rig_of
from annotator.files import atomic_file
from annotator.imaging.opencv import cv2
from annotator.rigs.files.building import CENTRE_AT_ZERO, camera_model, turned
from annotator.rigs.files.opencv_storage import array_of, parse, storage_text
from annotator.rigs.files.source import Source

_Values = Mapping[str, Any]
_MATRIX: Final = (
    "camera_matrix", "cameramatrix",
    "intrinsic_matrix", "camera_intrinsics", "intrinsics", "intrinsic", "matrix", "mtx", "k", "m",
)  # fmt: skip
_TERMS: Final = (
    "distortion_coefficients", "distortion_coeffs", "distcoeffs", "dist_coeffs", "distortions", "distortion", "dist", "d",
)  # fmt: skip
_TURN: Final = ("rotation_matrix", "rotation_vector", "rotation", "rvec", "r")
_PLACE: Final = ("translation_vector", "translation", "tvec", "t")
_POSE: Final = ("camera_from_world", "world_to_camera", "extrinsic_matrix", "extrinsics", "extrinsic", "rt")
_BACK: Final = ("world_from_camera", "camera_to_world", "cam2world", "c2w")
_SIZE: Final = ("image_size", "imagesize", "img_size", "resolution", "size")
_WIDTH, _HEIGHT = ("image_width", "width", "w"), ("image_height", "height", "h")
_PARTS: Final = ("intrinsics", "intrinsic", "extrinsics", "extrinsic", "pose")
_FIELDS: Final = (_MATRIX, _TERMS, _TURN, _PLACE, _POSE, _BACK, _SIZE, _WIDTH, _HEIGHT)
_DEEPEST: Final = 4
_HALF: Final = re.compile(r"^(?:in|ex)trinsics?[_.\- ]*|[_.\- ]*(?:in|ex)trinsics?$", re.IGNORECASE)
"""What the names of two files of one camera differ by."""


class OpenCv:
    """Read in several layouts, written as one file with a list of cameras."""

    name = "opencv"
    title = "OpenCV YAML, JSON or XML"
    extensions: tuple[str, ...] = (".yml", ".yaml", ".json", ".xml")
    writes = True
    convention = "The first pixel's centre is at (0, 0)."

    def recognises(self, source: Source) -> bool:
        """Some file has a camera matrix by one of its usual names."""
        return any(
            _first(values, _MATRIX, array_of) is not None or any(_numbered(values))
            for file in source.files
            if (document := parse(source.text(file))) is not None
            for _, values in _maps(document, "", _DEEPEST)
        )

    def read(self, source: Source) -> tuple[Rig, ...]:
        """One rig; its cameras are named by the file, its keys, or else by the names of the files."""
        documents: dict[str, dict[str, Any]] = {}
        for file in source.files:
            stem = (
                _HALF.sub("", file.stem) or source.path.stem
            )  # intrinsics and extrinsics of one are one document
            documents.setdefault(stem, {}).update(parse(source.text(file)) or {})
        entries = [
            entry for stem, document in documents.items() for entry in _cameras(document, stem, source)
        ]
        cameras = [_model(source, name, values) for name, values in entries]
        name = source.path.stem if source.path.is_file() else source.path.name
        told = next((v["rig"] for v in documents.values() if isinstance(v.get("rig"), str)), name)
        return (rig_of(told, cameras, source=source.path.name),)

    def write(self, rig: Rig, path: Path) -> None:
        """YAML, JSON or XML by the ending."""
        ending = path.suffix.lower() if path.suffix.lower() in self.extensions else self.extensions[0]
        with atomic_file(path) as staged:
            staged.write_text(storage_text(rig, ending, -CENTRE_AT_ZERO), encoding="utf-8")


def _cameras(document: _Values, stem: str, source: Source) -> Iterator[tuple[str, _Values]]:
    """Name and values of every camera of a document."""
    for name, values in _maps(document, stem, _DEEPEST):
        groups = _numbered(values)
        if _first(values, _MATRIX, array_of) is not None:
            yield name, values
        elif len(groups) == 2 and _has_pose(values):
            shared = {key: value for key, value in values.items() if _field(key) in (_SIZE, _WIDTH, _HEIGHT)}
            (one, first), (two, second) = groups.items()
            source.note(f"Stereo: camera {one} is the world, and {two} stands by R and T.")
            identity = {"camera_from_world": np.eye(4)}
            posed = {key: values[key] for key in values if _field(key) in (_TURN, _PLACE, _POSE, _BACK)}
            yield one, shared | _no_pose(first) | identity
            yield two, shared | _no_pose(second) | posed
        else:
            yield from groups.items()


def _maps(value: Any, name: str, depth: int) -> Iterator[tuple[str, _Values]]:
    """Every map that may hold a camera, with the name that it, its key or its place in a list gives it."""
    if depth and isinstance(value, list):
        for number, item in enumerate(value):
            yield from _maps(item, str(number), depth - 1)
    if not isinstance(value, Mapping):
        return
    whole = dict(value)
    for part in _PARTS:  # K under `intrinsics`, R and t under `extrinsics`
        if isinstance(value.get(part), Mapping):
            del whole[part]
            whole |= value[part]
    told = next((whole[key] for key in ("name", "camera_name") if isinstance(whole.get(key), str)), name)
    yield told, whole
    if depth and _first(whole, _MATRIX, array_of) is None:
        for key, item in whole.items():
            yield from _maps(item, key, depth - 1)


def _numbered(values: _Values) -> dict[str, dict[str, Any]]:
    """Cameras whose values share an ending: `K_0`, `D_0`, `R_0`; empty where no matrix has one."""
    groups: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        for names in _FIELDS:
            found = re.fullmatch(rf"({'|'.join(names)})(?:[_.-](\w+)|(\d+))", key, re.IGNORECASE)
            if (
                found
                and _field(key) is None
                and array_of([value] if np.isscalar(value) else value) is not None
            ):
                groups.setdefault(found[2] or found[3], {})[found[1]] = value
                break
    return {ending: group for ending, group in groups.items() if _first(group, _MATRIX, array_of) is not None}


def _field(key: str) -> tuple[str, ...] | None:
    """The names of the field that a key means, as it stands."""
    return next((names for names in _FIELDS if key.lower() in names), None)


def _no_pose(values: _Values) -> dict[str, Any]:
    """Without R1, R2, P1, P2: those rectify, they do not place."""
    return {key: v for key, v in values.items() if _field(key) not in (_TURN, _PLACE, _POSE, _BACK)}


def _first(values: _Values, names: tuple[str, ...], read: Any = lambda value: value) -> Any:
    """The value of the first of these names that is there and that `read` makes something of."""
    lower = {key.lower(): value for key, value in values.items()}
    return next((found for name in names if (found := read(lower.get(name))) is not None), None)


def _has_pose(values: _Values) -> bool:
    placed = _first(values, _TURN, array_of) is not None and _first(values, _PLACE, array_of) is not None
    return placed or any(_first(values, names, array_of) is not None for names in (_POSE, _BACK))


def _model(source: Source, name: str, values: _Values) -> CameraModel:
    if any("fisheye" in key.lower() and value for key, value in values.items()) or any(
        isinstance(value, str) and re.search("fisheye|equidistant|omni", value, re.IGNORECASE)
        for key, value in values.items()
        if "model" in key.lower()
    ):
        raise RigError(f"Camera {name} is of a fisheye model; calibrate it with OpenCV's standard model.")
    matrix = numbers(_first(values, _MATRIX, array_of), (3, 3), f"The matrix of camera {name}")
    terms = _first(values, _TERMS)
    terms = numbers([] if terms is None else terms, (-1,), f"The distortion of camera {name}")
    return camera_model(source, name, _size(values), matrix, terms, _pose(name, values), CENTRE_AT_ZERO)


def _size(values: _Values) -> tuple[object, object] | None:
    both = _first(values, _SIZE, array_of)
    if both is not None and both.size == 2:
        width, height = both.ravel().tolist()
        return width, height
    width, height = _first(values, _WIDTH), _first(values, _HEIGHT)
    return None if width is None or height is None else (width, height)


def _pose(name: str, values: _Values) -> Floats:
    for names in (_POSE, _BACK):
        pose = _first(values, names, array_of)
        if pose is not None:
            pose = numbers(pose, (-1, 4), f"The pose of camera {name}")
            if len(pose) not in (3, 4):
                raise RigError(f"The pose of camera {name} must be 3 x 4 or 4 x 4 numbers.")
            return pose if names is _POSE else turned(pose[:3])
    turn, place = _first(values, _TURN, array_of), _first(values, _PLACE, array_of)
    if turn is None or place is None:
        raise RigError(
            f"Nothing says where camera {name} stands (R and T, rvec and tvec, or a 3 x 4 pose); it was calibrated alone. "
            "Calibrate the cameras together, or choose the file or folder with the poses."
        )
    what = f"The rotation of camera {name}"
    rotation = cv2.Rodrigues(numbers(turn, (3,), what))[0] if turn.size == 3 else numbers(turn, (3, 3), what)
    return np.concatenate([rotation, numbers(place, (3, 1), f"The place of camera {name}")], axis=1)
