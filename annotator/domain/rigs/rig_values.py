"""Rigs as plain JSON values and back, checked: what project files and our own calibration files hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from annotator.domain.rigs.rig import CameraModel, Floats, Rig, RigError

KIND: Final = "annotator-rig"
"""What such a value says of itself under `kind`."""
SCHEMA: Final = 1
MOST_CAMERAS: Final = 1000
_LARGEST_SIDE: Final = 100_000


def rig_to_plain(rig: Rig) -> dict[str, Any]:
    """JSON types alone; `rig_from_plain` gives the same rig back, bit by bit."""
    return {
        "kind": KIND,
        "schema": SCHEMA,
        "name": rig.name,
        "takes": list(rig.takes),
        "unit_mm": rig.unit,
        "source": rig.source,
        "notes": list(rig.notes),
        "cameras": [
            {
                "name": camera.name,
                "width": camera.width,
                "height": camera.height,
                "matrix": camera.matrix.tolist(),
                "distortion": camera.distortion.tolist(),
                "camera_from_world": camera.camera_from_world.tolist(),
            }
            for camera in rig.cameras.values()
        ],
    }


def rig_from_plain(values: object) -> Rig:
    """The rig that such values hold; raises `RigError` that says what is wrong with them."""
    if not isinstance(values, Mapping) or values.get("kind") != KIND:
        raise RigError("This is no rig of Annotator.")
    schema = values.get("schema")
    if schema != SCHEMA:
        newer = isinstance(schema, int) and schema > SCHEMA
        raise RigError(
            f"The rig is of schema {schema!r}; this Annotator reads {SCHEMA}."
            + (" Update Annotator." if newer else "")
        )
    entries = values.get("cameras")
    if not isinstance(entries, list) or len(entries) > MOST_CAMERAS:
        raise RigError(f"The rig needs a list of at most {MOST_CAMERAS} cameras.")
    return rig_of(
        text(values.get("name"), "The name of the rig"),
        [_camera(entry) for entry in entries],
        takes=_texts(values.get("takes", []), "takes"),
        unit=_unit(values.get("unit_mm", 0.0)),
        source=text(values.get("source", ""), "The source of the rig"),
        notes=_texts(values.get("notes", []), "notes"),
    )


def rig_of(name: str, cameras: list[CameraModel], **about: Any) -> Rig:
    """A rig of cameras by their names; raises `RigError` where two have the same."""
    by_name = {camera.name: camera for camera in cameras}
    if len(by_name) < len(cameras):
        names = [camera.name for camera in cameras]
        twice = sorted({known for known in names if names.count(known) > 1})
        raise RigError(f"Several cameras are called {', '.join(twice)}; give each a name of its own.")
    return Rig(name, by_name, **about)


def numbers(value: object, shape: tuple[int, ...], what: str) -> Floats:
    """Finite numbers of a shape, -1 for any length; raises `RigError` that begins with `what`."""
    try:
        array = np.asarray(value, np.float64)
        array = array.reshape(shape) if array.size else np.zeros([max(n, 0) for n in shape])
    except (TypeError, ValueError, OverflowError):
        wanted = " x ".join("n" if n < 0 else str(n) for n in shape)
        raise RigError(f"{what} must be {wanted} numbers.") from None
    if (not array.size and -1 not in shape) or not np.isfinite(array).all():
        count = " x ".join(str(side) for side in shape if side > 0)
        raise RigError(f"{what} must be {f'{count} finite numbers' if count else 'finite'}.")
    return array


def whole(value: object, what: str) -> int:
    """A side of a picture in pixels; raises `RigError` that begins with `what`."""
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else np.nan
    if not (1 <= number <= _LARGEST_SIDE and number == int(number)):
        raise RigError(f"{what} must be a whole number of pixels, 1 to {_LARGEST_SIDE}.")
    return int(number)


def text(value: object, what: str) -> str:
    """A short text; raises `RigError` that begins with `what`."""
    if not isinstance(value, str) or len(value) > 1000 or not value.isprintable():
        raise RigError(f"{what} must be a short text.")
    return value


def _camera(entry: object) -> CameraModel:
    if not isinstance(entry, Mapping):
        raise RigError("Each camera of the rig must be an object with name, width, height, matrix and pose.")
    name = text(entry.get("name"), "The name of a camera")
    return CameraModel(
        name,
        whole(entry.get("width"), f"The width of camera {name}"),
        whole(entry.get("height"), f"The height of camera {name}"),
        numbers(entry.get("matrix"), (3, 3), f"The matrix of camera {name}"),
        numbers(entry.get("distortion", []), (-1,), f"The distortion of camera {name}"),
        numbers(entry.get("camera_from_world"), (3, 4), f"The pose (camera_from_world) of camera {name}"),
    )


def _texts(value: object, what: str) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MOST_CAMERAS:
        raise RigError(f"The {what} of the rig must be a list of texts.")
    return tuple(text(item, f"Each of the {what} of the rig") for item in value)


def _unit(value: object) -> float:
    number = float(numbers(value, (), "The unit of the rig in millimetres"))
    if number < 0:
        raise RigError("The unit of the rig in millimetres must be 0 (not known) or above.")
    return number
