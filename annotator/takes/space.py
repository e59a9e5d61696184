"""A face in time before several calibrated cameras: one path in space for each landmark, by all views at once.

Every view's proposals are corrected by what keys teach about that view; where people set a landmark in two views of a moment,
the place that follows from them teaches the other views as well. A smoother in space joins corrected proposals, the pixels'
motion and the keys of all views. What comes of it is projected into each view; keys stay exact in theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from annotator.domain.progress import Cancelled, Progress, Stop, never, silent
from annotator.takes.beliefs import Beliefs
from annotator.takes.carry import between
from annotator.takes.fuse import PACE, Fused, fuse, smoothed, step_covariance, with_keys
from annotator.takes.observations import Observations
from annotator.takes.smoother import Model, Seen
from annotator.takes.told import Told, face_pixels, restlessness, told_by_proposals

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Meeting:
    """Where the landmarks of one moment are by all views: float64 points [L, 3] with covariance [L, 3, 3], and in each view xy
    [V, L, 2] with covariance xy_covariance [V, L, 2, 2]; NaN where fewer than two views tell."""

    points: Floats
    covariance: Floats
    xy: Floats
    xy_covariance: Floats


class Cameras(Protocol):
    """The calibrated views, in the order of the observations."""

    @property
    def floor(self) -> Floats:
        """[V]: px by which calibration is wrong at least."""

    def meet(self, xy: Floats, covariance: Floats, trusted: Bools) -> Meeting:
        """What views [V, L, 2] say together; NaN where a view says nothing, `trusted` bool [V, L] where a person did."""

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixels [V, N, 2] of points [N, 3], and their derivatives by the points [V, N, 2, 3]; NaN for what a camera cannot
        see."""


