"""COLMAP's text model: `cameras.txt` and `images.txt` of one folder; each image is a camera of the rig, named by its file.

Poses are camera from world by a quaternion w x y z (https://colmap.github.io/format.html). Centres of pixels lie at half
integers, as in Annotator, so that OpenCV's principal points differ by 0.5 (https://github.com/colmap/colmap/issues/2587).
That, and each model's parameters, is in https://github.com/colmap/colmap/blob/main/src/colmap/sensor/models.h.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from annotator.domain.rigs.rig import CameraModel, Floats, Rig, RigError
from annotator.domain.rigs.rig_values import MOST_CAMERAS, numbers, rig_of
from annotator.files import atomic_folder
from annotator.rigs.files.building import (
    camera_model,
    names_of,
    quaternion_from_rotation,
    rotation_from_quaternion,
)
from annotator.rigs.files.source import Source

_CAMERAS, _IMAGES = "cameras.txt", "images.txt"
_MODELS: Final[Mapping[str, tuple[int, ...]]] = {
    "SIMPLE_PINHOLE": (0, 0, 1, 2),
    "PINHOLE": (0, 1, 2, 3),
    "SIMPLE_RADIAL": (0, 0, 1, 2, 3),
    "RADIAL": (0, 0, 1, 2, 3, 4),
    "OPENCV": (0, 1, 2, 3, 4, 5, 6, 7),
    "FULL_OPENCV": (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
}
"""Where fx, fy, cx, cy and then k1 k2 p1 p2 k3 k4 k5 k6 stand among a model's parameters."""


class Colmap:
    """The folder is the model; either file stands for it."""

    name = "colmap"
    title = "COLMAP text (cameras.txt and images.txt)"
    extensions: tuple[str, ...] = ()
    writes = True
    convention = "The first pixel's centre is at (0.5, 0.5)."

    def recognises(self, source: Source) -> bool:
        """Both files are there, and the first lists cameras."""
        folder = _folder(source)
        if not all((folder / name).is_file() for name in (_CAMERAS, _IMAGES)):
            return False
        rows = _rows(source.text(folder / _CAMERAS))
        return bool(rows) and len(rows[0]) > 4 and rows[0][1].isupper() and rows[0][0].isdigit()

    def read(self, source: Source) -> tuple[Rig, ...]:
        """One rig of all images."""
        folder = _folder(source)
        cameras = {row[0]: row for row in _rows(source.text(folder / _CAMERAS))}
        images = _images(source.text(folder / _IMAGES))
        if len(images) > MOST_CAMERAS:
            raise RigError(
                f"{folder} has {len(images):,} images; export those of one moment, an image a camera."
            )
        names = names_of([image[9] for image in images])
        models = [_model(source, name, image, cameras) for name, image in zip(names, images, strict=True)]
        return (rig_of(folder.resolve().name, models, source=folder.resolve().name),)

    def write(self, rig: Rig, path: Path) -> None:
        """`cameras.txt`, `images.txt` and an empty `points3D.txt` in the folder `path`; images are named as cameras are."""
        cameras = ["#   CAMERA_ID, MODEL, WIDTH, HEIGHT, PARAMS[]"]
        images = ["#   IMAGE_ID, QW, QX, QY, QZ, TX, TY, TZ, CAMERA_ID, NAME", "#   POINTS2D[] (none)"]
        for number, camera in enumerate(rig.cameras.values(), 1):
            kind, terms = _kind(camera)
            k = camera.matrix
            values = [k[0, 0], k[1, 1], k[0, 2], k[1, 2], *terms]
            cameras.append(f"{number} {kind} {camera.width} {camera.height} {_joined(values)}")
            pose = [*quaternion_from_rotation(camera.rotation), *camera.camera_from_world[:, 3]]
            images += [f"{number} {_joined(pose)} {number} {camera.name}", ""]
        with atomic_folder(path) as staged:
            for name, lines in ((_CAMERAS, cameras), (_IMAGES, images), ("points3D.txt", ["# no points"])):
                (staged / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _folder(source: Source) -> Path:
    return source.path if source.path.is_dir() else source.path.parent


def _rows(content: str) -> list[list[str]]:
    return [line.split() for line in content.splitlines() if line.strip() and not line.startswith("#")]


def _images(content: str) -> list[list[str]]:
    """Ten fields an image; the line of points after each, which may be empty, is passed over."""
    lines = [line for line in content.splitlines() if not line.startswith("#")]
    images, at = [], 0
    while at < len(lines):
        if lines[at].strip():
            fields = lines[at].split(maxsplit=9)
            if len(fields) < 10:
                raise RigError(f"{_IMAGES}: an image needs ten fields, but a line reads {lines[at][:60]!r}.")
            images.append(fields)
            at += 1
        at += 1
    return images


def _model(
    source: Source, name: str, image: Sequence[str], cameras: Mapping[str, Sequence[str]]
) -> CameraModel:
    if image[8] not in cameras:
        raise RigError(f"Image {image[9]} is of camera {image[8]}, which {_CAMERAS} does not have.")
    _, kind, width, height, *values = cameras[image[8]]
    if kind not in _MODELS:
        raise RigError(
            f"Camera {name} is of COLMAP's model {kind}; read are {', '.join(_MODELS)}. "
            "Reconstruct with one of them, such as --ImageReader.camera_model OPENCV."
        )
    order = _MODELS[kind]
    given = numbers(values, (-1,), f"The parameters of camera {name}")
    if given.size != max(order) + 1:
        raise RigError(
            f"Camera {name}: {kind} has {max(order) + 1} parameters, but {given.size} are given in {_CAMERAS}."
        )
    fx, fy, cx, cy, *terms = given[list(order)]
    pose = numbers(image[1:8], (7,), f"The pose of image {image[9]}")
    turn = rotation_from_quaternion(pose[:4], name)
    size = numbers([width, height], (2,), f"The size of camera {name}").tolist()
    matrix = np.array([[fx, 0, cx], [0, fy, cy], [0, 0, 1.0]])
    return camera_model(
        source,
        name,
        (size[0], size[1]),
        matrix,
        _distortion(terms),
        np.concatenate([turn, pose[4:, None]], axis=1),
    )


def _distortion(terms: Sequence[float]) -> Floats:
    """As few terms as say the same: a radial model has no p1 p2, and zeros at the end of the full one say nothing."""
    padded = np.array([*terms, *[0.0] * (8 - len(terms))])
    for size in (0, 4, 5):
        if not padded[size:].any() and len(terms) >= size:
            return padded[:size]
    return padded if padded[4:].any() else padded[:4]


def _kind(camera: CameraModel) -> tuple[str, Floats]:
    """The smallest of COLMAP's models that holds a camera, with its terms of distortion."""
    terms = np.pad(camera.distortion, (0, max(0, 8 - camera.distortion.size)))
    if terms[8:].any():
        raise RigError(
            f"Camera {camera.name} has thin prism or tilt terms, for which COLMAP has no model; choose another format."
        )
    if not terms.any():
        return "PINHOLE", terms[:0]
    return ("FULL_OPENCV", terms[:8]) if terms[4:8].any() else ("OPENCV", terms[:4])


def _joined(values: Sequence[float]) -> str:
    return " ".join(repr(float(value)) for value in values)
