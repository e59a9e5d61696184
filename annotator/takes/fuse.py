"""Proposals, people's points and the pixels' motion, made one path for each landmark of a sequence."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotator.domain.capture import evenly
from annotator.domain.faces.face_frame import face_size
from annotator.takes.face_motion import face_turns
from annotator.takes.likeness import Likeness, carry_by_likeness, suggest_keys
from annotator.takes.observations import Observations
from annotator.takes.smoother import Model, Seen, smooth

_MOST_COMPARED = 1000
"""Frames that are compared with each other for the best keys."""
MAKER = "smoother 1"
"""What the ledger calls this; one higher wherever its results change."""


@dataclass(frozen=True)
class Beliefs:
    """What is believed before anything is seen; lengths are shares of the face's size (`face_size`).

    Attributes:
        likeness: how a model's errors in two frames go together. human: how well a person places a point.
        fade: how much of what flutters in a model's error is left in the next frame; flutter: its share of the error's variance.
        least_noise, most_noise: of a proposal from frame to frame; measured between these. rest: how much a step differs from
        the one before where nothing happens. drift: by what the pixels' motion errs at least in each frame; bend: and which share
        of how far they moved otherwise than the rest of the face. doubt: expected error from which a point is unsure. freedom:
        degrees of Student's distribution that outliers are weighed by; rounds: how often.
    """

    likeness: Likeness = field(default_factory=Likeness)
    human: float = 0.0007
    fade: float = 0.85
    flutter: float = 0.08
    least_noise: float = 0.0001
    most_noise: float = 0.0004
    rest: float = 0.0003
    drift: float = 0.0001
    bend: float = 0.3
    doubt: float = 0.0047
    freedom: float = 4.0
    rounds: int = 3


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
    face: NDArray[np.float64] | None = None,
    members: NDArray[np.int64] | None = None,
) -> Fused:
    """The paths of all landmarks, each by all frames at once; linear in the number of frames.

    Corrections at the keys are carried to every frame's proposal by time and likeness; a smoother joins what comes of it with the
    pixels' motion and the keys. Proposals and motion that do not fit the rest weigh less, round by round.

    Args:
        face: float64 [N, F, 2], whole faces as proposed, where `seen` is of a part of one; members: int64 [L], which part.
    """
    believed = beliefs or Beliefs()
    faces = seen.proposed if face is None else face
    part = np.arange(seen.proposed.shape[1]) if members is None else members
    turns, size = face_turns(faces), _size(faces, seen.keys)
    told, left, flutter = _carried(seen, faces, turns, size, part, believed)
    measured, model = _measurements(seen, told, turns, flutter, size, believed)
    weights = np.ones((2, *flutter.shape))
    for _ in range(max(1, believed.rounds)):
        path = smooth(_weighed(measured, weights), model)
        expected = path.place + np.einsum("nlij,nlj->nli", measured.turns, path.bias)
        weights = np.stack(
            [
                _weights(measured.proposed - expected, measured.proposed_covariance, believed.freedom),
                _weights(measured.step - path.step, measured.step_covariance, believed.freedom),
            ]
        )
    known = np.asarray(seen.is_key.any(0) | seen.is_proposed.any(0))
    xy = np.where(seen.is_key[..., None], seen.keys, path.place)
    covariance = path.covariance + left[..., None, None] * np.eye(2)
    covariance = np.where(seen.is_key[..., None, None], 0.0, covariance)
    sigma = np.sqrt(np.maximum(np.trace(covariance, axis1=-2, axis2=-1), 0) / 2)
    return Fused(
        np.where(known[None, :, None], xy, np.nan),
        np.where(known[None, :, None, None], covariance, np.nan),
        known & (sigma <= believed.doubt * size),
    )


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
    turns, size = face_turns(faces), _size(faces, seen.keys)
    upright = np.einsum("nij,nlj->nli", np.linalg.inv(turns), faces)
    spread = np.trace(seen.proposed_covariance[usable][:, landmarks], axis1=-2, axis2=-1) / 2
    variance = np.nanmedian(spread, axis=0) + (believed.human * size) ** 2
    known = np.flatnonzero(seen.is_key[usable].any(1))
    found = suggest_keys(seen.numbers[usable], upright, size, variance, known, count, believed.likeness)
    return [int(usable[place]) for place in found]


def _carried(
    seen: Observations,
    faces: NDArray[np.float64],
    turns: NDArray[np.float64],
    size: float,
    members: NDArray[np.int64],
    believed: Beliefs,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Proposals with the keys' corrections [N, L, 2]; the variance of what is wrong with them that stays from frame to frame, and
    of what flutters [N, L], px squared."""
    back = np.linalg.inv(turns)
    upright = np.einsum("nij,nlj->nli", back, faces)
    away = np.einsum("nij,nlj->nli", back, seen.keys - seen.proposed)
    spread = np.trace(seen.proposed_covariance, axis1=-2, axis2=-1) / 2 * np.linalg.det(back)[:, None]
    variance = np.full(spread.shape[1], (0.005 * size) ** 2)  # of landmarks that no model placed
    placed = seen.is_proposed.any(0)
    if placed.any():
        variance[placed] = np.nanmedian(np.where(seen.is_proposed, spread, np.nan)[:, placed], axis=0)
    variance += (believed.human * size) ** 2
    found = carry_by_likeness(
        seen.numbers, upright, size, members, away, variance, believed.human * size, believed.likeness
    )
    told = seen.proposed + np.einsum("nij,nlj->nli", turns, found.correction)
    scale = np.linalg.det(turns)[:, None]
    flutter = np.minimum(found.variance, believed.flutter * variance) * scale
    return told, found.variance * scale - flutter, flutter