def fuse_in_space(
    views: Sequence[Observations],
    cameras: Cameras,
    beliefs: Beliefs | None = None,
    outline: Bools | None = None,
    whole: Sequence[Observations] | None = None,
    members: NDArray[np.int64] | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> list[Fused]:
    """The paths in every view. A landmark that no two views ever told of, or that is no place in space, is smoothed in each view
    alone.

    Args:
        views: of the same moments and landmarks each; NaN where a view lacks a moment. outline: bool [L], landmarks whose place
        depends on the view. whole, members: as of `fuse`, for each view.

    Raises:
        Cancelled: asked to stop.
    """
    believed = beliefs or Beliefs()
    whole = views if whole is None else whole
    part = np.arange(views[0].proposed.shape[1]) if members is None else members
    apart = np.zeros(len(part), np.bool_) if outline is None else outline
    human = np.array([(believed.human * face_pixels(face)) ** 2 for face in whole])
    lessons = _lessons(views, cameras, human, apart)
    told = [
        told_by_proposals(seen, believed, face, part, *lesson)
        for seen, face, lesson in zip(views, whole, lessons, strict=True)
    ]
    start, unsure = _start(views, told, cameras, human, stop)
    start = np.where(apart[:, None], np.nan, start)
    miss = np.square(cameras.floor)
    path, covariance = _path(views, told, cameras, human + miss, (start, unsure), believed, progress, stop)
    xy, derivative = _projected(cameras, path)
    spread = derivative @ covariance[None] @ derivative.swapaxes(-1, -2)
    spread += miss[:, None, None, None, None] * np.eye(2)
    found = []
    for view, seen in enumerate(views):
        own = with_keys(seen, xy[view], spread[view], believed.doubt * told[view].size)
        lost = np.asarray(apart | ~np.isfinite(own.xy).all(-1).any(0))
        if lost.any():
            own = _patched(
                own, fuse(seen.landmarks(np.flatnonzero(lost)), believed, whole[view], part[lost]), lost
            )
        found.append(own)
    return found


def _lessons(
    views: Sequence[Observations], cameras: Cameras, human: Floats, apart: Bools
) -> list[tuple[Floats, Floats]]:
    """For each view the places [N, L, 2] that teach how its model errs, with variances [N, L]: its keys, and in moments in which
    people set a landmark in two other views or more, where it must be then."""
    places = np.stack([seen.keys for seen in views])
    variance = np.broadcast_to(human[:, None, None], places.shape[:3]).copy()
    is_key = np.stack([seen.is_key for seen in views])
    for moment in np.flatnonzero((is_key.sum(0) >= 2).any(-1)):
        by_people = is_key[:, moment]
        covariance = variance[:, moment, :, None, None] * np.eye(2)
        met = cameras.meet(places[:, moment], covariance, by_people)
        new = ~apart & ~by_people & np.isfinite(met.xy).all(-1) & np.isfinite(met.xy_covariance).all((-1, -2))
        places[:, moment][new] = met.xy[new]
        variance[:, moment][new] = np.trace(met.xy_covariance, axis1=-2, axis2=-1)[new] / 2
    return [(places[view], variance[view]) for view in range(len(views))]


def _start(
    views: Sequence[Observations], told: Sequence[Told], cameras: Cameras, human: Floats, stop: Stop
) -> tuple[Floats, Floats]:
    """Where each moment's views meet by themselves, [N, L, 3], and how sure that is, [N, L, 3, 3]; moments without such a place
    lie between those that have one."""
    points, covariances = [], []
    for moment in range(len(views[0].numbers)):
        if stop():
            raise Cancelled("Stopped while the views met.")
        trusted = np.stack([seen.is_key[moment] for seen in views])
        keys = np.stack([seen.keys[moment] for seen in views])
        xy = np.where(trusted[..., None], keys, np.stack([one.xy[moment] for one in told]))
        wrong = np.stack([one.left[moment] + one.flutter[moment] + one.noise for one in told])
        variance = np.where(trusted, human[:, None], wrong)
        met = cameras.meet(xy, variance[..., None, None] * np.eye(2), trusted)
        points.append(met.points)
        covariances.append(met.covariance)
    numbers = views[0].numbers
    covariance = np.stack(covariances)
    flat = covariance.reshape(*covariance.shape[:2], 9)
    return between(numbers, np.stack(points)), between(numbers, flat).reshape(covariance.shape)


def _path(
    views: Sequence[Observations],
    told: Sequence[Told],
    cameras: Cameras,
    keys_variance: Floats,
    start: tuple[Floats, Floats],
    believed: Beliefs,
    progress: Progress,
    stop: Stop,
) -> tuple[Floats, Floats]:
    """Places in space [N, L, 3] with covariances [N, L, 3, 3]; NaN for landmarks that nothing is known of."""
    points, apart = start
    known = np.isfinite(points).all(-1).all(0)
    if not known.any():
        return points, apart
    numbers = views[0].numbers
    at = np.flatnonzero(known)
    points, apart = points[:, at], apart[:, at]
    xy, derivative = _projected(cameras, points)
    # of one unit of length across the view
    pixels = np.sqrt(np.nanmedian((derivative**2).sum((-1, -2))) / 2)
    size = float(np.median([one.size for one in told]) / pixels)
    eye = np.broadcast_to(np.eye(2), (*points.shape[:2], 2, 2))
    measured, noise = [], []
    for view, (seen, one) in enumerate(zip(views, told, strict=True)):
        along = derivative[view]
        # linear about the places where the views meet
        offset = np.einsum("nlij,nlj->nli", along, points) - xy[view]
        stays = (one.left[:, at] + one.noise[at])[..., None, None]
        by_person = np.broadcast_to(keys_variance[view] * np.eye(2), eye.shape)
        motion = step_covariance(seen, one.size, believed)[:, at]
        flutter = one.from_flutter[:, at]
        measured += [
            Seen(seen.keys[:, at] + offset, by_person, along=along, firm=True),
            Seen(one.xy[:, at] + offset, stays * eye, along=along, turns=flutter, source=view),
            Seen(seen.step[:, at], motion, of_step=True, along=along),
        ]
        noise.append(one.noise[at])
    quick = np.mean(noise, axis=0) / pixels**2 / len(views)
    restless = np.maximum(restlessness(numbers, points) - 6 * quick, 0.0)
    model = Model(restless + (believed.rest * size) ** 2, believed.fade, size, PACE * size, points[0])
    path = smoothed(numbers, measured, model, believed, progress, stop)
    place = np.full(start[0].shape, np.nan)
    covariance = np.full(start[1].shape, np.nan)
    place[:, at], covariance[:, at] = path.place, path.covariance + apart
    return place, covariance


def _projected(cameras: Cameras, points: Floats) -> tuple[Floats, Floats]:
    """[V, N, L, 2] and [V, N, L, 2, 3] of points [N, L, 3]."""
    frames, landmarks = points.shape[:2]
    xy, derivative = cameras.project(points.reshape(-1, 3))
    return (
        xy.reshape(-1, frames, landmarks, 2),
        derivative.reshape(-1, frames, landmarks, 2, 3),
    )


def _patched(whole: Fused, part: Fused, at: Bools) -> Fused:
    """The whole with other paths for some of its landmarks."""
    xy, covariance, is_sure = whole.xy.copy(), whole.covariance.copy(), whole.is_sure.copy()
    xy[:, at], covariance[:, at], is_sure[:, at] = part.xy, part.covariance, part.is_sure
    return Fused(xy, covariance, is_sure)
