"""Which landmarks a camera sees: by rays to the camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from annotator.synthesis.camera import Camera
from annotator.synthesis.capture import Capture

Floats = NDArray[np.float64]
CLEARANCE_MM = 2.5


def visible_landmarks(capture: Capture, camera: Camera, inside_eye: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """True (L,) where a ray from `CLEARANCE_MM` before the landmark reaches the camera; hair does not hide.

    The balls do not hide landmarks that lie in or on them (`inside_eye`).
    """
    towards = camera.position - capture.landmarks
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    origins = capture.landmarks + CLEARANCE_MM * towards
    free = ~capture.rays.blocked(origins, towards)
    free[inside_eye] = ~capture.rays.blocked_but_for(
        origins[inside_eye], towards[inside_eye], capture.ball_meshes
    )
    return free


def in_frame(xy: Floats, camera: Camera) -> NDArray[np.bool_]:
    """True (L,) for points inside the picture."""
    return np.asarray(((xy >= 0) & (xy < camera.size)).all(1))