def _size(faces: NDArray[np.float64], keys: NDArray[np.float64]) -> float:
    """Of the usual face in the sequence, px, from keys where no model placed any; 1 where nothing is known."""
    for points in (faces, keys):
        known = [size for size in map(face_size, points) if size > 0]
        if known:
            return float(np.median(known))
    return 1.0


def _measurements(
    seen: Observations,
    told: NDArray[np.float64],
    turns: NDArray[np.float64],
    flutter: NDArray[np.float64],
    size: float,
    believed: Beliefs,
) -> tuple[Seen, Model]:
    eye = np.eye(2)
    # white noise has 6 times its variance in second differences; what moves is no noise, so the usual frame tells
    usual = np.nan_to_num(_usual(_bends(seen.numbers, told)))
    noise = np.clip(usual / 6, (believed.least_noise * size) ** 2, (believed.most_noise * size) ** 2)
    # a jump of one frame is no motion
    restless = _around(np.nan_to_num(_bends(seen.numbers, _without_jumps(told))))
    acceleration = np.maximum(restless - 6 * noise, 0.0) + (believed.rest * size) ** 2
    other = seen.step - np.nanmedian(np.where(np.isfinite(seen.step), seen.step, 0.0), axis=1, keepdims=True)
    drift = (believed.drift * size) ** 2 + np.square(believed.bend) * (other**2).sum(-1) / 2
    upright = turns / np.sqrt(np.linalg.det(turns))[:, None, None]
    exact = np.broadcast_to((1e-5 * size) ** 2 * eye, seen.proposed_covariance.shape)
    measured = Seen(
        seen.numbers,
        np.sqrt(flutter)[..., None, None] * upright[:, None],
        seen.keys,
        exact,
        told,
        np.broadcast_to(noise[:, None, None] * eye, exact.shape),
        seen.step,
        seen.step_covariance + drift[..., None, None] * eye,
    )
    return measured, Model(acceleration, believed.fade, size, 0.02 * size)


def _bends(numbers: NDArray[np.int64], path: NDArray[np.float64]) -> NDArray[np.float64]:
    """[N, L]: squared second differences of a path, mean of both coordinates; NaN at ends, at gaps, and where it is unknown."""
    found = np.full(path.shape[:2], np.nan)
    if len(path) > 2:
        found[1:-1] = (np.diff(path, 2, axis=0) ** 2).mean(-1)
        found[1:-1][(numbers[2:] - numbers[:-2]) != 2] = np.nan
    return found


def _usual(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median over the frames in which there is a value, NaN where there is none."""
    found = np.full(values.shape[1], np.nan)
    there = np.isfinite(values).any(0)
    found[there] = np.nanmedian(values[:, there], axis=0)
    return found


def _without_jumps(path: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each place is the median of its own and its neighbours'."""
    if len(path) < 3:
        return path
    inner = np.median(np.stack([path[:-2], path[1:-1], path[2:]]), axis=0)
    return np.concatenate([path[:1], inner, path[-1:]])


def _around(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The mean of each frame with its neighbours."""
    padded = np.concatenate([values[:1], values, values[-1:]])
    return np.asarray((padded[:-2] + padded[1:-1] + padded[2:]) / 3)


def _weights(
    miss: NDArray[np.float64], covariance: NDArray[np.float64], freedom: float
) -> NDArray[np.float64]:
    """[N, L]: 1 for what fits well, towards 0 for what lies many sigmas off; by Student's distribution in two dimensions."""
    there = np.isfinite(miss).all(-1) & np.isfinite(covariance).all((-2, -1))
    weights = np.ones(miss.shape[:2])
    far = np.einsum(
        "ki,ki->k", miss[there], np.linalg.solve(covariance[there], miss[there][..., None])[..., 0]
    )
    weights[there] = np.minimum(1.0, (freedom + 2) / (freedom + far))
    return weights


def _weighed(seen: Seen, weights: NDArray[np.float64]) -> Seen:
    return Seen(
        seen.ticks,
        seen.turns,
        seen.key,
        seen.key_covariance,
        seen.proposed,
        seen.proposed_covariance / weights[0][..., None, None],
        seen.step,
        seen.step_covariance / weights[1][..., None, None],
    )
