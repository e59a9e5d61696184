"""What a rig is learnt from and what it is judged by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel
from annotator.rigs.bundle import Observed
from annotator.rigs.drift import consensus_offsets
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import leave_one_out, triangulate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
_ENOUGH_HELD_OUT = 8  # moments


def split(moments: list[Sightings]) -> tuple[list[Sightings], list[Sightings], str]:
    """What is learnt from, what it is judged by, and that in words: every fourth moment, of few every fourth landmark."""
    moments = [moment for moment in moments if (moment.usable.sum(0) >= 2).any()]
    if len(moments) >= 4:
        judged = moments[3::4]
        told = f"{len(judged)} moments"
        return [m for at, m in enumerate(moments) if at % 4 != 3], judged[:_ENOUGH_HELD_OUT], told
    apart = np.arange(moments[0].xy.shape[1]) % 4 == 3
    learnt = [replace(moment, votes=moment.votes & ~apart) for moment in moments]
    judged = [replace(moment, votes=moment.votes & apart) for moment in moments]
    return learnt, judged, "every fourth landmark"


def observed_of(
    cameras: Sequence[CameraModel],
    moments: Sequence[Sightings],
    floor: float | Floats,
    soft: Bools | None,
) -> tuple[Observed, Floats]:
    """All points of the moments that two views or more have, side by side, and where they are."""
    points = np.concatenate([triangulate(cameras, moment, floor, soft).points for moment in moments])
    used = np.concatenate([moment.usable for moment in moments], 1)
    kept = np.isfinite(points).all(1)
    covariance = np.concatenate([moment.covariance for moment in moments], 1)[:, kept]
    covariance += np.square(np.asarray(floor))[..., None, None] * np.eye(2)
    xy, trusted = (np.concatenate([getattr(m, of) for m in moments], 1)[:, kept] for of in ("xy", "trusted"))
    return Observed.of(xy, covariance, used[:, kept], trusted), points[kept]


def errors_of(
    cameras: Sequence[CameraModel],
    moments: Sequence[Sightings],
    floor: float | Floats,
    soft: Bools | None,
) -> list[Floats]:
    """For each camera pixels [n, 2] from where the others expect its points to where it has them. Where no point was seen by
    three cameras it is where both expect them, which is nearer."""
    offsets = np.concatenate([leave_one_out(cameras, moment, floor, soft) for moment in moments], 1)
    usable = np.concatenate([moment.usable for moment in moments], 1)
    if not np.isfinite(offsets[usable]).any():
        offsets = np.concatenate(consensus_offsets(cameras, moments, floor, soft), 1)
    return [camera[used & np.isfinite(camera).all(1)] for camera, used in zip(offsets, usable, strict=True)]


def median_of(offsets: Floats) -> float:
    """The median length of offsets [n, 2], NaN of none."""
    return float(np.median(np.linalg.norm(offsets, axis=1))) if len(offsets) else float("nan")


def shift_of(offsets: Sequence[Floats]) -> float:
    """How far cameras are off everywhere: the length of the median offset [n, 2] of each, in the mean; NaN of none."""
    lengths = [float(np.linalg.norm(np.median(own, 0))) for own in offsets if len(own)]
    return float(np.mean(lengths)) if lengths else float("nan")
