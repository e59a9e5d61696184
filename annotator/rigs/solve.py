"""A rig from landmarks that people confirmed, where there is no calibration: which way cameras look, where they stand, how far
they zoom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.rigs.rig import CameraModel, Rig, RigError
from annotator.rigs.bundle import Bundle, Moving
from annotator.rigs.drift import with_lenses
from annotator.rigs.evidence import errors_of, median_of, observed_of, split
from annotator.rigs.first_poses import first_poses
from annotator.rigs.projection import Lenses
from annotator.rigs.sightings import Sightings
from annotator.rigs.triangulate import triangulate

Floats = NDArray[np.float64]
LEAST_POINTS = 30
"""Points that two cameras must have in common."""
GUESSES = (1.2, 2.5, 5.0, 10.0)
"""Focal lengths that are tried, by the longer side of the frame."""
WORST_SHARE = 0.005
"""Of the frame's longer side: a rig whose cameras expect points farther off is none."""
POOR_ZOOM = 0.05
_STEPS = 60
_WIDE = np.array([1.0] * 3 + [1.0] * 3 + [0.7] + [1.0] * 4)


@dataclass(frozen=True)
class Frame:
    """A camera of which only the size of its pictures is known, and perhaps its focal length in pixels."""

    name: str
    width: int
    height: int
    focal: float | None = None


@dataclass(frozen=True)
class Length:
    """Two landmarks that are known to be some millimetres apart, in every moment."""

    first: int
    second: int
    millimetres: float


@dataclass(frozen=True, eq=False)
class Solution:
    """A solved rig. `error`: pixels in the median between points that were held out and where the other cameras expect them;
    `by_camera`: the same of each. `text` says it in a sentence."""

    rig: Rig
    error: float
    by_camera: dict[str, float]
    zoom: float
    text: str


