"""Proposals, people's points and the pixels' motion, made one path for each landmark of a sequence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import evenly
from annotator.domain.progress import Progress, Stop, never, silent
from annotator.takes.beliefs import Beliefs
from annotator.takes.face_motion import face_turns
from annotator.takes.likeness import suggest_keys
from annotator.takes.observations import Observations
from annotator.takes.smoother import Model, Seen, Smoothed, smooth
from annotator.takes.told import Told, face_pixels, restlessness, told_by_proposals

_MOST_COMPARED = 1000
"""Frames that are compared with each other for the best keys."""
_EXACT = 1e-5  # of the face: how well a key is known
PACE = 0.02
"""How far a landmark may go in a frame at first, a share of the face."""
MAKER = "smoother 2"
"""What the ledger calls this; one higher wherever its results change."""


@dataclass(frozen=True, eq=False)
class Fused:
    """One path for each landmark.

    Attributes:
        xy: float64 [N, L, 2], frame pixels; keys are exactly where people set them. NaN for landmarks of which nothing is known.
        covariance: float64 [N, L, 2, 2], pixels squared, 0 at keys. is_sure: bool [N, L].
    """

    xy: NDArray[np.float64]
    covariance: NDArray[np.float64]
    is_sure: NDArray[np.bool_]


def fuse(
    seen: Observations,
    beliefs: Beliefs | None = None,
    whole: Observations | None = None,
    members: NDArray[np.int64] | None = None,
    progress: Progress = silent,
    stop: Stop = never,
) -> Fused:
    """The paths of all landmarks, each by all frames at once; linear in the number of frames.

    Corrections at the keys are carried to every frame's proposal by time and likeness; a smoother joins what comes of it with the
    pixels' motion and the keys. Proposals and motion that do not fit the rest weigh less, round by round.

    Args:
        whole: what is known of whole faces, where `seen` is a part of it; members: int64 [L], which part.
    """
    believed = beliefs or Beliefs()
    whole = seen if whole is None else whole
    part = np.arange(seen.proposed.shape[1]) if members is None else members
    told = told_by_proposals(seen, believed, whole, part)
    measured, model = _measured(seen, told, believed), _model(seen, told, believed)
    path = smoothed(seen.numbers, measured, model, believed, progress, stop)
    # what is carried from a key is no better than a person
    stays = told.left + (believed.human * told.size) ** 2
    covariance = path.covariance + stays[..., None, None] * np.eye(2)
    known = np.asarray(seen.is_key.any(0) | seen.is_proposed.any(0))
    return with_keys(
        seen,
        np.where(known[None, :, None], path.place, np.nan),
        np.where(known[None, :, None, None], covariance, np.nan),
        believed.doubt * told.size,
    )


def with_keys(
    seen: Observations, xy: NDArray[np.float64], covariance: NDArray[np.float64], doubt: float
) -> Fused:
    """Paths [N, L, 2] that go exactly through the keys, sure where their expected error in pixels is not above `doubt`."""
    is_key = seen.is_key
    xy = np.where(is_key[..., None], seen.keys, xy)
    covariance = np.where(is_key[..., None, None], 0.0, covariance)
    sigma = np.sqrt(np.maximum(np.trace(covariance, axis1=-2, axis2=-1), 0) / 2)
    return Fused(xy, covariance, np.asarray(np.isfinite(xy).all(-1) & (sigma <= doubt)))


def smoothed(
    numbers: NDArray[np.int64],
    measured: Sequence[Seen],
    model: Model,
    believed: Beliefs,
    progress: Progress = silent,
    stop: Stop = never,
) -> Smoothed:
    """The path by all that was measured; what does not fit the rest weighs less, unless it is `firm`."""
    weighed = list(measured)
    rounds = max(1, believed.rounds)
    for done in range(rounds):
        progress(done, rounds, "smoothing")
        path = smooth(numbers, weighed, model, stop)
        weighed = [one if one.firm else _weighed(one, path, believed.freedom) for one in measured]
    return path


def best_keys(seen: Observations, count: int, beliefs: Beliefs | None = None) -> list[int]:
    """Which frames (places in the sequence) a person should set next, the one that teaches most of the others first.

    Frames with any key count as set. Only frames whose face was proposed are asked for; of many, some evenly.
    """
    believed = beliefs or Beliefs()
    proposed, set_by_hand = (np.flatnonzero(known.any(1)) for known in (seen.is_proposed, seen.is_key))
    some = evenly(proposed.tolist(), max(_MOST_COMPARED, count))
    usable = np.union1d(np.array(some, np.int64), np.intersect1d(proposed, set_by_hand))
    landmarks = np.flatnonzero(seen.is_proposed.any(0))
    if not len(usable) or not len(landmarks):
        return []
    faces = seen.proposed[usable][:, landmarks]
    turns, size = face_turns(faces), face_pixels(seen)
    upright = np.einsum("nij,nlj->nli", np.linalg.inv(turns), faces)
    spread = np.trace(seen.proposed_covariance[usable][:, landmarks], axis1=-2, axis2=-1) / 2
    variance = np.nanmedian(spread, axis=0) + (believed.human * size) ** 2
    known = np.flatnonzero(seen.is_key[usable].any(1))
    found = suggest_keys(seen.numbers[usable], upright, size, variance, known, count, believed.likeness)
    return [int(usable[place]) for place in found]


def step_covariance(seen: Observations, size: float, believed: Beliefs) -> NDArray[np.float64]:
    """[N, L, 2, 2]: how well the pixels' motion is known, with what it drifts by in every frame; a landmark that moves otherwise
    than the rest of the face changes its looks, too."""
    other = seen.step - np.nanmedian(np.where(np.isfinite(seen.step), seen.step, 0.0), axis=1, keepdims=True)
    drift = (believed.drift * size) ** 2 + np.square(believed.bend) * (other**2).sum(-1) / 2
    return np.asarray(seen.step_covariance + drift[..., None, None] * np.eye(2))


def _measured(seen: Observations, told: Told, believed: Beliefs) -> list[Seen]:
    eye = np.broadcast_to(np.eye(2), seen.proposed_covariance.shape)
    return [
        Seen(seen.keys, (_EXACT * told.size) ** 2 * eye, firm=True),
        Seen(told.xy, told.noise[:, None, None] * eye, turns=told.from_flutter),
        Seen(seen.step, step_covariance(seen, told.size, believed), of_step=True),
    ]


def _model(seen: Observations, told: Told, believed: Beliefs) -> Model:
    restless = restlessness(seen.numbers, told.xy) - 6 * told.noise
    acceleration = np.maximum(restless, 0.0) + (believed.rest * told.size) ** 2
    known = np.where(np.isfinite(seen.keys), seen.keys, told.xy)
    first = np.isfinite(known).all(-1).argmax(0)
    origin = np.nan_to_num(known[first, np.arange(known.shape[1])])
    return Model(acceleration, believed.fade, told.size, PACE * told.size, origin)


def _weighed(one: Seen, path: Smoothed, freedom: float) -> Seen:
    """The same with less weight for what lies many sigmas off, by Student's distribution in two dimensions."""
    there = one.is_there
    miss = (one.value - one.expected(path))[there]
    far = np.einsum("ki,ki->k", miss, np.linalg.solve(one.covariance[there], miss[..., None])[..., 0])
    covariance = one.covariance.copy()
    covariance[there] /= np.minimum(1.0, (freedom + 2) / (freedom + far))[:, None, None]
    return replace(one, covariance=covariance)
