"""OpenCV's `FileStorage` (YAML, JSON, XML) as plain values: maps, lists, numbers, texts, and matrices as arrays."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from annotator.domain.rigs.rig import Floats, Rig, RigError
from annotator.imaging.opencv import cv2
from annotator.rigs.files.building import parse_xml

_DEEPEST: Final = 12
_MOST: Final = 100_000
_YAML_LINE: Final = re.compile(r"[\w-]+ *:", re.ASCII)
_SHORT_NUMBER: Final = re.compile(r"(\d)\.(?=[\s,\]])")
"""Older versions of OpenCV wrote `1.` into JSON."""
_QUOTED: Final = re.compile(r"""(?<![^\s,\[{:])(?:"(?:\\.|[^"\\])*"|'[^']*')""")
_COMMENT: Final = re.compile(r"(^|\s)#.*")
_DASH: Final = re.compile(r"-\s")
_MOST_YAML: Final = 4 * 2**20
_MOST_NESTED, _MOST_INDENT = 10, 60
_FLAGS: Final = cv2.FILE_STORAGE_MEMORY


def parse(text: str) -> dict[str, Any] | None:
    """The top-level map of a file; None where it is none of the three kinds, `RigError` where it is one and damaged."""
    start = text.lstrip()[:400]
    if start.startswith("{"):
        try:
            return _document(
                json.loads(_SHORT_NUMBER.sub(r"\1.0", text) if "opencv-matrix" in text else text)
            )
        except (ValueError, RecursionError):
            return None
    if "<opencv_storage" in start:
        return _document(_from_xml(parse_xml(text), _DEEPEST))
    if start.startswith("%YAML"):
        return _document(_by_opencv(text))
    lines = (line.strip() for line in text.splitlines())
    first = next((line for line in lines if line and not line.startswith(("#", "---"))), "")
    if _YAML_LINE.match(first):
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
    _check_yaml(text)
    try:
        storage = cv2.FileStorage(text, cv2.FILE_STORAGE_READ | _FLAGS)
    except (cv2.error, SystemError):  # cv2 5 raises the second in place of the first
        raise RigError(
            "The file looks like one of OpenCV's and cannot be parsed; write it again by cv2.FileStorage."
        ) from None
    return _plain(storage.root(), _DEEPEST)


def _check_yaml(text: str) -> None:
    """OpenCV's parser calls itself for every level and ends the process on too many: refuse what no calibration needs."""
    if len(text) > _MOST_YAML:
        raise RigError(f"The file has more than {_MOST_YAML // 2**20} MiB; choose the calibration's.")
    depth = 0
    for written in text.splitlines():
        line = _COMMENT.sub("", _QUOTED.sub("_", written))
        opened = sum(map(line.count, "[{"))
        deepest, depth = depth + opened, max(0, depth + opened - sum(map(line.count, "]}")))
        steps, colons = len(_DASH.findall(line)), line.count(":")
        indent = len(line) - len(line.lstrip(" \t"))
        if max(deepest, steps) > _MOST_NESTED or max(colons, indent) > _MOST_INDENT:
            raise RigError("The file is nested deeper than a calibration; choose the calibration's.")


def _from_xml(node: ET.Element, depth: int) -> Any:
    """OpenCV's XML: children are a map, or a list where they are called `_`; a text is one value, or a list of several."""
    if depth == 0:
        raise RigError("The file is nested deeper than a calibration; choose the calibration's.")
    if len(node):
        if all(child.tag == "_" for child in node):
            return [_from_xml(child, depth - 1) for child in node]
        return {child.tag: _from_xml(child, depth - 1) for child in node}
    text = (node.text or "").strip()
    if text.startswith('"'):
        return text.strip('"').replace('\\"', '"')
    values = [_number(word) for word in text.split()[:_MOST]]
    if not values:
        return None
    if any(isinstance(value, str) for value in values):
        return text
    return values[0] if len(values) == 1 else values


def _number(word: str) -> float | str:
    try:
        return float(word.lower().replace(".nan", "nan").replace(".inf", "inf"))
    except ValueError:
        return word


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
