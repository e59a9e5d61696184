"""A rig that drifted is brought back from what was seen with it: proposals and what people set, over many moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.domain.rigs.rig import CameraModel, Rig, RigError
from annotator.rigs.bundle import Bundle, Moving
from annotator.rigs.drift import consensus_offsets, median_shifts, turned_by, with_lenses
from annotator.rigs.evidence import errors_of, median_of, observed_of, shift_of, split
from annotator.rigs.gauge import regauged
from annotator.rigs.projection import Lenses
from annotator.rigs.rotations import vector_of
from annotator.rigs.sightings import Sightings

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
LEAST_POINTS = 40
"""Points that two views or more must have seen."""
LEAST_OF_CAMERA = 15
MOST_POINTS = 6000
EXPECTED_DEGREES = 0.1
"""By how much a camera is expected to have turned (one standard deviation)."""
_EXPECTED_SHIFT = 2e-4  # of the distance to what it sees
_EXPECTED_ZOOM = 2e-3
_EXPECTED_BEND = 1e-3  # of the radius, at the corner of the frame
_ROUNDS, _STEPS = 8, 30
_SMALL_SHIFT = 0.1  # pixels
_HARMLESS = 1e-4  # of the frame's longer side (0.4 pixels at 4096)


@dataclass(frozen=True)
class CameraChange:
    """What refinement did to a camera: median distance in pixels between its points and where the others expect them, before and
    after, in what was held out; degrees that it turned; length that it moved (the rig's unit); factor of its focal length."""

    name: str
    before: float
    after: float
    degrees: float
    moved: float
    zoom: float


@dataclass(frozen=True, eq=False)
class Refinement:
    """A refined rig and whether to take it, judged by what was held out.

    Attributes:
        before, after: median distance in pixels between points and where the other cameras expect them; mostly it is the noise of
            proposals. shift_before, shift_after: how far cameras are off everywhere, in pixels, the mean over the cameras.
        moments: how many it learnt from; held_out: what it was judged by, such as `3 moments`.
    """

    rig: Rig
    cameras: tuple[CameraChange, ...]
    before: float
    after: float
    shift_before: float
    shift_after: float
    moments: int
    held_out: str

    @property
    def helped(self) -> bool:
        """Whether the cameras agree better in what the refinement did not see, by more than chance and than what does no harm."""
        least = _HARMLESS * max(max(camera.width, camera.height) for camera in self.rig.cameras.values())
        steadier = self.shift_before - self.shift_after > max(0.2 * self.shift_before, least)
        nearer = self.before - self.after > max(0.02 * self.before, least)
        return (steadier and self.after < 1.02 * self.before) or nearer


def refine(
    rig: Rig,
    moments: Sequence[Sightings],
    moving: Moving | None = None,
    floor: float | Floats = 0.0,
    view_dependent: Bools | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> Refinement:
    """The rig as the moments say that it is. As a whole it neither moves, turns nor scales.

    Args:
        moments: each with a view for every camera, in the rig's order. moving: rotation and position where None is given.
        floor: as of `triangulate`, a number or [V, 1]. view_dependent: as there.

    Raises:
        RigError: too little was seen. Cancelled: it was asked to stop.
    """
    moving = moving or Moving()
    cameras = list(rig.cameras.values())
    moments = _fewer(moments, view_dependent)
    _check(cameras, moments, moving)
    learnt, judged, held_out = split(moments)

    def ask(done: int, message: str) -> None:
        if stop():
            raise Cancelled
        progress(done, _ROUNDS + _STEPS + 1, message)

    started = cameras
    if moving.rotation:
        for turn in range(_ROUNDS):
            ask(turn, "Turning each camera by what it is off everywhere")
            shifts = median_shifts(consensus_offsets(started, learnt, floor, view_dependent))
            started = turned_by(started, shifts)
            if np.abs(shifts).max() < _SMALL_SHIFT:
                break
    observed, points = observed_of(started, learnt, floor, view_dependent)
    if len(points) < LEAST_OF_CAMERA:
        raise RigError(f"Only {len(points)} points can be placed in space; propose or correct more frames.")
    bundle = Bundle(observed, Lenses.of(cameras), moving, _expected(cameras, points))
    lenses, _ = bundle.adjusted(
        Lenses.of(started),
        points,
        _STEPS,
        lambda step, _: ask(_ROUNDS + step, "Adjusting cameras and points"),
    )
    refined = with_lenses(cameras, lenses, moving)
    if moving.position:  # else the rig is held by where its cameras stand
        refined = regauged(cameras, refined)
    ask(_ROUNDS + _STEPS, "Judging by what was held out")
    before, after = (errors_of(those, judged, floor, view_dependent) for those in (cameras, refined))
    changes = tuple(map(_change, cameras, refined, map(median_of, before), map(median_of, after)))
    name = replace(rig, cameras={c.name: c for c in refined}, source=f"refined from {rig.name}")
    whole = median_of(np.concatenate(before)), median_of(np.concatenate(after))
    return Refinement(name, changes, *whole, shift_of(before), shift_of(after), len(learnt), held_out)


def _fewer(moments: Sequence[Sightings], view_dependent: Bools | None) -> list[Sightings]:
    """At most so many that `MOST_POINTS` are not passed, evenly; those that people worked on first. View-dependent points are not
    in one place and do not vote."""
    if not moments:
        raise RigError("There is no moment to refine the rig from.")
    if view_dependent is not None:
        moments = [replace(moment, votes=moment.votes & ~view_dependent) for moment in moments]
    most = max(1, MOST_POINTS // max(1, moments[0].xy.shape[1]))
    if len(moments) <= most:
        return list(moments)
    order = sorted(range(len(moments)), key=lambda at: not moments[at].trusted.any())
    people = sum(bool(moment.trusted.any()) for moment in moments)
    kept = order[: min(people, most)]
    rest = order[len(kept) :]
    kept += [rest[int(at)] for at in np.linspace(0, len(rest) - 1, most - len(kept)).round()]
    return [moments[at] for at in sorted(set(kept))]


def _check(cameras: Sequence[CameraModel], moments: Sequence[Sightings], moving: Moving) -> None:
    if not moving.columns.any():
        raise RigError(
            "Nothing of the cameras may move; allow rotation, position, focal length or distortion."
        )
    if any(len(moment.xy) != len(cameras) for moment in moments):
        raise RigError(f"Each moment needs a view for each of the {len(cameras)} cameras.")
    usable = [moment.usable & (moment.usable.sum(0) >= 2) for moment in moments]
    points = sum(int(each.any(0).sum()) for each in usable)
    if points < LEAST_POINTS:
        raise RigError(
            f"Only {points} points were seen by two cameras or more; refining needs {LEAST_POINTS}. "
            "Propose or correct more frames."
        )
    for index, camera in enumerate(cameras):
        count = sum(int(each[index].sum()) for each in usable)
        if count < LEAST_OF_CAMERA:
            raise RigError(
                f"Camera {camera.name} shares {count} points with the others; refining needs {LEAST_OF_CAMERA}. "
                "Propose or correct more of its frames."
            )


def _expected(cameras: Sequence[CameraModel], points: Floats) -> Floats:
    """[V, 11]: standard deviations of what a camera's unknowns may have moved by."""
    rows = []
    for camera in cameras:
        distance = float(np.median(np.linalg.norm(points - camera.position, axis=1)))
        corner = float(np.hypot(camera.width / camera.matrix[0, 0], camera.height / camera.matrix[1, 1]) / 2)
        turn, shift = np.radians(EXPECTED_DEGREES), _EXPECTED_SHIFT * distance
        bend = _EXPECTED_BEND / np.array([corner**2, corner**4, corner, corner])
        rows.append(np.concatenate([[turn] * 3, [shift] * 3, [_EXPECTED_ZOOM], bend]))
    return np.array(rows)


def _change(old: CameraModel, new: CameraModel, before: float, after: float) -> CameraChange:
    degrees = float(np.degrees(np.linalg.norm(vector_of(new.rotation @ old.rotation.T))))
    moved = float(np.linalg.norm(new.position - old.position))
    return CameraChange(old.name, before, after, degrees, moved, float(new.matrix[0, 0] / old.matrix[0, 0]))
