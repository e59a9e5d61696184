"""How far each camera is off everywhere, and the turn that undoes it: a start for refinement, and what the alarm goes by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel
from annotator.rigs.bundle import Moving
from annotator.rigs.projection import Lenses
from annotator.rigs.rotations import rotation_of
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import triangulate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def consensus_offsets(
    cameras: Sequence[CameraModel],
    moments: Sequence[Sightings],
    floor: float | Floats = 0.0,
    view_dependent: Bools | None = None,
) -> list[Floats]:
    """For each moment pixels [V, L, 2] from where all views expect a point to where a voter has it; NaN for the rest, and for
    view-dependent landmarks."""
    found = []
    for moment in moments:
        counts = moment.usable if view_dependent is None else moment.usable & ~view_dependent
        consensus = triangulate(cameras, moment, floor, view_dependent)
        found.append(np.where(counts[..., None], moment.xy - consensus.xy, np.nan))
    return found


def median_shifts(offsets: Sequence[Floats]) -> Floats:
    """[V, 2] pixels: the median offset of each camera over all moments; 0 for one that has none."""
    shifts = np.zeros((len(offsets[0]), 2))
    for shift, camera in zip(shifts, np.concatenate(offsets, 1), strict=True):
        there = camera[np.isfinite(camera).all(1)]
        if len(there):
            shift[:] = np.median(there, 0)
    return shifts


def turned_by(cameras: Sequence[CameraModel], shifts: Floats) -> list[CameraModel]:
    """The cameras turned where they stand, so that what they see moves by [V, 2] pixels."""
    turned = []
    for camera, (x, y) in zip(cameras, shifts, strict=True):
        vector = np.array([-y / camera.matrix[1, 1], x / camera.matrix[0, 0], 0.0])
        rotation = rotation_of(vector) @ camera.rotation
        pose = np.column_stack([rotation, -rotation @ camera.position])
        turned.append(replace(camera, camera_from_world=pose))
    return turned


def with_lenses(cameras: Sequence[CameraModel], lenses: Lenses, moving: Moving) -> list[CameraModel]:
    """The cameras with the arrays of `lenses`; those without terms of distortion get four where it moves."""
    found = []
    for index, camera in enumerate(cameras):
        matrix = camera.matrix.copy()
        matrix[[0, 1], [0, 1]] = lenses.focal[index]
        count = max(camera.distortion.size, 4 if moving.distortion else 0)
        pose = np.column_stack([lenses.rotation[index], -lenses.rotation[index] @ lenses.position[index]])
        found.append(
            replace(
                camera, matrix=matrix, distortion=lenses.terms[index, :count].copy(), camera_from_world=pose
            )
        )
    return found
