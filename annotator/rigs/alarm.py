"""Is a camera off everywhere? Then its calibration no longer holds, and a sentence says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from annotator.domain.rigs.rig import CameraModel
from annotator.rigs.drift import consensus_offsets, median_shifts, turned_by
from annotator.rigs.projection import Lenses
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import triangulate

Floats = NDArray[np.float64]
LEAST_MOMENTS = 3
SHARE = 5e-4
"""Of the frame's longer side: a shift below that does no harm (2 pixels at 4096)."""
_SURE = 4.0  # standard deviations of the median, where they are known from many moments
_FEW = 6
"""Fewer moments than that have no scatter of their own by their MAD, which is often nearly 0 by chance."""
_LEAST_POINTS = 5  # of a camera in a moment, so that it has a median
_ROUNDS, _SHARED_ROUNDS = 6, 30
_SETTLED = 0.1  # pixels


@dataclass(frozen=True)
class CameraShift:
    """A camera that is off: pixels between where it has its points and where all cameras expect them, in the median over moments
    (x, y and length), and how far that median is known (one standard deviation)."""

    name: str
    x: float
    y: float
    pixels: float
    sigma: float


@dataclass(frozen=True)
class Alarm:
    """What the moments say of the rig. `off`: the cameras that are off everywhere, the farthest first. `text`: a sentence for
    people, empty where there are too few moments to say anything."""

    off: tuple[CameraShift, ...]
    moments: int
    text: str

    def __bool__(self) -> bool:
        return bool(self.off)


def calibration_alarm(
    cameras: Sequence[CameraModel],
    moments: Sequence[Sightings],
    floor: float | Floats = 0.0,
    view_dependent: NDArray[np.bool_] | None = None,
) -> Alarm:
    """Looks for cameras that are off in most of the moments; a landmark or a moment that is wrong does not count as one.

    Cameras that are off pull at where points are expected. So each is turned by its shift and asked again, until nothing is left:
    a shift is told in full and lands on the camera that has it.
    """
    if len(moments) < LEAST_MOMENTS:
        return Alarm((), len(moments), "")
    found = list(cameras)
    whole = np.zeros((len(cameras), 2))
    for _ in range(_ROUNDS):
        offsets = consensus_offsets(found, moments, floor, view_dependent)
        shifts = median_shifts(offsets)
        whole += shifts
        found = turned_by(found, shifts)
        if np.abs(shifts).max() < _SETTLED:
            break
    own = whole - _shared(cameras, whole, moments[0], floor) - shifts
    return judged(cameras, [offset + own[:, None] for offset in offsets])


def _shared(
    cameras: Sequence[CameraModel], shifts: Floats, moment: Sightings, floor: float | Floats
) -> Floats:
    """Of shifts [V, 2] the part that all points moved a little would make: no camera's error. The rest has the least sum of
    lengths, so that few cameras have it."""
    points = triangulate(cameras, moment, floor).points
    points = points[np.isfinite(points).all(1)]
    if not len(points):
        return np.zeros_like(shifts)
    middle = np.median(points, 0, keepdims=True)
    lenses = Lenses.of(cameras)
    by_point = (lenses.project_with_jacobian(middle)[1] @ lenses.rotation[:, None])[:, 0]
    if not np.isfinite(by_point).all():
        return np.zeros_like(shifts)
    shared, weight = np.zeros_like(shifts), np.ones(len(shifts))
    for _ in range(_SHARED_ROUNDS):
        rows = (weight[:, None, None] * by_point).reshape(-1, 3)
        moved = np.linalg.lstsq(rows, (weight[:, None] * shifts).ravel(), rcond=1e-6)[0]
        shared = by_point @ moved
        weight = 1 / np.sqrt(np.maximum(_SETTLED, np.linalg.norm(shifts - shared, axis=1)))
    return shared


def judged(cameras: Sequence[CameraModel], offsets: Sequence[Floats]) -> Alarm:
    """The alarm from offsets [V, L, 2] of each moment, pixels, NaN where a camera does not have the landmark."""
    off, known = [], 0
    for index, camera in enumerate(cameras):
        medians = []
        for moment in offsets:
            there = moment[index][np.isfinite(moment[index]).all(-1)]
            if len(there) >= _LEAST_POINTS:
                medians.append(np.median(there, 0))
        known = max(known, len(medians))
        if len(medians) < LEAST_MOMENTS:
            continue
        shift = np.median(medians, 0)
        # errors of one frame go together, so a moment is one witness; the median's 1.25 by the root of their number
        sigma = float(1.25 * _scatter(np.array(medians)) / np.sqrt(len(medians)))
        length = float(np.hypot(*shift))
        if length > max(SHARE * max(camera.width, camera.height), _sure(len(medians)) * sigma):
            off.append(CameraShift(camera.name, float(shift[0]), float(shift[1]), length, sigma))
    off.sort(key=lambda camera: -camera.pixels)
    return Alarm(tuple(off), known, _sentence(off, known, len(cameras)))


def _scatter(medians: Floats) -> float:
    """One standard deviation of what moments [N, 2] say, in the axis where they differ more; robust where there are enough."""
    if len(medians) < _FEW:
        return float(medians.std(0, ddof=1).max())
    return float(1.48 * np.median(np.abs(medians - np.median(medians, 0)), 0).max())


def _sure(moments: int) -> float:
    """Standard deviations that a camera with noise alone passes once in a thousand times (drawn by lot: 3 to 24 moments)."""
    return 3.2 + 38 / moments**2 if moments < _FEW else _SURE + 115 / moments**2


def _sentence(off: list[CameraShift], moments: int, cameras: int) -> str:
    if moments < LEAST_MOMENTS:
        return ""
    if not off:
        return f"In {moments} moments no camera is off everywhere."
    first = off[0]
    if len(off) == 1:
        return (
            f"Camera {first.name} is {_pixels(first.pixels)} off in {moments} moments: its calibration no longer holds. "
            "Refine the rig."
        )
    named = ", ".join(f"{camera.name} by {_pixels(camera.pixels)}" for camera in off[:3])
    more = f" and {len(off) - 3} more" if len(off) > 3 else ""
    return f"{len(off)} of {cameras} cameras are off in {moments} moments ({named}{more}). Refine the rig."


def _pixels(value: float) -> str:
    return f"{value:.0f} pixels" if value >= 9.5 else f"{value:.1f} pixels"
