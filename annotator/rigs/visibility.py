"""Which landmarks a camera cannot see, as the face itself is in the way: by the direction in which each looks out of the head."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rig import CameraModel

Floats = NDArray[np.float64]
DEPTH = 1.6
"""How far the middle of the head lies behind its landmarks, by their spread in the face's plane (root mean square)."""
BEYOND = 0.1
"""Cosine between where a landmark looks and where the camera is, below which it is believed to be hidden."""
_FEWEST = 8


def predicted_occlusion(cameras: Sequence[CameraModel], points: Floats) -> NDArray[np.bool_]:
    """bool [V, L]: landmarks that look away from a camera, so that it probably does not see them.

    The head is taken for a ball whose middle lies behind the face. It is a suggestion for people: noses, hair and hands, which
    hide what looks towards the camera, are not known.

    Args:
        points: [L, 3] of the world, NaN where not known; of fewer than eight nothing is said.
    """
    hidden = np.zeros((len(cameras), len(points)), np.bool_)
    known = np.isfinite(points).all(1)
    if known.sum() < _FEWEST:
        return hidden
    face = points[known]
    places = np.array([camera.position for camera in cameras])
    middle = face.mean(0)
    values, axes = np.linalg.eigh(np.cov(face.T))
    ahead = axes[:, 0] * np.sign(axes[:, 0] @ (places.mean(0) - middle))
    out = face - (middle - DEPTH * np.sqrt(values[1:].sum()) * ahead)
    to_camera = places[:, None] - face
    cosine = (out * to_camera).sum(-1) / (np.linalg.norm(out, axis=-1) * np.linalg.norm(to_camera, axis=-1))
    hidden[:, known] = cosine < BEYOND
    return hidden
