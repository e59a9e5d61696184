"""Checks landmarks against the pixels: how far lid, limbus, lip and nostril points lie from the border that is drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from annotator.domain.scheme import LandmarkScheme
from annotator.imaging.opencv import cv2
from annotator.synthesis.camera import Camera
from annotator.synthesis.capture import Capture
from annotator.synthesis.landmarks import NOSTRIL_BORDER, VISIBLE_LIMBUS, lip_border

Mask = NDArray[np.bool_]
Field = NDArray[np.float32]
SKIN, EYE = 1, 2
MOUTH_INSIDE = 9.65
"""Lip ring at which half of the mouth's inner colour is mixed in."""


def _skin(field: Field) -> Mask:
    return np.asarray(np.round(field[..., 0]) == SKIN)


def _masks(field: Field, lip: float) -> dict[str, Mask]:
    eye = np.round(field[..., 0]) == EYE
    skin = _skin(field)
    lips = skin & (field[..., 2] >= lip)
    return {
        "eye_": ~skin,
        "iris_": eye & (field[..., 1] < VISIBLE_LIMBUS),
        "mouth_": lips,
        "lips_inner_": skin & (field[..., 2] < MOUTH_INSIDE),
        "nostril_": skin & (field[..., 3] >= NOSTRIL_BORDER),
    }


def border_distances(
    field: Field, capture: Capture, camera: Camera, scheme: LandmarkScheme, scale: float = 1.0
) -> dict[str, float]:
    """Distance in frame pixels from each border landmark to the nearest drawn border, by landmark name.

    `field` (H, W, 4) is what `Renderer.identity` returns for the frame, rendered at `scale` times the frame's size.
    """
    xy, _ = camera.project(capture.landmarks)
    distances: dict[str, float] = {}
    for prefix, mask in _masks(field, lip_border(capture.subject)).items():
        edge = mask ^ cv2.erode(mask.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
        if not edge.any():
            continue
        rows, columns = np.nonzero(edge)
        points = np.stack([columns, rows], 1) + 0.5
        for index, name in enumerate(scheme.names):
            if name.startswith(prefix):
                away = np.sqrt(((points - xy[index] * scale) ** 2).sum(1).min())
                distances[name] = float(max(0.0, away - 0.5) / scale)
    return distances


def summarise(
    frames: list[dict[str, float]],
    statistic: Callable[[NDArray[np.float64]], float] = lambda x: float(np.median(x)),
) -> dict[str, float]:
    """One value a landmark over frames, by default the median."""
    names = sorted({name for frame in frames for name in frame})
    return {name: statistic(np.array([frame[name] for frame in frames if name in frame])) for name in names}
