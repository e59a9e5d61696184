"""Where a rig is as a whole cannot be told from what it sees: it is left where it was, at its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel
from annotator.rigs.rotations import rotation_of, vector_of

Floats = NDArray[np.float64]


def regauged(old: Sequence[CameraModel], new: Sequence[CameraModel]) -> list[CameraModel]:
    """The new cameras, turned, scaled and moved together so that most of them are where the old ones were.

    Medians decide, so one camera that was bumped does not carry the others. What the cameras see of each other's points stays the
    same to the last digit.
    """
    relative = np.array([a.rotation.T @ b.rotation for a, b in zip(old, new, strict=True)])
    turn = np.eye(3)
    for _ in range(3):  # the median of small vectors, about the last turn
        turn = turn @ rotation_of(np.median(vector_of(turn.T @ relative), 0))
    before = np.array([camera.position for camera in old])
    after = np.array([camera.position for camera in new]) @ turn.T
    ratios = [
        float(np.linalg.norm(before[i] - before[j]) / np.linalg.norm(after[i] - after[j]))
        for i, j in combinations(range(len(old)), 2)
        if (after[i] != after[j]).any()
    ]
    scale = float(np.median(ratios)) if ratios else 1.0
    shift = np.median(before - scale * after, 0)
    found = []
    for camera, place in zip(new, scale * after + shift, strict=True):
        rotation = camera.rotation @ turn.T
        found.append(replace(camera, camera_from_world=np.column_stack([rotation, -rotation @ place])))
    return found
