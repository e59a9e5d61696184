"""Which points of MediaPipe's face mesh stand for the landmarks of a scheme."""

import tomllib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from annotator.domain.assets import asset
from annotator.domain.errors import AnnotatorError
from annotator.domain.scheme import LandmarkScheme

MESH_POINTS: Final = 478
"""With the irises, which come last; 468 without them."""


def read_mapping(
    scheme: LandmarkScheme,
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Each landmark's two mesh points and the share of the way between them, [L] each.

    Raises AnnotatorError where there is no mapping for the scheme, or it does not fit.
    """
    path = asset("resources") / "mediapipe" / f"{scheme.id}.toml"
    if not path.is_file():
        raise AnnotatorError(
            f"There is no mapping from MediaPipe to {scheme.id}; there are those in {path.parent}."
        )
    try:
        points = tomllib.loads(path.read_text(encoding="utf-8"))["points"]
        rows = [_entry(points[name]) for name in scheme.names]
    except (KeyError, TypeError, ValueError) as error:
        raise AnnotatorError(f"{path} does not fit {scheme.id}: {error!r}.") from error
    first, second, share = zip(*rows, strict=True)
    return np.array(first, np.int64), np.array(second, np.int64), np.array(share, np.float64)


def _entry(value: list[float]) -> tuple[int, int, float]:
    first, second, share = (value[0], value[0], 0.0) if len(value) == 1 else value
    if not (0 <= first < MESH_POINTS and 0 <= second < MESH_POINTS and 0 <= share <= 1):
        raise ValueError(f"{value} is no mesh point")
    return int(first), int(second), float(share)