def solve(
    frames: Sequence[Frame],
    moments: Sequence[Sightings],
    length: Length | None = None,
    view_dependent: NDArray[np.bool_] | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> Solution:
    """The rig by which all cameras see the same points; without `length` its size is arbitrary (the unit is unknown, 0).

    Focal lengths that are not known are tried from wide to long and refined; lenses are taken to be centred, without distortion.
    Landmarks that are view-dependent (bool [L]) are left out.

    Raises:
        RigError: too little was seen, or nothing fits. Cancelled: it was asked to stop.
    """
    if view_dependent is not None:
        moments = [replace(moment, votes=moment.votes & ~view_dependent) for moment in moments]
    _check(frames, moments)
    learnt, judged, _ = split(list(moments))
    best: tuple[float, list[CameraModel], float] | None = None
    reason = ""
    guesses = (1.0,) if all(frame.focal for frame in frames) else GUESSES
    for turn, guess in enumerate(guesses):

        def tell(_step: int, _cost: float, turn: int = turn) -> None:
            if stop():
                raise Cancelled
            progress(turn, len(guesses), "Looking for the cameras")

        tell(0, 0.0)
        try:
            started = first_poses([_camera(frame, guess) for frame in frames], learnt)
        except RigError as error:
            reason = str(error)
            continue
        adjusted = _adjusted(frames, started, learnt, tell)
        if best is None or adjusted[0] < best[0]:
            best = adjusted
    if best is None:
        raise RigError(reason)
    zoom = best[2]
    cameras, unit = _placed(best[1], learnt, length)
    errors = errors_of(cameras, judged, 0.0, None)
    off = median_of(np.concatenate(errors))
    limit = WORST_SHARE * max(max(frame.width, frame.height) for frame in frames)
    if not off < limit:
        raise RigError(
            f"No rig fits: held-out points are {off:.0f} pixels from where the other cameras expect them, more than "
            f"{limit:.0f}. Check that the frames of a moment are of the same instant and that left and right are not exchanged."
        )
    by_camera = {camera.name: median_of(own) for camera, own in zip(cameras, errors, strict=True)}
    text = f"Points that were held out lie {off:.1f} pixels (median) from where the others expect them."
    if zoom:
        text += f" Focal lengths are known to {round(100 * zoom, 1):g} %."
    if zoom > POOR_ZOOM:
        text += " That is little: enter them, or confirm landmarks of moments in which the head is nearer and farther."
    rig = Rig("solved", {c.name: c for c in cameras}, unit=unit, source="solved from confirmed landmarks")
    progress(len(guesses), len(guesses), text)
    return Solution(rig, off, by_camera, zoom, text)


def _check(frames: Sequence[Frame], moments: Sequence[Sightings]) -> None:
    if len(frames) < 2:
        raise RigError("A rig needs two cameras or more.")
    if any(len(moment.xy) != len(frames) for moment in moments):
        raise RigError(f"Each moment needs a view for each of the {len(frames)} cameras.")
    shared = sum(int((moment.usable.sum(0) >= 2).sum()) for moment in moments)
    if shared < LEAST_POINTS:
        raise RigError(
            f"Only {shared} points were confirmed in two cameras or more; solving a rig needs {LEAST_POINTS}. "
            "Confirm more landmarks, best in several moments."
        )


def _camera(frame: Frame, guess: float) -> CameraModel:
    focal = frame.focal or guess * max(frame.width, frame.height)
    matrix = np.array([[focal, 0, frame.width / 2], [0, focal, frame.height / 2], [0, 0, 1.0]])
    return CameraModel(frame.name, frame.width, frame.height, matrix, np.empty(0), np.eye(3, 4))


def _adjusted(
    frames: Sequence[Frame],
    started: list[CameraModel],
    moments: list[Sightings],
    tell: Callable[[int, float], None],
) -> tuple[float, list[CameraModel], float]:
    """Cost, cameras and how well their focal lengths are known after bundle adjustment; focal lengths that are known stay."""
    moving = Moving(focal=not all(frame.focal for frame in frames))
    cameras = started
    cost, zoom = float("inf"), 0.0
    for _ in range(2):  # the second time from points that all cameras placed
        observed, points = observed_of(cameras, moments, 0.0, None)
        distance = np.linalg.norm(np.median(points, 0) - [camera.position for camera in cameras], axis=1)
        sigma = np.tile(_WIDE, (len(cameras), 1))
        sigma[:, 3:6] *= distance[:, None]
        sigma[[bool(frame.focal) for frame in frames], 6] = 1e-6
        bundle = Bundle(observed, Lenses.of(cameras), moving, sigma)
        lenses, points = bundle.adjusted(Lenses.of(cameras), points, _STEPS, tell)
        # lost points would make any rig cheap
        cost = bundle.cost_of(lenses, bundle.at(lenses, points)) / max(1, int(observed.used.sum()))
        zoom = float(bundle.sigmas(lenses, points)[:, 6].max()) if moving.focal else 0.0
        cameras = with_lenses(cameras, lenses, moving)
    return cost, cameras, zoom


def _placed(
    cameras: list[CameraModel], moments: list[Sightings], length: Length | None
) -> tuple[list[CameraModel], float]:
    """The cameras about the middle of what they see: as far away as 1 in the mean, or in millimetres by a known length."""
    points = [triangulate(cameras, moment).points for moment in moments]
    middle = np.nanmedian(np.concatenate(points), 0)
    scale = 1 / float(np.mean([np.linalg.norm(camera.position - middle) for camera in cameras]))
    if length is not None:
        apart = [np.linalg.norm(there[length.first] - there[length.second]) for there in points]
        if np.isnan(apart).all():
            raise RigError(
                "The two landmarks of the known length were not seen by two cameras in any moment."
            )
        scale = length.millimetres / float(np.nanmedian(apart))
    found = []
    for camera in cameras:
        place = scale * (camera.position - middle)
        pose = np.column_stack([camera.rotation, -camera.rotation @ place])
        found.append(replace(camera, camera_from_world=pose))
    return found, 0.0 if length is None else 1.0
