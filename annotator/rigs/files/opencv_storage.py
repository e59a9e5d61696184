"""OpenCV's `FileStorage` (YAML, JSON, XML) as plain values: maps, lists, numbers, texts, and matrices as arrays."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import cv2
import numpy as np

from annotator.domain.rig import Floats, Rig, RigError

_DEEPEST: Final = 12
_MOST: Final = 100_000
_YAML_LIKE: Final = re.compile(r"\A(#.*\n|\s*\n)*[\w-]+ *:", re.ASCII)
_FLAGS: Final = cv2.FILE_STORAGE_MEMORY


def parse(text: str) -> dict[str, Any] | None:
    """The top-level map of a file; None where it is none of the three kinds, `RigError` where it is one and damaged."""
    start = text.lstrip()[:400]
    if start.startswith("{"):
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            if "opencv-matrix" not in text:
                return None
            values = _by_opencv(text)  # older versions of OpenCV wrote numbers such as `1.`
        return _document(values)
    if start.startswith("%YAML") or "<opencv_storage" in start:
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise RigError("The file declares XML entities, which a calibration never needs; it is not read.")
        return _document(_by_opencv(text))
    if _YAML_LIKE.match(text) and "=" not in text.split("\n", 1)[0]:
        try:  # YAML by others than OpenCV lacks its header
            return _document(_by_opencv("%YAML:1.0\n---\n" + text.removeprefix("---\n")))
        except RigError:
            return None
    return None


def storage_text(rig: Rig, ending: str, shift: float) -> str:
    """A file with a list `cameras` of maps; `ending` (.yml, .yaml, .json, .xml) says which kind.

    Args:
        shift: added to principal points.
    """
    storage = cv2.FileStorage(ending, cv2.FILE_STORAGE_WRITE | _FLAGS)
    storage.write("rig", rig.name)
    storage.startWriteStruct("cameras", cv2.FILE_NODE_SEQ)
    for camera in rig.cameras.values():
        storage.startWriteStruct("", cv2.FILE_NODE_MAP)
        matrix = camera.matrix.copy()
        matrix[:2, 2] += shift
        storage.write("name", camera.name)
        storage.write("image_width", camera.width)
        storage.write("image_height", camera.height)
        storage.write("camera_matrix", matrix)
        storage.write("distortion_coefficients", camera.distortion.reshape(1, -1))
        storage.write("R", np.ascontiguousarray(camera.rotation))
        storage.write("T", np.ascontiguousarray(camera.camera_from_world[:, 3:]))
        storage.endWriteStruct()
    storage.endWriteStruct()
    return str(storage.releaseAndGetString())


def array_of(value: Any) -> Floats | None:
    """A matrix or list of numbers as float64; None for anything else."""
    if not isinstance(value, list | np.ndarray) or not len(value):
        return None
    try:
        array = np.asarray(value, np.float64)
    except (TypeError, ValueError, OverflowError):
        return None
    return array if array.size <= _MOST else None


def _document(values: Any) -> dict[str, Any] | None:
    """A file's map with its matrices as arrays; None where the file is something else."""
    arrays = _arrays(values)
    return arrays if isinstance(arrays, dict) else None


def _by_opencv(text: str) -> Any:
    try:
        storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | _FLAGS)
    except (cv2.error, SystemError):  # cv2 5 raises the second in place of the first
        raise RigError(
            "The file looks like one of OpenCV's and cannot be parsed; write it again by cv2.FileStorage."
        ) from None
    return _plain(storage.root(), _DEEPEST)


def _plain(node: Any, depth: int) -> Any:
    if depth == 0 or node.size() > _MOST:
        raise RigError(
            "The file is nested deeper, or has longer lists, than a calibration; choose the calibration's."
        )
    if node.isMap():
        return {key: _plain(node.getNode(key), depth - 1) for key in node.keys()}  # noqa: SIM118
    if node.isSeq():
        return [_plain(node.at(i), depth - 1) for i in range(node.size())]
    if node.isString():
        return node.string()
    return node.real() if node.isReal() or node.isInt() else None


def _arrays(value: Any, depth: int = _DEEPEST) -> Any:
    """The value with every map of rows, cols and data as an array."""
    if depth == 0:
        raise RigError("The file is nested deeper than a calibration; choose the calibration's.")
    if isinstance(value, Mapping):
        if {"rows", "cols", "data"} <= value.keys():
            return _matrix(value)
        return {str(key): _arrays(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_arrays(item, depth - 1) for item in value]
    return value


def _matrix(value: Mapping[str, Any]) -> Floats:
    data = value["data"] if isinstance(value["data"], list) else [value["data"]] if value["data"] else []
    array = array_of(data) if data else np.zeros(0)
    rows, cols = value["rows"], value["cols"]
    if array is None or not all(isinstance(side, int | float) for side in (rows, cols)):
        raise RigError("A matrix of the file is not made of numbers.")
    shape = (int(rows), int(cols))
    # OpenCV fills what is missing with zeros; a matrix that is cut short is no calibration.
    if array.size != shape[0] * shape[1] or min(shape) < 0:
        raise RigError(f"A matrix of {shape[0]} x {shape[1]} in the file has {array.size} numbers.")
    return array.reshape(shape)
