"""What lens and sensor do to a drawn scene: the values of `lens.frag` and `sensor.frag`, and backdrops out of focus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotator.imaging.opencv import cv2
from annotator.studio.geometry.camera import Camera
from annotator.studio.scene.looks import Exposure

WIDEST_BLUR = 14.0
"""Pixels: larger circles of confusion count as this."""
BLUR_SPREAD = 0.64
"""Standard deviation of its taps, in circles of confusion."""
EYES_MM = 62.0
"""The lens is focused so far before the middle of the face."""


def _aperture(camera: Camera, exposure: Exposure, scale: float) -> float:
    return exposure.aperture * scale * camera.face


def unfocused(
    backdrop: NDArray[np.float32], camera: Camera, exposure: Exposure, scale: float
) -> NDArray[np.float32]:
    """The backdrop (H, W, 3) as the lens draws what is far away, in a picture of `scale` pixels a frame pixel."""
    far = camera.depth_range[1]
    circle = min((far - camera.distance + EYES_MM) / far * _aperture(camera, exposure, scale), WIDEST_BLUR)
    sigma = BLUR_SPREAD * circle / scale / camera.size * backdrop.shape[1]
    if sigma < 0.1:
        return backdrop
    return np.asarray(cv2.GaussianBlur(backdrop, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE), np.float32)


def lens_values(
    camera: Camera, exposure: Exposure, scale: float, size: tuple[int, int], area: Sequence[int]
) -> dict[str, Any]:
    """For a picture of `size` (width, height) and `scale` pixels a frame pixel; `area` is its part that is developed."""
    x, y, width, height = area
    return {
        "pixel": 1 / np.array(size), "depth_planes": np.array(camera.depth_range), "focus_mm": camera.distance - EYES_MM,
        "aperture": _aperture(camera, exposure, scale), "widest": WIDEST_BLUR,
        "softness": max(0.5, exposure.softness * min(1.0, scale)),
        "motion": np.array(exposure.motion) * scale,
        "bounds": np.array([x, y, x + width, y + height]) / (*size, *size),
    }  # fmt: skip


def sensor_values(camera: Camera, exposure: Exposure, box: Sequence[float]) -> dict[str, Any]:
    """For the part `box` (x0 y0 x1 y1, frame pixels) of the frame."""
    return {
        "exposure": exposure.gain, "balance": exposure.balance, "saturation": exposure.saturation,
        "contrast": exposure.contrast, "lift": exposure.lift, "shoulder": exposure.shoulder, "vignette": exposure.vignette,
        "grain": exposure.grain, "encode": 0.0 if exposure.linear else 1.0, "window": np.array(box) / camera.size,
    }  # fmt: skip
