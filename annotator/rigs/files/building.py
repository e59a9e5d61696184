"""From what calibration files say to a `CameraModel`: pixel conventions, skew, poses that were rounded, names of images."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Final

import numpy as np

from annotator.domain.rigs.rig import CameraModel, Floats, RigError
from annotator.domain.rigs.rig_values import text, whole
from annotator.rigs.files.source import Source

CENTRE_AT_ZERO: Final = 0.5
"""What is added to a principal point where the first pixel's centre is at (0, 0)."""
_SKEW_PX: Final = 0.05
_IMAGE: Final = re.compile(
    r"\.(jpe?g|jpe|png|tiff?|exr|dpx|bmp|webp|dng|cr[23]|nef|arw|raw|jp2|jxl|hdr)$", re.I
)


def camera_model(
    source: Source,
    name: str,
    size: tuple[object, object] | None,
    matrix: Floats,
    distortion: Floats,
    camera_from_world: Floats,
    shift: float = 0.0,
) -> CameraModel:
    """A camera in the house's convention.

    Args:
        size: width and height; None takes those of `source`. matrix: K [3, 3] of the file. camera_from_world: [3, 4] or
            [4, 4]. shift: added to the principal point.

    Raises:
        RigError: no size, a skew that moves points, a matrix or a pose that is none.
    """
    name = text(name, "The name of a camera")
    if size is None:
        if source.size is None:
            raise RigError(
                f"{source.path.name} does not tell the size of camera {name}'s pictures; add image_width and image_height."
            )
        size = source.size
        source.note(
            f"{source.path.name} tells no sizes of pictures; {size[0]} x {size[1]}, the project's, is taken."
        )
    width, height = whole(size[0], f"The width of {name}"), whole(size[1], f"The height of {name}")
    matrix = matrix / matrix[2, 2] if matrix[2, 2] else matrix
    if not (np.isfinite(matrix).all() and (matrix[[1, 2, 2], [0, 0, 1]] == 0).all() and matrix[2, 2] == 1):
        raise RigError(
            f"The matrix of camera {name} is not of the form [[fx, 0, cx], [0, fy, cy], [0, 0, 1]]."
        )
    matrix = matrix.copy()
    _drop_skew(source, name, matrix, height)
    matrix[:2, 2] += shift
    return CameraModel(name, width, height, matrix, distortion, _rigid(name, camera_from_world))


def _drop_skew(source: Source, name: str, matrix: Floats, height: int) -> None:
    """OpenCV's model has no skew: one that moves no point by `_SKEW_PX` is left out, a larger one refused."""
    moved = abs(matrix[0, 1]) * height / 2 / max(abs(matrix[1, 1]), 1e-9)
    if moved > _SKEW_PX:
        raise RigError(
            f"Camera {name} has a skew that moves points by {moved:.2f} px, which OpenCV's model cannot hold; "
            "calibrate without skew (b2 in Metashape)."
        )
    if matrix[0, 1]:
        source.note(f"The skew of camera {name} is left out; it moves no point by more than {moved:.3f} px.")
    matrix[0, 1] = 0.0


def _rigid(name: str, pose: Floats) -> Floats:
    """[3, 4] with a rotation that is one to the last digit, where it is one but for rounding."""
    if pose.shape == (4, 4):
        if not np.allclose(pose[3], [0, 0, 0, 1]):
            raise RigError(f"The pose of camera {name} has a last row other than 0 0 0 1.")
        pose = pose[:3]
    turn = pose[:, :3]
    if not np.isfinite(pose).all():
        raise RigError(f"The pose of camera {name} is not made of finite numbers.")
    off = np.abs(turn @ turn.T - np.eye(3)).max()
    if 1e-12 < off < 1e-3:
        u, _, vt = np.linalg.svd(turn)
        pose = np.concatenate([u @ vt, pose[:, 3:]], axis=1)
    return pose.copy()


def turned(pose: Floats) -> Floats:
    """The inverse [3, 4] of a rigid pose [3, 4]: world_from_camera from camera_from_world, and back."""
    turn = pose[:, :3].T
    return np.concatenate([turn, -turn @ pose[:, 3:]], axis=1)


def rotation_from_quaternion(wxyz: Floats, name: str) -> Floats:
    """[3, 3] of a quaternion w x y z, normalised first; raises `RigError` where it has no length."""
    length = float(np.linalg.norm(wxyz))
    if not 1e-6 < length < 1e6:
        raise RigError(f"The quaternion of camera {name} has no length.")
    w, x, y, z = wxyz / length
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def quaternion_from_rotation(turn: Floats) -> Floats:
    """w x y z of a rotation [3, 3], w not below zero; the largest part is computed first, so none loses digits."""
    trace = float(np.trace(turn))
    squares = np.array([trace, *(2 * np.diag(turn) - trace)])  # 4 q^2 - 1 of each part
    largest = int(squares.argmax())
    q = np.empty(4)
    q[largest] = np.sqrt(1 + squares[largest]) / 2
    skew = np.array([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    if largest == 0:
        q[1:] = skew / (4 * q[0])
    else:
        axis = largest - 1
        q[0] = skew[axis] / (4 * q[largest])
        for other in {0, 1, 2} - {axis}:
            q[other + 1] = (turn[axis, other] + turn[other, axis]) / (4 * q[largest])
    return q if q[0] >= 0 else -q


def parse_xml(content: str) -> ET.Element:
    """The root of an XML text; raises `RigError` for one that is damaged, or declares entities: they may grow without end."""
    if "<!DOCTYPE" in content or "<!ENTITY" in content:
        raise RigError("The file declares XML entities, which a calibration never needs; it is not read.")
    try:
        return ET.fromstring(content)
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise RigError(f"The XML is damaged ({error}); export the calibration again.") from None


def names_of(images: Sequence[str]) -> list[str]:
    """Names of cameras from the paths of their images: file names where they differ, else the folders that do, else all of it."""
    parts = [_IMAGE.sub("", image.replace("\\", "/")).strip("/").split("/") for image in images]
    depth = min(len(each) for each in parts) if parts else 0
    for level in range(1, depth + 1):
        names = [each[-level] for each in parts]
        if len(set(names)) == len(names):
            return names
    return ["/".join(each) for each in parts]
